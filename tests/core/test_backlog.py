"""Threads that wait: bands, what is due and what is past due, against a count of each thread by itself."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.core.figures.backlog import Ages, Backlog, all_together, backlog, band_names, first_past_due
from stream.core.open_row import Open
from stream.core.rules import DAY, HOUR, MINUTE
from stream.core.times.calendar import Calendar, business_ms, due_at

AT = 1_772_463_600_000  # Monday, 2026-03-02T15:00:00Z
OFFICE = Calendar(zone="Europe/Rome", weekly=(((540, 1020),),) * 5 + ((), ()), holidays=("2026-02-26",))
NEVER = Calendar(zone="UTC", weekly=((),) * 7)
EDGES = (1, 4, 8, 24)


def thread(asked_at, *, first=True, due=None, silent_at=None):
    return Open("email|i|qcare", None, silent_at, None, asked_at, asked_at, due, first)


@st.composite
def threads(draw, calendar):
    found = []
    for asked_at in draw(st.lists(st.integers(AT - 20 * DAY, AT), max_size=12)):
        due = due_at(calendar, asked_at, draw(st.sampled_from((HOUR, 8 * HOUR))))
        silent_at = draw(st.sampled_from((None, None, AT - 1, AT, AT + 1)))
        found.append(thread(asked_at, first=draw(st.booleans()), due=due, silent_at=silent_at))
    return found


@pytest.mark.parametrize("calendar", [None, OFFICE, NEVER], ids=["always", "office", "never"])
@given(data=st.data())
def test_a_backlog_is_what_each_thread_says_by_itself(calendar, data):
    rows = data.draw(threads(calendar))
    at = data.draw(st.integers(AT, AT + 3 * DAY))
    waits = [row for row in rows if row.due_at is None or row.due_at > at]
    ages = [business_ms(calendar, row.asked_at, at) for row in waits]
    past = [
        row.answer_due_at is not None and business_ms(calendar, row.answer_due_at, at) > 0 for row in waits
    ]  # business time has passed since it was due
    soon = [
        row.answer_due_at is not None and row.answer_due_at <= at + HOUR and not late
        for row, late in zip(waits, past, strict=True)
    ]
    bounds = [0, *(edge * HOUR for edge in EDGES), 10**15]
    found = backlog(rows, at, calendar, Ages(EDGES, at))
    assert found.waiting == len(waits)
    assert (found.first, found.next) == (sum(row.first for row in waits), sum(not row.first for row in waits))
    assert found.past_due == sum(past)
    assert found.first_past_due == sum(late and row.first for row, late in zip(waits, past, strict=True))
    assert found.first_past_due == first_past_due(rows, at, calendar)
    assert found.due_within_hour == sum(soon)
    assert found.longest_ms == max((at - row.asked_at for row in waits), default=None)
    assert found.bands == tuple(sum(low <= age < high for age in ages) for low, high in pairwise(bounds))


def test_an_age_of_exactly_an_edge_is_past_it():
    at, ages = AT, Ages(EDGES, AT)
    assert backlog([thread(AT - HOUR)], at, None, ages).bands == (0, 1, 0, 0, 0)
    assert backlog([thread(AT - HOUR + 1)], at, None, ages).bands == (1, 0, 0, 0, 0)
    nine = AT - 7 * HOUR  # 08:00 UTC, 09:00 in Rome
    assert backlog([thread(nine - 5 * HOUR)], nine + HOUR, OFFICE, Ages(EDGES, nine + HOUR)).bands[1] == 1
    assert backlog([thread(nine - 5 * HOUR)], nine + HOUR - 1, OFFICE, Ages(EDGES, nine + HOUR - 1)).bands[0] == 1


def test_the_due_instant_itself_is_in_time_and_the_end_of_the_next_hour_is_in_it():
    for due, past, soon in ((AT - 1, 1, 0), (AT, 0, 1), (AT + HOUR, 0, 1), (AT + HOUR + 1, 0, 0)):
        found = backlog([thread(AT - DAY, due=due)], AT, None, Ages(EDGES, AT))
        assert (found.past_due, found.due_within_hour) == (past, soon), due - AT
        assert first_past_due([thread(AT - DAY, due=due)], AT, None) == past
        assert first_past_due([thread(AT - DAY, due=due, first=False)], AT, None) == 0


def test_silence_ends_the_wait_at_its_instant():
    waits = [backlog([thread(AT - DAY, silent_at=AT + late)], AT, None, Ages(EDGES, AT)).waiting for late in (-1, 0, 1)]
    assert waits == [0, 0, 1]


def test_where_it_never_opens_a_thread_never_grows_old():
    assert backlog([thread(AT - 500 * DAY)], AT, NEVER, Ages(EDGES, AT)).bands == (1, 0, 0, 0, 0)


def test_nothing_waits_where_nobody_asked():
    row = Open("email|i|qcare", AT, None, None, AT)
    assert backlog([row], AT, None, Ages(EDGES, AT)) == Backlog(bands=(0,) * 5)
    assert all_together([], 5) == Backlog(bands=(0,) * 5)
    assert backlog([thread(AT + 1)], AT, None, Ages(EDGES, AT)).longest_ms == 0, "and of no age below 0"


def test_bands_are_named_by_their_edges():
    assert band_names(EDGES) == ("0-1h", "1-4h", "4-8h", "8-24h", "24h+")
    assert band_names(()) == ("0h+",)


def test_threads_of_calendars_are_not_mixed_up():
    ages = Ages(EDGES, AT)
    old = [thread(AT - 3 * DAY - MINUTE)]
    assert [backlog(old, AT, calendar, ages).bands.index(1) for calendar in (None, OFFICE, None)] == [4, 3, 4]
