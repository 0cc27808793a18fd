"""The connection to Redis: scripts by digest, and patience while the store is away.

What a store says about itself (loading, failing over, moving slots) and a dead connection are waited for, up to
`PATIENCE_SECONDS`; everything else is raised. A script may therefore run twice: every script of ours can take that.
"""

from __future__ import annotations

from hashlib import sha1
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hiredis
import stamina
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

PATIENCE_SECONDS = 60.0
PASSING = ("LOADING", "TRYAGAIN", "MOVED", "ASK", "CLUSTERDOWN", "READONLY", "MASTERDOWN", "BUSY")


def passes(error: Exception) -> bool:
    """Whether a failure of the store may be over in a while.

    >>> passes(ResponseError("TRYAGAIN Multiple keys request during rehashing of slot"))
    True
    >>> passes(ResponseError("WRONGTYPE Operation against a key")), passes(ValueError())
    (False, False)
    """
    if isinstance(error, RedisConnectionError | RedisTimeoutError | ConnectionError | TimeoutError):
        return True
    if isinstance(error, RuntimeError):  # uvloop's word for a connection that closed under a write
        return "handler is closed" in str(error)
    return isinstance(error, ResponseError) and str(error).startswith(PASSING)


class Script:
    """A Lua script that lies beside this module."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.text = (Path(__file__).parent / f"{name}.lua").read_text()
        self.digest = sha1(self.text.encode(), usedforsecurity=False).hexdigest()


class Packed:
    """Commands packed by hiredis: an asyncio connection of redis-py does it in Python, argument by argument."""

    def pack_command(self, *args: str | bytes | int) -> list[bytes]:
        """The command in the protocol."""
        return [hiredis.pack_command(args)]  # type: ignore[arg-type]


class Store:
    """One client for all shards of a worker; connections are pooled, a command takes one for its own."""

    def __init__(self, options: Mapping[str, Any], patience: float = PATIENCE_SECONDS) -> None:
        once: dict[str, Any] = {"retry": Retry(NoBackoff(), 0), "socket_timeout": 15.0}
        self.client: Redis = Redis.from_url(**once, **options)
        pool = self.client.connection_pool
        pool.connection_class = type("PackedConnection", (Packed, pool.connection_class), {})
        self._execute: Callable[..., Awaitable[Any]] = self.client.execute_command
        self.patience = patience

    async def aclose(self) -> None:
        """Close all connections."""
        await self.client.aclose()

    async def run(self, script: Script, keys: Sequence[str], args: Sequence[str | bytes | int]) -> Any:
        """The script's answer. Raises what does not pass, or lasts longer than the patience."""

        async def once() -> Any:
            try:
                return await self._execute("EVALSHA", script.digest, len(keys), *keys, *args)
            except NoScriptError:
                return await self._execute("EVAL", script.text, len(keys), *keys, *args)

        return await self.patiently(once)

    async def command(self, *parts: str | bytes | int) -> Any:
        """The answer to one command, with the same patience."""
        return await self.patiently(lambda: self._execute(*parts))

    async def patiently(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """What `ask` answers, asked again while the store's failures may pass."""
        try:
            return await ask()
        except (RedisConnectionError, RedisTimeoutError, ResponseError, OSError, RuntimeError) as error:
            if not passes(error):
                raise
        async for attempt in stamina.retry_context(
            on=passes, timeout=self.patience, attempts=None, wait_initial=0.05, wait_max=1.0, wait_jitter=0.2
        ):
            with attempt:
                return await ask()
        raise AssertionError("unreachable")
