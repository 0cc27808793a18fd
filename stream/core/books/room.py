"""What a process remembers between batches: on shelves, one or two a partition, in one room with a bound of bytes.

What a batch needs is taken from a shelf, and in use until the batch is over: it is not forgotten while its partition
waits for the store. After each batch the room forgets what was longest unused on any of its shelves, until the rest is
within the bound. Sizes are estimates: those of live objects, from the length of what is stored of them.
"""

from __future__ import annotations

from collections import deque
from heapq import heapify, heapreplace
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

T = TypeVar("T")
MEGABYTE = 2**20
MOST_USED, LEAST_USED = 24 * MEGABYTE, 3 * MEGABYTE
"""What all batches may take beside the room, about; what each of them may nevertheless."""
_NEVER, _LISTED = 2**62, 1000


class Room:
    """`limit`: bytes that its things may take; `taken`: those that they take. `turn` counts batches, of all shelves.

    `used`: bytes that batches take beside, until they are over.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.taken = self.used = 0
        self.turn = 0
        self._oldest: list[tuple[int, int, Shelf[object]]] = []

    def shelf(self, of: Shelf[T]) -> None:
        """One more shelf."""
        self._oldest.append((self.turn, len(self._oldest), of))  # type: ignore[arg-type]
        heapify(self._oldest)

    def settle(self) -> None:
        """A batch is over: forget what was longest unused, beyond the bound. What other batches use stays.

        The heap says of each shelf since when nothing on it is unused, or an earlier turn.
        """
        self.turn += 1
        oldest = self._oldest
        while self.taken > self.limit:
            at, number, shelf = oldest[0]
            if at >= self.turn:
                return
            shelf.forget(at)
            heapreplace(oldest, (max(at, min(shelf.oldest(), self.turn)), number, shelf))


class Shelf(Generic[T]):
    """Things by name. `things`: to look at, and to add new ones to that a batch has made."""

    def __init__(self, room: Room) -> None:
        self.things: dict[str, T] = {}
        self._room = room
        self._used: dict[str, int] = {}
        self._sizes: dict[str, int] = {}
        self._in_use: list[str] = []
        self._turns: deque[tuple[int, list[str]]] = deque()
        self._listed = 0
        self._using = 0
        room.shelf(self)

    def take(self, names: Iterable[str]) -> list[str]:
        """Use these things until `rest`; returns the names of those that are not here."""
        things, used, in_use, missing = self.things, self._used, self._in_use, []
        for name in names:
            if name in things:
                used[name] = _NEVER
                in_use.append(name)
            else:
                missing.append(name)
        return missing

    def put(self, name: str, thing: T, size: int) -> None:
        """A thing as it is stored, used until `rest`. `size` in bytes."""
        self.things[name] = thing
        self._used[name] = _NEVER
        self._in_use.append(name)
        self._room.taken += size - self._sizes.get(name, 0)
        self._sizes[name] = size

    def drop(self, name: str) -> T | None:
        """Forget one thing; what it was."""
        self._room.taken -= self._sizes.pop(name, 0)
        self._used.pop(name, None)
        return self.things.pop(name, None)

    def clear(self) -> None:
        """Forget everything, and use nothing."""
        self._room.taken -= sum(self._sizes.values())
        self.things.clear()
        self._used.clear()
        self._sizes.clear()
        self._in_use.clear()
        self._turns.clear()
        self._listed = 0
        self.use(0)

    def weigh(self, names: Sequence[str], sizes: Sequence[int]) -> None:
        """Things that the batch has changed, and the bytes that each takes now."""
        known, get = self._sizes, self._sizes.get
        self._room.taken += sum(sizes) - sum([get(name, 0) for name in names])
        known.update(zip(names, sizes, strict=True))
        self._in_use += names

    def rest(self) -> None:
        """The batch is over."""
        names, turn, things, used = self._in_use, self._room.turn, self.things, self._used
        if names:
            for name in names:
                if name in things:
                    used[name] = turn
            names.reverse()
            self._turns.append((turn, names))
            self._listed += len(names)
            self._in_use = []
            if self._listed > _LISTED + 2 * len(things):
                self._tidy()
        self.use(0)

    def _tidy(self) -> None:
        """Leave out of earlier turns what was used since."""
        kept: deque[tuple[int, list[str]]] = deque()
        for turn, names in self._turns:
            last = [name for name in dict.fromkeys(names) if self._used.get(name) == turn]
            if last:
                kept.append((turn, last))
        self._turns, self._listed = kept, sum([len(names) for _, names in kept])

    def use(self, size: int) -> bool:
        """The batch takes so many bytes beside, until `rest`; whether it had better be over, for all take too many."""
        room = self._room
        room.used += size - self._using
        self._using = size
        return size > LEAST_USED and room.used > MOST_USED

    def oldest(self) -> int:
        """A turn before which nothing here was used last; beyond all turns when nothing is unused."""
        return self._turns[0][0] if self._turns else _NEVER

    def forget(self, until: int) -> None:
        """Forget what was used last in this turn or before, as long as the room is beyond its bound."""
        room, used, turns = self._room, self._used, self._turns
        while turns and turns[0][0] <= until and room.taken > room.limit:
            turn, names = turns[0]
            while names and room.taken > room.limit:
                name = names.pop()
                self._listed -= 1
                if used.get(name) == turn:
                    self.drop(name)
            if not names:
                turns.popleft()
