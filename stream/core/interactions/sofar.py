"""What an interaction amounts to so far, as enriched events tell it: its measures, and how its service level stands."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from schemas.enriched import Sla
from stream.core.interactions import log
from stream.core.interactions.life import Life
from stream.core.interactions.order import in_order
from stream.core.interactions.waiting import asked
from stream.core.times.calendar import business_ms

if TYPE_CHECKING:
    from schemas.enriched import SlaState
    from stream.core.interactions.fact import Fact
    from stream.core.interactions.known import Interaction
    from stream.core.interactions.segment import Segment
    from stream.core.rules import QueueRules

_encode = msgspec.json.Encoder().encode
_MEASURES = (
    b'{"segments":%d,"handled":%d,"transferred":%d,"wait_ms":%d,"talk_ms":%d,"hold_ms":%d,"wrap_up_ms":%d,'
    b'"handle_ms":%d'
)
_NOTHING = _MEASURES % (0, 0, 0, 0, 0, 0, 0, 0) + b"}"
_FIRST = b',"first_response_ms":%d,"first_response_business_ms":%d'
_NEXT = b',"next_responses":%d,"next_response_ms":%d,"next_response_business_ms":%d'


def measures(life: Life) -> bytes:
    """`schemas.enriched.Measures` as JSON: what the figures count of it, and the waits of those who left unanswered."""
    if not life.segments and life.thread is None:
        return _NOTHING
    handled = transferred = wait = talk = hold = wrap_up = handle = 0
    for segment in life.segments:
        left_at, queued_at = segment.left_at, segment.queued_at
        if left_at is not None and queued_at is not None and left_at > queued_at:
            wait += left_at - queued_at
        if segment.over_at is not None:
            handled += 1
            transferred += segment.over_by == "transferred"
            work = segment.work
            talk += work[0]
            hold += work[1]
            wrap_up += work[2]
            handle += work[3]
    told = _MEASURES % (len(life.segments), handled, transferred, wait, talk, hold, wrap_up, handle)
    thread = life.thread
    if thread is None:
        return told + b"}"
    if thread.first is not None:
        told += _FIRST % thread.first
    return told + _NEXT % thread.next + b"}"


def sla(state: Interaction, segment: Segment | None, at: int, f: Fact | None) -> bytes:
    """`schemas.enriched.Sla` as JSON, as of an instant (ms): of the latest wait in a queue up to a segment.

    In a thread, of the response that was owed, or of the latest: as it was just after a fact, None: as it is now.
    """
    life = state.life
    if life.thread is None or life.rules.channels[life.channel].live:
        waited = segment
        while waited is not None:
            if waited.queued_at is not None:
                own = life.rules.queue(life.channel, waited.queue)
                return _sla(own.threshold_ms, own.target, _of_wait(waited, waited.queued_at, at, own))
            waited = life.segments[waited.number - 1] if waited.number else None
        if life.thread is None:
            own = life.rules.queue(life.channel, None if segment is None else segment.queue)
            return _sla(own.threshold_ms, own.target, "ok")
    own, how = _of_thread(life if f is None else _then(state, f), at)
    return _sla(own.threshold_ms, own.target, how)


def _of_wait(waited: Segment, queued_at: int, at: int, own: QueueRules) -> SlaState:
    left_at = waited.left_at
    if left_at is None or left_at > at:
        return _running(at - queued_at, own.threshold_ms)
    within = left_at - queued_at <= own.threshold_ms
    if waited.left_by is None:
        return "met" if within else "missed"
    return "ok" if within else "missed"


def _running(waited_ms: int, threshold_ms: int) -> SlaState:
    if waited_ms > threshold_ms:
        return "breached"
    return "at_risk" if 4 * waited_ms > 3 * threshold_ms else "ok"


def _of_thread(life: Life, at: int) -> tuple[QueueRules, SlaState]:
    """Of a thread as it was at `at`. Once it is closed nothing is owed; what never came stands as of the end."""
    thread = life.thread
    assert thread is not None
    own = life.rules.queue(life.channel, life.last_queue())
    asked_at, _, first = asked(life, thread)
    if asked_at is not None and (first or not life.closed):
        until = min(at, life.ended_at[-1]) if life.closed else at
        state = _running(business_ms(own.calendar, asked_at, until), own.threshold_ms)
        if life.closed:
            state = "missed" if state == "breached" else "ok"
        return own, state
    if thread.kept is None:
        return own, "ok"
    kept, own = thread.kept
    return own, "met" if kept else "missed"


def _then(state: Interaction, f: Fact) -> Life:
    """The life as it was just after a fact: what came later in time is left out, but for what holds from the start."""
    life = state.life
    if state.latest is not None:
        return life
    then = Life(life.desks, life.queues, life.started_at)
    for each in in_order(log.facts(state.log), then.phase):
        then.step(each)
        if (each.source, each.id) == (f.source, f.id):
            break
    return then


@lru_cache(maxsize=4096)
def _sla(threshold_ms: int, target: float, state: SlaState) -> bytes:
    return _encode(Sla(threshold_ms=threshold_ms, target=target, state=state))
