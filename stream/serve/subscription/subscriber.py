"""One subscriber's stream: what it missed, then what comes, until it goes, falls behind, or the service ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING

from stream.serve.subscription import words
from stream.serve.subscription.catalogue import reaches

if TYPE_CHECKING:
    from stream.serve.subscription.hub import Hub
    from stream.serve.subscription.lane import Cursor
    from stream.serve.subscription.selection import Asked

SILENCE_SECONDS = 15.0
"""After so long without an event for it, a subscriber is told where it is."""


async def messages(hub: Hub, asked: Asked) -> AsyncIterator[bytes]:
    """The messages, in pieces of some."""
    yield words.RETRY
    with hub.cursor(asked.selection.topics) as cursor:
        lane = cursor.lane
        waits = False
        while (ends := lane.positions) is None and not lane.ended:
            if lane.waiting and not waits:
                waits = True
                yield words.waiting(*lane.waiting.values())
            else:
                await lane.news()
        if ends is None:
            return
        cursor.begin()
        if asked.since is not None:
            start = tuple(asked.since.get(topic, end) for topic, end in zip(lane.topics, ends, strict=True))
            if not (reaches(ends, start) and cursor.join(start)):
                with hub.catch_up(cursor, asked.selection, start) as catch_up:
                    while (missed := await catch_up.take()) is not None:
                        yield missed
                    if not catch_up.joined:
                        return
        live = _Live(hub, asked, cursor)
        while (new := await live.take()) is not None:
            yield new


class _Live:
    """The end of the stream: what a cursor comes to, and where it is."""

    def __init__(self, hub: Hub, asked: Asked, cursor: Cursor) -> None:
        self._counts, self._selection, self._cursor = hub.counts, asked.selection, cursor
        self._clock = asyncio.get_running_loop().time
        self._said_at = -SILENCE_SECONDS
        self._said = b""
        self._waits = self._ended = False

    async def take(self) -> bytes | None:
        """The next messages; None when there will be none."""
        lane, cursor = self._cursor.lane, self._cursor
        await asyncio.sleep(0)
        while not lane.ended and not self._ended:
            if cursor.lost:
                self._ended = True
                self._counts.ends["slow"] += 1
                return words.TOO_SLOW
            if not cursor.idle:
                if made := cursor.take(self._selection, self._counts):
                    if self._said:
                        self._said_at = self._clock()
                    return made
                await asyncio.sleep(0)
            elif lane.waiting and not self._waits:
                self._waits = True
                return words.waiting(*lane.waiting.values())
            elif (left := self._said_at + SILENCE_SECONDS - self._clock()) <= 0 or self._waits > bool(lane.waiting):
                self._said_at = self._clock()
                token = cursor.token()
                if token != self._said or self._waits > bool(lane.waiting):
                    self._said, self._waits = token, bool(lane.waiting)
                    return words.position(token)
            else:
                with suppress(TimeoutError):
                    await lane.news(left)
        return None
