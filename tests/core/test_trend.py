"""How sure a figure is, worked by hand, and when it declines."""

from __future__ import annotations

from math import isclose, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.core.figures.trend import FCR, OF_CENTER, OF_CHANNELS, REPEAT_RATE, Estimate, declining, normal, wilson
from stream.core.measures import CODES

FIGURES = {figure.key: figure for figure in (FCR, REPEAT_RATE, *OF_CHANNELS, *OF_CENTER)}


def cell(**measures: int) -> dict[int, int]:
    return {CODES[name]: n for name, n in measures.items()}


@pytest.mark.parametrize(("part", "n", "low", "high"), [
    (8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (1, 1, 0.2065, 1.0),
    (520, 1000, 0.4890, 0.5508), (15, 148, 0.0624, 0.1605),
])  # fmt: skip
def test_a_share_has_wilsons_interval(part: int, n: int, low: float, high: float) -> None:
    assert wilson(part, n) == pytest.approx((low, high), abs=5e-5)


@given(n=st.integers(1, 10_000), share=st.floats(0, 1))
def test_wilsons_interval_holds_the_share_and_lies_in_0_to_1(n: int, share: float) -> None:
    part = round(share * n)
    low, high = wilson(part, n)
    assert 0 <= low <= part / n + 1e-12
    assert part / n - 1e-12 <= high <= 1


@given(values=st.lists(st.integers(1, 7), min_size=2, max_size=50))
def test_a_means_interval_is_that_of_its_values(values: list[int]) -> None:
    mean = sum(values) / len(values)
    spread = sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
    low, high = normal(sum(values), sum(value**2 for value in values), len(values)) or (0, 0)
    half = 1.959963984540054 * spread / sqrt(len(values))
    assert isclose(low, mean - half, abs_tol=1e-6)
    assert isclose(high, mean + half, abs_tol=1e-6)


@pytest.mark.parametrize(("key", "measures", "value", "n", "low", "high"), [
    ("fcr", {"first_contacts": 10, "resolved_contacts": 8}, 0.8, 10, 0.4902, 0.9433),
    ("repeat_rate", {"first_contacts": 10, "repeated_contacts": 8}, 0.8, 10, 0.4902, 0.9433),
    # 50 of 100 promote, 20 detract: 30; the answers' variance is 10000 · 0.70 - 900 = 6100, · 100/99
    ("nps", {"nps_answers": 100, "nps_promoters": 50, "nps_detractors": 20}, 30, 100, 14.615, 45.385),
    ("nps", {"nps_answers": 1, "nps_promoters": 1}, 100, 1, None, None),
    ("nps", {"nps_answers": 4, "nps_promoters": 3}, 75, 4, 26.0, 100),
    ("csat", {"csat_answers": 10, "csat_satisfied": 8}, 0.8, 10, 0.4902, 0.9433),
    # 2, 4, 4 and 5: mean 3.75, variance 1.5833
    ("csat_mean", {"csat_answers": 4, "csat_sum": 15, "csat_squares": 61}, 3.75, 4, 2.5169, 4.9831),
    ("ces", {"ces_answers": 2, "ces_sum": 13, "ces_squares": 85}, 6.5, 2, 5.52, 7),
    ("complaints_per_1000", {"complaints": 8, "interactions_started": 10}, 800, 10, 490.16, 943.31),
    ("churn", {"customers_at_start": 20, "customers_left": 30}, 1.5, 20, 0.9632, 2.0368),
    ("retention", {"customers_at_start": 10, "customers_kept": 10}, 1, 10, 0.7225, 1),
    ("reviews_mean", {"reviews": 1, "reviews_sum": 4, "reviews_squares": 16}, 4, 1, None, None),
    ("bad_review_share", {"reviews": 10}, 0, 10, 0, 0.2775),
])  # fmt: skip
def test_a_figure_has_its_value_and_interval(
    key: str, measures: dict[str, int], value: float, n: int, low: float | None, high: float | None
) -> None:
    found = FIGURES[key].estimate(cell(**measures))
    assert found is not None
    assert (found.value, found.n) == (pytest.approx(value), n)
    for bound, expected in ((found.low, low), (found.high, high)):
        assert bound is expected is None or bound == pytest.approx(
            expected, abs=0.01 if value >= 30 else 5e-5, rel=1e-3
        )


@pytest.mark.parametrize("key", FIGURES)
def test_nothing_to_divide_by_is_no_value(key: str) -> None:
    assert FIGURES[key].estimate({}) is None


def shares(*values: float, n: int = 1000) -> list[Estimate | None]:
    """Estimates of FCR, the latest first."""
    return [FCR.estimate(cell(first_contacts=n, resolved_contacts=round(value * n))) for value in values]


@pytest.mark.parametrize(("values", "n", "so"), [
    ((0.70, 0.74, 0.78, 0.82), 1000, True),  # 0.74 has 0.712 to 0.766, 0.78 has 0.753 to 0.805, 0.82 to 0.795
    ((0.72, 0.74, 0.78, 0.82), 1000, False),  # the last decline may be chance
    ((0.70, 0.74, 0.80, 0.82), 1000, False),  # so may the first one: 0.82 begins at 0.795
    ((0.70, 0.74, 0.78), 1000, False),  # two in a row
    ((0.70, 0.74, 0.78, 0.82), 30, False),  # with so few it may all be chance
    ((0.10, 0.40, 0.70, 0.95), 29, False),  # fewer than 30 say nothing
    ((0.10, 0.40, 0.70, 0.97), 30, True),
    ((0.82, 0.78, 0.74, 0.70), 1000, False),  # it rises
])  # fmt: skip
def test_three_declines_in_a_row_each_below_the_interval_before(values: tuple[float, ...], n: int, so: bool) -> None:
    assert declining(shares(*values, n=n), higher=True) is so
    assert declining(shares(*(1 - value for value in values), n=n), higher=False) is so


def test_what_is_not_known_is_no_decline() -> None:
    fall = shares(0.70, 0.74, 0.78, 0.82)
    for gap in range(4):
        assert not declining([None if i == gap else each for i, each in enumerate(fall)], higher=True)
    single = FIGURES["nps"].estimate(cell(nps_answers=1, nps_promoters=1))
    assert not declining([*fall[:3], single], higher=True)
    assert declining([*fall, None], higher=True), "older windows do not matter"
