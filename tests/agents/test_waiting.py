"""What a process holds of records that are not committed yet."""

from __future__ import annotations

from collections import deque
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from agents.records import Batch
from agents.waiting import BATCHES, ENTITIES, LEAST_ENTITIES, Held, Waiting


class Hands:
    """Who hands batches on: not of partitions that are full."""

    def __init__(self) -> None:
        self.are_full: set[TP] = set()

    def full(self, tp: TP) -> None:
        self.are_full.add(tp)

    def hungry(self, tp: TP) -> None:
        self.are_full.discard(tp)


def batch(tp: TP, base: int, *sizes: int | None) -> Batch:
    values = [None if size is None else bytes(size) for size in sizes]
    records: Any = [SimpleNamespace(offset=base + n, key=b"k", value=value) for n, value in enumerate(values)]
    return Batch(tp, base, base + len(sizes), records)


def waiting(partitions: int, bytes_: int, most: int = 4) -> tuple[Hands, Held, dict[TP, Waiting]]:
    hands, held = Hands(), Held(bytes_)
    places = [TP("interactions.phone", n) for n in range(partitions)]
    return hands, held, {tp: Waiting(tp, cast("Any", hands), held, most) for tp in places}


@pytest.mark.parametrize(("bytes_", "full"), [(11, set()), (10, {0, 1}), (9, {0, 1})])
def test_who_holds_something_is_full_when_all_together_hold_as_much_as_they_may(bytes_: int, full: set[int]) -> None:
    hands, held, own = waiting(3, bytes_)
    one, two, _ = own
    own[one].offer(batch(one, 0, 4))
    own[two].offer(batch(two, 0, 3, None))
    own[two].take()
    own[one].offer(batch(one, 1, 3))
    own[two].offer(batch(two, 2, 0))
    assert (held.bytes, {tp.partition for tp in hands.are_full}) == (10, full)
    own[two].take()
    own[two].done()
    assert two not in hands.are_full, "it holds nothing"


def test_what_is_worked_on_counts_until_it_is_done_and_what_is_dropped_no_longer() -> None:
    hands, held, own = waiting(1, 1000, most=2)
    ((tp, one),) = own.items()
    one.offer(batch(tp, 0, 1, 2))
    one.offer(batch(tp, 2, 4))
    assert hands.are_full == {tp}
    assert one.take().end == 2
    assert (held.bytes, len(one), hands.are_full) == (7, 1, set())
    one.offer(batch(tp, 3, 8, 16))
    assert (held.bytes, len(one)) == (31, 2), "the one that waits is filled up, what is left waits too"
    one.done()
    assert held.bytes == 28
    assert [len(one.take().records), held.bytes] == [2, 28]
    one.clear()
    assert (held.bytes, len(one)) == (12, 0)
    one.done()
    assert (held.bytes, hands.are_full) == (0, set())


@given(st.integers(1, 6), st.integers(0, 200), st.integers(0, 1000))
def test_no_more_is_held_than_the_bound_and_a_batch_a_partition_and_all_get_on(
    partitions: int, most: int, seed: int
) -> None:
    random, longest = Random(seed), 40
    hands, held, own = waiting(partitions, most)
    logs = {tp: deque(batch(tp, 4 * n, 10, 10, 10, 10) for n in range(9)) for tp in own}
    working: dict[TP, Batch] = {}
    done = dict.fromkeys(own, 0)
    while any(done[tp] < 36 for tp in own):
        could = [tp for tp in own if logs[tp] and tp not in hands.are_full]
        steps: list[Any] = [(Waiting.offer, tp) for tp in could]
        steps += [(Waiting.take, tp) for tp in own if len(own[tp]) and tp not in working]
        steps += [(Waiting.done, tp) for tp in working]
        step, tp = random.choice(steps)
        if step is Waiting.offer:
            own[tp].offer(logs[tp].popleft())
        elif step is Waiting.take:
            working[tp] = own[tp].take()
            assert working[tp].base == done[tp]
        else:
            done[tp] = working.pop(tp).end
            own[tp].done()
        assert held.bytes < most + partitions * longest + longest
        assert all(len(each) <= BATCHES + 1 for each in own.values())
    assert held.bytes == 0


def test_a_batch_may_be_about_what_others_leave_and_about_some_entities_in_any_case() -> None:
    held = Held()
    with held.using(ENTITIES - LEAST_ENTITIES - 1):
        assert held.spare == LEAST_ENTITIES + 1
        with held.using(LEAST_ENTITIES):
            assert held.spare == LEAST_ENTITIES
    assert held.spare == ENTITIES
