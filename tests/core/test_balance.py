"""Identities: each part against its whole, and what balances is 0."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.core import measures as m
from stream.core.figures.balance import difference, parts_residual, shares_residual, sketches_residual
from stream.core.measures import CODES, DECLINE_CODES, FLOW_CODES, Cell, add

CELLS = st.dictionaries(st.integers(1, 60), st.integers(1, 9))
PARTS = [
    *(("flowed_out", code) for code in FLOW_CODES.values()), *(("declined", code) for code in DECLINE_CODES.values()),
]  # fmt: skip
SHARES = [
    ("in_threshold", "answered"), ("short_abandoned", "abandoned"), ("abandoned_in_threshold", "abandoned"),
    ("transferred", "handled"), ("held", "handled"), ("first_response_in_threshold", "first_response"),
    ("resolved", "resolved_known"), ("resolved_known", "ended"), ("interactions_offered", "interactions_started"),
    ("interactions_answered", "interactions_offered"), ("interactions_lost", "interactions_offered"),
]  # fmt: skip


@pytest.mark.parametrize(("whole", "code"), PARTS)
def test_each_outcome_is_a_part_of_its_count(whole, code):
    assert parts_residual({CODES[whole]: 3, code: 3}, {}) == 0
    assert parts_residual({CODES[whole]: 3, code: 2}, {}) == 1
    assert parts_residual({code: 2}, {code: 1}) == 1


@pytest.mark.parametrize(("whole", "bounds"), [("answered", m.WAIT_BOUNDS), ("handled", m.HANDLE_BOUNDS)])
def test_a_histogram_holds_as_many_as_were_counted(whole, bounds):
    whole = CODES[whole]
    fits = {whole: 2, bounds: 1, bounds + 99: 1}
    assert parts_residual(fits, {}) == parts_residual(fits, fits) == 0
    for code in (bounds, bounds + 99):
        assert parts_residual({c: n for c, n in fits.items() if c != code}, {}) == 1
    assert parts_residual({c: n for c, n in fits.items() if c != whole}, {}) == 2


@pytest.mark.parametrize(
    ("whole", "bins"),
    [("answered", m.WAIT_BINS), ("handled", m.HANDLE_BINS), ("first_response", m.RESPONSE_BINS)],
)
def test_a_sketch_holds_as_many_as_were_counted(whole, bins):
    whole = CODES[whole]
    fits = {whole: 3, bins: 1, bins + 999: 2}
    assert sketches_residual(fits) == 0
    assert sketches_residual({whole: 3, bins: 1}) == 2
    assert sketches_residual({bins - 1: 1, bins: 1, bins + 999: 2, m.WAIT_BOUNDS: 1}) == (
        3 if bins == m.WAIT_BINS else 4
    )


@pytest.mark.parametrize("codes", [FLOW_CODES, DECLINE_CODES], ids=["flowed out", "declined"])
def test_the_codes_beside_are_no_parts(codes):
    for code in (min(codes.values()) - 1, max(codes.values()) + 1):
        assert parts_residual({code: 3}, {}) == 0


def test_what_is_beside_the_sketches_is_in_none_of_them():
    assert sketches_residual(dict.fromkeys((m.WAIT_BOUNDS + 1, m.HANDLE_BOUNDS, m.GAP_BINS, 10**10, 99), 1)) == 0


def test_faults_do_not_cancel_each_other():
    assert parts_residual({CODES["declined"]: 1, FLOW_CODES["full"]: 1}, {}) == 2


@pytest.mark.parametrize(("part", "whole"), SHARES)
def test_no_part_exceeds_its_whole(part, whole):
    others = {CODES[name]: 5 for _, name in SHARES if name not in (part, whole)}
    assert shares_residual({**others, CODES[part]: 3, CODES[whole]: 3}, {}) == 0
    assert shares_residual({**others, CODES[part]: 3, CODES[whole]: 3}, {CODES[whole]: 2}) >= 2


def test_an_interaction_is_either_answered_or_lost():
    gained = {CODES[name]: 2 for name in ("interactions_started", "interactions_offered", "interactions_answered")}
    assert shares_residual(gained, {}) == 0
    assert shares_residual({**gained, CODES["interactions_lost"]: 1}, {}) == 1


def test_counts_below_zero_are_a_fault():
    assert shares_residual({}, {CODES["wait_ms"]: 4}) == 4
    assert shares_residual({CODES["wait_ms"]: 4}, {CODES["wait_ms"]: 4}) == 0


@given(one=CELLS, other=CELLS)
def test_a_difference_is_0_between_equals_alone(one, other):
    apart: Cell = dict(one)
    add(apart, other, -1)
    assert difference(one, other) == difference(other, one) == sum(map(abs, apart.values()))
    assert difference(one, dict(one)) == 0
