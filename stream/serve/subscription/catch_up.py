"""What came before a subscriber, read for this one alone, until the rest is among what is kept for all.

A few read at once; who has had its turn while others wait lines up again. The subscriber sets the pace.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from stream.serve.subscription import words
from stream.serve.subscription.catalogue import Positions
from stream.serve.subscription.event import event_of
from stream.serve.subscription.log import AWAY, Log, Piece
from stream.settings_error import SettingsError

if TYPE_CHECKING:
    from stream.serve.subscription.counts import Counts
    from stream.serve.subscription.lane import Cursor
    from stream.serve.subscription.selection import Selection
    from stream.settings import Settings

READERS = 4
TURN_SECONDS = 10.0
RETRY_SECONDS = 1.0
_LOOK_SECONDS = 1.0


class Turns:
    """Who may read now: so many at once, first come, first served."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(READERS)
        self._in_line = 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """A turn, as long as the block."""
        self._in_line += 1
        try:
            await self._free.acquire()
        finally:
            self._in_line -= 1
        try:
            yield
        finally:
            self._free.release()

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for one."""
        return self._in_line > 0


class CatchUp:
    """The way of one subscriber from `known` positions to where its cursor has joined the lane: `joined`."""

    def __init__(
        self, settings: Settings, turns: Turns, cursor: Cursor, selection: Selection, counts: Counts, known: Positions
    ) -> None:
        self._settings, self._turns, self._counts = settings, turns, counts
        self._cursor, self._selection = cursor, selection
        self._topics = cursor.lane.topics
        self._at: Mapping[str, list[int]] = dict(zip(self._topics, map(list, known), strict=True))
        self._made: asyncio.Queue[bytes | None] = asyncio.Queue(1)
        self.joined = self._ended = False

    async def take(self) -> bytes | None:
        """The next messages; None once it has joined, or is to end."""
        return None if self._ended else await self._made.get()

    def end(self) -> None:
        """Let the subscriber go."""
        self._ended = True
        if self._made.empty():
            self._made.put_nowait(None)

    async def run(self) -> None:
        """Until it has joined, or is cancelled. Kafka may be away."""
        waits = False
        while True:
            left = b""
            try:
                async with self._turns.one(), Log.opened(self._settings, self._topics) as log:
                    await self._mend(log)
                    waits = False
                    left = await self._turn(log)
            except (*AWAY, SettingsError) as error:
                if not waits and not self.joined:
                    left += words.waiting(str(error) or type(error).__name__)
                    waits = True
            if left:
                await self._made.put(left)
            if self.joined:
                return await self._made.put(None)
            if waits:
                await asyncio.sleep(RETRY_SECONDS)

    async def _mend(self, log: Log) -> None:
        self._at, gaps = await log.mended(self._at)
        if gaps:
            await self._made.put(b"id: " + self._token() + b"\n" + words.gap(gaps))
        log.start(self._at)

    async def _turn(self, log: Log) -> bytes:
        """Read and hand over; what could not be handed over before the turn was over."""
        clock = asyncio.get_running_loop().time
        until = clock() + TURN_SECONDS
        while True:
            if self._cursor.join(self._positions()):
                self.joined = True
                return b""
            chunk = self._chunk(await log.read())
            while chunk:
                try:
                    async with asyncio.timeout(_LOOK_SECONDS):
                        await self._made.put(chunk)
                    break
                except TimeoutError:
                    if clock() > until and self._turns.wanted:
                        return chunk
            if clock() > until and self._turns.wanted:
                return b""

    def _chunk(self, pieces: Sequence[Piece]) -> bytes:
        made: list[bytes] = []
        for topic, partition, records, at in pieces:
            told = self._at[topic]
            told += [0] * (partition + 1 - len(told))
            for record in records:
                told[partition] = record.offset + 1
                event = event_of(topic, partition, record.offset, record.value)
                if event is not None and self._selection.wants(event):
                    made += (b"id: ", self._token(), b"\n", event.frame)
                    self._counts.sent[topic] += 1
            told[partition] = at
        return b"".join(made)

    def _positions(self) -> Positions:
        return tuple(tuple(self._at[topic]) for topic in self._topics)

    def _token(self) -> bytes:
        return self._cursor.lane.token(self._positions())
