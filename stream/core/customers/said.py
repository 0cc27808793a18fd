"""What is kept of a customer's events, and which of two with one identity stands."""

from __future__ import annotations

from typing import Any

import msgspec

from schemas.events import Said

Identity = tuple[str, str]
"""(source, id)."""


LASTING = frozenset({"joined", "left", "identified"})
"""Kinds that are kept until the customer is forgotten."""
ORDERS = frozenset({"purchased", "returned"})


def kind_of(event: Any) -> str:
    """The type of a `customer.*` event without `customer.`."""
    return event.__struct_config__.tag.removeprefix("customer.")  # type: ignore[no-any-return]


def said(event: Any) -> Said:
    """What is kept of a `customer.*` event."""
    d = event.data

    def get(*names: str) -> Any:
        """The first of these fields that the type has, and that is told."""
        return next((found for name in names if (found := getattr(d, name, None)) is not None), None)

    return Said(
        kind_of(event), event.at, event.source, event.id, event.revision or 0, get("survey"), get("score", "rating"),
        get("channel"), get("interaction_id"), get("resolved", "public"), get("order_id"), get("amount"),
        get("currency"), get("touchpoint", "segment", "site", "about"), get("outcome"), get("phase"),
        tuple(get("aliases") or ()),
    )  # fmt: skip


def identity(one: Said) -> Identity:
    """Whose revisions replace one another."""
    return one.source, one.id


def stands(new: Said, old: Said) -> bool:
    """Whether `new`, of the same identity, replaces `old`: a higher revision, else the smaller by time and content.

    >>> old = Said("joined", 5, "crm", "1", 0)
    >>> stands(Said("joined", 9, "crm", "1", 1), old), stands(Said("joined", 4, "crm", "1", 0), old), stands(old, old)
    (True, True, False)
    """
    if new.revision != old.revision:
        return new.revision > old.revision
    return _canonical(new) < _canonical(old)


def _canonical(one: Said) -> tuple[int, bytes]:
    return one.at, msgspec.json.encode(one)
