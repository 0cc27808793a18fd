"""Sums over windows of the cells of all shards.

Cells stay packed, shard by shard, until a window needs them: most never do. A window that is asked for again and again
is a *running sum*: what enters is added, what leaves is subtracted, and differences to buckets inside are added when it
is asked for; any other window is summed anew. Knows nothing of Redis and of figures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import count
from typing import Any, TypeVar

import msgspec

from stream.core.books.cells import merge
from stream.core.measures import Cell, add
from stream.core.times.window import RINGS, Span, Window, span, starts

Part = dict[int, bytes]
"""Bucket start (epoch seconds) -> packed cell, of one ring, one scope and one shard."""

MOST_STALE = 50
"""Cells of a part, on average."""
T = TypeVar("T")
_versions = count()
_span, _starts = lru_cache(maxsize=256)(span), lru_cache(maxsize=256)(starts)
_decode = msgspec.msgpack.Decoder(dict[int, int]).decode


def total_of(packed: list[bytes]) -> Cell:
    """The sum of packed cells.

    >>> total_of([msgspec.msgpack.encode(cell) for cell in ({1: 2, 3: 1}, {1: 1, 3: -1})])
    {1: 3}
    """
    if not packed:
        return {}
    total = _decode(packed[0])
    get = total.get
    for each in packed[1:]:
        for code, n in _decode(each).items():
            total[code] = get(code, 0) + n
    return {code: n for code, n in total.items() if n} if 0 in total.values() else total


def difference(before: bytes | None, after: bytes | None) -> Cell:
    """What one packed cell in place of another one adds; None is an empty one. Most of their codes are equal.

    >>> pack = msgspec.msgpack.encode
    >>> difference(pack({1: 3, 2: 7, 5: 1}), pack({1: 3, 2: 8, 4: 1}))
    {2: 1, 4: 1, 5: -1}
    """
    if before is None:
        return {} if after is None else _decode(after)
    return exchanged(_decode(before), {} if after is None else _decode(after))


def exchanged(before: Cell, after: Cell) -> Cell:
    """The same of two cells."""
    was = before.get
    found = {code: n - was(code, 0) for code, n in after.items() if was(code) != n}
    if len(before) + len(found.keys() - before.keys()) != len(after):
        found |= {code: -before[code] for code in before.keys() - after.keys()}
    return found


class _Running:
    """`cell` begins with its codes in order, which they mostly keep: who sorts them again has little to do.

    `version`: another one whenever the cell is another one. `told`: what functions said of it, and of which versions.
    """

    __slots__ = ("cell", "span", "told", "version")

    def __init__(self, of: Span, cell: Cell) -> None:
        self.span, self.cell = of, dict(sorted(cell.items()))
        self.version = next(_versions)
        self.told: dict[Callable[..., Any], tuple[list[int], Any]] = {}

    def add(self, other: Cell, sign: int = 1) -> None:
        """Add to the cell, or subtract."""
        if other:
            add(self.cell, other, sign)
            self.version = next(_versions)


class Series:
    """One ring of one scope: a part of each shard that has any of it, and the running sums over all parts.

    `stale`: cells that the running sums hold as they were, None was not there; looked at when a sum is asked for, since
    between two looks the same ones change many times. Where nobody looks for long, the running sums are given up.
    `version`: another one whenever a cell is another one.
    """

    __slots__ = ("parts", "running", "stale", "version")

    def __init__(self) -> None:
        self.version = 0
        self.parts: list[Part] = []
        self.running: dict[Window, _Running] = {}
        self.stale: dict[tuple[int, int], tuple[Part, bytes | None]] = {}

    def change(self, part: Part, start: int, before: bytes | None) -> None:
        """Tell the running sums that a cell of a part was another one; None: there was none."""
        self.version += 1
        if not self.running:
            return
        self.stale.setdefault((start, id(part)), (part, before))
        if len(self.stale) > MOST_STALE * len(self.parts):
            self.running.clear()
            self.stale.clear()

    def refresh(self) -> None:
        """Bring the running sums up to date, each over its span."""
        changes: dict[tuple[Window, ...], Cell] = {}
        of_start: dict[int, Cell | None] = {}
        for (start, _), (part, before) in self.stale.items():
            if start not in of_start:
                within = tuple(
                    window for window, sum_ in self.running.items() if sum_.span.first <= start <= sum_.span.last
                )
                of_start[start] = changes.setdefault(within, {}) if within else None
            change = of_start[start]
            if change is not None:
                merge(change, difference(before, part.get(start)))
        self.stale.clear()
        for within, added in changes.items():
            for window in within:
                self.running[window].add(added)

    def between(self, first: int, last: int | None, size: int) -> Cell:
        """The sum of the buckets of `size` seconds from `first` to `last`, both included; None: to the end."""
        packed: list[bytes] = []
        for part in self.parts:
            if last is None or not size or (last - first) // size >= len(part):
                packed += [cell for at, cell in part.items() if first <= at and (last is None or at <= last)]
            else:
                packed += [part[at] for at in range(first, last + 1, size) if at in part]
        return total_of(packed)

    def at(self, buckets: Sequence[int]) -> Cell:
        """The sum of the buckets with these starts."""
        return total_of([part[start] for start in buckets for part in self.parts if start in part])


class Sums:
    """Cells by ring and scope."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, str], Series] = {}

    def series(self, ring: str, scope: str) -> Series:
        """One ring of one scope, to be filled."""
        known = self._series.get((ring, scope))
        if known is None:
            known = self._series[ring, scope] = Series()
        return known

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

    def _running(self, scope: str, window: Window, at_ms: int, zone: str, day_starts_ms: int) -> _Running:
        to = _span(window, at_ms, zone, None, day_starts_ms)
        series = self.series(window.ring, scope)
        if series.stale:
            series.refresh()
        running = series.running.get(window)
        if running is None:
            running = series.running[window] = _Running(to, self.total(scope, to))
        elif running.span != to:
            since = running.span
            if not since.first <= to.first <= since.last <= to.last:
                running = series.running[window] = _Running(to, self.total(scope, to))
            else:
                running.add(series.at(_starts(Span(to.ring, since.last, to.last), zone)[1:]))
                running.add(series.at(_starts(Span(to.ring, since.first, to.first), zone)[:-1]), -1)
            running.span = to
        return running


def _size(ring: str) -> int:
    """Seconds from one bucket to the next; 0 where that varies."""
    return 0 if ring == "d" else RINGS[ring].size_ms // 1000
