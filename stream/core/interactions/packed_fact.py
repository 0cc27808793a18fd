"""A fact as it is stored: by position, what is not told at the end left to its default."""

from __future__ import annotations

from msgspec import Struct


class PackedFact(Struct, array_like=True, gc=False):
    """See `fact.Fact`. Stored: only append fields."""

    kind: int
    at: int
    source: str
    id: str
    revision: int
    queue: str | None
    agent_id: str | None
    customer_id: str | None
    segment_id: str | None
    direction: str | None
    initiation: str | None
    reason: str | None
    what: str | None = None
    flag: bool | None = None
    length_ms: int | None = None
    handle_ms: int | None = None
    to_queue: str | None = None
