"""The entities that a partition's owner remembers: those that more is expected of as objects, the rest as bytes.

An interaction that is over is a tenth as large as it is stored, and most that are known are over. An object is let go
while it is still in the processor's cache; if an event comes after all, it is loaded from memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stream.core.books.entry import Entry, Field, field, named
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

    def take(self, names: Iterable[str]) -> list[Field]:
        """Use these until `rest`; returns what is to be loaded, for `learn`."""
        missing: list[str] = []
        for name in self._objects.take(names):
            blob = self._blobs.drop(name)
            if blob is None:
                missing.append(name)
            else:
                self._put(name, blob, ())
        found: list[Field] = [*missing]
        if (pieces := self._stage.pieces) is not None:
            found = []
            for name in missing:
                found.append(name)
                found += [field(name, piece) for piece in range(pieces.always)]
        return found

    def learn(self, fields: Sequence[Field], blobs: Sequence[bytes | None]) -> None:
        """Remember entities as they are stored; None: it is not."""
        if len(fields) != len(blobs):
            raise ValueError(f"{len(fields)} fields, {len(blobs)} values")
        pieces = self._stage.pieces
        each = 1 if pieces is None else 1 + pieces.always
        for first in range(0, len(fields), each):
            name, blob = fields[first], blobs[first]
            if blob is not None:
                assert isinstance(name, str)
                self._put(name, blob, blobs[first + 1 : first + each])

    def _put(self, name: str, blob: bytes, pieces: Sequence[bytes | None]) -> None:
        entry = Entry.stored(self._stage, name, blob, pieces)
        self._objects.put(name, entry, self._size(entry.state, blob))

    def _size(self, state: Any, blob: bytes) -> int:
        pieces = self._stage.pieces
        return OBJECT_BYTES + self._stage.weight * (len(blob) + (0 if pieces is None else pieces.length(state)))

    def lacking(self, events: Iterable[tuple[int, Any]]) -> list[Field]:
        """The pieces of entities that these events need and that are not at hand, for `bring`."""
        pieces, key, known = self._stage.pieces, self._stage.key, self.known
        if pieces is None:
            return []
        found: dict[Field, None] = {}
        for _, event in events:
            name = key(event)
            if name in known:
                found.update({field(name, piece): None for piece in pieces.lacks(known[name].state, event)})
        return list(found)

    def bring(self, fields: Sequence[Field], blobs: Sequence[bytes | None]) -> None:
        """Pieces as they are stored. ValueError: one is missing."""
        pieces = self._stage.pieces
        for each, blob in zip(fields, blobs, strict=True):
            assert pieces is not None
            assert isinstance(each, bytes)
            name, piece = named(each)
            if blob is None:
                raise ValueError(f"piece {piece} of {name} is not stored")
            pieces.bring(self.known[name].state, piece, blob)

    def stored(self, name: str) -> list[Field]:
        """All fields that the store may have of an entity."""
        pieces, entry = self._stage.pieces, self.known.get(name)
        if pieces is None:
            return [name]
        known = range(pieces.always) if entry is None else pieces.stored(entry.state)
        return [name, *(field(name, piece) for piece in known)]

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
        """The batch is over, and what it has changed is stored. `states`: fields and what is stored, by turns."""
        known, over = self.known, self._stage.over
        names, sizes = [], []
        for i in range(0, len(states), 2):
            name, blob = states[i], states[i + 1]
            if isinstance(name, bytes):
                continue
            state = known[name].state
            if over(state):
                self._objects.drop(name)
                self._blobs.put(name, blob, BLOB_BYTES + len(blob))
            else:
                names.append(name)
                sizes.append(self._size(state, blob))
        self._objects.weigh(names, sizes)
        self._objects.rest()
        self._blobs.rest()
