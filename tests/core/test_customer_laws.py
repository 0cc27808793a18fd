"""Customers are sets of what is heard of them, by whatever name: order, repetition, partitions, batches, dead runs."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.core.books.ledger import Ledger
from stream.core.books.room import Room
from stream.core.customers.customer import Customers
from stream.core.rules import Rules
from tests.core.lives import lives
from tests.core.memory_shard import MemoryShard
from tests.core.recounted import recounted
from tests.core.straight import TIMELINE, Straight, is_of_issues
from tests.core.test_told_laws import Listener
from tests.core.timeline import NOON, Timeline, said
from tests.core.world import World, sent_in_vain

if TYPE_CHECKING:
    from tests.oracle.records import Record

seeds = st.integers(0, 1_000_000)
OF_ISSUES = frozenset(
    ("first_contacts", "resolved_contacts", "repeated_contacts", "identified", "repeats", "repeats_caused")
)  # fmt: skip
"""What is counted of customers only when all is told, and by the oracle too."""


def disorder(records: list[Record], seed: int, doubled: float) -> list[Record]:
    """The records in any order, some of them twice."""
    random = Random(seed)
    mixed = records + [record for record in records if random.random() < doubled]
    random.shuffle(mixed)
    return mixed


def summed(found: dict[tuple[int, str, str], int], measures: frozenset[str]) -> dict[tuple[str, str], int]:
    """(scope, measure) -> n, over all time, of some measures in the scopes that add up."""
    sums: Counter[tuple[str, str]] = Counter()
    for (_, scope, measure), n in found.items():
        if measure in measures and is_of_issues(scope, measure):
            sums[scope, measure] += n
    return {key: n for key, n in sums.items() if n}


@pytest.mark.parametrize("seed", range(60))
def test_whoever_they_turn_out_to_be_the_stages_count_what_the_oracle_counts(seed: int) -> None:
    records = lives(seed)
    assert Straight().take(records).standing() == recounted(records)


@settings(deadline=None)
@given(seed=seeds, doubled=st.floats(0, 1))
def test_any_order_any_repetition_and_reloading_at_every_step_count_the_same(seed: int, doubled: float) -> None:
    records = lives(seed)
    wanted = Straight().take(records).everything()
    assert Straight(reload=True).take(disorder(records, seed, doubled)).everything() == wanted


@settings(deadline=None)
@given(seed=seeds)
def test_what_is_taken_back_had_been_counted(seed: int) -> None:
    straight = Straight()
    for record in disorder(lives(seed, interactions=5), seed, 0.3):
        straight.take([record])
        assert min((n for (_, _, measure), n in straight.tally.items() if measure in OF_ISSUES), default=0) >= 0


@settings(deadline=None)
@given(
    seed=seeds, partitions=st.integers(1, 5), cut=st.integers(1, 60), doubled=st.floats(0, 1), deaths=st.floats(0, 0.6)
)
def test_partitions_batches_disorder_and_runs_that_died_change_nothing(
    seed: int, partitions: int, cut: int, doubled: float, deaths: float
) -> None:
    records = lives(seed)
    whole = World().take(records)
    pieces = World(partitions, seed=seed, cut=cut, deaths=deaths).take(disorder(records, seed, doubled))
    assert pieces.balances() == whole.balances()
    assert pieces.days() == whole.days()
    issues = {key: n for key, n in pieces.balances().items() if key[1] in OF_ISSUES and is_of_issues(*key)}
    assert issues == summed(recounted(records), OF_ISSUES)


def told_by(log: list[Any], seed: int, cut: int, deaths: float = 0.0) -> Listener:
    """What is heard in the end of who reads a partition of the timeline, whatever else is told there."""
    listener, random, at = Listener(), Random(seed), 0
    ledger, shard = Ledger(Customers(Rules()), lambda _: "UTC", Room(20_000)), MemoryShard()
    while at < len(log):
        batch = list(enumerate(log))[at : at + random.randint(1, cut)]
        if random.random() < deaths:
            listener.hear([output for output in sent_in_vain(ledger, shard, batch) if output.topic == TIMELINE])
            continue
        shard.fold(ledger, batch)
        at += len(batch)
    listener.hear([output for output in shard.outputs if output.topic == TIMELINE])
    return listener


@settings(deadline=None)
@given(seed=seeds, cut=st.integers(1, 40), deaths=st.floats(0, 0.8))
def test_batches_and_runs_that_died_leave_no_alias_and_no_holder_with_something_stale(
    seed: int, cut: int, deaths: float
) -> None:
    log = World().take(lives(seed)).readers[TIMELINE, 0].log
    one_by_one, pieces = told_by(log, seed, cut=1), told_by(log, seed, cut, deaths)
    assert pieces.known() == one_by_one.known()
    both = pieces.said.keys() & one_by_one.said.keys()
    assert [key for key in both if pieces.said[key] != one_by_one.said[key]] == []


def test_out_of_order_is_what_is_older_than_another() -> None:
    line = Timeline().take([said("complained", str(n), NOON + at) for n, at in enumerate((0, 0, 1, 0, -1, 1))])
    assert line.ledger.counts["out_of_order"] == 2


def test_the_lives_hold_what_the_laws_are_about() -> None:
    seen: Counter[str] = Counter()
    for seed in range(20):
        straight = Straight().take(lives(seed))
        seen.update(measure for _, _, measure in straight.everything())
        for (topic, name), state in straight.states.items():
            if topic == "customers.timeline":
                seen["held"] += state.holder() is not None
                seen["claimed by several"] += sum(claim.at is not None for claim in state.claims.values()) > 1
                seen["disowned"] += any(claim.at is None for claim in state.claims.values())
                seen["claims itself"] += name in state.claims
                by_route = [one for one in state.heard.values() if one.route and not one.digest.withdrawn]
                seen["held, and holds"] += state.holder() is not None and bool(by_route)
    wanted = {"held", "claimed by several", "disowned", "claims itself", "held, and holds", "orders", "members",
              "bot_contained", *OF_ISSUES}  # fmt: skip
    assert wanted <= {name for name, n in seen.items() if n}
