"""One leg of an interaction: a stay in one queue or with one agent, and what it contributes.

A segment is opened by `queued`, or by `answered` when nothing waits. It leaves its queue once (answered, abandoned,
flowed out, timed out); its agent's part is over once. The end of a part may be moved by a later `transferred` that
names the agent, so contributions are always computed from the whole segment.
"""

from __future__ import annotations

from stream.core import measures as m
from stream.core.figures.sketch import bin_of
from stream.core.rules import QueueRules, Rules

C = m.CODES
OFFERED, ANSWERED, IN_THRESHOLD, WAIT = C["offered"], C["answered"], C["in_threshold"], C["wait_ms"]
ABANDONED, SHORT, EARLY = C["abandoned"], C["short_abandoned"], C["abandoned_in_threshold"]
FLOWED_OUT, TIMED_OUT, TIMED_OUT_CONNECTED = C["flowed_out"], C["timed_out"], C["timed_out_connected"]
HANDLED, TALK, HOLD, WRAP_UP, HANDLE = C["handled"], C["talk_ms"], C["hold_ms"], C["wrap_up_ms"], C["handle_ms"]
TRANSFERRED, HELD = C["transferred"], C["held"]


class Segment:
    """Instants in ms. `over_by`: transferred, queued, answered, ended: what ended the agent's part. `rang_at`: since
    when it rang at the agent who answered, None when nobody said. `left_at`: when it left its queue, None while it has
    not; `left_by`: `abandoned`, or the outcome of a flow-out; None when it was answered.

    `holds`: (since, until, whether it began while the part was not over); a part can be prolonged later. `place`: where
    its stamp of an agent's part stood when `slots` had had `place_cuts`; -1: there is none yet.
    """

    __slots__ = (
        "agent", "answered_at", "answered_queue", "handle_ms", "held_at", "held_in_part", "holds", "id",
        "left_at", "left_by", "number", "over_at", "over_by", "place", "place_cuts", "queue", "queued_at", "rang_at",
        "told_hold_ms", "told_wrap_ms", "work", "wrapped_at",
    )  # fmt: skip

    def __init__(self, number: int, segment_id: str | None, queue: str | None) -> None:
        self.number = number
        self.id = segment_id
        self.queue = queue
        self.queued_at: int | None = None
        self.left_at: int | None = None
        self.left_by: str | None = None
        self.answered_at: int | None = None
        self.answered_queue: str | None = None
        self.rang_at: int | None = None
        self.agent: str | None = None
        self.over_at: int | None = None
        self.over_by: str | None = None
        self.held_at: int | None = None
        self.held_in_part = False
        self.holds: tuple[tuple[int, int, bool], ...] = ()
        self.told_hold_ms: int | None = None
        self.told_wrap_ms: int | None = None
        self.wrapped_at: int | None = None
        self.handle_ms: int | None = None
        self.work = (0, 0, 0, 0, False)
        self.place = 0
        self.place_cuts = -1


def answered_increments(wait_ms: int, own: QueueRules, rules: Rules) -> tuple[int, ...]:
    """What an answer in a queue counts: wait <= threshold is in threshold."""
    common = (ANSWERED, 1, m.WAIT_BINS + bin_of(wait_ms), 1, m.WAIT_BOUNDS + rules.bound(wait_ms), 1)
    if wait_ms > own.threshold_ms:
        return (*common, WAIT, wait_ms)
    return (*common, IN_THRESHOLD, 1, WAIT, wait_ms) if wait_ms else (*common, IN_THRESHOLD, 1)


def abandoned_increments(wait_ms: int, own: QueueRules) -> tuple[int, ...]:
    """What an abandon in a queue counts: short and within the threshold are both `<=`."""
    increments: tuple[int, ...] = (ABANDONED, 1)
    if wait_ms <= own.short_abandon_ms:
        increments += (SHORT, 1)
    if wait_ms <= own.threshold_ms:
        increments += (EARLY, 1)
    return increments


def flowed_out_increments(outcome: str) -> tuple[int, ...]:
    """What leaving by rule counts."""
    return FLOWED_OUT, 1, m.FLOW_CODES[outcome], 1


def hold_of(segment: Segment, over_at: int) -> tuple[int, bool]:
    """Hold in ms, clipped to the agent's part, and whether there was any."""
    start = segment.answered_at
    assert start is not None
    spans, total, any_held = segment.holds, 0, False
    if segment.held_at is not None:
        spans += ((segment.held_at, over_at, segment.held_in_part),)
    for since, until, in_part in spans:
        if since < over_at or (in_part and since == over_at):
            any_held = True
            total += min(until, over_at) - since
    if not any_held:
        told = segment.told_hold_ms or 0
        return min(told, over_at - start), told > 0
    return total, True


def work_of(segment: Segment, own: QueueRules, *, parked: bool) -> tuple[int, int, int, int, bool]:
    """Talk, hold, wrap-up and handle (ms) of an agent's part that is over, and whether there was any hold.

    Handle is talk + hold + wrap-up, without hold where threads are parked; what the source told replaces it.
    """
    over_at, answered_at = segment.over_at, segment.answered_at
    assert over_at is not None
    assert answered_at is not None
    hold, held = hold_of(segment, over_at)
    talk = over_at - answered_at - hold
    if segment.wrapped_at is None:
        wrap_up = 0
    else:
        length = segment.told_wrap_ms
        wrap_up = min(max(segment.wrapped_at - over_at, 0) if length is None else length, own.wrap_up_cap_ms)
    handle = segment.handle_ms
    if handle is None:
        handle = talk + wrap_up if parked else talk + hold + wrap_up
    return talk, hold, wrap_up, handle, held


def handled_increments(segment: Segment, own: QueueRules, rules: Rules, *, parked: bool) -> tuple[int, ...]:
    """What an agent's part that is over counts."""
    talk, hold, wrap_up, handle, held = segment.work = work_of(segment, own, parked=parked)
    increments: tuple[int, ...] = (
        HANDLED, 1, m.HANDLE_BINS + bin_of(handle), 1, m.HANDLE_BOUNDS + rules.bound(handle), 1,
    )  # fmt: skip
    if handle:
        increments += (HANDLE, handle)
    if talk:
        increments += (TALK, talk)
    if wrap_up:
        increments += (WRAP_UP, wrap_up)
    if held:
        increments += (HOLD, hold, HELD, 1) if hold else (HELD, 1)
    if segment.over_by == "transferred":
        increments += (TRANSFERRED, 1)
    return increments
