"""What the fold needs of an interaction event, small enough to keep: one `Fact` an event, packed.

The state of an interaction is the set of its facts. A fact is known by (source, id); the order of facts is given in
`order`. Everything else of the wire event (attributes, dispositions) is not state.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from schemas import events as e
from stream.core.interactions.packed_fact import PackedFact

STARTED: Final = 0
OFFERED: Final = 1
DECLINED: Final = 2
TRANSFERRED: Final = 3
FLOWED_OUT: Final = 4
RESUMED: Final = 5
HELD: Final = 6
QUEUED: Final = 7
ANSWERED: Final = 8
ABANDONED: Final = 9
MESSAGE: Final = 10
ENDED: Final = 11
WRAPPED_UP: Final = 12
REOPENED: Final = 13
UPDATED: Final = 14
"""Kinds, numbered in the order in which events of one instant go (contract, section 10). Stored: never renumber."""

KINDS: Final[dict[type, int]] = {
    e.Started: STARTED, e.Offered: OFFERED, e.Declined: DECLINED, e.Transferred: TRANSFERRED,
    e.FlowedOut: FLOWED_OUT, e.Resumed: RESUMED, e.Held: HELD, e.Queued: QUEUED, e.Answered: ANSWERED,
    e.Abandoned: ABANDONED, e.Message: MESSAGE, e.Ended: ENDED, e.WrappedUp: WRAPPED_UP, e.Reopened: REOPENED,
    e.Updated: UPDATED,
}  # fmt: skip

UNNAMED: Final = ""
"""In the place of a customer who was forgotten: no event can name one like this."""

_COMMON = ("queue", "agent_id", "customer_id", "segment_id", "direction", "initiation", "reason")


class Fact:
    """One event as the fold sees it. `at`: ms. `what`, `flag`, `length_ms`: the field that `SPECIAL` names by kind.

    `d`: has what events of all kinds may tell.
    """

    __slots__ = (
        "agent_id", "at", "customer_id", "direction", "flag", "handle_ms", "id", "initiation", "kind", "length_ms",
        "queue", "reason", "revision", "segment_id", "source", "to_queue", "what",
    )  # fmt: skip

    def __init__(self, kind: int, at: int, source: str, event_id: str, revision: int, d: Any) -> None:
        self.kind = kind
        self.at = at
        self.source = source
        self.id = event_id
        self.revision = revision
        self.queue: str | None = d.queue
        self.agent_id: str | None = d.agent_id
        self.customer_id: str | None = d.customer_id
        self.segment_id: str | None = d.segment_id
        self.direction: str | None = d.direction
        self.initiation: str | None = d.initiation
        self.reason: str | None = d.reason
        self.what: str | None = None
        self.flag: bool | None = None
        self.length_ms: int | None = None
        self.handle_ms: int | None = None
        self.to_queue: str | None = None


_pack: Final = msgspec.msgpack.Encoder().encode
_unpack: Final = msgspec.msgpack.Decoder(PackedFact).decode


def packed(f: Fact) -> bytes:
    """A fact as it is stored."""
    return _pack(
        (f.kind, f.at, f.source, f.id, f.revision, f.queue, f.agent_id, f.customer_id, f.segment_id, f.direction,
         f.initiation, f.reason, f.what, f.flag, f.length_ms, f.handle_ms, f.to_queue)
    )  # fmt: skip


def unpacked(stored: bytes) -> Fact:
    """A fact that `packed` has packed."""
    p = _unpack(stored)
    f = Fact(p.kind, p.at, p.source, p.id, p.revision, p)
    f.what, f.flag, f.length_ms, f.handle_ms, f.to_queue = p.what, p.flag, p.length_ms, p.handle_ms, p.to_queue
    return f


SPECIAL: Final[dict[int, tuple[tuple[str, str], ...]]] = {
    DECLINED: (("what", "result"),),
    MESSAGE: (("what", "author"), ("flag", "public")),
    TRANSFERRED: (("to_queue", "to_queue"),),
    FLOWED_OUT: (("what", "outcome"),),
    ENDED: (("what", "by"), ("flag", "resolved"), ("length_ms", "hold_ms")),
    WRAPPED_UP: (("length_ms", "wrap_up_ms"), ("handle_ms", "handle_ms")),
}
"""(field of `Fact`, field of the wire), for the kinds that have more than the common ones."""


def fact(event: Any) -> Fact | None:
    """The fact of an interaction event (codec-made: `at` filled, revision not None); None: it tells to forget one."""
    kind = KINDS.get(type(event))
    if kind is None:
        return None
    d = event.data
    f = Fact(kind, event.at, event.source, event.id, event.revision, d)
    special = SPECIAL.get(kind)
    if special is not None:
        for name, wire in special:
            setattr(f, name, getattr(d, wire))
    return f


def canonical(f: Fact) -> tuple[int, bytes, int]:
    """Which of two different facts with one (source, id, revision) stands: the smaller of these keys.

    The contract's (time, canonical JSON), over the fields that can change a figure.
    """
    data: dict[str, Any] = {}
    for name in _COMMON:
        data[name] = getattr(f, name)
    for name, wire in SPECIAL.get(f.kind, ()):
        data[wire] = getattr(f, name)
    told = {name: value for name, value in data.items() if value is not None}
    return f.at, msgspec.json.encode(told, order="sorted"), f.kind
