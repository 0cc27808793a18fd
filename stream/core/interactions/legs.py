"""The segments of an interaction: how they are opened, left, ended and prolonged, and what stands for them then.

One segment waits at most, one agent is on at most. A part that only a `queued` or another agent's `answered` has ended
can be prolonged by a later `transferred` of its agent, until the interaction is closed.
"""

from __future__ import annotations

from typing import Final

from stream.core.interactions import segment as s
from stream.core.interactions.desks import Desks
from stream.core.interactions.fact import Fact
from stream.core.interactions.offers import Offers
from stream.core.interactions.order import CLOSED, CONNECTED, WAITING
from stream.core.interactions.segment import Segment
from stream.core.interactions.slots import (
    FIRST_ANSWERED,
    FIRST_OFFERED,
    LOST,
    SEGMENT_HANDLED,
    SEGMENT_LEFT,
    SEGMENT_OFFERED,
    Slots,
)  # fmt: skip
from stream.core.measures import CODES

_OFFERED: Final[tuple[int, ...]] = (CODES["offered"], 1)
_FIRST_OFFERED: Final[tuple[int, ...]] = (CODES["interactions_offered"], 1)
_FIRST_ANSWERED: Final[tuple[int, ...]] = (CODES["interactions_answered"], 1)


class Legs(Slots):
    """See the module. `queues`: segment number -> queue that was learnt late, for the whole life."""

    __slots__ = (
        "closed", "first_answer", "left", "offers", "on", "queues", "segments", "served", "waiting", "was_lost",
        "was_offered", "wraps",
    )  # fmt: skip

    def __init__(self, desks: Desks, queues: dict[int, str] | None) -> None:
        super().__init__(desks)
        self.queues = queues
        self.segments: list[Segment] = []
        self.offers = Offers()
        self.waiting: Segment | None = None
        self.on: Segment | None = None
        self.closed = False
        self.served = False
        self.wraps: tuple[tuple[Fact, int], ...] = ()
        self.left: str | None = None
        self.was_offered = False
        self.was_lost = False
        self.first_answer: int | None = None

    def phase(self) -> int:
        """What is open now, as `order` wants it."""
        return (
            (WAITING if self.waiting is not None else 0)
            | (CONNECTED if self.on is not None else 0)
            | (CLOSED if self.closed else 0)
        )

    def last_queue(self) -> str | None:
        """The queue of the last segment opened so far: where thread measures and endings go."""
        return self.segments[-1].queue if self.segments else None

    def next_number(self) -> int:
        """The number of the segment that an answer would be of."""
        return len(self.segments) if self.waiting is None else self.waiting.number

    def open(self, f: Fact, queue: str | None) -> Segment:
        """Open the next segment; an interaction that was closed is open again."""
        number = len(self.segments)
        if self.queues is not None:
            queue = self.queues.get(number, queue)
        segment = Segment(number, f.segment_id, queue)
        self.segments.append(segment)
        self.closed = False
        return segment

    def over(self, segment: Segment, at: int, by: str) -> None:
        """The agent's part is over (or is prolonged to) at `at` (ms)."""
        first = segment.over_at is None
        segment.over_at, segment.over_by = at, by
        if segment is self.on:
            self.on = None
        self.served = True
        if first:
            desk = self.desks.desk(segment.queue)
            counted = s.handled_increments(segment, desk, self.desks)
            self.add(segment.number * 4 + SEGMENT_HANDLED, at, desk.scope, counted)
        else:
            self.restamp(segment)

    def restamp(self, segment: Segment) -> None:
        """Let what stands for an agent's part that is over follow from the segment as it is now."""
        if segment.over_at is not None:
            desk = self.desks.desk(segment.queue)
            counted = s.handled_increments(segment, desk, self.desks)
            self.put(segment.number * 4 + SEGMENT_HANDLED, segment.over_at, desk.scope, counted)

    def leave(self, segment: Segment, at: int, by: str, increments: tuple[int, ...]) -> None:
        """The waiting segment leaves its queue, and rings no more."""
        self.waiting = None
        segment.left_at, segment.left_by = at, by
        if self.offers.ringing:
            self.offers.stop(at)
        self.add(segment.number * 4 + SEGMENT_LEFT, at, self.scope(segment.queue), increments)

    def pick_up(self, segment: Segment, at: int) -> None:
        """The waiting segment is answered."""
        assert segment.queued_at is not None
        desk = self.desks.desk(segment.queue)
        self.waiting = None
        segment.left_at = at
        self.add(segment.number * 4 + SEGMENT_LEFT, at, desk.scope,
                 s.answered_increments(at - segment.queued_at, desk, self.desks))  # fmt: skip

    def abandon(self, segment: Segment, at: int) -> None:
        """The customer leaves while waiting."""
        assert segment.queued_at is not None
        self.left = "abandoned"
        counted = s.abandoned_increments(at - segment.queued_at, self.desks.desk(segment.queue))
        self.leave(segment, at, "abandoned", counted)

    def flow_out(self, segment: Segment, at: int, outcome: str) -> None:
        """The waiting segment leaves its queue by rule."""
        self.left = "flowed_out"
        self.leave(segment, at, outcome, s.flowed_out_increments(outcome))

    def chosen(self, f: Fact) -> Segment | None:
        """The segment of a held, resumed, transferred: told by id, else the agent's latest, else who is on.

        Nobody on: the latest whose part only a `queued` or another's `answered` has ended, as a later word can prolong.
        """
        if f.segment_id is not None:
            for segment in reversed(self.segments):
                if segment.id == f.segment_id and segment.agent is not None:
                    return segment
        if f.agent_id is not None:
            for segment in reversed(self.segments):
                if segment.agent == f.agent_id:
                    return segment
            return None
        if self.on is None:
            for segment in reversed(self.segments):
                if segment.over_by in ("queued", "answered"):
                    return segment
        return self.on

    def offer(self, segment: Segment, at: int) -> None:
        """A segment has entered its queue: offered, once a segment; and once an interaction."""
        self.add(segment.number * 4 + SEGMENT_OFFERED, at, self.scope(segment.queue), _OFFERED)
        if not self.was_offered:
            self.was_offered = True
            self.add(FIRST_OFFERED, at, self.whole, _FIRST_OFFERED)
            self.reached()

    def reached(self) -> None:
        """An interaction that was queued is answered once, at the first answer; until then its closing loses it."""
        if self.was_offered and self.first_answer is not None:
            self.add(FIRST_ANSWERED, self.first_answer, self.whole, _FIRST_ANSWERED)
            if self.was_lost:
                self.drop(LOST)

    def answered_before(self, f: Fact) -> Segment | None:
        """The latest segment that a `queued` is the late word of: just answered, never queued, of its queue or id."""
        since = f.at - self.desks.clock_skew_ms
        for direct in reversed(self.segments):
            begun_at = direct.answered_at if direct.queued_at is None else direct.queued_at
            if begun_at is None or begun_at < since:
                break
            if direct.queued_at is None and (
                (f.queue is not None and direct.answered_queue == f.queue)
                or (f.segment_id is not None and direct.id == f.segment_id)
            ):
                return direct
        return None

    def late_queue(self, f: Fact) -> bool:
        """Whether a `queued` would tell the queue of a segment that has counted in another one."""
        direct = self.answered_before(f)
        return direct is not None and f.queue is not None and f.queue != direct.queue

    def queued_late(self, f: Fact, direct: Segment) -> None:
        """A `queued` that the source's clock put behind its own `answered`: it waited 0."""
        assert direct.answered_at is not None
        direct.queued_at, direct.left_at = f.at, direct.answered_at
        self.offer(direct, f.at)
        desk = self.desks.desk(direct.queue)
        self.add(direct.number * 4 + SEGMENT_LEFT, direct.answered_at, desk.scope,
                 s.answered_increments(0, desk, self.desks))  # fmt: skip
        self.restamp(direct)

    def wrapped_segment(self, f: Fact, begun: list[Segment]) -> Segment | None:
        """The segment of a wrap-up: told by id, else the agent's latest one over by then free, else the latest."""
        latest = free = None
        for segment in reversed(begun):
            if segment.answered_at is None or segment.answered_at > f.at:
                continue
            if f.segment_id is not None and segment.id == f.segment_id:
                return segment
            if segment.agent == f.agent_id:
                latest = latest or segment
                if free is None and segment.wrapped_at is None and segment.over_at is not None:
                    free = segment if segment.over_at <= f.at else None
        return free or latest

    def wrap_up_again(self) -> None:
        """Share out the wrap-ups anew: a part that a late `transferred` has prolonged was not over at some of them."""
        if not self.wraps:
            return
        for segment in self.segments:
            segment.wrapped_at = segment.told_wrap_ms = segment.handle_ms = None
        for f, begun in self.wraps:
            chosen = self.wrapped_segment(f, self.segments[:begun])
            if chosen is not None:
                chosen.wrapped_at, chosen.told_wrap_ms, chosen.handle_ms = f.at, f.length_ms, f.handle_ms
        for segment in self.segments:
            self.restamp(segment)
