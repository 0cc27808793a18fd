"""Who decides: one of all services, for as long as it renews a lease in Redis. Time here is the machine's own.

The lease only chooses. What keeps a holder that was stopped, and does not know, from writing is the broker's fence for
alerts, and the comparison of the token for the mirror.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from uuid import uuid4

from redis.asyncio import Redis
from redis.exceptions import RedisError

LEASE_SECONDS, RENEW_SECONDS = 4.0, 1.0
_MARGIN_SECONDS = 0.5
_RENEW = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0"
_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


class Lease:
    """One lease. `token`: another one each time it is taken."""

    def __init__(self, redis: Redis, key: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._redis, self._key, self._monotonic = redis, key, monotonic
        self._until = 0.0
        self.token = ""

    @property
    def held(self) -> bool:
        """Whether it is ours, as far as the clock can say."""
        return self._monotonic() < self._until

    async def take(self) -> bool:
        """Take it, if nobody has it. Raises RedisError, OSError."""
        asked, token = self._monotonic(), uuid4().hex
        if await self._redis.set(self._key, token, nx=True, px=round(LEASE_SECONDS * 1000)):
            self.token, self._until = token, asked + LEASE_SECONDS - _MARGIN_SECONDS
        return self.held

    async def renew(self) -> None:
        """Have it for longer, if it still is ours. Raises RedisError, OSError."""
        asked = self._monotonic()
        ours = await self._redis.eval(_RENEW, 1, self._key, self.token, round(LEASE_SECONDS * 1000))
        self._until = asked + LEASE_SECONDS - _MARGIN_SECONDS if ours else 0.0

    async def keep(self) -> None:
        """Renew it until it is lost; while Redis does not answer, until it has run out."""
        while self.held:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                await self.renew()
            except (RedisError, OSError):
                continue

    async def release(self) -> None:
        """Let somebody else have it, if it still is ours. Raises RedisError, OSError."""
        self._until = 0.0
        await self._redis.eval(_RELEASE, 1, self._key, self.token)
