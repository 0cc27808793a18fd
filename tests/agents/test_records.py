"""How batches that wait are filled up."""

from __future__ import annotations

from random import Random
from types import SimpleNamespace
from typing import Any, cast

from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from agents.records import FILLED_BYTES, Batch, about

PLACE = TP("interactions.phone", 0)


def batch(base: int, end: int, *offsets: int, key: bytes | None = None, value: bytes | None = None) -> Batch:
    records = [SimpleNamespace(offset=offset, key=key, value=value) for offset in offsets]
    return Batch(PLACE, base, end, cast("Any", records))


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


def test_what_waits_is_filled_up_to_so_many_bytes_however_few_the_records_are() -> None:
    half = bytes(FILLED_BYTES // 2 - 1)
    one = batch(0, 1, 0, key=b"k", value=half)
    assert told(one.filled(batch(1, 2, 1, key=b"k", value=half), most=9)) == [(0, 2, [0, 1])]
    assert told(one.filled(batch(1, 2, 1, key=b"kk", value=half), most=9)) == [(0, 1, [0]), (1, 2, [1])]
    assert told(one.filled(batch(1, 3, 1, 2, key=b"k", value=half), most=2)) == [(0, 2, [0, 1]), (2, 3, [2])]


@given(keys=st.lists(st.sampled_from([b"a", b"b", b"c", b"d", None]), max_size=12), most=st.integers(1, 5))
def test_what_is_taken_is_about_so_many_and_the_next_record_about_one_more(keys: list[bytes | None], most: int) -> None:
    records: Any = [SimpleNamespace(key=key) for key in keys]
    first, entities = about(records, most)
    taken = len(first)
    assert len(set(keys[:taken])) == entities <= most
    assert taken == len(keys) or len(set(keys[: taken + 1])) == most + 1


@given(
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=12), most=st.integers(1, 8), heavy=st.integers(0, 5),
    seed=st.integers(0, 1000),
)  # fmt: skip
def test_filling_up_neither_loses_nor_moves_a_record_and_leaves_no_gap(
    sizes: list[int], most: int, heavy: int, seed: int
) -> None:
    random, at, wanted = Random(seed), 5, list[int]()
    waiting: list[Batch] = []
    for size in sizes:
        base, offsets = at, list[int]()
        for _ in range(min(size, most)):
            at += random.choice((0, 0, 3))
            offsets.append(at)
            at += 1
        at += random.choice((0, 0, 2))
        wanted += offsets
        following = batch(base, at, *offsets, value=bytes(heavy and FILLED_BYTES // heavy))
        waiting[-1:] = waiting[-1].filled(following, most) if waiting else [following]
    assert [record.offset for one in waiting for record in one.records] == wanted
    assert [one.base for one in waiting] == [5, *(one.end for one in waiting[:-1])]
    assert waiting[-1].end == at
    assert all(one.base <= one.records[0].offset and one.records[-1].offset < one.end for one in waiting)
    assert max(len(one.records) for one in waiting) <= most
