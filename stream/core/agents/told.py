"""What was told of one agent, packed, and the pieces that it is stored in: a commit writes what has come, not all.

Piece 0 is what stood when it was written; pieces 1 to `SEALS` are what came since, some at a time; the latest go with
the agent itself. Later ones stand before earlier ones. Pieces from `PIECES` on are pages of the past.
"""

from __future__ import annotations

import zlib

import msgspec

from stream.core.agents.past import FAST, Dumped, Past
from stream.core.agents.presence import Turn
from stream.core.agents.time import Limits

FRESH = 16
SEALS = 31
PIECES = 1 + SEALS

Things = dict[str, bytes]
_encode = msgspec.msgpack.Encoder().encode
_decode_base = msgspec.msgpack.Decoder(tuple[Things, Things, Dumped]).decode
_decode_seal = msgspec.msgpack.Decoder(tuple[Things, Things]).decode
_decode = msgspec.msgpack.Decoder(Things).decode


class Head(msgspec.Struct, array_like=True, frozen=True):
    """An agent itself: see `state`; and of what was told the latest, whether there is a piece 0, how many follow it.

    `seals` -1: of an agent stored whole, as long ago, where `facts` and `parts` are all there are, chunk by chunk.
    """

    last_at: int
    upto: int
    horizon: int
    room: int
    limits: Limits
    base: Turn | None
    base_word: int | None
    facts: list[bytes]
    parts: list[bytes]
    based: bool = False
    seals: int = -1


encode_head = msgspec.msgpack.Encoder().encode
decode_head = msgspec.msgpack.Decoder(Head).decode


class Told:
    """`facts`, `parts`: all that are at hand, by identity. `past`: parts that are not."""

    __slots__ = ("_anew", "_based", "_changed", "_fresh", "_lengths", "_seals", "facts", "parts", "past")

    def __init__(self) -> None:
        self.facts: Things = {}
        self.parts: Things = {}
        self.past = Past()
        self._fresh: tuple[Things, Things] = ({}, {})
        self._based = self._anew = False
        self._seals = 0
        self._lengths: dict[int, int] = {}
        self._changed: dict[int, bytes | None] = {}

    def load(self, head: Head, pieces: list[bytes | None]) -> None:
        """Take over what `dump` and `rest` wrote. ValueError: a piece is missing."""
        if head.seals < 0:
            self._anew = True
        else:
            self._based, self._seals = head.based, head.seals
        numbers = [*([0] if self._based else []), *range(1, self._seals + 1)]
        for number in numbers:
            piece = pieces[number]
            if piece is None:
                raise ValueError(f"piece {number} of {numbers} is not stored")
            unpacked = zlib.decompress(piece)
            self._lengths[number] = len(unpacked)
            if number:
                facts, parts = _decode_seal(unpacked)
            else:
                facts, parts, past = _decode_base(unpacked)
                self.past = Past(past)
            self.facts |= facts
            self.parts |= parts
        facts, parts = self._fresh
        for fresh, chunks in ((facts, head.facts), (parts, head.parts)):
            for chunk in chunks:
                fresh.update(_decode(chunk))
        self.facts |= facts
        self.parts |= parts

    def put_fact(self, key: str, packed: bytes) -> None:
        """Keep it, in place of an earlier one."""
        self.facts[key] = self._fresh[0][key] = packed

    def put_part(self, key: str, packed: bytes) -> None:
        """Keep it, in place of an earlier one, which may lie in the past."""
        if key not in self.parts and self.past.lose(key):
            self._anew = True
        self.parts[key] = self._fresh[1][key] = packed

    def keep(self, facts: Things, parts: Things) -> None:
        """Keep these alone."""
        self.facts, self.parts = facts, parts
        self._anew = True

    def dump(self) -> tuple[list[bytes], list[bytes], bool, int]:
        """The end of a `Head`; `rest` says what else has changed."""
        facts, parts = self._fresh
        much = len(facts) + len(parts) > FRESH
        if self._anew or (much and self._seals == SEALS):
            for number in range(1, self._seals + 1):
                self._changed[number] = None
                del self._lengths[number]
            self._put(0, _encode((self.facts, self.parts, self.past.dump())))
            self._based, self._anew, self._seals, self._fresh = True, False, 0, ({}, {})
        elif much:
            self._seals += 1
            self._put(self._seals, _encode(self._fresh))
            self._fresh = ({}, {})
        facts, parts = self._fresh
        return [_encode(facts)], [_encode(parts)], self._based, self._seals

    def _put(self, number: int, piece: bytes) -> None:
        self._changed[number] = zlib.compress(piece, FAST)
        self._lengths[number] = len(piece)

    def rest(self) -> dict[int, bytes | None]:
        """The pieces that have changed; None: is no more."""
        changed, self._changed = self._changed, {}
        return changed | {PIECES + number: page for number, page in self.past.rest().items()}

    def follow(self, before: Told) -> None:
        """Be stored where another was, of whom nothing is kept."""
        self._changed = dict.fromkeys(before.stored())

    def stored(self) -> list[int]:
        """All pieces that the store may have."""
        return [*range(PIECES), *(PIECES + number for number in self.past.pages)]

    @property
    def length(self) -> int:
        """Bytes of the pieces that are loaded with the agent, before they are compressed."""
        return sum(self._lengths.values())
