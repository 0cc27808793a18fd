"""Which requests have been taken: told by digests, for a while, in this process and, for all of them, in Redis.

What is remembered has been acknowledged by Kafka, so who repeats it has lost nothing. While Redis is away each process
knows its own alone; what another takes again has the same events' ids, which count once.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import structlog
from redis.exceptions import RedisError

from stream.state.keys import webhook_key

if TYPE_CHECKING:
    from redis.asyncio import Redis

MOST = 100_000
REDIS_SECONDS, AGAIN_SECONDS = 0.8, 5.0
_AT_ONCE = 32
_log = structlog.get_logger()


class Memory:
    """The digests of requests that were taken. `monotonic`: seconds of a clock that only goes forward."""

    def __init__(self, redis: Redis, prefix: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._redis, self._prefix, self._monotonic = redis, prefix, monotonic
        self._until: OrderedDict[bytes, float] = OrderedDict()
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        self._away_until = float("-inf")
        self._away = False

    async def knows(self, digest: bytes) -> bool:
        """Whether that request was taken."""
        if self._until.get(digest, float("-inf")) > self._monotonic():
            return True
        return bool(await self._ask(lambda: self._redis.exists(webhook_key(self._prefix, digest))))

    async def learn(self, digest: bytes, seconds: float) -> None:
        """That request has been taken; it is known for so long."""
        self._until[digest] = self._monotonic() + seconds
        self._until.move_to_end(digest)
        while len(self._until) > MOST:
            self._until.popitem(last=False)
        key, life = webhook_key(self._prefix, digest), round(seconds * 1000)
        await self._ask(lambda: self._redis.set(key, b"", px=life, nx=True))

    async def _ask(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """What Redis says; None while it is away: then it is left alone for some seconds."""
        async with self._at_once:
            if self._monotonic() < self._away_until:
                return None
            try:
                async with asyncio.timeout(REDIS_SECONDS):
                    answer = await ask()
            except (RedisError, OSError, TimeoutError) as error:
                self._away_until = self._monotonic() + AGAIN_SECONDS
                if not self._away:
                    _log.warning("redis is away: each process remembers its own webhooks alone", error=str(error))
                self._away = True
                return None
        if self._away:
            _log.info("redis is back: all processes remember webhooks together")
        self._away = False
        return answer
