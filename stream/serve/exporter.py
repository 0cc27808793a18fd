"""`/metrics`: a snapshot as Prometheus families, made afresh for each scrape, so that what vanished vanishes.

Only inbound work is exported. Beyond `max_queues` (configured ones first, then by name) queues are folded into `other`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from schemas.events import CHANNELS
from stream.core.figures import common as figures
from stream.core.figures import outcomes, quantiles
from stream.core.figures.metrics import SEGMENT_OUTCOMES
from stream.core.figures.row import Live
from stream.core.figures.service_level import VARIANTS, service_level_live
from stream.core.measures import CODES, HANDLE_BOUNDS, WAIT_BOUNDS, Cell, add
from stream.core.rules import QueueRules
from stream.core.scope import channel_scope, place
from stream.core.scope import scope as scope_of
from stream.core.times.window import Window, day_of, matured_span, span, window
from stream.serve.agent_families import agent_families
from stream.serve.balances import balances, present, rings
from stream.serve.customer_families import customer_families
from stream.serve.families import Samples
from stream.serve.live_families import LiveFamilies
from stream.serve.stream_families import stream_families

if TYPE_CHECKING:
    from stream.serve.view import View

OTHER = "other"
_GAUGES = (
    ("contact_center_asa_seconds", figures.asa_seconds),
    ("contact_center_aht_seconds", figures.aht_seconds),
    ("contact_center_abandonment_ratio", figures.abandonment),
    ("contact_center_response_level_ratio", figures.response_level),
)
_QUANTILES = (
    ("contact_center_wait_quantile_seconds", quantiles.wait_quantile_seconds),
    ("contact_center_handle_quantile_seconds", quantiles.handle_quantile_seconds),
    ("contact_center_first_response_quantile_seconds", quantiles.first_response_quantile_seconds),
)
_LABELS = {name: str(q) for name, q in quantiles.QUANTILES.items()}
_HISTOGRAMS = (
    ("contact_center_wait", WAIT_BOUNDS, CODES["wait_ms"]),
    ("contact_center_handle", HANDLE_BOUNDS, CODES["handle_ms"]),
)


class Exported(NamedTuple):
    """One pair of labels, and the scopes behind it: several for `other`. `rules` None: no queue, or `other`."""

    channel: str
    queue: str
    scopes: tuple[str, ...]
    rules: QueueRules | None


class Exporter(Collector):
    """Collects the families of a view's snapshot as it is now."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._windows = [window(name) for name in view.settings.windows]
        self._fcr_windows = [window(name) for name in view.settings.fcr_windows]
        self._customer_windows = [window(name) for name in view.settings.customer_windows]
        self._variant = cache(view.settings.variant)

    def collect(self) -> Iterator[Family]:
        """All families, each with its samples."""
        return self.samples().families()

    def samples(self) -> Samples:
        """One scrape."""
        samples = Samples()
        now = self._view.now()
        exported = self._exported()
        scopes = [scope for each in exported for scope in each.scopes]
        days = {scope: day_of(self._view.rules, scope) for scope in scopes}
        due = {of: self._view.snapshot.time_outs(now, _firsts(of, now, days)) for of in self._windows}
        live_families = LiveFamilies(samples, self._view, now)
        for each in exported:
            live = live_families.put(each)
            self._totalled(samples, each)
            for of in self._windows:
                cells = [self._view.snapshot.running(scope, of, now, *days[scope]) for scope in each.scopes]
                cells += [due[of][scope] for scope in each.scopes if scope in due[of]]
                self._window(samples, each, of, live, _together(cells))
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
            for scope in each.scopes:
                self._totals((scope,))
                for of in self._windows:
                    self._view.snapshot.running(scope, of, now, *day_of(self._view.rules, scope))
                rings(self._view.snapshot, scope, latest)
                await asyncio.sleep(0)

    def _exported(self) -> list[Exported]:
        rules, snapshot = self._view.rules, self._view.snapshot
        seen = {
            (at.channel, at.queue) for at in map(place, snapshot.scopes()) if at.inbound and not at.whole and at.summed
        }
        used = {(channel, queue) for channel, queue in seen if queue is not None}
        queues = [*sorted(rules.queues), *sorted(used - rules.queues.keys())]
        shown, folded = queues[: self._view.settings.max_queues], queues[self._view.settings.max_queues :]
        found = [Exported(c, q, (scope_of(c, inbound=True, queue=q),), rules.queue(c, q)) for c, q in shown]
        found += [Exported(c, "", (scope_of(c, inbound=True, queue=None),), None) for c, q in sorted(seen - used)]
        for channel in CHANNELS:
            rest = tuple(scope_of(c, inbound=True, queue=q) for c, q in folded if c == channel)
            if rest:
                found = [each for each in found if (each.channel, each.queue) != (channel, OTHER)]
                own = (scope_of(channel, inbound=True, queue=OTHER),) if (channel, OTHER) in shown else ()
                found.append(Exported(channel, OTHER, (*own, *rest), None))
        return found

    def _totalled(self, samples: Samples, each: Exported) -> None:
        labels = (each.channel, each.queue)
        gained, retracted = self._totals(each.scopes)
        for outcome in SEGMENT_OUTCOMES:
            code = CODES[outcome]
            samples.put("contact_center_segments_total", (*labels, outcome), gained.get(code, 0))
            samples.put("contact_center_segments_retracted_total", (*labels, outcome), retracted.get(code, 0))
        bounds = self._view.rules.bounds_ms
        for name, base, sum_code in _HISTOGRAMS:
            samples.histogram(f"{name}_seconds", labels, gained, base, sum_code, bounds)
            samples.histogram(f"{name}_retracted_seconds", labels, retracted, base, sum_code, bounds)

    def _window(self, samples: Samples, each: Exported, of: Window, live: Live, cell: Cell) -> None:
        labels = (each.channel, each.queue, of.name)
        for name, formula in _GAUGES:
            samples.put(name, labels, formula(cell))
        if each.queue:
            variant = self._variant(each.channel, each.queue)
            samples.put("contact_center_service_level_ratio", (*labels, variant), VARIANTS[variant](cell))
            level = service_level_live(cell, live.past_threshold)
            samples.put("contact_center_service_level_live_ratio", labels, level)
        codes = sorted(cell)
        for name, of_cell in _QUANTILES:
            for quantile, value in of_cell(cell, codes).items():
                samples.put(name, labels, value, quantile=_LABELS[quantile])

    def _totals(self, scopes: Iterable[str]) -> tuple[Cell, Cell]:
        totals = [self._view.snapshot.totals.get(scope, ({}, {})) for scope in scopes]
        return _together([gained for gained, _ in totals]), _together([retracted for _, retracted in totals])

    def _fcr(self, samples: Samples, now: int) -> None:
        snapshot, rules = self._view.snapshot, self._view.rules
        for channel in CHANNELS:
            scope = channel_scope(channel, inbound=True)
            for of in self._fcr_windows:
                cell = snapshot.running(scope, of, now, rules.zone, rules.day_starts_ms)
                ratio = outcomes.fcr_ratio(cell)
                samples.put("contact_center_fcr_ratio", (channel, of.name, "provisional"), ratio)
                moved = matured_span(of, now, rules.zone, rules.repeat_window_ms)
                if moved is not None:
                    ratio = outcomes.fcr_ratio(snapshot.cell(scope, moved, rules.zone))
                    samples.put("contact_center_fcr_ratio", (channel, of.name, "matured"), ratio)


def _firsts(of: Window, now: int, days: dict[str, tuple[str, int]]) -> dict[str, int]:
    """Where (epoch seconds) each scope's window begins."""
    return {scope: span(of, now, zone, day_starts_ms=starts).first for scope, (zone, starts) in days.items()}


def _together(cells: Sequence[Cell]) -> Cell:
    """Cells added up; not to be changed, since one alone is itself."""
    if len(cells) == 1:
        return cells[0]
    total: Cell = {}
    for cell in cells:
        add(total, cell)
    return total
