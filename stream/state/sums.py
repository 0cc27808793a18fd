"""Sums over windows of the cells of all shards.

A window that is asked for again and again is a *running sum*: what enters is added, what leaves is subtracted, and
differences to buckets inside are added when it is asked for; any other window is summed anew. Knows nothing of Redis
and of figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from stream.core.measures import Cell
from stream.core.times.window import RINGS, Span, Window, span, starts
from stream.state.running import Running
from stream.state.series import Series

T = TypeVar("T")
_span, _starts = lru_cache(maxsize=256)(span), lru_cache(maxsize=256)(starts)


class Sums:
    """Cells by ring and scope."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, str], Series] = {}
        self._packed: dict[bytes, dict[bytes, Series]] = {}

    def series(self, ring: str, scope: str) -> Series:
        """One ring of one scope, to be filled."""
        known = self._series.get((ring, scope))
        if known is None:
            known = self._series[ring, scope] = Series(ring)
        return known

    def packed(self, ring: bytes, scope: bytes) -> Series:
        """The same, by the words of a field: `c` and the ring, the scope."""
        of_ring = self._packed.setdefault(ring, {})
        known = of_ring.get(scope)
        if known is None:
            known = of_ring[scope] = self.series(ring[1:].decode(), scope.decode())
        return known

    def replace(self, shard: int, cells: Mapping[Series, Mapping[int, bytes]]) -> None:
        """All cells of a shard as they are now: by series, and start."""
        for series in self._series.values():
            if series in cells or series.shards >> shard & 1:
                series.replace(shard, cells.get(series, {}))

    def first_day(self, scopes: Iterable[str]) -> int | None:
        """The start (epoch seconds) of the earliest day of which any of the scopes has a cell; None: there is none."""
        starts = (self._series["d", scope].first() for scope in scopes if ("d", scope) in self._series)
        return min((start for start in starts if start is not None), default=None)

    def settle(self) -> Iterator[None]:
        """Take as little memory as may be, a series at a time."""
        for series in list(self._series.values()):
            series.settle()
            yield

    def total(self, scope: str, of: Span) -> Cell:
        """The sum over a span, made anew. The caller may change it."""
        series = self._series.get((of.ring, scope))
        return {} if series is None else series.between(of.first, of.last, _size(of.ring))

    def since(self, scope: str, ring: str, first: int) -> Cell:
        """The sum of all buckets that start at `first` (epoch seconds) or later."""
        series = self._series.get((ring, scope))
        return {} if series is None else series.between(first, None, _size(ring))

    def running(self, scope: str, window: Window, at_ms: int, zone: str, day_starts_ms: int = 0) -> Cell:
        """The sum over a window that moves with `at`; the same as `total`. Not to be changed by the caller."""
        return self._running(scope, window, at_ms, zone, day_starts_ms).cell

    def versions(self, scopes: Iterable[str], rings: Iterable[str]) -> list[int]:
        """Other ones whenever a cell of any of the scopes, in any of the rings, is another one."""
        return [self.series(ring, scope).version for scope in scopes for ring in rings]

    def told(
        self, tell: Callable[..., T], scope: str, windows: Sequence[Window], at_ms: int, zone: str, starts_ms: int = 0
    ) -> T:
        """What a function says of such sums, one for each window, remembered while these stay as they are."""
        sums = [self._running(scope, window, at_ms, zone, starts_ms) for window in windows]
        versions = [each.version for each in sums]
        known = sums[0].told.get(tell)
        if known is None or known[0] != versions:
            known = sums[0].told[tell] = versions, tell(*(each.cell for each in sums))
        found: T = known[1]
        return found

    def _running(self, scope: str, window: Window, at_ms: int, zone: str, day_starts_ms: int) -> Running:
        to = _span(window, at_ms, zone, None, day_starts_ms)
        series = self.series(window.ring, scope)
        if series.stale:
            series.refresh()
        running = series.running.get(window)
        if running is None:
            running = series.running[window] = Running(to, self.total(scope, to))
        elif running.span != to:
            since = running.span
            if not since.first <= to.first <= since.last <= to.last:
                running = series.running[window] = Running(to, self.total(scope, to))
            else:
                running.add(series.at(_starts(Span(to.ring, since.last, to.last), zone)[1:]))
                running.add(series.at(_starts(Span(to.ring, since.first, to.first), zone)[:-1]), -1)
            running.span = to
        return running


def _size(ring: str) -> int:
    """Seconds from one bucket to the next; 0 where that varies."""
    return 0 if ring == "d" else RINGS[ring].size_ms // 1000
