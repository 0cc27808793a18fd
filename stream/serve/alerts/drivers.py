"""Why a queue is as it is: what comes and how long it takes against the usual of this time, who is there, who waits."""

from __future__ import annotations

from collections import Counter
from heapq import nsmallest
from typing import TYPE_CHECKING, NamedTuple

from schemas.alerts import Drivers, Waiting
from stream.core.customers.insight_data import moment
from stream.core.figures.backlog import silent
from stream.core.scope import scope as scope_of
from stream.core.times.window import Window, window
from stream.core.times.zones import HALF_HOUR_MS, QUARTER_MS
from stream.serve import agents_live
from stream.serve.intervals import IntervalQuery, lookups, plan, rows
from stream.state.half_hours import half_hours

if TYPE_CHECKING:
    from collections.abc import Collection

    from stream.core.sla.state import Seen
    from stream.serve.alerts.mirror import Queue
    from stream.serve.alerts.seen import Sight
    from stream.serve.kpis import Labels
    from stream.serve.view import View
    from stream.state.snapshot import Snapshot

LONGEST = 5
"""So many of those who have waited longest are named."""


class Usual(NamedTuple):
    """Of a half-hour, the median of the last four weeks; None: not known."""

    arrivals: float | None = None
    aht_ms: int | None = None


class Why:
    """What drives queues. What is usual is looked up once a half-hour and queue."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._window: Window = window(view.settings.alert_window)
        self._quarter = -1
        self._usual: dict[Labels, Usual] = {}

    async def look_up(self, queues: Collection[Queue], now_ms: int) -> None:
        """Look up what is usual for these, where it is not known yet. Raises RedisError, OSError, TooMany."""
        view, quarter = self._view, now_ms // QUARTER_MS
        if quarter != self._quarter:
            self._quarter, self._usual = quarter, {}
        missing: set[Labels] = {queue for queue in queues if queue not in self._usual}
        if not missing:
            return
        query = IntervalQuery(now_ms, now_ms + 1, HALF_HOUR_MS, ("channel", "queue"), "inbound", {})
        groups = {
            labels: of for labels, of in plan(view.snapshot, view.rules, query, now_ms).items() if labels in missing
        }
        found = await half_hours(view.reader, lookups(groups, view.snapshot.stream_time))
        for queue in missing:
            group, of = groups.get(queue), []
            if group is not None and group.known_from is not None:
                named = dict(zip(("channel", "queue"), queue, strict=True))
                of = list(rows(group, named, found, view.snapshot, view.settings, now_ms))
            self._usual[queue] = _usual(of[-1]) if of else Usual()

    def of(self, queues: dict[Queue, Sight], now_ms: int) -> dict[Queue, Drivers]:
        """The drivers of queues; of what is usual what has been looked up."""
        snapshot, rules = self._view.snapshot, self._view.rules
        agents, channels = agents_live.rows(snapshot, now_ms), agents_live.channels_of(snapshot, rules)
        staff = agents_live.by_queue(agents, channels, now_ms)
        nobody: Counter[str] = Counter()
        found = {}
        for queue, sight in queues.items():
            usual, there = self._usual.get(queue, Usual()), staff.get(queue, nobody)
            found[queue] = Drivers(
                arrivals=sight.offered,
                arrivals_usual=self._of_window(usual.arrivals),
                aht_ms=round(sight.handle_ms / sight.handled) if sight.handled else None,
                aht_usual_ms=usual.aht_ms,
                agents_staffed=there["staffed"],
                agents_available=there["available"],
                longest_waiting=longest(snapshot, queue, sight.seen, now_ms),
            )
        return found

    def _of_window(self, usual: float | None) -> float | None:
        """What is usual in a half-hour, brought to the window's length."""
        width = self._window.width_ms
        return None if usual is None or width is None else usual * width / HALF_HOUR_MS


def _usual(row: dict[str, float | None]) -> Usual:
    seconds = row["usual_aht_seconds"]
    return Usual(row["usual_offered"], None if seconds is None else round(seconds * 1000))


def longest(snapshot: Snapshot, queue: Queue, seen: Seen, now_ms: int) -> list[Waiting]:
    """Those who have waited longest: for an agent; in threads, for a response."""
    scope, live = scope_of(queue[0], inbound=True, queue=queue[1]), seen.figure == "service_level_live"
    rows_of = (snapshot.open.queued if live else snapshot.open.asked).get(scope, {})
    waits = (
        (row.queued_at if live else row.asked_at, field[1:].decode())
        for (_, field), row in rows_of.items()
        if not silent(row, now_ms)
    )
    found = nsmallest(LONGEST, ((since, name) for since, name in waits if since is not None))
    return [Waiting(interaction_id=name, since=moment(since)) for since, name in found]
