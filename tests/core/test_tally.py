"""Counters never go down: what an event takes back, net of what it adds, is counted on its own."""

from __future__ import annotations

from stream.core.books.cells import Tally
from stream.core.measures import WAIT_BINS, WAIT_BOUNDS
from stream.core.stage import Change

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
