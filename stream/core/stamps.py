"""The stamps of one entity, packed into one byte string: small in memory, and ready to be kept.

An entry is slot (2 bytes, signed), length (2 bytes), stamp (msgpack). A slot holds one stamp at a time.
"""

from __future__ import annotations

from struct import Struct as Layout

import msgspec

from stream.core.stage import Stamp

_pack = msgspec.msgpack.Encoder().encode
unpack = msgspec.msgpack.Decoder(Stamp).decode
_head = Layout(">hH")
_write, _read = _head.pack, _head.unpack_from


def entry(slot: int, stamp: Stamp) -> bytes:
    """One stamp in its slot, as an entry."""
    packed = _pack(stamp)
    return _write(slot, len(packed)) + packed


def find(packed: bytes, slot: int) -> tuple[int, int] | None:
    """Where the entry of a slot begins and ends; None when the slot is empty."""
    at, end = 0, len(packed)
    while at < end:
        found, length = _read(packed, at)
        after = at + 4 + length
        if found == slot:
            return at, after
        at = after
    return None


def entries(packed: bytes) -> dict[int, bytes]:
    """Slot -> packed stamp.

    >>> stamps = entry(3, (7, "phone|i|qa", (1, 1)))
    >>> {slot: unpack(stamp) for slot, stamp in entries(stamps).items()}
    {3: (7, 'phone|i|qa', (1, 1))}
    """
    found: dict[int, bytes] = {}
    at, end = 0, len(packed)
    while at < end:
        slot, length = _read(packed, at)
        found[slot] = packed[at + 4 : at + 4 + length]
        at += 4 + length
    return found
