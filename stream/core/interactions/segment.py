"""One leg of an interaction: a stay in one queue or with one agent, and what it contributes.

A segment is opened by `queued`, or by `answered` when nothing waits. It leaves its queue once (answered, abandoned,
flowed out, timed out); its agent's part is over once. The end of a part may be moved by a later `transferred` that
names the agent, so contributions are always computed from the whole segment.
"""

from __future__ import annotations

from typing import Final

from stream.core import measures as m
from stream.core.figures.sketch import bin_of
from stream.core.interactions.desks import Desk, Desks

OFFERED: Final = m.CODES["offered"]
ANSWERED: Final = m.CODES["answered"]
IN_THRESHOLD: Final = m.CODES["in_threshold"]
WAIT: Final = m.CODES["wait_ms"]
ABANDONED: Final = m.CODES["abandoned"]
SHORT: Final = m.CODES["short_abandoned"]
EARLY: Final = m.CODES["abandoned_in_threshold"]
FLOWED_OUT: Final = m.CODES["flowed_out"]
TIMED_OUT: Final = m.CODES["timed_out"]
TIMED_OUT_CONNECTED: Final = m.CODES["timed_out_connected"]
HANDLED: Final = m.CODES["handled"]
TALK: Final = m.CODES["talk_ms"]
HOLD: Final = m.CODES["hold_ms"]
WRAP_UP: Final = m.CODES["wrap_up_ms"]
HANDLE: Final = m.CODES["handle_ms"]
TRANSFERRED: Final = m.CODES["transferred"]
HELD: Final = m.CODES["held"]
_WAIT_BINS: Final = m.WAIT_BINS
_WAIT_BOUNDS: Final = m.WAIT_BOUNDS
_HANDLE_BINS: Final = m.HANDLE_BINS
_HANDLE_BOUNDS: Final = m.HANDLE_BOUNDS
_BY_OUTCOME: Final = m.FLOW_CODES


class Segment:
    """Instants in ms. `over_by`: transferred, queued, answered, ended: what ended the agent's part. `rang_at`: since
    when it rang at the agent who answered, None when nobody said. `left_at`: when it left its queue, None while it has
    not; `left_by`: `abandoned`, or the outcome of a flow-out; None when it was answered.

    `holds`: (since, until, whether it began while the part was not over); a part can be prolonged later.
    """

    __slots__ = (
        "agent", "answered_at", "answered_queue", "handle_ms", "held_at", "held_in_part", "holds", "id",
        "left_at", "left_by", "number", "over_at", "over_by", "queue", "queued_at", "rang_at", "told_hold_ms",
        "told_wrap_ms", "work", "wrapped_at",
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


def answered_increments(wait_ms: int, desk: Desk, desks: Desks) -> tuple[int, ...]:
    """What an answer in a queue counts: wait <= threshold is in threshold."""
    in_bin, in_bound = _WAIT_BINS + bin_of(wait_ms), _WAIT_BOUNDS + desks.bound(wait_ms)
    if wait_ms > desk.threshold_ms:
        return ANSWERED, 1, in_bin, 1, in_bound, 1, WAIT, wait_ms
    if wait_ms:
        return ANSWERED, 1, in_bin, 1, in_bound, 1, IN_THRESHOLD, 1, WAIT, wait_ms
    return ANSWERED, 1, in_bin, 1, in_bound, 1, IN_THRESHOLD, 1


def abandoned_increments(wait_ms: int, desk: Desk) -> tuple[int, ...]:
    """What an abandon in a queue counts: short and within the threshold are both `<=`."""
    increments: tuple[int, ...] = (ABANDONED, 1)
    if wait_ms <= desk.short_abandon_ms:
        increments += (SHORT, 1)
    if wait_ms <= desk.threshold_ms:
        increments += (EARLY, 1)
    return increments


def flowed_out_increments(outcome: str) -> tuple[int, ...]:
    """What leaving by rule counts."""
    return FLOWED_OUT, 1, _BY_OUTCOME[outcome], 1


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


def work_of(segment: Segment, wrap_up_cap_ms: int, *, parked: bool) -> tuple[int, int, int, int, bool]:
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
        wrap_up = min(max(segment.wrapped_at - over_at, 0) if length is None else length, wrap_up_cap_ms)
    handle = segment.handle_ms
    if handle is None:
        handle = talk + wrap_up if parked else talk + hold + wrap_up
    return talk, hold, wrap_up, handle, held


def handled_increments(segment: Segment, desk: Desk, desks: Desks) -> tuple[int, ...]:
    """What an agent's part that is over counts."""
    talk, hold, wrap_up, handle, held = segment.work = work_of(segment, desk.wrap_up_cap_ms, parked=desks.parked)
    increments: tuple[int, ...] = (
        HANDLED, 1, _HANDLE_BINS + bin_of(handle), 1, _HANDLE_BOUNDS + desks.bound(handle), 1,
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
