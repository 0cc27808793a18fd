"""Quantiles of waits, handle times and first responses: nearest rank, in seconds, within 2 %. Source: DDSketch."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

from stream.core.figures.sketch import middle, rank
from stream.core.measures import HANDLE_BINS, RESPONSE_BINS, WAIT_BINS, Cell

QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
_QS = tuple(QUANTILES.values())
_BINS = 1000
_SECONDS = tuple(middle(index) / 1000 for index in range(_BINS))


@lru_cache(maxsize=4096)
def _ranks(count: int) -> tuple[int, ...]:
    return tuple(rank(q, count) for q in _QS)


def quantile_seconds(cell: Cell, bases: Sequence[int]) -> list[float | None]:
    """Nearest-rank p50, p90, p95, p99 in seconds, within 2 %, of the sketch at each base in turn; None: it is empty.

    `bases`: ascending.

    >>> from stream.core.figures.sketch import bin_of
    >>> found = quantile_seconds({WAIT_BINS + bin_of(0): 9, WAIT_BINS + bin_of(60_000): 1}, (WAIT_BINS, HANDLE_BINS))
    >>> found[:2], abs((found[2] or 0) - 60) < 1.2, found[4:]
    ([0.0, 0.0], True, [None, None, None, None])
    """
    codes = sorted(cell)
    codes = codes[bisect_left(codes, bases[0]) : bisect_left(codes, bases[-1] + _BINS)]
    seen = list(accumulate(map(cell.__getitem__, codes), initial=0))
    found: list[float | None] = []
    for base in bases:
        first, end = bisect_left(codes, base), bisect_left(codes, base + _BINS)
        before = seen[first]
        if seen[end] > before:
            for each in _ranks(seen[end] - before):
                code = codes[bisect_left(seen, before + each, first + 1, end + 1) - 1]
                found.append(_SECONDS[code - base])
        else:
            found += [None] * len(_QS)
    return found


def _by_name(cell: Cell, base: int) -> dict[str, float | None]:
    return dict(zip(QUANTILES, quantile_seconds(cell, (base,)), strict=True))


def wait_quantile_seconds(cell: Cell) -> dict[str, float | None]:
    """Quantiles of the wait: so long at most waited half, 90, 95 or 99 % of those who were answered.

    Formula: nearest rank, within 2 %, of the waits of answered segments.
    Unit: seconds.
    Leaves out: the waits that nobody answered.
    Source: DDSketch (Masson, Rim, Lee 2019), which adds over queues and shards.
    Elsewhere: Genesys Cloud has p95 and p99. Most others have the mean and the maximum alone.

    >>> wait_quantile_seconds({})["p50"] is None
    True
    """
    return _by_name(cell, WAIT_BINS)


def handle_quantile_seconds(cell: Cell) -> dict[str, float | None]:
    """Quantiles of the handle time: so long at most took half, 90, 95 or 99 % of the handled segments.

    Formula: nearest rank, within 2 %, of the handle times of handled segments.
    Unit: seconds.
    Leaves out: what the average handle time leaves out.
    Source: DDSketch.
    Elsewhere: as for the wait.

    >>> handle_quantile_seconds({HANDLE_BINS: 1})["p99"]
    0.0
    """
    return _by_name(cell, HANDLE_BINS)


def first_response_quantile_seconds(cell: Cell) -> dict[str, float | None]:
    """Quantiles of the first response: so long at most waited half, 90, 95 or 99 % of the threads.

    Formula: nearest rank, within 2 %, of the elapsed first responses.
    Unit: seconds.
    Leaves out: threads without a response.
    Source: DDSketch.
    Elsewhere: as for the wait.

    >>> first_response_quantile_seconds({RESPONSE_BINS: 1})["p50"]
    0.0
    """
    return _by_name(cell, RESPONSE_BINS)
