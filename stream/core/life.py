"""The life of one interaction: what each fact does to its segments, and which stamps stand after it.

`step` must see facts in their order (`order.in_order`). Stamps stand in numbered slots; a step puts and drops slots and
notes both in `added` and `removed`, so that a step costs what it changes; slots hold stamps packed, as they are kept. Four slots a segment (number * 4 + slot);
below zero those of the interaction: fixed ones, then one for each thing that can happen repeatedly.
Everything that affects segments lives here; what messages do lives in `thread`.
"""

from __future__ import annotations

from stream.core import measures as m
from stream.core import segment as s
from stream.core import stamps
from stream.core.fact import (
    ABANDONED, ANSWERED, DECLINED, ENDED, FLOWED_OUT, HELD, MESSAGE, OFFERED, QUEUED, REOPENED, RESUMED, STARTED,
    TRANSFERRED, UPDATED, WRAPPED_UP, Fact,
)  # fmt: skip
from stream.core.order import CLOSED, CONNECTED, WAITING
from stream.core.rules import Rules
from stream.core.segment import Segment
from stream.core.stage import Stamp, channel_scope, scope
from stream.core.thread import Thread

SEGMENT_OFFERED, SEGMENT_LEFT, SEGMENT_HANDLED, SEGMENT_TIMED_OUT = range(4)
FIRST_OFFERED, FIRST_ANSWERED, LOST, UNIDENTIFIED = -1, -2, -3, -4
REPEATABLE = -10
_C = m.CODES
_scopes: dict[tuple[str, bool, str | None], str] = {}


