"""The last hour of a queue in twelve buckets of five minutes: level and offered. Read anew only where cells changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from stream.core.figures.explained import FIGURES
from stream.core.measures import CODES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.core.figures.explained import Terms
    from stream.state.series import Series

BUCKETS, BUCKET_SECONDS = 12, 300
_decode = msgspec.msgpack.Decoder(dict[int, int]).decode

Counts = tuple[int, int, int]
"""Offered; numerator and denominator of the level."""


class _Bucket(NamedTuple):
    """The packed cells, shard by shard; what each counts; the level and the offered of all."""

    packed: list[bytes]
    counts: list[Counts]
    level: float | None
    offered: int


class _Known(NamedTuple):
    version: int
    last: int
    buckets: dict[int, _Bucket]
    shown: dict[str, list[Any]]


def _codes(terms: Terms) -> list[tuple[int, int]]:
    return [(sign, CODES[name]) for sign, name in terms]


class Sparks:
    """The buckets of queues whose level is one figure. `figure`: its key in FIGURES."""

    def __init__(self, figure: str) -> None:
        self._above, self._below = _codes(FIGURES[figure].numerator), _codes(FIGURES[figure].denominator)
        self._known: dict[str, _Known] = {}

    def of(self, series: Series, scope: str, now_ms: int) -> dict[str, list[Any]]:
        """The buckets of a scope that end with the one of `now`, oldest first; the same object while they stay.

        `series`: its five minutes.
        """
        last = now_ms // 1000 // BUCKET_SECONDS * BUCKET_SECONDS
        known = self._known.get(scope)
        if known is not None and (known.version, known.last) == (series.version, last):
            return known.shown
        before = {} if known is None else known.buckets
        buckets = {
            start: self._bucket(series.cells(start), before.get(start))
            for start in range(last - (BUCKETS - 1) * BUCKET_SECONDS, last + 1, BUCKET_SECONDS)
        }
        found = buckets.values()
        shown: dict[str, list[Any]] = {
            "level": [each.level for each in found],
            "offered": [each.offered for each in found],
        }
        if known is not None and shown == known.shown:
            shown = known.shown
        self._known[scope] = _Known(series.version, last, buckets, shown)
        return shown

    def _bucket(self, packed: list[bytes], known: _Bucket | None) -> _Bucket:
        if known is None or len(known.packed) != len(packed):
            counts = [self._counts(each) for each in packed]
        elif known.packed == packed:
            return known
        else:
            before = zip(known.packed, known.counts, strict=True)
            counts = [
                count if each == was else self._counts(each)
                for each, (was, count) in zip(packed, before, strict=True)
            ]  # fmt: skip
        offered, above, below = (sum(each) for each in zip(*counts, strict=True)) if counts else (0, 0, 0)
        return _Bucket(packed, counts, above / below if below > 0 else None, offered)

    def _counts(self, packed: bytes) -> Counts:
        get = _decode(packed).get
        return get(_OFFERED, 0), _total(get, self._above), _total(get, self._below)


_OFFERED = CODES["offered"]


def _total(get: Any, codes: Sequence[tuple[int, int]]) -> int:
    total = 0
    for sign, code in codes:
        total += sign * get(code, 0)
    return total
