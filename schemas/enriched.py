"""Interaction events with what we know after each of them, for services that build on ours: `interactions.enriched`.

Each applied `interaction.x` is told as `enriched.interaction.x`: its `data` as it was sent, and beside it what the
interaction amounts to by then. `revision` is the offset of its record in the input topic; together with `origin`, the
input's `source`, and `id` it names what was told. Once an interaction is closed, `enriched.interaction.closed` tells
the whole of it, and again, with its next `revision`, whenever a later record changes that.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal, get_args

from msgspec import Struct, defstruct, structs

from schemas.digests import Outcome
from schemas.envelope import Channel, EntityId, Envelope, Instant, Name
from schemas.events import Forgotten
from schemas.interactions import Direction, FlowOutcome, Initiation, InteractionEvent

SlaState = Literal["ok", "at_risk", "breached", "met", "missed"]
SegmentOutcome = Literal["direct", "answered", "abandoned", "flowed_out"]
OverBy = Literal["transferred", "queued", "answered", "ended"]


class Measures(Struct, kw_only=True, omit_defaults=True, gc=False):
    """Of an interaction so far: counts of its segments, and sums in ms over what is over: what still runs is in none.

    `wait_ms`: of all segments that have left their queue, however they did. What responses took is of threads alone;
    `first_response_ms` is absent while there is none. `business` is what of it lay in the queue's opening hours.
    """

    segments: int
    handled: int
    transferred: int
    wait_ms: int
    talk_ms: int
    hold_ms: int
    wrap_up_ms: int
    handle_ms: int
    first_response_ms: int | None = None
    first_response_business_ms: int | None = None
    next_responses: int | None = None
    next_response_ms: int | None = None
    next_response_business_ms: int | None = None


class Sla(Struct, kw_only=True, gc=False):
    """How long a customer may wait, for which share of them that is to hold, and how it stands at the event's time.

    While one waits: `ok`, `at_risk` above 75 % of the threshold, `breached` above it. Answered: `met` or `missed`.
    Unanswered, but over: `missed` above the threshold, else `ok`. Where nobody has waited: `ok`.

    It is about the latest wait in a queue, and the threshold is that queue's; in a thread (email, social, and a chat
    that was in no queue) about the response that is owed, else the latest one, in the queue's opening hours.
    """

    threshold_ms: int
    target: float
    state: SlaState


class ClosedSegment(Struct, kw_only=True, omit_defaults=True, gc=False):
    """One segment. `outcome`: how it left its queue, `direct`: it was in none. `over_by`: what ended the agent's part.

    `flowed_out_by`: of a flow-out alone; `in_threshold`: of who was answered or has abandoned.
    """

    number: int
    outcome: SegmentOutcome
    segment_id: str | None = None
    queue: str | None = None
    agent_id: str | None = None
    queued_at: Instant | None = None
    left_at: Instant | None = None
    answered_at: Instant | None = None
    over_at: Instant | None = None
    flowed_out_by: FlowOutcome | None = None
    over_by: OverBy | None = None
    in_threshold: bool | None = None
    wait_ms: int | None = None
    talk_ms: int | None = None
    hold_ms: int | None = None
    wrap_up_ms: int | None = None
    handle_ms: int | None = None


class ClosedData(Struct, kw_only=True, omit_defaults=True, gc=False):
    """A closed interaction. `ended_at`: the latest of its `closings`; `reopened`: how often it was opened again.

    `resolved`: absent while unknown. `bot`: it met one; `contained`: a bot ended it, and no agent was ever on. `sla`:
    of the last wait in a queue; of a thread, of its latest response, or of the first one that never came.
    `segments_left_out`: how many of the earliest are not among `segments`, where all would be too large for a record.
    """

    channel: Channel
    interaction_id: EntityId
    direction: Direction
    started_at: Instant
    ended_at: Instant
    closings: int
    reopened: int
    outcome: Outcome
    bot: bool
    contained: bool
    segments: list[ClosedSegment]
    measures: Measures
    sla: Sla
    customer_id: EntityId | None = None
    initiation: Initiation | None = None
    reason: str | None = None
    resolved: bool | None = None
    segments_left_out: int = 0
    revision: int


class Derived(Envelope):
    """What is told of a record of ours: its `revision` is never absent. `subject`: whom it is of, the record's key.

    That is the customer as known after the record, else the interaction.
    """

    source: Literal["centralino"]
    subject: EntityId
    revision: int


class Enriched(Derived):
    """An input event, enriched. `origin`: its source, the one that its `id` is of."""

    origin: Name


class Closed(Derived, tag="enriched.interaction.closed"):
    """The interaction is closed, or what was told of that has changed. `id`: `closed/<channel>/<interaction>`."""

    data: ClosedData


_MORE: list[Any] = [
    ("segment", int | None, None), ("segment_queue", str | None, None), ("measures", Measures), ("sla", Sla),
    ("revision", int),
]  # fmt: skip


@cache
def _enriched_data(data: type[Struct]) -> type[Struct]:
    name = f"Enriched{data.__name__.removesuffix('Data')}Data"
    words = (
        "What was sent, then `segment`, the number (from 0) of what it is about, its queue, and what there is so far."
    )
    return defstruct(
        name, _MORE, bases=(data,), kw_only=True, omit_defaults=True, gc=False, module=__name__,
        namespace={"__doc__": words},
    )  # fmt: skip


def _enriched(event: type[Envelope]) -> type[Enriched]:
    data: Any = {field.name: field.type for field in structs.fields(event)}["data"]
    found: Any = defstruct(
        f"Enriched{event.__name__}", [("data", _enriched_data(data))], bases=(Enriched,),
        tag=f"enriched.{event.__struct_config__.tag}", kw_only=True, module=__name__,
        namespace={"__doc__": event.__doc__},
    )  # fmt: skip
    return found  # type: ignore[no-any-return]


ENRICHED_TYPES: dict[str, type[Derived]] = {
    **{f"enriched.{kind.__struct_config__.tag}": _enriched(kind) for kind in get_args(InteractionEvent)
       if kind is not Forgotten},
    "enriched.interaction.closed": Closed,
}  # fmt: skip
"""All that `interactions.enriched` carries, by wire name."""
