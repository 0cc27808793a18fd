"""`/metrics`: a snapshot as Prometheus families, made afresh for each scrape, so that what vanished vanishes.

Only inbound work is exported. Beyond `max_queues` (configured ones first, then by name) queues are folded into `other`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from schemas.events import CHANNELS
from stream.core.figures import outcomes
from stream.core.measures import CODES
from stream.core.rules import QueueRules
from stream.core.scope import channel_scope, place
from stream.core.scope import scope as scope_of
from stream.core.times.window import matured_span, window
from stream.serve.agent_families import agent_families
from stream.serve.alerts import shown
from stream.serve.balances import balances, of_scope, present
from stream.serve.customer_families import customer_families
from stream.serve.families import Samples
from stream.serve.live_families import LiveFamilies
from stream.serve.stream_families import stream_families
from stream.serve.total_families import TotalFamilies
from stream.serve.window_families import WindowFamilies

if TYPE_CHECKING:
    from stream.serve.view import View

OTHER = "other"


class Exported(NamedTuple):
    """One pair of labels, and the scopes behind it with their rules: several for `other`.

    `rules` None: no queue, or `other`.
    """

    channel: str
    queue: str
    scopes: tuple[str, ...]
    own: tuple[QueueRules, ...]
    rules: QueueRules | None


class Exporter(Collector):
    """Collects the families of a view's snapshot as it is now."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._windows = [window(name) for name in view.settings.windows]
        self._fcr_windows = [window(name) for name in view.settings.fcr_windows]
        self._customer_windows = [window(name) for name in view.settings.customer_windows]
        self._rules, self._totals = view.rules, TotalFamilies(view)
        self._figures = WindowFamilies(view)
        self._seen: set[str] = set()
        self._shown: list[Exported] = []

    def collect(self) -> Iterator[Family]:
        """All families, each with its samples."""
        return self.samples().families()

    def samples(self) -> Samples:
        """One scrape."""
        samples = Samples()
        now = self._view.now()
        exported = self._exported()
        due = self._figures.due(exported, now)
        live_families = LiveFamilies(samples, self._view, now)
        for each in exported:
            live, overdue = live_families.put(each)
            self._totals.put(samples, each)
            self._figures.put(samples, each, live, overdue, self._figures.told(each, now, due))
        shown.put_decided(samples, self._view.sla)
        self._fcr(samples, now)
        queues = [(each.channel, each.queue) for each in exported if each.queue]
        customer_families(samples, self._view, self._customer_windows, now)
        agent_families(samples, self._view, queues, self._windows, now)
        stream_families(samples, self._view, now)
        balances(samples, self._view, now)
        return samples

    async def prepare(self) -> None:
        """Bring the sums that a scrape needs up to date, a scope at a time, and let others go on in between."""
        now = self._view.now()
        latest = present(self._view.snapshot, now)
        for each in self._exported():
            self._totals.told(each)
            self._figures.told(each, now, {})
            for scope in each.scopes:
                of_scope(self._view.snapshot, scope, latest)
            await asyncio.sleep(0)

    def _exported(self) -> list[Exported]:
        scopes = self._view.snapshot.scopes()
        if self._rules is not self._view.rules:
            self._rules, self._totals, self._shown = self._view.rules, TotalFamilies(self._view), []
        if not self._shown or scopes != self._seen:
            self._seen, self._shown = scopes, self._choose(scopes)
        return self._shown

    def _choose(self, scopes: set[str]) -> list[Exported]:
        rules = self._view.rules
        seen = {(at.channel, at.queue) for at in map(place, scopes) if at.inbound and not at.whole and at.summed}
        used = {(channel, queue) for channel, queue in seen if queue is not None}
        queues = [*sorted(rules.queues), *sorted(used - rules.queues.keys())]
        shown, folded = queues[: self._view.settings.max_queues], queues[self._view.settings.max_queues :]
        found = [self._one(c, q, (q,), rules.queue(c, q)) for c, q in shown]
        found += [self._one(c, "", (None,)) for c, q in sorted(seen - used)]
        for channel in CHANNELS:
            rest = tuple(q for c, q in folded if c == channel)
            if rest:
                found = [each for each in found if (each.channel, each.queue) != (channel, OTHER)]
                own = (OTHER,) if (channel, OTHER) in shown else ()
                found.append(self._one(channel, OTHER, (*own, *rest)))
        return found

    def _one(
        self, channel: str, label: str, queues: tuple[str | None, ...], rules: QueueRules | None = None
    ) -> Exported:
        scopes = tuple(scope_of(channel, inbound=True, queue=queue) for queue in queues)
        return Exported(channel, label, scopes, tuple(self._view.rules.queue(channel, q) for q in queues), rules)

    def _fcr(self, samples: Samples, now: int) -> None:
        snapshot, rules = self._view.snapshot, self._view.rules
        for channel in CHANNELS:
            scope = channel_scope(channel, inbound=True)
            for of in self._fcr_windows:
                cells = {"provisional": snapshot.running(scope, of, now, rules.zone, rules.day_starts_ms)}
                moved = matured_span(of, now, rules.zone, rules.repeat_window_ms)
                if moved is not None:
                    cells["matured"] = snapshot.cell(scope, moved, rules.zone)
                for stage, cell in cells.items():
                    labels = (channel, of.name, stage)
                    samples.put("contact_center_fcr_ratio", labels, outcomes.fcr_ratio(cell))
                    samples.put("contact_center_fcr_contacts", labels, cell.get(CODES["first_contacts"], 0))
