"""The wallboard's rows of queues: what waits, what the live level is, who works there. One state of the snapshot a row.

What is judged is seen as the decider sees it, over `settings.alert_window`, so that tile, state and alert are of one
time and one formula.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson

from stream.core.figures.common import abandonment, aht_seconds, asa_seconds
from stream.core.figures.service_level import DEFAULT_VARIANT
from stream.core.measures import CODES, Cell
from stream.core.scope import scope as scope_of
from stream.core.times.calendar import next_change
from stream.core.times.window import day_of, window
from stream.serve import agents_live
from stream.serve.agents_live import SLOT_STATES, STATES
from stream.serve.alerts.mirror import Queue
from stream.serve.alerts.seen import Sight, Sights
from stream.serve.alerts.shown import shown
from stream.serve.board.sparks import Sparks
from stream.serve.past import text

if TYPE_CHECKING:
    from stream.core.rules import QueueRules
    from stream.core.sla.state import Seen
    from stream.serve.view import View

_NOBODY: Counter[str] = Counter()
_CODES = tuple((name, CODES[name]) for name in ("offered", "answered", "abandoned", "handled"))


def figures(cell: Cell) -> dict[str, Any]:
    """What a row shows of its window.

    >>> figures({CODES["answered"]: 4, CODES["wait_ms"]: 20_000})["asa_seconds"]
    5.0
    """
    counts: dict[str, Any] = {name: cell.get(code, 0) for name, code in _CODES}
    return counts | {each.__name__: each(cell) for each in (asa_seconds, aht_seconds, abandonment)}


class Rows:
    """The encoded rows of all queues, one after the other, so that others go on in between."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._window = window(view.settings.alert_window)
        self._sights = Sights(lambda: view.rules, self._window)
        self._live, self._threads = Sparks(f"service_level.{DEFAULT_VARIANT}"), Sparks("response_level")
        self._scopes: set[str] = set()
        self._channels: dict[str, list[str]] = {}
        self._known: dict[Queue, tuple[tuple[Any, ...], bytes]] = {}

    def each(self, now: int) -> Iterator[tuple[Queue, bytes]]:
        """Every queue with its row at `now` (ms); the same object while nothing in it is new."""
        snapshot = self._view.snapshot
        scopes = snapshot.scopes()
        if scopes != self._scopes:
            self._scopes, self._channels = scopes, agents_live.channels_of(snapshot, self._view.rules)
        agents = agents_live.rows(snapshot, now)
        staff, slots = (of(agents, self._channels, now) for of in (agents_live.by_queue, agents_live.slots))
        before, self._known = self._known, {}
        for queue, sight in self._sights.all(snapshot, now):
            facts = (*self._facts(*queue, sight, now), staff.get(queue, _NOBODY), slots.get(queue, _NOBODY))
            known = before.get(queue)
            if known is None or known[0] != facts:
                known = facts, orjson.dumps(_row(*queue, *facts))
            self._known[queue] = known
            yield queue, known[1]

    def _facts(self, channel: str, queue: str, sight: Sight, now: int) -> tuple[Any, ...]:
        """All that a row is made of, in the order of `_row`."""
        view, snapshot, own = self._view, self._view.snapshot, sight.own
        scope = scope_of(channel, inbound=True, queue=queue)
        sparks = self._live if view.rules.channels[channel].live else self._threads
        return (
            sight.seen,
            own,
            sight.oldest_at,
            snapshot.open.waits(scope, now, own.threshold_ms)[:2],
            snapshot.open.threads(scope, now, own.calendar)[:2],
            snapshot.open.still_open(scope, now),
            next_change(own.calendar, now),
            snapshot.told(figures, scope, (self._window,), now, *day_of(view.rules, scope)),
            sparks.of(snapshot.sums.series("m", scope), scope, now),
            view.forecasts.rows.get((channel, queue)),
            shown(view.sla, channel, queue),
        )


def _row(
    channel: str, queue: str, seen: Seen, own: QueueRules, oldest_at: int | None, waits: tuple[int, int],
    threads: tuple[int, int], still_open: int, next_change_at: int | None, of_window: dict[str, Any],
    sparks: dict[str, Any], forecast: Any, state: dict[str, Any], staff: Counter[str], slots: Counter[str],
) -> dict[str, Any]:  # fmt: skip
    return {
        "channel": channel,
        "queue": queue,
        "open": seen.open,
        "next_change_at": text(next_change_at),
        **state,
        "waiting": waits[0],
        "waiting_past_threshold": waits[1],
        "longest_since_at": text(oldest_at),
        "threads_waiting": threads[0],
        "threads_past_due": threads[1],
        "interactions_open": still_open,
        "threshold_ms": own.threshold_ms,
        "target": own.target,
        "figure": seen.figure,
        "level": seen.level,
        "numerator": seen.numerator,
        "denominator": seen.denominator,
        **of_window,
        "agents": {each: staff[each] for each in STATES},
        "slots": {each: slots[each] for each in SLOT_STATES},
        "sparks": sparks,
        "forecast": forecast,
    }
