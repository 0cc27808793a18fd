"""The oracle on nasty days: order and repetition do not matter, nothing vanishes, and the days are nasty enough."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.oracle import recount_all, rows, totals
from tests.oracle.histories import disordered, nasty
from tests.oracle.records import read
from tests.oracle.rows import INTERACTION_MEASURES, QUEUE_MEASURES
from tests.oracle.scenarios import SCENARIOS

SEEDS = range(12)


@pytest.mark.parametrize("seed", SEEDS)
def test_order_and_repetition_do_not_matter(seed: int) -> None:
    records = nasty(seed, junk=True)
    assert totals(disordered(records, seed) + records[::3]) == totals(records)


@pytest.mark.parametrize("seed", SEEDS)
def test_junk_counts_nowhere(seed: int) -> None:
    records = nasty(seed, junk=True)
    assert any(isinstance(record["value"], str) for record in records)
    clean = [
        record
        for record in records
        if isinstance(record["value"], dict) and "-bad" not in record["value"].get("id", "")
    ]
    assert totals(clean) == totals(records)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_offered_was_answered_abandoned_flowed_out_timed_out_or_waits(seed: int) -> None:
    records = nasty(seed)
    for row in rows(records, "90d", "channel,queue", read(records).latest, "all"):
        gone = sum(row[how] for how in ("answered", "abandoned", "flowed_out", "timed_out"))
        assert row["offered"] == gone + row["waiting"]


def test_nothing_is_negative_and_everything_happens() -> None:
    seen: Counter[str] = Counter()
    for seed in SEEDS:
        known = recount_all(nasty(seed))
        assert all(each.n >= 0 for each in known.contributions)
        seen.update(each.measure for each in known.contributions)
    wanted = {*QUEUE_MEASURES, *INTERACTION_MEASURES}
    assert wanted | {"first_contacts", "resolved_contacts", "repeated_contacts", "unidentified"} <= set(seen)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_can_be_had_alone_and_a_seed_always_says_the_same(scenario: str) -> None:
    assert nasty(7, scenarios=[scenario], interactions=10) == nasty(7, scenarios=[scenario], interactions=10)
