"""The stamps of one entity, packed into one byte string: small in memory, and ready to be kept.

An entry is slot (2 bytes, signed), length (4 bytes), stamp (msgpack). A slot holds one stamp at a time.
"""

from __future__ import annotations

from struct import Struct as Layout

import msgspec

from stream.core.stage import Stamp

_pack = msgspec.msgpack.Encoder().encode
unpack = msgspec.msgpack.Decoder(Stamp).decode
HEAD = 6
_head = Layout(">hI")
_write, _read = _head.pack, _head.unpack_from


def entry(slot: int, stamp: Stamp) -> bytes:
    """One stamp in its slot, as an entry."""
    packed = _pack(stamp)
    return _write(slot, len(packed)) + packed


def find(packed: bytes, slot: int, begin: int = 0) -> tuple[int, int] | None:
    """Where the entry of a slot begins and ends, looked for from the entry at `begin` on; None when there is none."""
    at, end = begin, len(packed)
    while at < end:
        found, length = _read(packed, at)
        after = at + HEAD + length
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
        found[slot] = packed[at + HEAD : at + HEAD + length]
        at += HEAD + length
    return found
