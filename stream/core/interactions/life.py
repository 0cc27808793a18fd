"""The life of one interaction: what each fact does to it, and which stamps stand after it.

`step` must see facts in their order (`order.in_order`). What can be done to segments lives in `legs`, what messages
measure in `thread`, what counts once an interaction in `whole`, who is rung in `offers`, where stamps stand in `slots`;
which fact does what is decided here and nowhere else.
"""

from __future__ import annotations

from typing import Final

from stream.core import measures as m
from stream.core.interactions import fact as kind
from stream.core.interactions.desks import Desks
from stream.core.interactions.fact import Fact
from stream.core.interactions.thread import Thread
from stream.core.interactions.whole import Whole

_DECLINED: Final = m.CODES["declined"]
_BY_RESULT: Final = m.DECLINE_CODES


class Life(Whole):
    """See the module. For all its life hold `inbound`, `queues` (segment number -> queue learnt late), `started_at`.

    Without a known start the first fact stands in for it; a `started` that comes later is left in `started_late_at`
    for the fold, which counts anew. So are queues learnt late, in `told_queues`.
    """

    __slots__ = ("anomalies", "started_late_at", "started_told", "thread", "to_queue", "told_queues")

    def __init__(self, desks: Desks, queues: dict[int, str] | None = None, started_at: int | None = None) -> None:
        super().__init__(desks, queues)
        self.anomalies: list[str] = []
        self.to_queue: str | None = None
        self.started_told = False
        self.started_late_at: int | None = None
        self.told_queues: dict[int, str] | None = None
        self.thread: Thread | None = None
        if desks.threaded:
            self.thread = Thread()
        if started_at is not None:
            self._begin(started_at)

    def _begin(self, at: int) -> None:
        self.start(at)
        if self.thread is not None:
            self.thread.start(at)

    def _started(self, f: Fact) -> None:
        if not self.started_told:
            self.started_told = True
            if self.started_at != f.at:
                self.started_late_at = f.at

    def _queued(self, f: Fact) -> None:
        direct = self.answered_before(f)
        if direct is not None:
            self.anomalies.append("negative_duration")
            if f.queue is not None and f.queue != direct.queue:
                self.told_queues = {direct.number: f.queue, **(self.told_queues or {})}
            self.queued_late(f, direct)
            return
        if self.waiting is not None:
            self.flow_out(self.waiting, f.at, "other")
        if self.on is not None:
            self.over(self.on, f.at, "queued")
        self.offers.stop(f.at)
        segment = self.open(f, f.queue)
        segment.queued_at = f.at
        self.waiting = segment
        self.to_queue = None
        self.offer(segment, f.at)
        if self.thread is not None:
            self.thread.hand_off(f.at)

    def _offered(self, f: Fact) -> None:
        """Ringing is part of the wait: nothing to count. It rings neither at the agent who is on nor after the end."""
        assert f.agent_id is not None
        if not self.closed and (self.on is None or self.on.agent != f.agent_id):
            queue = f.queue if f.queue is not None else self.last_queue()
            self.offers.ring(self.next_number(), f.agent_id, queue, f.at)

    def _declined(self, f: Fact) -> None:
        assert f.agent_id is not None
        queue = f.queue if f.queue is not None else self.last_queue()
        self.offers.decline(self.next_number(), f.agent_id, queue, f.at, f.what)
        self.mark(f.at, self.scope(queue), (_DECLINED, 1, _BY_RESULT[f.what], 1))

    def _answered(self, f: Fact) -> None:
        segment = self.waiting
        if segment is not None:
            if segment.id is None:
                segment.id = f.segment_id
            self.pick_up(segment, f.at)
        else:
            if self.on is not None:
                if self.on.agent == f.agent_id:
                    self.anomalies.append("answered_twice")
                    return
                self.over(self.on, f.at, "answered")
            segment = self.open(f, f.queue if f.queue is not None else self.to_queue)
        assert f.agent_id is not None
        segment.answered_at, segment.answered_queue, segment.agent = f.at, f.queue, f.agent_id
        segment.rang_at = self.offers.take(f.agent_id, f.at)
        self.on = segment
        self.to_queue = None
        if self.first_answer is None:
            self.first_answer = f.at
            self.reached()
        if self.thread is not None:
            self.thread.hand_off(f.at)

    def _held(self, f: Fact) -> None:
        segment = self.chosen(f)
        if segment is None:
            self.anomalies.append("unexpected_held")
        elif segment.held_at is None:
            segment.held_at, segment.held_in_part = f.at, segment.over_at is None
            self.restamp(segment)

    def _resumed(self, f: Fact) -> None:
        segment = self.chosen(f)
        if segment is None or segment.held_at is None:
            self.anomalies.append("unexpected_resumed")
            return
        segment.holds += ((segment.held_at, f.at, segment.held_in_part),)
        segment.held_at = None
        self.restamp(segment)

    def _message(self, f: Fact) -> None:
        if f.what == "bot":
            self.meet_bot()
        if self.thread is not None:
            where = self.last_queue()
            desk = self.desks.desk(where)
            increments = self.thread.message(f.at, f.what, f.flag is not False, self.inbound, desk.own)
            if increments:
                self.mark(f.at, desk.scope, increments)
                self._note_negative()

    def _transferred(self, f: Fact) -> None:
        self.to_queue = f.to_queue
        segment = self.chosen(f)
        if segment is None or self.closed or segment.over_by in ("transferred", "ended"):
            self.anomalies.append("unexpected_transferred")
            return
        prolonged = segment.over_at is not None
        self.over(segment, f.at, "transferred")
        if prolonged:
            self.wrap_up_again()

    def _abandoned(self, f: Fact) -> None:
        if self.waiting is not None:
            self.abandon(self.waiting, f.at)
        elif self.on is not None:
            self.anomalies.append("unexpected_abandoned")
            return
        if not self.closed:
            self._close(f.at, None)

    def _flowed_out(self, f: Fact) -> None:
        if f.what == "bot":
            self.meet_bot()
        if self.waiting is None:
            self.anomalies.append("unexpected_flowed_out")
        else:
            self.flow_out(self.waiting, f.at, f.what or "other")

    def _ended(self, f: Fact) -> None:
        if f.flag is not None:
            self.resolved = f.flag
        if self.closed:
            if f.flag is not None:
                self.correct(f.flag)
            return
        if self.waiting is not None:
            if f.what is None or f.what == "customer":
                self.abandon(self.waiting, f.at)
            else:
                self.flow_out(self.waiting, f.at, "bot" if f.what == "bot" else "other")
        if self.on is not None:
            self.on.told_hold_ms = f.length_ms
            self.over(self.on, f.at, "ended")
        if f.what == "bot":
            self.ended_by_bot = True
            self.meet_bot()
        self._close(f.at, f.flag)
        if self.thread is not None:
            where = self.last_queue()
            desk = self.desks.desk(where)
            self.mark(f.at, desk.scope, self.thread.end(f.at, self.inbound, desk.own))
            self._note_negative()

    def _note_negative(self) -> None:
        assert self.thread is not None
        self.anomalies += ["negative_duration"] * self.thread.negative
        self.thread.negative = 0

    def _close(self, at: int, resolved: bool | None) -> None:
        self.close(at, resolved)
        if self.thread is not None:
            self.thread.close()

    def _wrapped_up(self, f: Fact) -> None:
        self.wraps += ((f, len(self.segments)),)
        segment = self.wrapped_segment(f, self.segments)
        if segment is None:
            self.anomalies.append("unexpected_wrapped_up")
            return
        segment.wrapped_at, segment.told_wrap_ms, segment.handle_ms = f.at, f.length_ms, f.handle_ms
        self.restamp(segment)

    def _reopened(self, f: Fact) -> None:
        if not self.closed:
            self.anomalies.append("unexpected_reopened")
            return
        self.reopen(f.at)
        if self.thread is not None:
            self.thread.reopen(f.at)

    def _updated(self, f: Fact) -> None:
        """Who and why are told to the interaction; a queue learnt late is kept for the fold, which counts it anew."""
        if f.queue is not None and self.segments:
            number = self.segments[-1].number
            if f.segment_id is not None:
                number = next((x.number for x in reversed(self.segments) if x.id == f.segment_id), number)
            self.told_queues = {**(self.told_queues or {}), number: f.queue}

    def late_start(self, at: int) -> bool:
        """Whether a `started` at this instant would move a start for which another event has stood in."""
        return not self.started_told and self.started_at not in (0, at)

    def step(self, f: Fact) -> None:
        """Take in the next fact in order."""
        if not self.started_at:
            self._begin(f.at)
        _STEPS[f.kind](self, f)


_STEPS: Final = {
    kind.STARTED: Life._started, kind.OFFERED: Life._offered, kind.DECLINED: Life._declined,
    kind.TRANSFERRED: Life._transferred, kind.FLOWED_OUT: Life._flowed_out, kind.RESUMED: Life._resumed,
    kind.HELD: Life._held, kind.QUEUED: Life._queued, kind.ANSWERED: Life._answered, kind.ABANDONED: Life._abandoned,
    kind.MESSAGE: Life._message, kind.ENDED: Life._ended, kind.WRAPPED_UP: Life._wrapped_up,
    kind.REOPENED: Life._reopened, kind.UPDATED: Life._updated,
}  # fmt: skip
