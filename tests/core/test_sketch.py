"""Quantiles from bins are within 2 % of the order statistic, and merge by addition."""

from __future__ import annotations

from collections import Counter
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from stream.core.figures.sketch import bin_of, middle, quantile, quantiles

WAITS = st.lists(st.integers(0, 400 * 86_400_000), min_size=1, max_size=200)


@given(waits=WAITS, q=st.sampled_from((0.5, 0.9, 0.95, 0.99)))
def test_a_quantile_is_within_two_percent_of_the_nearest_rank(waits: list[int], q: float) -> None:
    exact = sorted(waits)[ceil(q * len(waits) - 1e-9) - 1]
    got = quantile(Counter(map(bin_of, waits)), q)
    assert got is not None
    assert abs(got - exact) <= 0.02 * exact


@given(one=WAITS, other=WAITS)
def test_bins_add_up_and_subtract(one: list[int], other: list[int]) -> None:
    both = Counter(map(bin_of, one + other))
    assert Counter(map(bin_of, one)) + Counter(map(bin_of, other)) == both
    both.subtract(map(bin_of, other))
    assert quantile(+both, 0.9) == quantile(Counter(map(bin_of, one)), 0.9)


@given(value=st.integers(0, 2**45))
def test_a_value_lies_within_two_percent_of_the_middle_of_its_bin(value: int) -> None:
    assert abs(middle(bin_of(value)) - value) <= 0.02 * value
    assert bin_of(value) < 1000


@given(counts=st.dictionaries(st.integers(0, 400), st.integers(1, 50), max_size=30))
def test_several_quantiles_in_one_pass_are_what_each_is_alone(counts: dict[int, int]) -> None:
    qs = (0.01, 0.5, 0.9, 0.95, 0.99, 1.0)
    ranked = [middle(index) for index in sorted(counts) for _ in range(counts[index])]
    wanted = [ranked[max(1, ceil(q * len(ranked) - 1e-9)) - 1] if ranked else None for q in qs]
    assert quantiles(counts, qs) == [quantile(counts, q) for q in qs] == wanted
