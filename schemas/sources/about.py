"""A platform as people want to know it before they connect it. Each has its own in `schemas.sources.tables`."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct


class Row(NamedTuple):
    """`told` by the vendor, as it writes it (a type, or a field), `becomes` what of ours; `note`: when, or but."""

    told: str
    becomes: str
    note: str = ""


class Lack(NamedTuple):
    """What the vendor cannot tell, and why; the `figures` (as docs/figures.md calls them) that lack for it."""

    what: str
    figures: tuple[str, ...]
    why: str


class About(Struct, frozen=True, kw_only=True):
    """One platform.

    `ways`: how its payloads get here, one line each. `identity`: what ids are made of, so that what comes twice is
    seen. `guarantees`: of the vendor, on loss, repetition and order. `types`: kinds of its payloads → our event types
    (wire names, with commas, or "nothing"). `fields`: its fields → our fields. `lacks`: what it cannot tell.
    """

    vendor: str
    ways: tuple[str, ...]
    identity: str
    guarantees: str
    types: tuple[Row, ...]
    fields: tuple[Row, ...]
    lacks: tuple[Lack, ...]
