"""How sure a figure is, and whether it gets worse: 95 % intervals, and three declines in a row. Pure.

A share has Wilson's score interval, a mean the normal one from its sum and sum of squares, the net promoter score that
of a mean of answers worth 100, 0 and -100. A figure is *declining* when in each of the last three windows it was worse
than the whole interval of the window before, with 30 answers, contacts or customers at least in each of the four.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import sqrt
from typing import NamedTuple

from stream.core.figures import customers, outcomes, surveys
from stream.core.measures import CODES, Cell

Z = 1.959963984540054
"""So many standard deviations hold 95 % of a normal distribution, on both sides."""
LEAST, IN_A_ROW = 30, 3
_C = CODES


class Estimate(NamedTuple):
    """A figure of n things, with its 95 % interval; None where n says nothing about how they vary."""

    value: float
    n: int
    low: float | None
    high: float | None


class Trended(NamedTuple):
    """A figure that is followed. `higher`: more is better. `estimate` gives None where there is no value."""

    key: str
    higher: bool
    estimate: Callable[[Cell], Estimate | None]


def wilson(part: float, n: int) -> tuple[float, float]:
    """Wilson's score interval of a share. More than all, which some rates can be, is taken for a Poisson count.

    >>> [round(each, 4) for each in (*wilson(8, 10), *wilson(0, 10), *wilson(30, 20))]
    [0.4902, 0.9433, 0.0, 0.2775, 0.9632, 2.0368]
    """
    if part > n:
        half = Z * sqrt(part) / n
        return part / n - half, part / n + half
    middle, spread = part + Z * Z / 2, Z * sqrt(part * (n - part) / n + Z * Z / 4)
    return max((middle - spread) / (n + Z * Z), 0.0), min((middle + spread) / (n + Z * Z), 1.0)


def normal(total: float, squares: float, n: int) -> tuple[float, float] | None:
    """The normal interval of a mean; None for a single value.

    >>> [round(each, 4) for each in normal(12, 50, 3) or ()]  # 3, 4 and 5
    [2.8684, 5.1316]
    >>> normal(4, 16, 1) is None
    True
    """
    if n < 2:
        return None
    mean = total / n
    half = Z * sqrt(max(squares - total * mean, 0.0) / (n - 1) / n)
    return mean - half, mean + half


def _share(part: str, whole: str, scale: int = 1) -> Callable[[Cell], Estimate | None]:
    def estimate(cell: Cell) -> Estimate | None:
        k, n = cell.get(_C[part], 0), cell.get(_C[whole], 0)
        if n <= 0:
            return None
        low, high = wilson(max(k, 0), n)
        return Estimate(scale * k / n, n, scale * low, scale * high)

    return estimate


def _mean(name: str, count: str, low: int, high: int) -> Callable[[Cell], Estimate | None]:
    """`low`, `high`: the ends of the scale."""

    def estimate(cell: Cell) -> Estimate | None:
        total, squares, n = (cell.get(_C[code], 0) for code in (f"{name}_sum", f"{name}_squares", count))
        if n <= 0:
            return None
        found = normal(total, squares, n)
        if found is None:
            return Estimate(total / n, n, None, None)
        return Estimate(total / n, n, max(found[0], low), min(found[1], high))

    return estimate


def _nps(cell: Cell) -> Estimate | None:
    value, n = surveys.nps(cell), cell.get(_C["nps_answers"], 0)
    if value is None:
        return None
    ups, downs = cell.get(_C["nps_promoters"], 0), cell.get(_C["nps_detractors"], 0)
    found = normal(100 * (ups - downs), 10_000 * (ups + downs), n)
    if found is None:
        return Estimate(value, n, None, None)
    return Estimate(value, n, max(found[0], -100.0), min(found[1], 100.0))


FCR = Trended("fcr", True, _share("resolved_contacts", "first_contacts"))
REPEAT_RATE = Trended("repeat_rate", False, _share("repeated_contacts", "first_contacts"))
OF_CHANNELS = (
    Trended(outcomes.repeat_inflow.__name__, False, _share("repeats", "identified")),
    Trended(surveys.nps.__name__, True, _nps),
    Trended(surveys.csat.__name__, True, _share("csat_satisfied", "csat_answers")),
    Trended(surveys.csat_mean.__name__, True, _mean("csat", "csat_answers", 1, 5)),
    Trended(surveys.ces.__name__, True, _mean("ces", "ces_answers", 1, 7)),
    Trended(surveys.complaints_per_1000.__name__, False, _share("complaints", "interactions_started", 1000)),
)
OF_CENTER = (
    Trended(customers.churn.__name__, False, _share("customers_left", "customers_at_start")),
    Trended(customers.early_churn.__name__, False, _share("left_early", "customers_joined")),
    Trended(customers.retention.__name__, True, _share("customers_kept", "customers_at_start")),
    Trended(customers.return_rate.__name__, False, _share("orders_returned", "orders")),
    Trended(customers.repeat_purchase.__name__, True, _share("repeat_buyers", "buyers")),
    Trended(surveys.reviews_mean.__name__, True, _mean("reviews", "reviews", 1, 5)),
    Trended(surveys.bad_review_share.__name__, False, _share("bad_reviews", "reviews")),
)
"""What only the row of all channels has."""


def declining(found: Sequence[Estimate | None], *, higher: bool) -> bool:
    """Whether a figure of windows, the latest first, got worse three times in a row, each time beyond doubt.

    >>> fall = [Estimate(value, 400, value - 0.04, value + 0.04) for value in (0.6, 0.65, 0.7, 0.75)]
    >>> declining(fall, higher=True), declining(fall, higher=False), declining(fall[:3], higher=True)
    (True, False, False)
    """
    if len(found) <= IN_A_ROW:
        return False
    for now, before in pairwise(found[: IN_A_ROW + 1]):
        if now is None or before is None or min(now.n, before.n) < LEAST or before.low is None or before.high is None:
            return False
        if not (now.value < before.low if higher else now.value > before.high):
            return False
    return True
