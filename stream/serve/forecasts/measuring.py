"""What forecasts are made of: arrivals, work and patience of each live queue, and its part of the agents. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stream.core.agents.presence import AVAILABLE
from stream.core.figures.common import aht_seconds
from stream.core.forecast.forecast import Measured, patience_s, rush_of
from stream.core.forecast.staff import Staff, divided
from stream.core.measures import CODES, Cell
from stream.core.rules import MINUTE
from stream.core.scope import scope as scope_of
from stream.core.times.calendar import business_ms, is_open
from stream.core.times.window import window
from stream.serve import agents_live
from stream.serve.live import known_queues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream.core.rules import QueueRules, Rules
    from stream.state.snapshot import Snapshot

Queue = tuple[str, str]
LOOK_BACK_MS, _LOOK_BACK = 30 * MINUTE, window("30m")
_LATELY = tuple((minutes * MINUTE, window(f"{minutes}m")) for minutes in (5, 10, 15))
FEWEST_ARRIVALS, FEWEST_HANDLED, FEWEST_ABANDONED = 10, 10, 5
_SHORTEST_MS = 5 * MINUTE
_TODAY, _OFFERED = window("today"), CODES["offered"]
_WAITED = tuple(CODES[name] for name in ("wait_ms", "abandon_wait_ms", "flow_wait_ms"))


class Lacking(NamedTuple):
    """Why there is no forecast: `closed`, `few_arrivals` or `few_handled` to go by; `no_agents`: nobody told of any."""

    why: str


def measured(snapshot: Snapshot, rules: Rules, now_ms: int) -> dict[Queue, Measured | Lacking]:
    """Each queue of a live channel, by what is known at `now` (ms)."""
    live = [
        (channel, queue) for channel, queue in known_queues(snapshot, rules, "inbound") if rules.channels[channel].live
    ]
    found = {queue: _queue(snapshot, rules.queue(*queue), queue, now_ms) for queue in live}
    loads = {queue: (one.arrivals + one.rush) * one.work_s for queue, one in found.items() if isinstance(one, Measured)}
    agents = _agents(snapshot, rules, now_ms, set(live))
    staff = divided([of for available, of in agents if available], loads)
    told = {queue for _, of in agents for queue in of}
    return {queue: _staffed(one, queue in told, staff.get(queue, Staff())) for queue, one in found.items()}


def _staffed(one: Measured | Lacking, told: bool, staff: Staff) -> Measured | Lacking:
    """Without an agent heard of presence may be told nowhere: that is not a queue that nobody serves."""
    if isinstance(one, Lacking):
        return one
    return one._replace(staff=staff) if told else Lacking("no_agents")


def _queue(snapshot: Snapshot, own: QueueRules, queue: Queue, now_ms: int) -> Measured | Lacking:
    if not is_open(own.calendar, now_ms):
        return Lacking("closed")
    scope = scope_of(queue[0], inbound=True, queue=queue[1])
    recent, today = (snapshot.running(scope, of, now_ms, own.zone, own.day_starts_ms) for of in (_LOOK_BACK, _TODAY))
    offered, open_ms = recent.get(_OFFERED, 0), business_ms(own.calendar, now_ms - LOOK_BACK_MS, now_ms)
    if offered < FEWEST_ARRIVALS or open_ms < _SHORTEST_MS:
        return Lacking("few_arrivals")
    work_s = _work_s(recent) or _work_s(today)
    if not work_s:
        return Lacking("few_handled")
    abandoned = today.get(CODES["abandoned"], 0)
    patience = patience_s(abandoned, sum(today.get(code, 0) for code in _WAITED))
    arrivals = offered / (open_ms / 1000)
    return Measured(
        arrivals=arrivals,
        work_s=work_s,
        patience_s=patience if abandoned >= FEWEST_ABANDONED else None,
        staff=Staff(),
        threshold_s=own.threshold_ms / 1000,
        target=own.target,
        rush=rush_of(arrivals, _lately(snapshot, own, scope, now_ms)),
        overdue=snapshot.live(scope, now_ms, own.threshold_ms).past_threshold,
    )


def _lately(snapshot: Snapshot, own: QueueRules, scope: str, now_ms: int) -> Iterator[tuple[int, float]]:
    """Arrivals and seconds of the last minutes for which it was open, the shortest time first."""
    for ms, of in _LATELY:
        if business_ms(own.calendar, now_ms - ms, now_ms) == ms:
            cell = snapshot.running(scope, of, now_ms, own.zone, own.day_starts_ms)
            yield cell.get(_OFFERED, 0), ms / 1000


def _work_s(cell: Cell) -> float | None:
    return aht_seconds(cell) if cell.get(CODES["handled"], 0) >= FEWEST_HANDLED else None


def _agents(snapshot: Snapshot, rules: Rules, now_ms: int, live: set[Queue]) -> list[tuple[bool, dict[Queue, int]]]:
    """Of each agent: whether available, and the queues told with the slots there."""
    channels = agents_live.channels_of(snapshot, rules)
    return [
        (
            row.presence_at(now_ms) == AVAILABLE,
            {
                queue: 1 if row.slots is None else row.slots.get(queue[0], 0)
                for queue in agents_live.queues_of(row, channels)
                if queue in live
            },
        )
        for row in agents_live.rows(snapshot, now_ms).values()
    ]
