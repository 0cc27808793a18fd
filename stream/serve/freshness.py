"""Whether what we show is of now. Quiet is not blind: without a reason here, no events means that none happened."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

import structlog
from aiokafka.errors import KafkaError

from stream.serve.lag import Lag
from stream.serve.log_ends import LogEnds
from stream.serve.silence import Silence
from stream.settings_error import SettingsError

if TYPE_CHECKING:
    from stream.serve.view import View
    from stream.state.snapshot import ShardId

REASONS = ("store", "broker", "behind", "silent")
STORE_SECONDS = BROKER_SECONDS = 10.0
UNDECIDED_SECONDS = 30.0
"""After so long in which no service could tell states of queues, Kafka is away for all of them, whatever it says."""
LOOK_SECONDS = 2.0
_PROVEN_AT_ONCE = 64
_NO_QUEUES = "sources.surveys"
"""Who tells of no queue hides none: a survey tool whose payloads are all rejected stands until somebody resumes it."""
_log = structlog.get_logger()


class Freshness:
    """Why the input of a view is stale. Until `run` has begun, nothing is known of Kafka, and so nothing said.

    All reasons but `silent` make what is shown old, but for surveys that are behind. A channel that is silent leaves
    all others as they are.
    """

    def __init__(self, view: View, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._view, self._monotonic = view, monotonic
        self._answered: float | None = None
        self._away = False
        self.lag = Lag()
        self.silence = Silence(view)

    def reasons(self) -> tuple[str, ...]:
        """Of REASONS those that hold now, in their order; empty while all is fresh."""
        now = self._monotonic()
        age = self._view.reader.age_seconds
        away = age is None or age > STORE_SECONDS
        holds = (
            away,
            (self._answered is not None and now - self._answered > BROKER_SECONDS)
            or (self._view.sla.undecided_seconds > UNDECIDED_SECONDS and not away),
            bool(self.lag.behind(now)),
            self._view.loaded and bool(self.silence.channels),
        )
        return tuple(reason for reason, is_so in zip(REASONS, holds, strict=True) if is_so)

    @property
    def old(self) -> bool:
        """Whether what is shown of queues may be of an earlier time."""
        reasons = {*self.reasons()} - {"silent"}
        if reasons != {"behind"}:
            return bool(reasons)
        no_queues = self._view.settings.topic_prefix + _NO_QUEUES
        behind = {partition.topic for partition in self.lag.behind(self._monotonic())}
        return behind != {no_queues}

    @property
    def known(self) -> bool:
        """Whether there was time to see a reason. A service that has just begun shows what was counted when the worker
        went, perhaps hours ago; so does a store that was put back, until the next look.
        """
        if self._answered is None:
            return True
        return self.lag.settled(self._monotonic()) and not self.lag.put_back(self._offsets())

    async def run(self) -> NoReturn:
        """Ask Kafka every two seconds, until cancelled. It may be away: then with another client."""
        self._answered = self._monotonic()
        while True:
            try:
                topics = self._view.topics
                async with LogEnds.of(self._view.settings, topics) as log_ends:
                    while self._view.topics == topics:
                        await self.look(log_ends)
                        await asyncio.sleep(LOOK_SECONDS)
                continue
            except (KafkaError, OSError, TimeoutError, SettingsError) as error:
                if not self._away:
                    _log.warning("kafka is away: whether the input is fresh is not known", error=str(error))
                self._away = True
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self, log_ends: LogEnds) -> None:
        """One look. Raises KafkaError."""
        ends = await log_ends.ask()
        now = self._answered = self._monotonic()
        if self._away:
            self._away = False
            _log.info("kafka answers again")
        self.lag.look(now, self._offsets(), ends)
        unproven = dict(sorted(self.lag.unproven(now).items())[:_PROVEN_AT_ONCE])
        if unproven:
            for partition, record in (await log_ends.have_records(unproven)).items():
                self.lag.found(partition, unproven[partition][1], record=record)

    def _offsets(self) -> dict[ShardId, int]:
        return {shard: known.offset for shard, known in self._view.snapshot.shards.items()}
