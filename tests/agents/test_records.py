"""How batches that wait are filled up."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from faust.types import TP

from agents.records import Batch

PLACE = TP("interactions.phone", 0)


def batch(base: int, end: int, *offsets: int) -> Batch:
    return Batch(PLACE, base, end, [cast("Any", SimpleNamespace(offset=offset)) for offset in offsets])


def told(batches: list[Batch]) -> list[tuple[int, int, list[int]]]:
    return [(each.base, each.end, [record.offset for record in each.records]) for each in batches]


def test_a_batch_is_filled_up_to_the_most_by_the_one_that_follows() -> None:
    assert told(batch(0, 3, 0, 2).filled(batch(3, 9, 3, 6, 7), most=4)) == [(0, 7, [0, 2, 3, 6]), (7, 9, [7])]


def test_two_that_are_no_more_than_the_most_become_one() -> None:
    assert told(batch(0, 3, 0, 2).filled(batch(3, 9, 3, 6), most=4)) == [(0, 9, [0, 2, 3, 6])]


def test_a_full_one_stays_as_it_is() -> None:
    assert told(batch(0, 2, 0, 1).filled(batch(2, 3, 2), most=2)) == [(0, 2, [0, 1]), (2, 3, [2])]


def test_what_was_read_again_from_elsewhere_does_not_follow() -> None:
    assert told(batch(5, 6, 5).filled(batch(2, 3, 2), most=2)) == [(5, 6, [5]), (2, 3, [2])]
