"""What has been decided of each queue, as all show it: metrics, the page, the API. Nobody judges on their own.

It lies in Redis, written by who decides, and read by all a few times a second; what was told last stands until somebody
decides again. `undecided_seconds` says for how long nobody has.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

import msgspec
import structlog
from msgspec import Struct
from redis.exceptions import RedisError

from stream.core.sla.known import NOTHING, Known, unwatched
from stream.state.keys import AlertKeys

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from stream.core.sla.state import Standing

Queue = tuple[str, str]
"""Channel and name."""
NEWEST = 100
"""So many of the last events told are kept at hand."""
POLL_SECONDS = 0.4
_UNREAD_SECONDS = 10.0
_WRITE = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('hset', KEYS[3], 'version', ARGV[2], 'body', ARGV[3])
redis.call('ltrim', KEYS[2], ARGV[4], -1)
return 1
"""
_BEAT = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('hset', KEYS[3], 'beat', ARGV[2])
return 1
"""


class Body(Struct, frozen=True, kw_only=True):
    """What the mirror says. `positions`: how far of each partition of the topic it knows; `newest`: events told, as
    sent, the newest last; `clock`: by which it says when.
    """

    queues: list[tuple[str, str, Known]]
    positions: dict[int, int]
    newest: list[bytes]
    clock: str

    @property
    def known(self) -> dict[Queue, Known]:
        """By queue."""
        return {(channel, queue): known for channel, queue, known in self.queues}


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Body).decode
_log = structlog.get_logger()


def decode(packed: str | bytes | None) -> Body | None:
    """What the mirror says; None: there is none, or one of another format, and the topic knows it all."""
    if packed is None:
        return None
    try:
        return _decode(_bytes(packed))
    except msgspec.MsgspecError as error:
        _log.warning("the mirror of states cannot be read: it is made anew from the topic", error=str(error))
        return None


def body(known: Mapping[Queue, Known], positions: Mapping[int, int], newest: Sequence[bytes], clock: str) -> Body:
    """What is to be mirrored; for how long a queue has been better is for who looks alone."""
    queues = [(*queue, unwatched(each)) for queue, each in sorted(known.items())]
    return Body(queues=queues, positions=dict(positions), newest=list(newest)[-NEWEST:], clock=clock)


class Mirror:
    """The states of queues, who has muted and who has acknowledged them; empty until somebody has decided.

    `now`: in ms, so that a mute that is over is none. `version` rises with every change; `newest`: events told, as
    sent, the newest last.
    """

    def __init__(self, now: Callable[[], int], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._now, self._monotonic = now, monotonic
        self._known: dict[Queue, Known] = {}
        self._stored: str | bytes | None = None
        self._beat: str | bytes | None = None
        self._beaten_at: float | None = None
        self._read_at: float | None = None
        self.newest: list[bytes] = []
        self.version = 0

    def standing(self, channel: str, queue: str) -> Standing | None:
        """The state of a queue and since when; None: nobody has decided yet."""
        return self._known.get((channel, queue), NOTHING).standing

    def muted_until(self, channel: str, queue: str) -> int | None:
        """Until when (ms) nothing is told of it; None: it is not muted."""
        until = self._known.get((channel, queue), NOTHING).muted_until
        return until if until is not None and until > self._now() else None

    def acknowledged(self, channel: str, queue: str) -> str | None:
        """Who looks after it until it has recovered; None: nobody."""
        return self._known.get((channel, queue), NOTHING).acknowledged_by

    @property
    def undecided_seconds(self) -> float:
        """For how long nobody has decided, or been able to tell: a few seconds while one takes over from another.

        0 until `watch` has begun.
        """
        return 0.0 if self._beaten_at is None else self._monotonic() - self._beaten_at

    def show(self, known: Mapping[Queue, Known], newest: Sequence[bytes]) -> None:
        """Show what has been decided."""
        self._known, self.newest = dict(known), list(newest)
        self.version += 1

    async def poll(self, redis: Redis, keys: AlertKeys) -> None:
        """Show what the mirror in Redis says; where there is none, what it said last. Raises RedisError, OSError."""
        version, beat = await redis.hmget(keys.mirror, "version", "beat")
        now = self._monotonic()
        if self._read_at is not None and now - self._read_at > _UNREAD_SECONDS:
            self._beaten_at = now  # who decides could not say so either
        self._read_at = now
        if beat is not None and beat != self._beat:
            self._beat, self._beaten_at = beat, now
        if version is not None and version != self._stored:
            version, packed = await redis.hmget(keys.mirror, "version", "body")
            found = decode(packed)
            if found is not None:
                self.show(found.known, found.newest)
            self._stored = version

    async def watch(self, redis: Redis, keys: AlertKeys) -> NoReturn:
        """Poll, until cancelled."""
        self._beaten_at = self._monotonic()
        while True:
            with suppress(RedisError, OSError):
                await self.poll(redis, keys)
            await asyncio.sleep(POLL_SECONDS)


class Stored:
    """The mirror in Redis, as who holds the lease with this token writes it."""

    def __init__(self, redis: Redis, keys: AlertKeys, token: str) -> None:
        self._redis, self._keys, self._token = redis, keys, token
        self._writes = 0

    async def read(self) -> Body | None:
        """What it says; None: there is none. Raises RedisError, OSError."""
        packed = await self._redis.hget(self._keys.mirror, "body")
        return decode(packed)

    async def requests(self) -> list[bytes]:
        """What people want, the oldest first. Raises RedisError, OSError."""
        return [_bytes(each) for each in await self._redis.lrange(self._keys.requests, 0, NEWEST - 1)]

    async def write(self, content: Body, requests: int) -> bool:
        """Write it, and let go of the first so many requests; False: the lease is somebody else's, nothing is written.

        Raises RedisError, OSError.
        """
        self._writes += 1
        version = f"{self._token}/{self._writes}"
        return bool(await self._redis.eval(_WRITE, 3, *self._keys, self._token, version, _encode(content), requests))

    async def beat(self) -> bool:
        """Say that somebody decides, and could tell; False: the lease is somebody else's."""
        self._writes += 1
        return bool(await self._redis.eval(_BEAT, 3, *self._keys, self._token, f"{self._token}/{self._writes}"))


def _bytes(told: str | bytes) -> bytes:
    assert isinstance(told, bytes), "the client is not to decode"
    return told