class Life:
    """See the module. `inbound` and `queues` (segment number -> queue learnt late) hold for all its life."""

    waiting: Segment | None = None
    on: Segment | None = None
    to_queue: str | None = None
    closed = False
    started_at = 0
    started_told = False
    ended_at: tuple[int, ...] = ()
    ended_by: str | None = None
    resolved: bool | None = None
    served = False
    reopened_at: tuple[int, ...] = ()
    told_queues: dict[int, str] | None = None
    thread: Thread | None = None
    marks = REPEATABLE
    stamps = b""
    was_offered = False
    was_answered = False
    was_lost = False

    def __init__(self, channel: str, rules: Rules, *, inbound: bool, queues: dict[int, str] | None = None) -> None:
        self.channel = channel
        self.rules = rules
        self.inbound = inbound
        self.queues = queues
        row = rules.channels[channel]
        self.parked = row.parked
        if row.threaded:
            self.thread = Thread()
        self.segments: list[Segment] = []
        self.added: list[Stamp] = []
        self.removed: list[Stamp] = []
        self.anomalies: list[str] = []

    def phase(self) -> int:
        """What is open now, as `order` wants it."""
        return (
            (WAITING if self.waiting is not None else 0)
            | (CONNECTED if self.on is not None else 0)
            | (CLOSED if self.closed else 0)
        )

    # --- slots ----------------------------------------------------------------------------------------------------

    def add(self, slot: int, at: int, where: str, increments: tuple[int, ...]) -> None:
        """Let a stamp stand in a slot that is empty."""
        stamp = (at, where, increments)
        self.stamps += stamps.entry(slot, stamp)
        self.added.append(stamp)

    def put(self, slot: int, at: int, where: str, increments: tuple[int, ...]) -> None:
        """Let a stamp stand in a slot, instead of the one that may stand there."""
        stamp = (at, where, increments)
        found = stamps.find(self.stamps, slot)
        entry = stamps.entry(slot, stamp)
        if found is not None:
            before = self.stamps[found[0] : found[1]]
            if before == entry:
                return
            self.removed.append(stamps.unpack(before[4:]))
            self.stamps = self.stamps[: found[0]] + self.stamps[found[1] :]
        self.stamps += entry
        self.added.append(stamp)

    def drop(self, slot: int) -> None:
        """Empty a slot."""
        found = stamps.find(self.stamps, slot)
        if found is not None:
            self.removed.append(stamps.unpack(self.stamps[found[0] + 4 : found[1]]))
            self.stamps = self.stamps[: found[0]] + self.stamps[found[1] :]

    def mark(self, at: int, where: str, increments: tuple[int, ...]) -> None:
        """Let a stamp stand in a slot of its own."""
        self.marks -= 1
        self.add(self.marks, at, where, increments)

    def scope(self, queue: str | None) -> str:
        """The scope of a queue of this channel and direction."""
        key = (self.channel, self.inbound, queue)
        found = _scopes.get(key)
        if found is None:
            if len(_scopes) > 10_000:
                _scopes.clear()
            found = _scopes[key] = scope(*key)
        return found

    def last_queue(self) -> str | None:
        """The queue of the last segment opened so far: where thread measures and endings go."""
        return self.segments[-1].queue if self.segments else None

    # --- segments -------------------------------------------------------------------------------------------------

    def _open(self, f: Fact, queue: str | None) -> Segment:
        number = len(self.segments)
        if self.queues is not None:
            queue = self.queues.get(number, queue)
        segment = Segment(number, f.segment_id, queue)
        self.segments.append(segment)
        self.closed = False
        return segment

    def _over(self, segment: Segment, at: int, by: str) -> None:
        segment.over_at, segment.over_by = at, by
        if segment is self.on:
            self.on = None
        self.served = True
        self._restamp(segment)

    def _restamp(self, segment: Segment) -> None:
        if segment.over_at is not None:
            own = self.rules.queue(self.channel, segment.queue)
            self.put(segment.number * 4 + SEGMENT_HANDLED, segment.over_at, self.scope(segment.queue),
                     s.handled_increments(segment, own, self.rules, parked=self.parked))  # fmt: skip

    def _leave(self, segment: Segment, at: int, increments: tuple[int, ...]) -> None:
        self.waiting = None
        self.add(segment.number * 4 + SEGMENT_LEFT, at, self.scope(segment.queue), increments)

    def _abandon(self, segment: Segment, at: int) -> None:
        assert segment.queued_at is not None
        own = self.rules.queue(self.channel, segment.queue)
        self._leave(segment, at, s.abandoned_increments(at - segment.queued_at, own))

    def _flow_out(self, segment: Segment, at: int, outcome: str) -> None:
        self._leave(segment, at, s.flowed_out_increments(outcome))

    def _chosen(self, f: Fact) -> Segment | None:
        """The segment that held, resumed, transferred are about: told by id, else the agent's latest, else who is on."""
        if f.segment_id is not None:
            for segment in reversed(self.segments):
                if segment.id == f.segment_id and segment.agent is not None:
                    return segment
        if f.agent_id is not None:
            for segment in reversed(self.segments):
                if segment.agent == f.agent_id:
                    return segment
            return None
        return self.on

    # --- what each kind does --------------------------------------------------------------------------------------

    def _started(self, f: Fact) -> None:
        if not self.started_told:
            self.started_told = True
            self.started_at = f.at
            if self.thread is not None:
                self.thread.start(f.at)

    def _queued(self, f: Fact) -> None:
        if self.segments:
            direct = self.segments[-1]
            if (
                direct.queued_at is None
                and direct.answered_at is not None
                and f.at - direct.answered_at <= self.rules.clock_skew_ms
                and (
                    (f.queue is not None and direct.answered_queue == f.queue)
                    or (f.segment_id is not None and direct.id == f.segment_id)
                )
            ):
                self._queued_late(f, direct)
                return
        if self.waiting is not None:
            self._flow_out(self.waiting, f.at, "other")
        if self.on is not None:
            self._over(self.on, f.at, "queued")
        segment = self._open(f, f.queue)
        segment.queued_at = f.at
        self.waiting = segment
        self.to_queue = None
        self._offer(segment, f.at)
        if self.thread is not None:
            self.thread.hand_off(f.at)

    def _queued_late(self, f: Fact, direct: Segment) -> None:
        """A `queued` that the source's clock put behind its own `answered`: it waited 0."""
        assert direct.answered_at is not None
        self.anomalies.append("negative_duration")
        direct.queued_at = f.at
        if f.queue is not None and not (self.queues and direct.number in self.queues):
            direct.queue = f.queue
        self._offer(direct, f.at)
        own = self.rules.queue(self.channel, direct.queue)
        self.add(direct.number * 4 + SEGMENT_LEFT, direct.answered_at, self.scope(direct.queue),
                 s.answered_increments(0, own, self.rules))  # fmt: skip
        self._restamp(direct)

    def _offer(self, segment: Segment, at: int) -> None:
        self.add(segment.number * 4 + SEGMENT_OFFERED, at, self.scope(segment.queue), (s.OFFERED, 1))
        if not self.was_offered:
            self.was_offered = True
            self.add(FIRST_OFFERED, at, channel_scope(self.channel, self.inbound), (_C["interactions_offered"], 1))

    def _offered(self, f: Fact) -> None:
        """Ringing is part of the wait: nothing to count."""

    def _declined(self, f: Fact) -> None:
        queue = f.queue if f.queue is not None else self.last_queue()
        self.mark(f.at, self.scope(queue), (_C["declined"], 1, m.DECLINE_CODES[f.what], 1))

    def _answered(self, f: Fact) -> None:
        segment = self.waiting
        if segment is not None:
            assert segment.queued_at is not None
            self.waiting = None
            if segment.id is None:
                segment.id = f.segment_id
            own = self.rules.queue(self.channel, segment.queue)
            self.add(segment.number * 4 + SEGMENT_LEFT, f.at, self.scope(segment.queue),
                     s.answered_increments(f.at - segment.queued_at, own, self.rules))  # fmt: skip
        else:
            if self.on is not None:
                if self.on.agent == f.agent_id:
                    self.anomalies.append("answered_twice")
                    return
                self._over(self.on, f.at, "answered")
            segment = self._open(f, f.queue if f.queue is not None else self.to_queue)
        segment.answered_at, segment.answered_queue, segment.agent = f.at, f.queue, f.agent_id
        self.on = segment
        self.to_queue = None
        if not self.was_answered:
            self.was_answered = True
            self.add(FIRST_ANSWERED, f.at, channel_scope(self.channel, self.inbound), (_C["interactions_answered"], 1))
            if self.was_lost:
                self.drop(LOST)
        if self.thread is not None:
            self.thread.hand_off(f.at)

    def _held(self, f: Fact) -> None:
        segment = self._chosen(f)
        if segment is None:
            self.anomalies.append("unexpected_held")
        elif segment.held_at is None:
            segment.held_at = f.at
            self._restamp(segment)

    def _resumed(self, f: Fact) -> None:
        segment = self._chosen(f)
        if segment is None or segment.held_at is None:
            self.anomalies.append("unexpected_resumed")
            return
        segment.holds += ((segment.held_at, f.at),)
        segment.held_at = None
        self._restamp(segment)

    def _message(self, f: Fact) -> None:
        if self.thread is not None:
            where = self.last_queue()
            own = self.rules.queue(self.channel, where)
            increments = self.thread.message(f.at, f.what, f.flag is not False, self.inbound, own.threshold_ms)
            if increments:
                self.mark(f.at, self.scope(where), increments)

    def _transferred(self, f: Fact) -> None:
        segment = self._chosen(f)
        if segment is None or self.closed or segment.over_by in ("transferred", "ended"):
            self.anomalies.append("unexpected_transferred")
            return
        if segment is self.on:
            self.to_queue = f.to_queue
        self._over(segment, f.at, "transferred")

    def _abandoned(self, f: Fact) -> None:
        if self.waiting is not None:
            self._abandon(self.waiting, f.at)
        elif self.on is not None:
            self.anomalies.append("unexpected_abandoned")
            return
        if not self.closed:
            self._close(f)

    def _flowed_out(self, f: Fact) -> None:
        if self.waiting is None:
            self.anomalies.append("unexpected_flowed_out")
        else:
            self._flow_out(self.waiting, f.at, f.what or "other")

    def _ended(self, f: Fact) -> None:
        if f.flag is not None:
            self.resolved = f.flag
        if self.closed:
            return
        if self.waiting is not None:
            if f.what is None or f.what == "customer":
                self._abandon(self.waiting, f.at)
            else:
                self._flow_out(self.waiting, f.at, "bot" if f.what == "bot" else "other")
        if self.on is not None:
            self.on.told_hold_ms = f.length_ms
            self._over(self.on, f.at, "ended")
        if not self.ended_at:
            self.ended_by = f.what
        self._close(f)
        if self.thread is not None:
            where = self.scope(self.last_queue())
            self.mark(f.at, where, self.thread.end(f.at, self.inbound))

    def _close(self, f: Fact) -> None:
        self.closed = True
        self.ended_at += (f.at,)
        if self.was_offered and not self.was_answered and not self.was_lost:
            self.was_lost = True
            self.add(LOST, f.at, channel_scope(self.channel, self.inbound), (_C["interactions_lost"], 1))
        self.mark(f.at, self.scope(self.last_queue()), (_C["ended"], 1))
        if self.thread is not None:
            self.thread.close()

    def _wrapped_up(self, f: Fact) -> None:
        segment = self._wrapped(f)
        if segment is None:
            self.anomalies.append("unexpected_wrapped_up")
            return
        segment.wrapped_at, segment.told_wrap_ms, segment.handle_ms = f.at, f.length_ms, f.handle_ms
        self._restamp(segment)

    def _wrapped(self, f: Fact) -> Segment | None:
        own = [x for x in self.segments if x.agent == f.agent_id]
        if f.segment_id is not None:
            for segment in reversed(self.segments):
                if segment.id == f.segment_id and segment.agent is not None:
                    return segment
        for segment in reversed(own):
            if not segment.wrapped and segment.over_at is not None and segment.over_at <= f.at:
                return segment
        return own[-1] if own else None

    def _reopened(self, f: Fact) -> None:
        if not self.closed:
            self.anomalies.append("unexpected_reopened")
            return
        self.closed = False
        self.reopened_at += (f.at,)
        self.mark(f.at, self.scope(self.last_queue()), (_C["reopened"], 1))
        if self.thread is not None:
            self.thread.reopen(f.at)

    def _updated(self, f: Fact) -> None:
        """Who and why are told to the interaction; a queue learnt late is kept for the fold, which counts it anew."""
        if f.queue is not None and self.segments:
            number = self.segments[-1].number
            if f.segment_id is not None:
                number = next((x.number for x in reversed(self.segments) if x.id == f.segment_id), number)
            self.told_queues = {**(self.told_queues or {}), number: f.queue}

    def step(self, f: Fact) -> None:
        """Take in the next fact in order."""
        if not self.started_at:
            self.started_at = f.at
            if self.thread is not None:
                self.thread.start(f.at)
        _STEPS[f.kind](self, f)


_STEPS = {
    STARTED: Life._started, OFFERED: Life._offered, DECLINED: Life._declined, TRANSFERRED: Life._transferred,
    FLOWED_OUT: Life._flowed_out, RESUMED: Life._resumed, HELD: Life._held, QUEUED: Life._queued,
    ANSWERED: Life._answered, ABANDONED: Life._abandoned, MESSAGE: Life._message, ENDED: Life._ended,
    WRAPPED_UP: Life._wrapped_up, REOPENED: Life._reopened, UPDATED: Life._updated,
}  # fmt: skip
