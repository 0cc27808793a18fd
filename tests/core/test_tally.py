"""Counters never go down: what an event takes back, net of what it adds, is counted on its own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.core.books.tally import Tally
from stream.core.measures import GAP_BINS, HANDLE_BINS, HANDLE_BOUNDS, RESPONSE_BINS, WAIT_BINS, WAIT_BOUNDS
from stream.core.stage import Change, Stamp

A, B = "phone|i|qa", "phone|i|qb"


def test_an_event_is_netted_by_scope_and_code_before_it_is_counted() -> None:
    tally = Tally()
    tally.take(Change(added=[(5_000, A, (1, 1)), (5_000, A, (11, 1, 15, 700))]))
    tally.take(Change(added=[(25_000, A, (11, 1, 15, 900))], removed=[(5_000, A, (11, 1, 15, 700))]))
    assert tally.totals(tally.buckets)[0] == {A: {1: 1, 11: 1, 15: 900}}
    assert {code: n for code, n in tally.retracted[A].items() if n} == {}
    assert tally.buckets == {(0, A): {1: 1, 11: 0, 15: 0}, (2, A): {11: 1, 15: 900}}


def test_what_moves_to_another_scope_is_taken_back_there_and_gained_here() -> None:
    tally = Tally()
    tally.take(Change(added=[(5_000, A, (1, 1))]))
    tally.take(Change(added=[(5_000, B, (1, 1))], removed=[(5_000, A, (1, 1))]))
    assert tally.totals(tally.buckets)[0] == {A: {1: 1}, B: {1: 1}}
    assert tally.retracted == {A: {1: 1}}


def test_sketch_bins_are_in_the_cells_and_in_no_total() -> None:
    tally = Tally()
    tally.take(Change(added=[(5_000, A, (2, 1, WAIT_BINS + 7, 1, WAIT_BOUNDS, 1))]))
    tally.take(Change(removed=[(5_000, A, (2, 1, WAIT_BINS + 7, 1, WAIT_BOUNDS, 1))]))
    assert tally.totals(tally.buckets) == ({A: {2: 1, WAIT_BOUNDS: 1}}, {A: {2: 1, WAIT_BOUNDS: 1}})
    tally.take(Change(added=[(5_000, B, (WAIT_BOUNDS - 1, 1))]))
    assert tally.totals(tally.buckets)[0][B] == {}
    assert tally.buckets[0, B] == {WAIT_BOUNDS - 1: 1}


@pytest.mark.parametrize("code", [WAIT_BINS, HANDLE_BINS - 1, HANDLE_BINS, RESPONSE_BINS, WAIT_BOUNDS - 1, GAP_BINS])
def test_no_bin_at_all_is_in_a_total(code: int) -> None:
    tally = Tally()
    tally.take(Change(added=[(5_000, A, (code, 2, 1, 1))], removed=[(5_000, A, (code, 3))]))
    assert tally.totals(tally.buckets) == ({A: {1: 1}}, {A: {}})
    assert tally.buckets == {(0, A): {code: -1, 1: 1}}


@pytest.mark.parametrize("code", [1, WAIT_BINS - 1, WAIT_BOUNDS, HANDLE_BOUNDS + 9, GAP_BINS - 1])
def test_all_else_is(code: int) -> None:
    tally = Tally()
    tally.take(Change(added=[(5_000, A, (code, 2))]))
    assert tally.totals(tally.buckets)[0] == {A: {code: 2}}


Told = list[tuple[int, str, dict[int, int]]]
CELLS = st.dictionaries(st.integers(1, 3), st.integers(1, 4), min_size=1)
STAMPS = st.lists(st.tuples(st.sampled_from((5_000, 9_999, 10_000)), st.sampled_from((A, B)), CELLS), max_size=3)


def stamps(told: Told) -> list[Stamp]:
    return [(at, scope, tuple(x for pair in cell.items() for x in pair)) for at, scope, cell in told]


def solid(cells: Mapping[Any, Mapping[int, int]]) -> dict[Any, dict[int, int]]:
    found = {key: {code: n for code, n in cell.items() if n} for key, cell in cells.items()}
    return {key: cell for key, cell in found.items() if cell}


def check(changes: list[tuple[Told, Told]]) -> None:
    """Buckets and what was taken back of (added, removed), against plain sums."""
    tally = Tally()
    buckets: defaultdict[tuple[int, str], Counter[int]] = defaultdict(Counter)
    lost: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for added, removed in changes:
        tally.take(Change(added=stamps(added), removed=stamps(removed)))
        nets: defaultdict[str, Counter[int]] = defaultdict(Counter)
        for sign, told in ((1, added), (-1, removed)):
            for at, scope, cell in told:
                for code, n in cell.items():
                    buckets[at // 10_000, scope][code] += sign * n
                    nets[scope][code] += sign * n
        for scope, net in nets.items():
            lost[scope].update({code: -n for code, n in net.items() if n < 0})
    assert solid(tally.buckets) == solid(buckets)
    assert solid(tally.retracted) == solid(lost)


@given(st.lists(st.tuples(STAMPS, STAMPS), max_size=4))
def test_buckets_are_what_was_added_less_what_was_taken_back_and_each_event_is_netted(changes: Any) -> None:
    check(changes)


@pytest.mark.parametrize(("at", "scope"), [(5_000, A), (9_999, A), (10_000, A), (5_000, B)])
def test_so_are_those_of_one_stamp_in_the_place_of_another(at: int, scope: str) -> None:
    cells = [{code: n for code, n in enumerate(ns, 1) if n} for ns in product(range(3), repeat=3)]
    for before, after in product([cell for cell in cells if cell], repeat=2):
        first, second = (5_000, A, before), (at, scope, after)
        check([([first], []), ([second], [first]), ([first, second], [second]), ([], [first])])
        check([([second], [first]), ([first], [second])])
