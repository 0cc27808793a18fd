"""A connection to Redis for commands: short patience, since somebody waits for the answer."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from stream.cli.problem import explaining
from stream.connections import redis_options

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from stream.settings import Settings

TIMEOUT_SECONDS = 5.0


class Store:
    """One command at a time."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def command(self, *parts: str | bytes | int) -> Any:
        """The answer, as bytes where it is text."""
        return await self._client.execute_command(*parts)  # type: ignore[no-untyped-call]

    async def info(self) -> dict[str, Any]:
        """What the server says of itself."""
        told: dict[str, Any] = await self._client.info()
        return told


@asynccontextmanager
async def store(settings: Settings) -> AsyncIterator[Store]:
    """The store of the settings, answering. Raises `Problem`."""
    with explaining(settings):
        client = Redis.from_url(
            **redis_options(settings),
            retry=Retry(NoBackoff(), 0),
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
        )
        try:
            opened = Store(client)
            await opened.command("PING")
            yield opened
        finally:
            await client.aclose()
