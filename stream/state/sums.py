"""Sums over windows of the cells of all shards.

Cells come in as differences. A window that is asked for again and again is a *running sum*: what enters is added, what
leaves is subtracted, and a difference to a bucket inside is added at once; any other window is summed anew. Knows
nothing of Redis and of figures.
"""

from __future__ import annotations

from stream.core.measures import Cell, add
from stream.core.window import Span, Window, span, starts

Buckets = dict[int, Cell]
"""Bucket start (epoch seconds) -> cell, of one ring and one scope."""


class _Running:
    __slots__ = ("cell", "span")

    def __init__(self) -> None:
        self.span: Span | None = None
        self.cell: Cell = {}


class Sums:
    """Cells by ring and scope. `scopes` are all that ever came in."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str], Buckets] = {}
        self._running: dict[tuple[str, str], dict[Window, _Running]] = {}

    def change(self, ring: str, start: int, scope: str, difference: Cell) -> None:
        """Add a difference to one cell, and to the running sums that hold it."""
        where = (ring, scope)
        buckets = self._buckets.setdefault(where, {})
        cell = buckets.setdefault(start, {})
        add(cell, difference)
        if not cell:
            del buckets[start]
        for running in self._running.get(where, {}).values():
            if running.span is not None and running.span.first <= start <= running.span.last:
                add(running.cell, difference)

    def clear(self) -> None:
        """Forget everything."""
        self._buckets.clear()
        self._running.clear()

    def total(self, scope: str, of: Span, zone: str) -> Cell:
        """The sum over a span, made anew. The caller may change it."""
        buckets = self._buckets.get((of.ring, scope))
        result: Cell = {}
        if not buckets:
            return result
        if of.first == of.last:
            return dict(buckets.get(of.first, {}))
        wanted = starts(of, zone)
        if len(wanted) > len(buckets):
            for start, cell in buckets.items():
                if of.first <= start <= of.last:
                    add(result, cell)
        else:
            for start in wanted:
                if start in buckets:
                    add(result, buckets[start])
        return result

    def running(self, scope: str, window: Window, at_ms: int, zone: str, day_starts_ms: int = 0) -> Cell:
        """The sum over a window that moves with `at`; the same as `total`. Not to be changed by the caller."""
        running = self._running.setdefault((window.ring, scope), {}).setdefault(window, _Running())
        to = span(window, at_ms, zone, day_starts_ms=day_starts_ms)
        since = running.span
        if since != to:
            if since is None or not since.first <= to.first <= since.last <= to.last:
                running.cell = self.total(scope, to, zone)
            else:
                buckets = self._buckets.get((window.ring, scope), {})
                for start in starts(Span(to.ring, since.last, to.last), zone)[1:]:
                    add(running.cell, buckets.get(start, {}))
                for start in starts(Span(to.ring, since.first, to.first), zone)[:-1]:
                    add(running.cell, buckets.get(start, {}), -1)
            running.span = to
        return running.cell
