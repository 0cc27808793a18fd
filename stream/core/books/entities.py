"""The entities that a partition's owner remembers: those that more is expected of as objects, the rest as bytes.

An interaction that is over is a tenth as large as it is stored, and most that are known are over. An object is let go
while it is still in the processor's cache; if an event comes after all, it is loaded from memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stream.core.books.entry import Entry
from stream.core.books.room import Room, Shelf

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stream.core.stage import Stage

OBJECT_BYTES, BLOB_BYTES = 1000, 400
"""What an entity takes in memory beside `weight` times what is stored of it; and beside that, once it is over."""


class Entities:
    """See the module. `known`: those at hand as objects, by name; the batch adds new ones."""

    def __init__(self, stage: Stage, room: Room) -> None:
        self._stage = stage
        self._objects: Shelf[Entry] = Shelf(room)
        self._blobs: Shelf[bytes] = Shelf(room)
        self.known = self._objects.things

    def take(self, names: Iterable[str]) -> list[str]:
        """Use these until `rest`; returns those to `learn` first."""
        missing = []
        for name in self._objects.take(names):
            blob = self._blobs.drop(name)
            if blob is None:
                missing.append(name)
            else:
                self._put(name, blob)
        return missing

    def learn(self, names: Sequence[str], blobs: Sequence[bytes | None]) -> None:
        """Remember entities as they are stored; None: it is not."""
        for name, blob in zip(names, blobs, strict=True):
            if blob is not None:
                self._put(name, blob)

    def _put(self, name: str, blob: bytes) -> None:
        self._objects.put(name, Entry.stored(self._stage, name, blob), OBJECT_BYTES + self._stage.weight * len(blob))

    def drop(self, name: str) -> None:
        """One is past its keep."""
        self._objects.drop(name)

    def clear(self) -> None:
        """Remember nothing: a commit has failed."""
        self._objects.clear()
        self._blobs.clear()

    def use(self, size: int) -> bool:
        """See `Shelf.use`."""
        return self._objects.use(size)

    def rest(self, states: list[Any]) -> None:
        """The batch is over, and what it has changed is stored. `states`: names and what is stored, by turns."""
        weight, known, over = self._stage.weight, self.known, self._stage.over
        names, sizes = [], []
        for i in range(0, len(states), 2):
            name, blob = states[i], states[i + 1]
            if over(known[name].state):
                self._objects.drop(name)
                self._blobs.put(name, blob, BLOB_BYTES + len(blob))
            else:
                names.append(name)
                sizes.append(OBJECT_BYTES + weight * len(blob))
        self._objects.weigh(names, sizes)
        self._objects.rest()
        self._blobs.rest()
