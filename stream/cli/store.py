"""A connection to Redis for commands: short patience, since somebody waits for the answer."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from stream.cli.problem import explaining
from stream.connections import redis_options
from stream.state.client import client_of, nodes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis.asyncio import Redis

    from stream.settings import Settings

TIMEOUT_SECONDS = 5.0


class Store:
    """One command at a time."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def command(self, *parts: str | bytes | int) -> Any:
        """The answer, as bytes where it is text."""
        return await self._client.execute_command(*parts)  # type: ignore[no-untyped-call]

    async def of_each_node(self) -> dict[str, dict[str, Any]]:
        """What each node that holds data, or a copy of it, says of itself, by its address."""
        return {
            f"{node.address.host}:{node.address.port}": await node.client.info() for node in await nodes(self._client)
        }


@asynccontextmanager
async def store(settings: Settings) -> AsyncIterator[Store]:
    """The store of the settings, answering. Raises `Problem`."""
    with explaining(settings):
        redis = client_of(
            **redis_options(settings),
            retry=Retry(NoBackoff(), 0),
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
        )
        try:
            opened = Store(redis)
            await opened.command("PING")
            yield opened
        finally:
            await redis.aclose()
