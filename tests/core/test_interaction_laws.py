"""Interactions are sets of events: order, repetition, batches and reloads change nothing, and the oracle agrees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.recounted import recounted, sketched
from tests.core.straight import Straight
from tests.oracle.histories import disordered, nasty

if TYPE_CHECKING:
    from random import Random

SEEDS = range(24)
LEVELS = ("members", "buyers", "repeat_buyers")
"""What is told by its changes, down too."""


@pytest.mark.parametrize("seed", SEEDS)
def test_the_stages_count_what_the_oracle_counts(seed: int) -> None:
    records = nasty(seed)
    wanted = recounted(records)
    assert len(wanted) > 100
    straight = Straight().take(records)
    assert straight.standing() == wanted
    assert straight.sketches() == sketched(records)


@pytest.mark.parametrize("seed", SEEDS[:12])
def test_disorder_and_reloading_from_bytes_change_nothing(seed: int) -> None:
    records = nasty(seed)
    mixed = Straight(reload=True).take(disordered(records, seed))
    assert mixed.standing() == recounted(records)
    assert mixed.results["duplicate"] > 0


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), random=st.randoms(use_true_random=False), doubled=st.floats(0, 1))
def test_any_order_and_any_repetition_give_the_same(seed: int, random: Random, doubled: float) -> None:
    records = nasty(seed, interactions=8, days=2)
    wanted = Straight().take(records).standing()
    mixed = records + [record for record in records if random.random() < doubled]
    random.shuffle(mixed)
    assert Straight().take(mixed).standing() == wanted


@settings(deadline=None)
@given(seed=st.integers(0, 10_000))
def test_what_is_taken_back_had_been_counted(seed: int) -> None:
    straight = Straight()
    for record in disordered(nasty(seed, interactions=6, days=2), seed):
        straight.take([record])
        counted = (n for (_, _, measure), n in straight.tally.items() if measure not in LEVELS)
        assert min(counted, default=0) >= 0
