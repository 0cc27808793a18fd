"""What is kept of an interaction, read without making its life anew: its facts, and its stamps as applied.

Knows the beginning of what `Interactions.dump` writes, and nothing of what follows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from stream.core.interactions import log, stamps
from stream.core.interactions.fact import Fact
from stream.core.stage import Stamp


class Kept(Struct, array_like=True, gc=False):
    """The first two parts of a packed interaction: facts in order of arrival (see `log`), stamps (see `stamps`)."""

    facts: bytes
    stamps: bytes


_decode = msgspec.msgpack.Decoder(Kept).decode
_parts = msgspec.msgpack.Decoder(list[Any]).decode
_encode = msgspec.msgpack.Encoder().encode
_NO_IDENTITY = bytes(16)


def applied(blob: bytes) -> Iterator[Stamp]:
    """The stamps of a packed interaction, as they were applied to the figures."""
    yield from stamps.standing(_decode(blob).stamps).values()


def by_slot(blob: bytes) -> dict[int, Stamp]:
    """The same by the slot in which each stands (see `slots`)."""
    return stamps.standing(_decode(blob).stamps)


def arrivals(blob: bytes) -> list[Fact]:
    """The facts of a packed interaction, in order of arrival."""
    return log.facts(_decode(blob).facts)


def unapplied(blob: bytes, facts: list[Fact]) -> bytes:
    """The packed interaction with these facts for its own, none of whose stamps has been applied."""
    _, _, *rest = _parts(blob)
    return _encode((b"".join(log.entry(_NO_IDENTITY, f) for f in facts), b"", *rest))
