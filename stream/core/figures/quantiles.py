"""Quantiles of waits, handle times and first responses: nearest rank, in seconds, within 2 %. Source: DDSketch."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from stream.core.figures.sketch import middle, ranked
from stream.core.measures import HANDLE_BINS, RESPONSE_BINS, WAIT_BINS, Cell

QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
_QS = tuple(QUANTILES.values())
_BINS = 1000


def quantile_seconds(cell: Cell, base: int, codes: Sequence[int] | None = None) -> dict[str, float | None]:
    """Nearest-rank p50, p90, p95, p99 in seconds of the sketch at `base`, within 2 %; None when it is empty.

    `codes`: those of the cell, ascending, where they are known.

    >>> from stream.core.figures.sketch import bin_of
    >>> found = quantile_seconds({WAIT_BINS + bin_of(0): 9, WAIT_BINS + bin_of(60_000): 1}, WAIT_BINS)
    >>> found["p90"], abs((found["p95"] or 0) - 60) < 1.2
    (0.0, True)
    """
    codes = sorted(cell) if codes is None else codes
    of_sketch = codes[bisect_left(codes, base) : bisect_left(codes, base + _BINS)]
    found = ranked(of_sketch, map(cell.__getitem__, of_sketch), _QS)
    return {
        name: None if code is None else middle(code - base) / 1000 for name, code in zip(QUANTILES, found, strict=True)
    }


def wait_quantile_seconds(cell: Cell, codes: Sequence[int] | None = None) -> dict[str, float | None]:
    """Quantiles of the wait: so long at most waited half, 90, 95 or 99 % of those who were answered.

    Formula: nearest rank, within 2 %, of the waits of answered segments.
    Unit: seconds.
    Leaves out: the waits that nobody answered.
    Source: DDSketch (Masson, Rim, Lee 2019), which adds over queues and shards.
    Elsewhere: Genesys Cloud has p95 and p99. Most others have the mean and the maximum alone.

    >>> wait_quantile_seconds({})["p50"] is None
    True
    """
    return quantile_seconds(cell, WAIT_BINS, codes)


def handle_quantile_seconds(cell: Cell, codes: Sequence[int] | None = None) -> dict[str, float | None]:
    """Quantiles of the handle time: so long at most took half, 90, 95 or 99 % of the handled segments.

    Formula: nearest rank, within 2 %, of the handle times of handled segments.
    Unit: seconds.
    Leaves out: what the average handle time leaves out.
    Source: DDSketch.
    Elsewhere: as for the wait.

    >>> handle_quantile_seconds({HANDLE_BINS: 1})["p99"]
    0.0
    """
    return quantile_seconds(cell, HANDLE_BINS, codes)


def first_response_quantile_seconds(cell: Cell, codes: Sequence[int] | None = None) -> dict[str, float | None]:
    """Quantiles of the first response: so long at most waited half, 90, 95 or 99 % of the threads.

    Formula: nearest rank, within 2 %, of the elapsed first responses.
    Unit: seconds.
    Leaves out: threads without a response.
    Source: DDSketch.
    Elsewhere: as for the wait.

    >>> first_response_quantile_seconds({RESPONSE_BINS: 1})["p50"]
    0.0
    """
    return quantile_seconds(cell, RESPONSE_BINS, codes)
