"""What every route looks at: the reader's snapshot, the counting rules, and what *now* is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Self

from redis.asyncio import Redis

from schemas.events import CHANNELS
from schemas.topics import SOURCES
from stream.core.rules import Rules
from stream.serve.alerts.mirror import Mirror
from stream.serve.forecasts.forecasts import Forecasts
from stream.serve.freshness import Freshness
from stream.serve.inbox.counts import Counts
from stream.serve.subscription.counts import Counts as Subscriptions
from stream.settings import Settings
from stream.state.following import Follower
from stream.state.reader import Reader
from stream.state.snapshot import Snapshot

_FRESH_SECONDS = 10.0


def wall_clock_ms() -> int:
    """The machine's clock, in ms since the epoch."""
    return time.time_ns() // 1_000_000


def topics(prefix: str) -> tuple[str, ...]:
    """The topics whose shards are read, with their prefix: what makes the figures, and what is only forwarded."""
    names = (
        *(f"interactions.{channel}" for channel in CHANNELS),
        "customers.events", "customers.timeline", "agents.presence", "agents.timeline",
        *(f"sources.{name}" for name in SOURCES),
    )  # fmt: skip
    return tuple(prefix + name for name in names)


def topics_of(settings: Settings) -> tuple[str, ...]:
    """The same of a namespace."""
    return tuple(settings.topic(name) for name in topics(""))


class View:
    """One reader and the settings. `clock` is the wall's; with `clock = "event"` now is the latest stream time.

    `sla`: of what state each queue is, as the service that decides it has told. `freshness`: whether it may judge.
    `webhooks`: what became of those that this process was sent. `subscriptions`: the same of who subscribes to events.
    """

    def __init__(self, settings: Settings, reader: Reader, clock: Callable[[], int] = wall_clock_ms) -> None:
        self.reader = reader
        self._settings, self._rules = settings, settings.rules()
        self._pseudonyms = settings.pseudonyms()
        self._clock = clock
        self.sla = Mirror(self.now)
        self.freshness = Freshness(self)
        self.forecasts = Forecasts(self)
        self.subscriptions = Subscriptions()
        self.webhooks = Counts(name for name, source in settings.sources.items() if source.keys())

    @classmethod
    def over(cls, redis: Redis, settings: Settings, clock: Callable[[], int] = wall_clock_ms) -> Self:
        """A view over a client that does not decode."""
        return cls(settings, Follower(redis, settings, topics_of), clock)

    @property
    def settings(self) -> Settings:
        """The settings, of the namespace that is read."""
        return self.reader.settings if isinstance(self.reader, Follower) else self._settings

    @property
    def rules(self) -> Rules:
        """The counting rules of what is read: the same object for as long as they stay the same."""
        return self.reader.rules if isinstance(self.reader, Follower) else self._rules

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics whose shards are read, as the broker calls them."""
        return topics_of(self.settings)

    @property
    def snapshot(self) -> Snapshot:
        """All shards as they were last read."""
        return self.reader.snapshot

    def now(self) -> int:
        """Now, in ms since the epoch: by the setting `clock`."""
        if self.settings.clock == "event":
            return self.snapshot.stream_time or self._clock()
        return self._clock()

    def customer(self, name: str) -> str:
        """A customer as the store knows them: with a key, by pseudonym; it may be told by the source's own id."""
        return name if self._pseudonyms is None else self._pseudonyms.of(name)

    @property
    def loaded(self) -> bool:
        """Whether every shard has been read at least once."""
        return self.reader.age_seconds is not None

    @property
    def ready(self) -> bool:
        """Whether Redis answers and the snapshot is at most 10 s old."""
        age = self.reader.age_seconds
        return self.reader.reachable and age is not None and age <= _FRESH_SECONDS
