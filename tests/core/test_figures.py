"""Figures: what an empty day, a whole day and a mixed one say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.core.figures import agents, metrics, quantiles, service_level
from stream.core.figures import common as figures
from stream.core.figures.row import Live, interaction_row, segment_row, together
from stream.core.figures.sketch import bin_of, middle
from stream.core.measures import CODES, DECLINE_CODES, FLOW_CODES, HANDLE_BINS, RESPONSE_BINS, WAIT_BINS, add

COUNTS = st.integers(0, 1000)


def leaves(value):
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    else:
        yield value


def test_nothing_counted_gives_zeros_and_no_figures():
    found = segment_row({}, Live()) | interaction_row({}, {})
    assert set(leaves(found)) == {0, None}
    assert all(value is None for value in leaves({k: found[k] for k in found if k.endswith(("_rate", "_seconds"))}))
    assert set(found["service_level"].values()) == {None}


@given(a=COUNTS, b=COUNTS, short=COUNTS, flowed=COUNTS, past=COUNTS, quickly=COUNTS, in_time=COUNTS, out=COUNTS)
def test_every_rate_lies_between_0_and_1(a, b, short, flowed, past, quickly, in_time, out):
    cell = {
        CODES["answered"]: a,
        CODES["in_threshold"]: min(in_time, a),
        CODES["abandoned"]: b,
        CODES["short_abandoned"]: min(short, quickly, b),
        CODES["abandoned_in_threshold"]: min(quickly, b),
        CODES["flowed_out"]: flowed,
        FLOW_CODES["full"]: min(flowed, out),
        CODES["offered"]: a + b + flowed,
    }
    found = segment_row(cell, Live(past, past, 1))
    rates = [*found["service_level"].values(), found["service_level_live"], found["abandonment"]]
    rates.append(found["forced_out_rate"])
    assert all(rate is None or 0 <= rate <= 1 for rate in rates)


def test_a_thread_past_its_threshold_is_a_miss_before_anybody_replies():
    cell = {CODES["first_response"]: 4, CODES["first_response_in_threshold"]: 4}
    assert (figures.response_level(cell), figures.response_level_live(cell, 1)) == (1.0, 0.8)
    assert segment_row(cell, Live(), 1)["response_level_live"] == 0.8
    assert segment_row(cell, Live())["response_level_live"] == 1.0
    assert segment_row(cell, None, 1)["response_level_live"] is None


def test_rows_have_resolutions_and_rows_without_a_queue_have_bots_and_repeats():
    cell = {CODES["resolved_known"]: 4, CODES["resolved"]: 3, CODES["bot_interactions"]: 2, CODES["bot_contained"]: 1}
    cell |= {CODES["identified"]: 10, CODES["repeats"]: 1, CODES["interactions_started"]: 12}
    queue, channel = segment_row(cell, None), interaction_row(cell, None)
    assert (queue["resolved_known"], queue["resolved"], queue["resolution_rate"]) == (4, 3, 0.75)
    assert (channel["bot_interactions"], channel["bot_contained"], channel["containment"]) == (2, 1, 0.5)
    assert (channel["identified"], channel["repeats"], channel["repeat_inflow"]) == (10, 1, 0.1)
    assert (channel["interactions_started"], channel["bot_unidentified"]) == (12, 0)


def test_strict_is_never_better_than_the_default():
    cell = {CODES["answered"]: 10, CODES["in_threshold"]: 8, CODES["timed_out"]: 2, FLOW_CODES["overflow"]: 3}
    assert service_level.strict(cell) == 8 / 15
    assert service_level.short_abandons_excluded(cell) == 8 / 10


def test_before_the_present_live_keys_have_no_value():
    found = segment_row({CODES["answered"]: 1}, None)
    live = ("waiting", "waiting_past_threshold", "longest_wait_ms", "service_level_live", "response_level_live")
    assert [found[key] for key in live] == [None] * 5
    assert found["service_level"]["answered_only"] == 0.0


def test_outcomes_are_told_apart_and_those_that_never_were_are_absent():
    cell = {FLOW_CODES["voicemail"]: 2, DECLINE_CODES["busy"]: 1, DECLINE_CODES[None]: 4, CODES["declined"]: 5}
    found = segment_row(cell, Live())
    assert found["flowed_out_by"] == {"voicemail": 2}
    assert found["declined_by"] == {"busy": 1}
    assert found["declined"] == 5


@given(waits=st.lists(st.integers(0, 10_000_000), min_size=1, max_size=60))
def test_quantiles_lie_within_2_percent_of_the_nearest_rank(waits):
    cell = {}
    for wait in waits:
        add(cell, {WAIT_BINS + bin_of(wait): 1})
    for name, found in quantiles.wait_quantile_seconds(cell).items():
        exact = sorted(waits)[-(-int(name[1:]) * len(waits) // 100) - 1] / 1000
        assert found == pytest.approx(exact, rel=0.02)
        assert found == middle(bin_of(round(exact * 1000))) / 1000


def test_each_quantile_is_of_its_own_values():
    of = {
        quantiles.wait_quantile_seconds: WAIT_BINS,
        quantiles.handle_quantile_seconds: HANDLE_BINS,
        quantiles.first_response_quantile_seconds: RESPONSE_BINS,
    }
    for mine, base in of.items():
        others = {code: 5 for other in of.values() if other != base for code in (other, other + 999)}
        assert set(mine(others | {base - 1: 5, base + 1000: 5}).values()) == {None}
        assert set(mine(others | {base + 1: 5}).values()) == {0.001}


def test_working_time_that_nobody_told_is_none():
    assert agents.occupancy({}) is agents.occupancy({"sessions": 9}) is None
    assert (agents.occupancy({"engaged": 9}), agents.occupancy({"idle": 9})) == (1.0, 0.0)
    assert agents.concurrency({}) is agents.concurrency({"sessions": 9}) is None
    assert agents.concurrency({"engaged": 9}) == 0.0


def test_the_live_values_of_several_queues_add_up_but_for_the_longest():
    assert together([]) == Live(0, 0, None)
    assert together([Live(1, 1, 9), Live(2, 0, 11)]) == Live(3, 1, 11)


def test_the_catalogue_names_units_and_totals():
    for metric in metrics.METRICS.values():
        assert (metric.kind == "counter") == metric.name.endswith("_total")
        assert metric.help.endswith(".")
