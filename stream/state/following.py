"""A reader of the namespace that is live: when another one is made live, all that is shown changes at once.

Until the other one has been read as a whole, the former stands, as it was when it was closed. The definitions by which
a namespace is counted come with it, so that no new figure is held against an old threshold.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from redis.asyncio import Redis

from stream.core.rules import Rules
from stream.settings_names import FIRST
from stream.state.namespace_keys import beside_keys, namespace_keys
from stream.state.reader import Reader

if TYPE_CHECKING:
    from stream.settings import Settings

_decode = msgspec.msgpack.Decoder(Rules).decode


class _Told(NamedTuple):
    live: bytes | None
    definitions: bytes | None


class Follower(Reader):
    """A reader whose `settings` and `rules` are those of the namespace in the snapshot.

    With `namespace` set it stays with that one. `topics`: those of a namespace whose shards are read.
    """

    def __init__(self, redis: Redis, settings: Settings, topics: Callable[[Settings], tuple[str, ...]]) -> None:
        super().__init__(redis, key_prefix=settings.store_prefix, topics=topics(settings))
        self.settings, self.rules = settings, settings.rules()
        self._own, self._pinned, self._topics_of = self.rules, settings.namespace, topics
        self._definitions: bytes | None = None
        self._next: Follower | None = None

    async def poll(self) -> bool:
        """One look at all shards, and at which are live. Raises RedisError, OSError when Redis is away."""
        told = await self._told()
        name = self._pinned or (FIRST if told.live is None else told.live.decode())
        if self.settings.namespace == name:
            self._define(told.definitions)
            self._next = None
            return await super().poll()
        if self._next is None or self._next.settings.namespace != name:
            self._next = Follower(self.redis, self.settings.within(name), self._topics_of)
            self._next.rules = self._next._own = self._own  # noqa: SLF001 - one of ours
        other = self._next
        complete = await other.poll()
        self._reachable = True
        if complete or self._complete_at is None:
            self._become(other)
        else:
            await super().poll()
        return complete

    async def _told(self) -> _Told:
        async with self.redis.pipeline(transaction=False) as pipeline:
            pipeline.get(namespace_keys(self.settings.key_prefix).live)
            pipeline.get(beside_keys(self.settings.store_prefix).definitions)
            return _Told(*await pipeline.execute())

    def _define(self, packed: bytes | None) -> None:
        if packed is None or packed == self._definitions:
            return
        self._definitions = packed
        try:
            stored = _decode(packed)
        except (msgspec.DecodeError, msgspec.ValidationError):  # of another release, which the workers tell apart
            return
        own = self._own
        if stored.fingerprint() == own.fingerprint():
            self.rules = own
        else:
            self.rules = msgspec.structs.replace(stored, hourly_rates=own.hourly_rates, currency=own.currency)

    def _become(self, other: Follower) -> None:
        other.snapshot.version += self.snapshot.version + 1
        self.snapshot, self.settings, self.rules = other.snapshot, other.settings, other.rules
        self.key_prefix, self._topics, self._cursors = other.key_prefix, other._topics, other._cursors
        self._definitions, self._next = other._definitions, None
        self._complete_at = None if other._complete_at is None else self._monotonic()
