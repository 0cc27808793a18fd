"""Business hours: worked examples by hand, and laws against a recount of every minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stream.core.rules import DAY, HOUR, MINUTE, SECOND
from stream.core.times.calendar import Calendar, business_ms, due_at, is_open, next_change, open_until

NINE_TO_FIVE = ((540, 1020),)
ALL_DAY = ((0, 1440),)
ROME = Calendar(zone="Europe/Rome", weekly=(NINE_TO_FIVE,) * 5 + ((), ()))
ALWAYS = Calendar(zone="Europe/Rome", weekly=(ALL_DAY,) * 7)
NEVER = Calendar(zone="Europe/Rome", weekly=((),) * 7)
NIGHT = Calendar(zone="Europe/Rome", weekly=(((0, 360), (1320, 1440)),) * 7)
SECOND_HOUR = Calendar(zone="Europe/Rome", weekly=(((120, 180),),) * 7)

CHANGES = {
    "Europe/Rome": ("2026-03-29T01:00", "2026-10-25T01:00"),
    "America/New_York": ("2026-03-08T07:00", "2026-11-01T06:00"),
    "Australia/Lord_Howe": ("2026-04-04T15:00", "2026-10-03T15:30"),
    "America/Sao_Paulo": ("2018-11-04T03:00", "2019-02-17T02:00"),
    "Africa/Casablanca": ("2026-02-15T02:00", "2026-03-22T02:00"),
    "Pacific/Apia": ("2011-12-30T10:00", "2012-03-31T14:00"),
    "Asia/Kathmandu": ("1985-12-31T18:30", "2026-06-01T00:00"),
    "UTC": ("2026-01-01T00:00", "2026-12-31T00:00"),
}


def ms(text: str, zone: str = "Europe/Rome") -> int:
    """Of a local time; the later one of two when it ends with `*`."""
    local = datetime.fromisoformat(text.rstrip("*")).replace(tzinfo=ZoneInfo(zone), fold=text.endswith("*"))
    return round(local.timestamp() * 1000)


def shown(at: int | None, zone: str = "Europe/Rome") -> str | None:
    return None if at is None else datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).isoformat()


def open_by_the_clock(calendar: Calendar, at: int) -> bool:
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)).astimezone(ZoneInfo(calendar.zone))
    minute = local.hour * 60 + local.minute
    return local.date().isoformat() not in calendar.holidays and any(
        first <= minute < last for first, last in calendar.weekly[local.weekday()]
    )


def recount(calendar: Calendar, since: int, until: int) -> int:
    """Minute by minute of UTC: all zones here are whole minutes away from it."""
    return sum(
        min(minute + MINUTE, until) - max(minute, since)
        for minute in range(since - since % MINUTE, until, MINUTE)
        if open_by_the_clock(calendar, minute)
    )


@st.composite
def spans(draw):
    edges = sorted(draw(st.sets(st.integers(0, 1440), max_size=6)))
    return tuple(zip(edges[::2], edges[1::2], strict=False))


@st.composite
def histories(draw, days: int = 3):
    """A calendar, and two instants in the days around a change of its clock."""
    zone = draw(st.sampled_from(sorted(CHANGES)))
    change = ms(draw(st.sampled_from(CHANGES[zone])), "UTC")
    since = change + draw(st.integers(-days * DAY, days * DAY // 2))
    until = since + draw(st.integers(0, days * DAY))
    weekly = draw(st.tuples(*[spans()] * 7))
    around = [datetime.fromtimestamp(change / 1000 + day * 86_400, UTC).date().isoformat() for day in range(-3, 4)]
    return (
        Calendar(zone=zone, weekly=weekly, holidays=tuple(sorted(draw(st.sets(st.sampled_from(around)))))),
        since,
        until,
    )


@given(histories())
def test_business_time_is_what_a_recount_of_every_minute_finds(history):
    calendar, since, until = history
    assert business_ms(calendar, since, until) == recount(calendar, since, until)


@given(histories())
def test_an_instant_is_open_when_the_local_clock_says_so(history):
    calendar, since, until = history
    for at in (since, until, since - since % HOUR, until - until % HOUR - 1):
        assert is_open(calendar, at) == open_by_the_clock(calendar, at)


@given(histories(), st.integers(1, 40 * HOUR))
def test_due_is_the_first_instant_with_so_much_open_time(history, length):
    calendar, since, _ = history
    due = due_at(calendar, since, length)
    if not any(calendar.weekly):
        assert due is None
    else:
        assert business_ms(calendar, since, due) == length
        assert business_ms(calendar, since, due - 1) == length - 1


@given(histories(days=200), st.integers(0, 400 * DAY))
def test_business_time_adds_up_over_any_cut(history, more):
    calendar, since, until = history
    assert business_ms(calendar, since, until) + business_ms(calendar, until, until + more) == business_ms(
        calendar, since, until + more
    )


@given(histories())
def test_nothing_changes_before_the_next_change(history):
    calendar, at, _ = history
    change = next_change(calendar, at)
    if change is None:
        assert business_ms(calendar, at, at + 100 * DAY) in (0, 100 * DAY)
        return
    assert is_open(calendar, change) != is_open(calendar, at)
    assert business_ms(calendar, at, change) == (change - at if is_open(calendar, at) else 0)


@given(histories())
def test_no_open_time_lies_after_the_end_of_the_open_time(history):
    calendar, at, _ = history
    end = open_until(calendar, at)
    if end is None:
        assert not any(calendar.weekly)
    else:
        assert end <= at
        assert business_ms(calendar, end, at) == 0
        assert business_ms(calendar, end - 1, at) == 1


@given(histories(), st.integers(0, 40 * HOUR))
def test_what_was_due_before_the_end_of_the_open_time_took_longer_than_it_had(history, length):
    calendar, since, at = history
    due = due_at(calendar, since, length)
    past_due = due is not None and due < (open_until(calendar, at) or 0)
    assert past_due == (business_ms(calendar, since, at) > length)


@given(st.integers(0, 4_000_000_000_000), st.integers(0, 10**12))
@example(0, 0)
def test_without_a_calendar_business_time_is_elapsed_time(since, length):
    assert is_open(None, since)
    assert business_ms(None, since, since + length) == length
    assert business_ms(None, since + length, since) == 0
    assert due_at(None, since, length) == since + length
    assert next_change(None, since) is None
    assert open_until(None, since) == since


@pytest.mark.parametrize("calendar", [ROME, NIGHT, ALWAYS])
@pytest.mark.parametrize("piece", range(318, 324))
def test_what_takes_all_the_open_time_of_a_remembered_stretch_is_due_at_its_last_closing(calendar, piece):
    since, until = piece * 64 * DAY, (piece + 1) * 64 * DAY
    length = business_ms(calendar, since, until)
    assert due_at(calendar, since, length) == open_until(calendar, until)


@pytest.mark.parametrize("zone", CHANGES)
def test_remembered_stretches_follow_one_another_without_a_gap(zone):
    always = Calendar(zone=zone, weekly=(ALL_DAY,) * 7)
    for edge in range(300 * 64 * DAY, 340 * 64 * DAY, 64 * DAY):
        assert business_ms(always, edge - 13 * HOUR, edge + 12 * HOUR) == 25 * HOUR
        assert next_change(always, edge - HOUR) is None


@pytest.mark.parametrize("edge", range(300 * 64 * DAY, 307 * 64 * DAY, 64 * DAY))
@pytest.mark.parametrize("closed", range(7))
def test_what_is_open_for_days_closes_at_the_midnight_before_a_closed_one(edge, closed):
    weekly = tuple(() if weekday == closed else ALL_DAY for weekday in range(7))
    of_weekday = Calendar(zone="UTC", weekly=weekly)
    of_date = Calendar(zone="UTC", weekly=(ALL_DAY,) * 7, holidays=(shown(edge + closed * DAY, "UTC")[:10],))
    for calendar in (of_weekday, of_date):
        for at in (edge - DAY - 1, edge - 1, edge, edge + DAY):
            midnights = range(at - at % DAY + DAY, at + 9 * DAY, DAY)
            changes = [day for day in midnights if open_by_the_clock(calendar, day) != open_by_the_clock(calendar, at)]
            assert next_change(calendar, at) == (changes[0] if changes else None)


def test_a_thread_of_friday_half_past_four_with_an_hour_is_due_on_monday_at_half_past_nine():
    assert shown(due_at(ROME, ms("2026-05-08T16:30"), HOUR)) == "2026-05-11T09:30:00+02:00"


def test_reopened_on_friday_at_two_and_answered_at_ten_past_is_ten_minutes():
    assert business_ms(ROME, ms("2026-05-08T14:00"), ms("2026-05-08T14:10")) == 10 * MINUTE


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-05-03", 24)])
def test_a_day_that_is_open_all_day_has_the_hours_of_the_local_day(day, hours):
    start = ms(f"{day}T00:00")
    end = due_at(ALWAYS, start, hours * HOUR)
    assert shown(end).startswith((datetime.fromisoformat(day) + timedelta(days=1)).isoformat())
    assert business_ms(ALWAYS, start, end) == hours * HOUR


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 0), ("2026-10-25", 2), ("2026-05-03", 1)])
def test_the_hour_that_a_clock_change_skips_or_repeats_counts_never_or_twice(day, hours):
    start = ms(f"{day}T00:00")
    assert business_ms(SECOND_HOUR, start, start + 12 * HOUR) == hours * HOUR


def test_between_the_two_passes_of_a_repeated_half_past_two_lies_an_hour():
    assert business_ms(SECOND_HOUR, ms("2026-10-25T02:30"), ms("2026-10-25T02:30*")) == HOUR
    assert shown(next_change(SECOND_HOUR, ms("2026-10-25T02:30"))) == "2026-10-25T03:00:00+01:00"


@pytest.mark.parametrize(("day", "hours"), [("2026-03-28", 7), ("2026-10-24", 9), ("2026-05-02", 8)])
def test_a_night_written_as_two_spans_is_one_night(day, hours):
    evening = ms(f"{day}T20:00")
    morning = (datetime.fromisoformat(day) + timedelta(days=1)).isoformat()[:10]
    assert business_ms(NIGHT, evening, ms(f"{morning}T12:00")) == hours * HOUR
    assert next_change(NIGHT, ms(f"{day}T23:00")) == ms(f"{morning}T06:00"), "midnight is no change"


def test_a_holiday_in_between_is_closed():
    closed = Calendar(zone="Europe/Rome", weekly=ROME.weekly, holidays=("2026-05-01",))
    assert shown(due_at(closed, ms("2026-04-30T16:30"), HOUR)) == "2026-05-04T09:30:00+02:00"
    assert business_ms(closed, ms("2026-04-30T12:00"), ms("2026-05-04T12:00")) == 8 * HOUR
    assert not is_open(closed, ms("2026-05-01T12:00"))
    assert shown(next_change(closed, ms("2026-04-30T17:00"))) == "2026-05-04T09:00:00+02:00"


def test_a_date_that_a_zone_skipped_has_no_hours():
    apia = Calendar(zone="Pacific/Apia", weekly=(NINE_TO_FIVE,) * 7)
    since, until = ms("2011-12-29T12:00", "Pacific/Apia"), ms("2011-12-31T12:00", "Pacific/Apia")
    assert until - since == 24 * HOUR
    assert business_ms(apia, since, until) == 8 * HOUR


def test_the_end_of_a_span_is_closed_and_its_begin_is_open():
    edges = [ms(f"2026-05-08T{time}") for time in ("08:59:59.999", "09:00", "16:59:59.999", "17:00")]
    assert [is_open(ROME, at) for at in edges] == [False, True, True, False]


def test_milliseconds_are_exact():
    friday = ms("2026-05-08T16:59:59.990")
    assert business_ms(ROME, friday, ms("2026-05-11T09:00:00.007")) == 17
    assert due_at(ROME, friday, 17) == ms("2026-05-11T09:00:00.007")
    assert due_at(ROME, friday, 10) == ms("2026-05-08T17:00"), "the first such instant, not the last"


def test_no_time_at_all_is_due_at_once_even_when_closed():
    sunday = ms("2026-05-10T12:00")
    assert due_at(ROME, sunday, 0) == due_at(NEVER, sunday, 0) == sunday


def test_what_never_opens_is_never_due_and_never_changes():
    assert due_at(NEVER, 0, 1) is None
    assert next_change(NEVER, 0) is None
    assert open_until(NEVER, 0) is None
    assert business_ms(NEVER, 0, 10**12) == 0
    assert not is_open(NEVER, 0)


def test_what_is_always_open_closes_on_its_holidays_alone():
    assert next_change(ALWAYS, ms("2026-05-08T12:00")) is None
    christmas = Calendar(zone="Europe/Rome", weekly=ALWAYS.weekly, holidays=("2026-12-25", "2031-12-25"))
    assert shown(next_change(christmas, ms("2026-05-08T12:00"))) == "2026-12-25T00:00:00+01:00"
    assert shown(next_change(christmas, ms("2026-12-25T00:00"))) == "2026-12-26T00:00:00+01:00"
    assert shown(next_change(christmas, ms("2026-12-26T00:00"))) == "2031-12-25T00:00:00+01:00"
    assert next_change(christmas, ms("2031-12-26T00:00")) is None


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00", "1970-01-01T00:00:00+00:00"]
)
def test_times_that_no_center_ever_sees_are_no_errors(text):
    at = round((datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)
    assert 0 <= business_ms(ROME, at - DAY, at + DAY) <= 2 * DAY
    is_open(ROME, at)
    assert (open_until(ROME, at) or at) <= at
    next_change(ROME, at)
    due = due_at(ROME, at, SECOND)
    assert due is None or due > at


def test_years_between_two_instants_are_summed_exactly():
    since, until = ms("2020-01-01T00:00"), ms("2026-01-01T00:00")
    weekdays = sum((datetime(2020, 1, 1) + timedelta(days=day)).weekday() < 5 for day in range(2192))  # noqa: DTZ001
    assert business_ms(ROME, since, until) == weekdays * 8 * HOUR
