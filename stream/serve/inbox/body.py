"""The body of a request: bounded in size and time, and in what all requests together hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from starlette.types import Receive

Why = Literal["too_large", "slow", "gone", "busy"]


class NoBody(Exception):
    """The body cannot be had: it is too large, too slow, the sender has gone, or we hold too much already."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


class Room:
    """How many bytes all bodies together may take."""

    def __init__(self, most: int) -> None:
        self._most, self._held = most, 0

    @asynccontextmanager
    async def body(self, receive: Receive, limit: int, seconds: float) -> AsyncIterator[bytes]:
        """The whole body, held until the block ends. Raises `NoBody`."""
        chunks: list[bytes] = []
        try:
            try:
                async with asyncio.timeout(seconds):
                    await self._read(receive, limit, chunks)
            except TimeoutError:
                raise NoBody("slow") from None
            yield b"".join(chunks)
        finally:
            self._held -= sum(map(len, chunks))

    async def _read(self, receive: Receive, limit: int, chunks: list[bytes]) -> None:
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise NoBody("gone")
            chunk = message.get("body", b"")
            chunks.append(chunk)
            size += len(chunk)
            self._held += len(chunk)
            if size > limit:
                raise NoBody("too_large")
            if self._held > self._most:
                raise NoBody("busy")
            more = message.get("more_body", False)
