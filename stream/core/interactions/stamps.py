"""The stamps of one entity, packed into one byte string: small in memory, and ready to be kept.

An entry is slot (2 bytes, signed), length (4 bytes), stamp (msgpack). A slot holds one stamp at a time.
"""

from __future__ import annotations

from struct import Struct as Layout
from typing import Any, Final

import msgspec

from stream.core.stage import Stamp

_pack: Final = msgspec.msgpack.Encoder().encode
unpack: Final = msgspec.msgpack.Decoder(Stamp).decode
HEAD: Final = 6
_head = Layout(">hI")
_write: Final = _head.pack
_read: Final = _head.unpack_from


def entry(slot: int, stamp: Any) -> bytes:
    """One stamp in its slot, as an entry. `stamp` is a `Stamp`; compiled, a tuple of that type would be taken apart."""
    packed = _pack(stamp)
    return _write(slot, len(packed)) + packed


def find(packed: bytes, slot: int) -> tuple[int, int] | None:
    """Where the entry of a slot begins and ends; None when there is none."""
    at, end = 0, len(packed)
    while at < end:
        found, length = _read(packed, at)
        after = at + HEAD + length
        if found == slot:
            return at, after
        at = after
    return None


def standing(packed: bytes) -> dict[int, Stamp]:
    """Slot -> stamp.

    >>> standing(entry(3, (7, "phone|i|qa", (1, 1))))
    {3: (7, 'phone|i|qa', (1, 1))}
    """
    return {slot: unpack(stamp) for slot, stamp in entries(packed).items()}


def entries(packed: bytes) -> dict[int, bytes]:
    """Slot -> packed stamp."""
    found: dict[int, bytes] = {}
    at, end = 0, len(packed)
    while at < end:
        slot, length = _read(packed, at)
        found[slot] = packed[at + HEAD : at + HEAD + length]
        at += HEAD + length
    return found
