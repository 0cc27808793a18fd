"""What downstream services hear of each event as it is applied: the event, and what the interaction amounts to by then.

The content is the state after that very record, whatever the batches: it is made when the event is applied, and told
once the offset of its record is known. What was sent is encoded once; what we add is put behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from schemas.catalogue import wire_name
from stream.core.interactions import closed, sofar
from stream.core.interactions.fact import (
    ABANDONED,
    ANSWERED,
    FLOWED_OUT,
    HELD,
    KINDS,
    QUEUED,
    RESUMED,
    TRANSFERRED,
    UNNAMED,
    WRAPPED_UP,
)
from stream.core.stage import Output

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.core.interactions.fact import Fact
    from stream.core.interactions.known import Interaction
    from stream.core.interactions.life import Life
    from stream.core.interactions.segment import Segment

TOPIC = "interactions.enriched"
_encode = msgspec.json.Encoder().encode
_EVENT = (
    b'"id":%b,"source":"centralino","subject":%b,"origin":%b,"specversion":"1.0","time":%b,"revision":%d,'
    b'"data":%b%b,"measures":%b,"sla":%b,"revision":%d}}'
)
_EVENTS = {kind: b'{"type":"enriched.%b",' % wire_name(event).encode() + _EVENT for event, kind in KINDS.items()}
_CLOSED = (
    b'{"type":"enriched.interaction.closed","id":%b,"source":"centralino","subject":%b,"specversion":"1.0","time":%b,'
    b'"revision":%d,"data":%b}'
)
_SHOWN = {
    QUEUED: "queued_at", ANSWERED: "answered_at", TRANSFERRED: "over_at", ABANDONED: "left_at",
    FLOWED_OUT: "left_at", WRAPPED_UP: "wrapped_at",
}  # fmt: skip
"""Kind -> the instant of a segment that an event of it sets."""
_BY_AGENT = frozenset({ANSWERED, TRANSFERRED, HELD, RESUMED, WRAPPED_UP})
"""Kinds that are about a segment of the agent whom they name."""


def known(state: Interaction) -> bool:
    """Have what was told of an interaction that is closed at hand, before a record changes it. True."""
    if state.closed is None:
        state.closed = closed.digest(closed.content(state, sofar.measures(state.life)))
    return True


def telling(state: Interaction, event: Any, f: Fact, was_closed: bool) -> Callable[[int], list[Output]]:
    """What is to be told of a record, once its offset is known. `was_closed`: before it, and then it is `known`."""
    life, data = state.life, event.data
    if f.customer_id == UNNAMED:
        data = msgspec.structs.replace(data, customer_id=None)
    segment, where, content = about(life, f), b"", None
    if segment is not None:
        where = b',"segment":%d' % segment.number
        if segment.queue is not None:
            where += b',"segment_queue":' + _encode(segment.queue)
    sent, amounts, sla = _encode(data), sofar.measures(life), sofar.sla(state, segment, f.at, f)
    if life.closed:
        content = closed.content(state, amounts)
        digest = closed.digest(content)
        if was_closed and digest == state.closed:
            content = None
        state.closed = digest
    else:
        state.closed = None
    key, name = state.told.customer_id or state.id, _encode(event.id)
    subject, origin, time = _encode(key), _encode(event.source), _encode(event.time)

    def tell(revision: int) -> list[Output]:
        value = _EVENTS[f.kind] % (name, subject, origin, time, revision, sent[:-1], where, amounts, sla, revision)
        told = Output(TOPIC, key.encode(), value)
        if content is None:
            return [told]
        whole = _encode(f"closed/{state.channel}/{state.id}")
        return [
            told,
            Output(TOPIC, told.key, _CLOSED % (whole, subject, time, revision, closed.revised(content, revision))),
        ]

    return tell


def about(life: Life, f: Fact) -> Segment | None:
    """The segment that an event is about: which it names or has changed, its agent's latest, the last begun by then."""
    found = life.segments
    if len(found) == 1 and _begun_at(found[0]) <= f.at:
        return found[0]
    if f.segment_id is not None:
        found = [segment for segment in found if segment.id == f.segment_id] or found
    at, shown = f.at, _SHOWN.get(f.kind)
    agent = f.agent_id if f.kind in _BY_AGENT else None
    if shown is not None:
        for segment in reversed(found):
            if getattr(segment, shown) == at and (agent is None or segment.agent == agent):
                return segment
    if agent is not None:
        for segment in reversed(found):
            if segment.agent == agent and segment.answered_at is not None and segment.answered_at <= at:
                return segment
    for segment in reversed(found):
        if _begun_at(segment) <= at:
            return segment
    return found[-1] if found is not life.segments else None


def _begun_at(segment: Segment) -> int:
    queued_at, answered_at = segment.queued_at, segment.answered_at
    if queued_at is None or (answered_at is not None and answered_at < queued_at):
        assert answered_at is not None
        return answered_at
    return queued_at
