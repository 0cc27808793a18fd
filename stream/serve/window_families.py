"""The families of windows: figures of each queue over each window. Made once for as long as a sum stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

from stream.core.books.tally import TEN_SECONDS
from stream.core.figures import common as figures
from stream.core.figures.common import response_level_live
from stream.core.figures.quantiles import QUANTILES, quantile_seconds
from stream.core.figures.service_level import VARIANTS, service_level_live
from stream.core.measures import HANDLE_BINS, RESPONSE_BINS, WAIT_BINS, Cell
from stream.core.times.window import Window, day_of, span, window
from stream.serve.families import Run, Samples

if TYPE_CHECKING:
    from stream.core.figures.row import Live
    from stream.core.rules import Rules
    from stream.serve.exporter import Exported
    from stream.serve.view import View
    from stream.state.snapshot import Snapshot

_GAUGES = (
    ("contact_center_asa_seconds", figures.asa_seconds),
    ("contact_center_aht_seconds", figures.aht_seconds),
    ("contact_center_abandonment_ratio", figures.abandonment),
    ("contact_center_response_level_ratio", figures.response_level),
)
_QUANTILES = (
    ("contact_center_wait_quantile_seconds", WAIT_BINS),
    ("contact_center_handle_quantile_seconds", HANDLE_BINS),
    ("contact_center_first_response_quantile_seconds", RESPONSE_BINS),
)
_SKETCHES = tuple(base for _, base in _QUANTILES)
_LABELS = tuple(str(q) for q in QUANTILES.values())
_PLACES = tuple(
    (name, slice(len(_GAUGES) + number * len(_LABELS), len(_GAUGES) + (number + 1) * len(_LABELS)))
    for number, (name, _) in enumerate(_QUANTILES)
)

Told = tuple[list[float | None], Cell]
"""Of one cell: the gauges, each sketch's quantiles, the service level where it is exported; and the cell itself."""
Due = Mapping[Window, Mapping[str, Cell]]
"""What silence has ended and no worker has written yet, by window and scope."""


class WindowFamilies:
    """Figures over windows that move with the present."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._windows = [window(name) for name in view.settings.windows]
        self._gauges = Run([("", (of.name,), ()) for of in self._windows])
        self._quantiles = Run([("", (of.name,), (("quantile", q),)) for of in self._windows for q in _LABELS])
        self._level = cache(self._level_of)
        self._rings = tuple({of.ring for of in self._windows})
        self._known: dict[tuple[str, str], tuple[tuple[str, ...], list[int], list[Told]]] = {}
        self._known_of: tuple[Snapshot, Rules, int] | None = None

    def _level_of(self, channel: str, queue: str) -> tuple[Run, Callable[[Cell], Told]]:
        """The run of a queue's service level, and what tells the figures of its cells; `queue` "" has no level."""
        variant = self._view.settings.variant(channel, queue)
        return Run([("", (of.name, variant), ()) for of in self._windows]), _telling(variant if queue else None)

    def due(self, exported: Sequence[Exported], now: int) -> Due:
        """What is to be added to the windows of all who are exported."""
        days = {scope: day_of(self._view.rules, scope) for each in exported for scope in each.scopes}
        found = {}
        for of in self._windows:
            first = {day: span(of, now, day[0], day_starts_ms=day[1]).first for day in set(days.values())}
            firsts = {scope: first[day] for scope, day in days.items()}
            found[of] = self._view.snapshot.time_outs(now, firsts)
        return found

    def told(self, each: Exported, now: int, due: Due) -> list[Told]:
        """The figures of one pair of labels, window by window. Remembered for as long as no cell is another one."""
        as_of = (self._view.snapshot, self._view.rules, now // TEN_SECONDS)
        if as_of != self._known_of:
            self._known_of = as_of
            self._known.clear()
        labels, versions = each[:2], self._view.snapshot.sums.versions(each.scopes, self._rings)
        late = any(not cells.keys().isdisjoint(each.scopes) for cells in due.values())
        known = self._known.get(labels)
        if late or known is None or known[:2] != (each.scopes, versions):
            known = each.scopes, versions, self._told(each, now, due)
            if not late:
                self._known[labels] = known
        return known[2]

    def _told(self, each: Exported, now: int, due: Due) -> list[Told]:
        snapshot, (_, tell) = self._view.snapshot, self._level(each.channel, each.queue)
        days = [(scope, day_of(self._view.rules, scope)) for scope in each.scopes]
        found = []
        for of in self._windows:
            late = [due[of][scope] for scope in each.scopes if scope in due[of]] if of in due else []
            if len(days) == 1 and not late:
                ((scope, (zone, starts_ms)),) = days
                found.append(snapshot.told(tell, scope, (of,), now, zone, starts_ms))
            else:
                cells = [snapshot.running(scope, of, now, *day) for scope, day in days]
                found.append(tell(added_up(cells + late)))
        return found

    def put(self, samples: Samples, each: Exported, live: Live, overdue: int, told: Sequence[Told]) -> None:
        """Put the samples of one pair of labels. `overdue`: threads whose first response is past its threshold now."""
        labels = (each.channel, each.queue)
        figures = [numbers for numbers, _ in told]
        for (name, _), values in zip(_GAUGES, zip(*figures, strict=True), strict=False):
            samples.run(name, labels, self._gauges, values)
        for name, places in _PLACES:
            values = tuple(chain.from_iterable([numbers[places] for numbers in figures]))
            samples.run(name, labels, self._quantiles, values)
        if each.queue:
            run, _ = self._level(*labels)
            samples.run("contact_center_service_level_ratio", labels, run, [numbers[-1] for numbers in figures])
            levels = [service_level_live(cell, live.past_threshold) for _, cell in told]
            samples.run("contact_center_service_level_live_ratio", labels, self._gauges, levels)
            levels = [response_level_live(cell, overdue) for _, cell in told]
            samples.run("contact_center_response_level_live_ratio", labels, self._gauges, levels)


@cache
def _telling(variant: str | None) -> Callable[[Cell], Told]:
    levels = [] if variant is None else [VARIANTS[variant]]

    def tell(cell: Cell) -> Told:
        found = [formula(cell) for _, formula in _GAUGES]
        return found + quantile_seconds(cell, _SKETCHES) + [level(cell) for level in levels], cell

    return tell


def added_up(cells: Sequence[Cell]) -> Cell:
    """Cells added up; not to be changed, since one alone is itself."""
    if len(cells) == 1:
        return cells[0]
    total: Cell = {}
    get = total.get
    for cell in cells:
        for code, n in cell.items():
            total[code] = get(code, 0) + n
    return {code: n for code, n in total.items() if n} if 0 in total.values() else total
