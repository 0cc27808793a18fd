"""What the fold needs of an interaction event, small enough to keep: one `Fact` an event, packed.

The state of an interaction is the set of its facts. A fact is known by (source, id); the order of facts is given in
`order`. Everything else of the wire event (attributes, dispositions) is not state.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from schemas import events as e

(STARTED, OFFERED, DECLINED, TRANSFERRED, FLOWED_OUT, RESUMED, HELD, QUEUED, ANSWERED, ABANDONED, MESSAGE, ENDED,
 WRAPPED_UP, REOPENED, UPDATED) = range(15)  # fmt: skip
"""Kinds, numbered in the order in which events of one instant go (contract, section 10). Stored: never renumber."""

KINDS: dict[type, int] = {
    e.Started: STARTED, e.Offered: OFFERED, e.Declined: DECLINED, e.Transferred: TRANSFERRED,
    e.FlowedOut: FLOWED_OUT, e.Resumed: RESUMED, e.Held: HELD, e.Queued: QUEUED, e.Answered: ANSWERED,
    e.Abandoned: ABANDONED, e.Message: MESSAGE, e.Ended: ENDED, e.WrappedUp: WRAPPED_UP, e.Reopened: REOPENED,
    e.Updated: UPDATED,
}  # fmt: skip


UNNAMED = ""
"""In the place of a customer who was forgotten: no event can name one like this."""


class Fact(Struct, array_like=True, gc=False):
    """One event as the fold sees it. `at`: ms. `what`, `flag`, `length_ms`: the field that `SPECIAL` names by kind."""

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


SPECIAL: dict[int, tuple[tuple[str, str], ...]] = {
    DECLINED: (("what", "result"),),
    MESSAGE: (("what", "author"), ("flag", "public")),
    TRANSFERRED: (("to_queue", "to_queue"),),
    FLOWED_OUT: (("what", "outcome"),),
    ENDED: (("what", "by"), ("flag", "resolved"), ("length_ms", "hold_ms")),
    WRAPPED_UP: (("length_ms", "wrap_up_ms"), ("handle_ms", "handle_ms")),
}
"""(field of `Fact`, field of the wire), for the kinds that have more than the common ones."""


def fact(event: Any) -> Fact:
    """The fact of an interaction event (codec-made: `at` filled, revision not None)."""
    kind = KINDS[type(event)]
    d = event.data
    f = Fact(
        kind, event.at, event.source, event.id, event.revision, d.queue, d.agent_id, d.customer_id, d.segment_id,
        d.direction, d.initiation, d.reason,
    )  # fmt: skip
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
    for name in Fact.__struct_fields__[5:12]:
        data[name] = getattr(f, name)
    for name, wire in SPECIAL.get(f.kind, ()):
        data[wire] = getattr(f, name)
    told = {name: value for name, value in data.items() if value is not None}
    return f.at, msgspec.json.encode(told, order="sorted"), f.kind
