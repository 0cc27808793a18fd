"""How a customer's state is stored."""

from __future__ import annotations

from typing import NamedTuple
from zlib import compress, decompress

import msgspec

from stream.core.customers.heard import Claim, Heard, Told
from stream.core.stage import Stamp

FOREVER = 1 << 62
_LONG, _COMPRESSED = 1024, 0x78
"""Bytes from which a state is compressed; how one begins that is (a plain one is an array of MessagePack)."""


class Blob(NamedTuple):
    """A state as it is stored."""

    last_at: int
    heard: list[Heard]
    told: list[Told]
    claims: list[Claim]
    stamps: list[Stamp]
    insights: dict[str, int]
    forgotten_at: int
    known_since: int = FOREVER


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Blob).decode


def packed(blob: Blob) -> bytes:
    """A long one takes a third of its length: what a customer counts is in few words."""
    plain = _encode(blob)
    return plain if len(plain) < _LONG else compress(plain, 1)


def unpacked(stored: bytes) -> Blob:
    """As `packed` wrote it."""
    return _decode(decompress(stored) if stored[0] == _COMPRESSED else stored)
