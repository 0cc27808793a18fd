"""The connection to Redis: scripts by digest, and patience while the store is away.

What a store says about itself (loading, failing over, moving slots) and a dead connection are waited for, up to
`PATIENCE_SECONDS`; everything else is raised. A script may therefore run twice: every script of ours can take that.
"""

from __future__ import annotations

from hashlib import sha1
from pathlib import Path
from typing import TYPE_CHECKING, Any

import stamina
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    BusyLoadingError,
    ClusterDownError,
    MasterDownError,
    NoScriptError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from stream.state.client import client_of, nodes
from stream.state.cluster import Cluster, asked

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from redis.asyncio import Redis

PATIENCE_SECONDS = 60.0
_PASSING: dict[type[Exception], str] = {
    BusyLoadingError: "loading",
    TryAgainError: "tryagain",
    MasterDownError: "masterdown",
    ClusterDownError: "clusterdown",
    ReadOnlyError: "readonly",
    **dict.fromkeys((RedisConnectionError, RedisTimeoutError, ConnectionError, TimeoutError), "connection"),
}
REASONS = (*dict.fromkeys(_PASSING.values()), "busy", "noreplicas", "moved", "ask")
"""Why a command may have to be asked again; the last two: of another node, at once."""


def passes(error: Exception) -> str | None:
    """Why a failure of the store may be over in a while; None: it will not.

    >>> passes(TryAgainError("Multiple keys request during rehashing of slot"))
    'tryagain'
    >>> passes(ResponseError("WRONGTYPE Operation against a key")), passes(ValueError())
    (None, None)
    """
    if isinstance(error, RuntimeError):  # uvloop's word for a connection that closed under a write
        return "connection" if "handler is closed" in str(error) else None
    if isinstance(error, ResponseError) and str(error).startswith(("BUSY ", "NOREPLICAS ")):
        return str(error).partition(" ")[0].lower()
    return next((why for kind, why in _PASSING.items() if isinstance(error, kind)), None)


class Script:
    """A Lua script that lies beside this module."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.text = (Path(__file__).parent / f"{name}.lua").read_text()
        self.digest = sha1(self.text.encode(), usedforsecurity=False).hexdigest()


class Store:
    """One client for all shards of a worker; connections are pooled, a command takes one for its own.

    `retried` is called with the reason, one of `REASONS`, each time that a command has to be asked again.
    """

    def __init__(
        self, options: Mapping[str, Any], patience: float = PATIENCE_SECONDS,
        retried: Callable[[str], None] = lambda _: None,
    ) -> None:  # fmt: skip
        once: dict[str, Any] = {"retry": Retry(NoBackoff(), 0), "socket_timeout": 15.0, "max_connections": 10_000}
        self.client = client_of(**once, **options)
        self._execute: Callable[..., Awaitable[Any]] = self.client.execute_command
        self.patience, self.retried = patience, retried
        if isinstance(self.client, Cluster):
            self.client.redirected = retried

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

    async def node(self, key: str) -> Redis:
        """The client of the node that has a key, as is known now."""
        return await self.client.node_of(key) if isinstance(self.client, Cluster) else self.client

    async def masters(self) -> list[Redis]:
        """Clients of the nodes that hold the data, each of one."""
        return [node.client for node in await self.patiently(lambda: nodes(self.client)) if not node.replica]

    async def asked(self, node: Redis, *parts: str | bytes | int) -> Any:
        """The answer of one node."""
        return await self.patiently(lambda: asked(node, *parts))

    async def of_each_node(self, *parts: str | bytes | int) -> dict[str, Any]:
        """What each node that holds data answers, by its address, and each replica that does answer."""
        told = {}
        for node in await self.patiently(lambda: nodes(self.client)):
            try:
                ask = asked if node.replica else self.asked
                answer = await ask(node.client, *parts)
            except (RedisError, OSError) as error:
                if not (node.replica and passes(error)):
                    raise
            else:
                told[f"{node.address.host}:{node.address.port}"] = answer
        return told

    async def patiently(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """What `ask` answers, asked again while the store's failures may pass."""
        try:
            return await ask()
        except (RedisError, OSError, RuntimeError) as error:
            if not self._to_be_retried(error):
                raise
        async for attempt in stamina.retry_context(
            on=self._to_be_retried, timeout=self.patience, attempts=None,
            wait_initial=0.05, wait_max=1.0, wait_jitter=0.2,
        ):  # fmt: skip
            with attempt:
                return await ask()
        raise AssertionError("unreachable")

    def _to_be_retried(self, error: Exception) -> bool:
        why = passes(error)
        if why is not None:
            self.retried(why)
        return why is not None
