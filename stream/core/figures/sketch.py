"""Quantiles from sums: a histogram with bins that grow by gamma = 1.04, so that a bin's middle is off by at most 2 %.

Bins add and subtract like any other measure. Values are integer milliseconds >= 0; 0 has a bin of its own.
Source: DDSketch (Masson, Rim, Lee, 2019), relative error (gamma - 1) / (gamma + 1) = 0.0196.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from math import ceil, log
from typing import Final

GAMMA: Final = 1.04
_SCALE: Final = 1 / log(GAMMA)


def bin_of(value: int) -> int:
    """The bin of a value in milliseconds: 0 for 0, else 1 + ceil(log_gamma(value)).

    >>> bin_of(0), bin_of(1), bin_of(2)
    (0, 1, 19)
    """
    return 1 + ceil(log(float(value)) * _SCALE) if value > 0 else 0


def middle(index: int) -> float:
    """The value in milliseconds that stands for a bin: within 2 % of every value in it.

    >>> middle(0), middle(1)
    (0.0, 1.0)
    >>> all(abs(middle(bin_of(v)) - v) <= 0.02 * v for v in range(1, 100_000, 7))
    True
    """
    if index <= 1:
        return float(index)
    return 2 * GAMMA ** (index - 1) / (GAMMA + 1)


def quantile(bins: dict[int, int], q: float) -> float | None:
    """Nearest-rank quantile (rank ceil(q * n)) in milliseconds of bin -> count; None when empty.

    >>> quantile({}, 0.5) is None, quantile({0: 9, bin_of(1000): 1}, 0.9)
    (True, 0.0)
    """
    return quantiles(bins, (q,))[0]


def quantiles(bins: dict[int, int], qs: Sequence[float]) -> list[float | None]:
    """Several quantiles in one pass.

    >>> quantiles({0: 9, bin_of(1000): 1}, (0.5, 0.9, 0.95)) == [0.0, 0.0, middle(bin_of(1000))]
    True
    """
    indices = sorted(bins)
    seen = list(accumulate(map(bins.__getitem__, indices)))
    if not seen or seen[-1] <= 0:
        return [None] * len(qs)
    return [middle(indices[bisect_left(seen, rank(q, seen[-1]))]) for q in qs]


def rank(q: float, count: int) -> int:
    """The nearest rank of a quantile of so many.

    >>> rank(0.5, 3), rank(0.9, 10)
    (2, 9)
    """
    return ceil(q * count - 1e-9)
