"""The newest events of some topics in one order, for all who subscribe to these: each kept once, each token made once.

Who falls behind what is kept is cut off: the log has the rest, and nobody else waits.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from stream.serve.subscription.catalogue import Positions, furthest, reaches

if TYPE_CHECKING:
    from stream.serve.subscription.counts import Counts
    from stream.serve.subscription.event import Event
    from stream.serve.subscription.selection import Selection
    from stream.serve.subscription.token import Tokens

KEPT_EVENTS, KEPT_BYTES = 16_384, 32 * 1024 * 1024
STEP_EVENTS, STEP_BYTES = 512, 128 * 1024
"""What one look takes at most, so that others get their turn and little is held for who does not take it."""


class Entry:
    """An event, and the positions once it is told."""

    __slots__ = ("event", "positions", "token")

    def __init__(self, event: Event, positions: Positions) -> None:
        self.event, self.positions = event, positions
        self.token: bytes | None = None


class Lane:
    """`topics` in the catalogue's order. Entries have numbers, from `tail` to before `head`.

    `waiting`: by topic why nothing of it comes now. `ended`: the service ends.
    """

    def __init__(self, topics: tuple[str, ...], tokens: Tokens) -> None:
        self.topics, self._tokens = topics, tokens
        self.entries: dict[int, Entry] = {}
        self.head = self.tail = 0
        self.cursors: set[Cursor] = set()
        self.waiting: dict[str, str] = {}
        self.ended = False
        self._places = {topic: place for place, topic in enumerate(topics)}
        self._parts: list[tuple[int, ...] | None] = [None for _ in topics]
        self._before: Positions = ()
        self._bytes = 0
        self._news = asyncio.Event()

    @property
    def positions(self) -> Positions | None:
        """Up to where all has been told; None until the ends of all topics are found."""
        found = tuple(part for part in self._parts if part is not None)
        return found if len(found) == len(self._parts) else None

    @property
    def before(self) -> Positions | None:
        """The positions before the oldest event that is kept."""
        return self._before if self.entries else self.positions

    @property
    def crowded(self) -> bool:
        """Whether what comes will soon push out what is kept."""
        return self.head - self.tail > KEPT_EVENTS // 2 or self._bytes > KEPT_BYTES // 2

    def move(self, topic: str, positions: tuple[int, ...]) -> None:
        """A topic is told up to there: nothing between is for anybody."""
        self._parts[self._places[topic]] = positions

    def append(self, event: Event, positions: tuple[int, ...]) -> None:
        """One more event, and the positions of its topic after it."""
        before = self.positions
        self.move(event.topic, positions)
        after = self.positions
        if before is None or after is None:
            return
        if not self.entries:
            self._before = before
        self.entries[self.head] = Entry(event, after)
        self.head += 1
        self._bytes += len(event.frame)
        while self.head - self.tail > KEPT_EVENTS or (self._bytes > KEPT_BYTES and self.head - self.tail > 1):
            dropped = self.entries.pop(self.tail)
            self._bytes -= len(dropped.event.frame)
            self._before = dropped.positions
            self.tail += 1

    def token(self, positions: Positions) -> bytes:
        """The token of positions in its topics."""
        return self._tokens.encode(self.topics, positions)

    def tell(self) -> None:
        """Wake all who wait for news."""
        self._news.set()
        self._news = asyncio.Event()

    async def news(self, seconds: float | None = None) -> None:
        """Wait until something is told, or for so long. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            await self._news.wait()


class Cursor:
    """How far one subscriber is in a lane. `floor`: where it came from, as long as that is ahead of the lane."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.number = lane.head
        self.floor: Positions | None = None

    def begin(self) -> None:
        """Take what comes from now on."""
        self.number, self.floor = self.lane.head, None

    def join(self, positions: Positions) -> bool:
        """Take what comes after these positions, if all of that is kept; whether it is."""
        before = self.lane.before
        if before is None or not reaches(positions, before):
            return False
        self.number, self.floor = self.lane.tail, positions
        return True

    @property
    def lost(self) -> bool:
        """Whether what was to be taken next is kept no more."""
        return self.number < self.lane.tail

    @property
    def idle(self) -> bool:
        """Whether there is nothing to take."""
        return self.number == self.lane.head

    @property
    def far(self) -> bool:
        """Whether it is in the older half of what is kept."""
        return self.number - self.lane.tail < (self.lane.head - self.lane.tail) // 2

    def token(self) -> bytes:
        """The token of where it is, once it has taken all there is."""
        assert self.lane.positions is not None
        return self.lane.token(self._raised(self.lane.positions))

    def take(self, selection: Selection, counts: Counts) -> bytes:
        """The messages of the next events; there may be none in them."""
        pieces: list[bytes] = []
        size, entries, sent = 0, self.lane.entries, counts.sent
        for number in range(self.number, min(self.number + STEP_EVENTS, self.lane.head)):
            entry = entries[number]
            event = entry.event
            self.number = number + 1
            if not selection.wants(event) or (self.floor is not None and self._is_told(event)):
                continue
            pieces += (b"id: ", self._token_of(entry), b"\n", event.frame)
            sent[event.topic] += 1
            size += len(event.frame)
            if size > STEP_BYTES:
                break
        return b"".join(pieces)

    def _is_told(self, event: Event) -> bool:
        assert self.floor is not None
        told = self.floor[self.lane.topics.index(event.topic)]
        return event.partition < len(told) and event.offset < told[event.partition]

    def _token_of(self, entry: Entry) -> bytes:
        if self.floor is not None:
            raised = self._raised(entry.positions)
            if self.floor is not None:
                return self.lane.token(raised)
        if entry.token is None:
            entry.token = self.lane.token(entry.positions)
        return entry.token

    def _raised(self, positions: Positions) -> Positions:
        if self.floor is None:
            return positions
        if reaches(positions, self.floor):
            self.floor = None
            return positions
        return furthest(positions, self.floor)
