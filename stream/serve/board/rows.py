"""The wallboard's rows of queues: what waits, what the live level is, who works there. One state of the snapshot a row.

All figures are over `settings.alert_window`, so that tile, state and alert speak of the same time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from stream.core.figures import common as figures
from stream.core.measures import CODES, Cell
from stream.core.scope import place
from stream.core.scope import scope as scope_of
from stream.core.times.calendar import is_open, next_change
from stream.core.times.window import day_of, window
from stream.serve import agents_live
from stream.serve.agents_live import SLOT_STATES, STATES
from stream.serve.alerts.shown import shown
from stream.serve.board.sparks import Sparks
from stream.serve.past import text

if TYPE_CHECKING:
    from stream.serve.view import View

Queue = tuple[str, str]
_COUNTS = ("offered", "answered", "abandoned", "handled")
_CODES = tuple((name, CODES[name]) for name in _COUNTS)
_ANSWERED, _IN_TIME = CODES["answered"], CODES["in_threshold"]
_ABANDONED, _SHORT = CODES["abandoned"], CODES["short_abandoned"]
_RESPONSES, _RESPONSES_IN_TIME = CODES["first_response"], CODES["first_response_in_threshold"]


class Told(NamedTuple):
    """Of one window: what a row shows of it, and both levels as (numerator, denominator) without what waits now."""

    shown: dict[str, Any]
    service: tuple[int, int]
    response: tuple[int, int]


def told(cell: Cell) -> Told:
    """What a row shows of its window.

    >>> told({_ANSWERED: 4, _IN_TIME: 3, _ABANDONED: 2, _SHORT: 1}).service
    (3, 5)
    """
    get = cell.get
    shown: dict[str, Any] = {name: get(code, 0) for name, code in _CODES}
    shown["asa_seconds"], shown["aht_seconds"] = figures.asa_seconds(cell), figures.aht_seconds(cell)
    shown["abandonment"] = figures.abandonment(cell)
    service = get(_IN_TIME, 0), get(_ANSWERED, 0) + get(_ABANDONED, 0) - get(_SHORT, 0)
    return Told(shown, service, (get(_RESPONSES_IN_TIME, 0), get(_RESPONSES, 0)))


class Rows:
    """The rows of all queues, one after the other, so that others go on in between."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._window = window(view.settings.alert_window)
        self._sparks = Sparks()
        self._scopes: set[str] = set()
        self._queues: list[Queue] = []

    def queues(self) -> list[Queue]:
        """Channel and name of every queue that is configured or had inbound work, sorted."""
        scopes = self._view.snapshot.scopes()
        if scopes != self._scopes or not self._queues:
            places = map(place, scopes)
            used = {(at.channel, at.queue) for at in places if at.queue is not None and at.inbound and at.summed}
            self._scopes, self._queues = scopes, sorted(used | self._view.rules.queues.keys())
        return self._queues

    def each(self, now: int) -> Iterator[tuple[Queue, dict[str, Any]]]:
        """Every queue with its row at `now` (ms)."""
        snapshot, rules = self._view.snapshot, self._view.rules
        agents = agents_live.rows(snapshot, now)
        channels = agents_live.channels_of(snapshot, rules)
        staff, slots = agents_live.by_queue(agents, channels, now), agents_live.slots(agents, channels, now)
        nobody: Counter[str] = Counter()
        for queue in self.queues():
            row = self._row(*queue, now)
            of_staff, of_slots = staff.get(queue, nobody), slots.get(queue, nobody)
            row["agents"] = {state: of_staff[state] for state in STATES}
            row["slots"] = {state: of_slots[state] for state in SLOT_STATES}
            yield queue, row

    def _row(self, channel: str, queue: str, now: int) -> dict[str, Any]:
        view = self._view
        snapshot, own, of = view.snapshot, view.rules.queue(channel, queue), view.rules.channels[channel]
        scope = scope_of(channel, inbound=True, queue=queue)
        zone, starts_ms = day_of(view.rules, scope)
        seen = snapshot.told(told, scope, (self._window,), now, zone, starts_ms)
        waits = snapshot.open.waits(scope, now, own.threshold_ms)
        threads = snapshot.open.threads(scope, now, own.calendar)
        level, overdue = (seen.service, waits.past_threshold) if of.live else (seen.response, threads.first_past_due)
        numerator, denominator = level[0], level[1] + overdue
        since = waits.oldest_at
        if not of.live and threads.oldest_at is not None:
            since = threads.oldest_at if since is None else min(since, threads.oldest_at)
        return {
            "channel": channel,
            "queue": queue,
            "open": is_open(own.calendar, now),
            "next_change_at": text(next_change(own.calendar, now)),
            **shown(view.sla, channel, queue),
            "waiting": waits.waiting,
            "waiting_past_threshold": waits.past_threshold,
            "longest_since_at": text(since),
            "threads_waiting": threads.waiting,
            "threads_past_due": threads.past_due,
            "interactions_open": snapshot.open.still_open(scope, now),
            "threshold_ms": own.threshold_ms,
            "target": own.target,
            "figure": "service_level_live" if of.live else "response_level",
            "level": numerator / denominator if denominator > 0 else None,
            "numerator": numerator,
            "denominator": denominator,
            **seen.shown,
            "sparks": self._sparks.of(snapshot.sums.series("m", scope), scope, now, live=of.live),
            "forecast": view.forecasts.rows.get((channel, queue)),
        }
