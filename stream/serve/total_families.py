"""The families of totals: segments by what became of them, histograms of waits and handle times, what was retracted.

Made once for as long as the totals stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream.core.figures.metrics import SEGMENT_OUTCOMES
from stream.core.measures import CODES, HANDLE_BOUNDS, WAIT_BOUNDS, Cell
from stream.serve.families import Run, Samples, Values, bucket_values, histogram
from stream.serve.window_families import added_up

if TYPE_CHECKING:
    from stream.serve.exporter import Exported
    from stream.serve.view import View

_HISTOGRAMS = (
    ("contact_center_wait", WAIT_BOUNDS, CODES["wait_ms"]),
    ("contact_center_handle", HANDLE_BOUNDS, CODES["handle_ms"]),
)
_OUTCOME_CODES = tuple(CODES[outcome] for outcome in SEGMENT_OUTCOMES)
_OUTCOMES = Run([("", (outcome,), ()) for outcome in SEGMENT_OUTCOMES])
_NAMES = (
    "contact_center_segments_total", "contact_center_segments_retracted_total",
    *(f"{name}{retracted}_seconds" for name, *_ in _HISTOGRAMS for retracted in ("", "_retracted")),
)  # fmt: skip


class TotalFamilies:
    """Counters that only rise."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._bounds = len(view.rules.bounds_ms)
        buckets = histogram(tuple(view.rules.bounds_ms))
        self._families = [(name, _OUTCOMES if name.endswith("_total") else buckets) for name in _NAMES]

    def told(self, each: Exported) -> list[Values]:
        """The values of one pair of labels, family by family."""
        totals = self._view.snapshot.totals
        if len(each.scopes) == 1:
            return totals.told(self._tell, each.scopes[0])
        found = [totals.get(scope, ({}, {})) for scope in each.scopes]
        return self._tell(added_up([gained for gained, _ in found]), added_up([retracted for _, retracted in found]))

    def put(self, samples: Samples, each: Exported) -> None:
        """Put the samples of one pair of labels."""
        for (name, run), values in zip(self._families, self.told(each), strict=True):
            samples.run(name, (each.channel, each.queue), run, values)

    def _tell(self, gained: Cell, retracted: Cell) -> list[Values]:
        both = (gained, retracted)
        found: list[Values] = [[cell.get(code, 0) for code in _OUTCOME_CODES] for cell in both]
        for _, base, sum_code in _HISTOGRAMS:
            found += [bucket_values(cell, base, sum_code, self._bounds) for cell in both]
        return found
