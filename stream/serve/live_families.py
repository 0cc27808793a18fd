"""The families of what is so right now, queue by queue: open, who waits, threads by age."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from stream.core.figures.backlog import Ages, all_together, backlog
from stream.core.figures.row import Live, together
from stream.core.times.calendar import is_open
from stream.serve.alerts import shown
from stream.serve.families import Run, Samples
from stream.serve.forecasts.families import forecast_families
from stream.serve.live import interactions_open

if TYPE_CHECKING:
    from stream.serve.exporter import Exported
    from stream.serve.view import View


@cache
def _bands(names: tuple[str, ...]) -> Run:
    return Run([("", (name,), ()) for name in names])


class LiveFamilies:
    """One scrape's live values at one instant."""

    def __init__(self, samples: Samples, view: View, now: int) -> None:
        self._samples, self._view, self._now = samples, view, now
        self._ages = Ages(view.settings.age_bands_hours, now)

    def put(self, each: Exported) -> tuple[Live, int]:
        """Put the samples of one pair of labels; what waits there, and of how many threads the first response is due.

        Due: past the threshold.
        """
        put, labels = self._samples.put, (each.channel, each.queue)
        rules, snapshot, now = self._view.rules, self._view.snapshot, self._now
        scopes = tuple(zip(each.scopes, each.own, strict=True))
        live = together([snapshot.live(scope, now, own.threshold_ms) for scope, own in scopes])
        still_open = sum(interactions_open(snapshot, scope, now) for scope in each.scopes)
        put("contact_center_interactions_open", labels, still_open)
        if each.rules is not None:
            put("contact_center_service_level_target_ratio", labels, each.rules.target)
            put("contact_center_service_level_threshold_seconds", labels, each.rules.threshold_ms / 1000)
            put("contact_center_queue_open", labels, int(is_open(each.rules.calendar, now)))
            shown.put(self._samples, self._view.sla, labels)
            forecast_families(self._samples, self._view, *labels)
        if each.queue:
            put("contact_center_queue_waiting", labels, live.waiting)
            put("contact_center_queue_waiting_past_threshold", labels, live.past_threshold)
            put("contact_center_queue_longest_wait_seconds", labels, (live.longest_wait_ms or 0) / 1000)
        overdue = 0
        if rules.channels[each.channel].threaded:
            asked = snapshot.open.asked
            found = all_together(
                [backlog(asked.get(scope, {}).values(), now, own.calendar, self._ages) for scope, own in scopes],
                len(self._ages.names),
            )
            overdue = found.first_past_due
            put("contact_center_threads_waiting", labels, found.waiting)
            put("contact_center_threads_past_due", labels, found.past_due)
            put("contact_center_threads_due_within_hour", labels, found.due_within_hour)
            self._samples.run("contact_center_thread_age_threads", labels, _bands(self._ages.names), found.bands)
        return live, overdue
