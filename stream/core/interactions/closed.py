"""What is told of an interaction that is closed: all its segments, its measures, how its service level stands.

A pure function of its facts. So nothing is stored of what was told: whether a record changes it is seen by making it
of the facts before the record and of those with it. In between a digest is remembered, and not what was told.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec
import xxhash

from schemas.enriched import ClosedData, ClosedSegment
from stream.core.interactions import sofar
from stream.core.interactions.digest import outcome

if TYPE_CHECKING:
    from stream.core.interactions.known import Interaction
    from stream.core.interactions.life import Life
    from stream.core.interactions.segment import Segment

LARGEST = 900_000
"""Bytes. A broker takes records of a MiB; what is sent of a thousand segments goes in."""
_encode = msgspec.json.Encoder().encode
_EPOCH, _MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
digest = xxhash.xxh3_64_intdigest


def content(state: Interaction, measures: bytes) -> bytes:
    """`schemas.enriched.ClosedData` as JSON, of an interaction that is closed. Its last field is a revision of 0."""
    life, told, channel = state.life, state.told, state.channel
    ended_at = life.ended_at[-1]
    last = life.segments[-1] if life.segments else None
    direction: Any = told.direction or "inbound"
    initiation: Any = told.initiation
    how: Any = outcome(life)
    of: Any = channel
    data = ClosedData(
        channel=of, interaction_id=state.id, direction=direction, started_at=_moment(life.started_at),
        ended_at=_moment(ended_at), closings=len(life.ended_at), reopened=len(life.reopened_at), outcome=how,
        bot=life.bot, contained=life.contained, segments=[_segment(life, each) for each in life.segments],
        measures=msgspec.Raw(measures),  # type: ignore[arg-type]
        sla=msgspec.Raw(sofar.sla(state, last, ended_at, None)),  # type: ignore[arg-type]
        customer_id=told.customer_id or None, initiation=initiation, reason=told.reason, resolved=life.resolved,
        revision=0,
    )  # fmt: skip
    packed = _encode(data)
    while len(packed) > LARGEST and data.segments:
        data.segments = data.segments[(len(data.segments) + 1) // 2 :]
        data.segments_left_out = len(life.segments) - len(data.segments)
        packed = _encode(data)
    return packed


def revised(data: bytes, revision: int) -> bytes:
    """The content with its revision."""
    return b"%b%d}" % (data[:-2], revision)


def _segment(life: Life, segment: Segment) -> ClosedSegment:
    queued_at, left_at, over_at = segment.queued_at, segment.left_at, segment.over_at
    found = ClosedSegment(
        number=segment.number, outcome="direct", segment_id=segment.id, queue=segment.queue, agent_id=segment.agent
    )
    if segment.answered_at is not None:
        found.answered_at = _moment(segment.answered_at)
    if queued_at is not None and left_at is not None:
        found.queued_at, found.left_at = _moment(queued_at), _moment(left_at)
        found.wait_ms = max(left_at - queued_at, 0)
        in_time = found.wait_ms <= life.rules.queue(life.channel, segment.queue).threshold_ms
        by: Any = segment.left_by
        if by is None:
            found.outcome, found.in_threshold = "answered", in_time
        elif by == "abandoned":
            found.outcome, found.in_threshold = "abandoned", in_time
        else:
            found.outcome, found.flowed_out_by = "flowed_out", by
    if over_at is not None:
        over_by: Any = segment.over_by
        found.over_at, found.over_by = _moment(over_at), over_by
        found.talk_ms, found.hold_ms, found.wrap_up_ms, found.handle_ms, _ = segment.work
    return found


@lru_cache(maxsize=4096)
def _moment(at: int) -> datetime:
    return _EPOCH + at * _MILLISECOND
