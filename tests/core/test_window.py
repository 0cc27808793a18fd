"""Windows and zones: which buckets, where days begin, what is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.core.rules import DAY, HOUR, MINUTE, SECOND, QueueRules, Rules
from stream.core.scope import survey_scope
from stream.core.times.window import (
    RINGS,
    NotKept,
    UnknownWindow,
    bucket_start,
    day_of,
    kept,
    matured_span,
    span,
    starts,
    window,
    zone_of,
)
from stream.core.times.zones import (
    day_start,
    days_later,
    half_hour_start,
    next_day_start,
    previous_day_start,
    working_day_start,
)

ZONES = ("UTC", "Europe/Rome", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo", "W-SU")
INSTANTS = st.integers(0, 4_102_444_800_000)


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


@given(at=INSTANTS, zone=st.sampled_from(ZONES))
def test_a_day_starts_at_the_first_instant_of_its_date(at, zone):
    start = day_start(at, zone)
    assert start <= at < next_day_start(start, zone)
    dates = [datetime.fromtimestamp(t / 1000, ZoneInfo(zone)).date() for t in (start - 1, start, at)]
    assert dates[0] < dates[1] == dates[2]
    assert next_day_start(previous_day_start(start, zone), zone) == start
    assert day_start(at, zone) == start, "asked again, from memory"


@given(at=INSTANTS, zone=st.sampled_from(ZONES))
def test_a_half_hour_starts_where_the_local_clock_shows_a_half(at, zone):
    start = half_hour_start(at, zone)
    offset = datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).utcoffset().total_seconds() * 1000
    assert start <= at < start + 30 * MINUTE
    assert (start + offset) % (30 * MINUTE) == 0


@pytest.mark.parametrize("order", [1, -1])
def test_a_midnight_within_a_quarter_of_an_hour_divides_it(order):
    midnight = ms(f"1971-0{5 + order}-01T00:44:30+00:00")  # Liberia was 44 minutes and a half behind
    for at in (midnight - SECOND, midnight, midnight - 1, midnight + SECOND)[::order]:
        start = day_start(at, "Africa/Monrovia")
        assert start == (midnight if at >= midnight else midnight - DAY)


@pytest.mark.parametrize("order", [1, -1])
def test_a_clock_change_within_a_quarter_of_an_hour_divides_it(order):
    change = ms("1972-01-07T00:44:30+00:00")
    half_hours = {change - 1: change - 30 * MINUTE, change: change - 14 * MINUTE - 30 * SECOND}
    for at, start in list(half_hours.items())[::order]:
        assert half_hour_start(at, "Africa/Monrovia") == start


@pytest.mark.parametrize(("date", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-05-01", 24)])
def test_a_day_of_a_clock_change_has_23_or_25_hours(date, hours):
    noon = ms(f"{date}T12:00:00+00:00")
    start = day_start(noon, "Europe/Rome")
    assert next_day_start(start, "Europe/Rome") - start == hours * HOUR


def test_where_midnight_is_skipped_the_day_starts_at_one():
    assert day_start(ms("2018-11-04T12:00:00-02:00"), "America/Sao_Paulo") == ms("2018-11-04T01:00:00-02:00")


@pytest.mark.parametrize(
    ("name", "ring"),
    [("5m", "f"), ("30m", "f"), ("1h", "f"), ("2h", "f"), ("3h", "m"), ("24h", "m"), ("today", "m"), ("49h", "m"),
     ("2d", "m"), ("3d", "d"), ("7d", "d"), ("365d", "d"), ("400d", "d"), ("96h", "d")],
)  # fmt: skip
def test_a_window_takes_the_finest_ring_that_covers_it(name, ring):
    assert window(name).ring == ring


@pytest.mark.parametrize("name", ["", "1", "h", "0m", "-5m", "5s", "1w", "1.5h", "401d", "50h", "121m", "\uff15m"])
def test_what_is_no_window_is_refused(name):
    with pytest.raises(UnknownWindow):
        window(name)


@given(at=INSTANTS, name=st.sampled_from(["5m", "30m", "1h", "24h", "7d", "30d"]), zone=st.sampled_from(ZONES))
def test_a_rolling_window_is_as_many_buckets_as_fit_and_the_last_holds_the_instant(at, name, zone):
    of = window(name)
    found = span(of, at, zone)
    buckets = starts(found, zone)
    assert buckets[0] == found.first
    assert buckets[-1] == found.last == bucket_start(of.ring, at, zone)
    assert len(buckets) == of.width_ms // RINGS[of.ring].size_ms
    assert all(bucket_start(of.ring, start * 1000, zone) == start for start in buckets)


def test_today_begins_at_the_local_midnight():
    at = ms("2026-10-25T23:30:00+01:00")
    found = span(window("today"), at, "Europe/Rome")
    assert found.first * 1000 == ms("2026-10-25T00:00:00+02:00")
    assert len(starts(found, "Europe/Rome")) == 25 * 12 - 6 + 1


@pytest.mark.parametrize(
    ("at", "begins"),
    [
        ("2026-05-08T05:59:59.999+02:00", "2026-05-07T06:00:00+02:00"),
        ("2026-05-08T06:00:00+02:00", "2026-05-08T06:00:00+02:00"),
        ("2026-05-09T00:30:00+02:00", "2026-05-08T06:00:00+02:00"),
        ("2026-03-29T05:30:00+02:00", "2026-03-28T06:00:00+01:00"),
        ("2026-03-29T12:00:00+02:00", "2026-03-29T06:00:00+02:00"),
        ("2026-10-25T05:59:00+01:00", "2026-10-24T06:00:00+02:00"),
    ],
)
def test_today_begins_when_the_queues_day_does_and_is_yesterdays_until_then(at, begins):
    found = span(window("today"), ms(at), "Europe/Rome", day_starts_ms=6 * HOUR)
    assert found.first * 1000 == ms(begins)
    assert found.last * 1000 == ms(at) - ms(at) % (5 * MINUTE)


def test_a_day_that_starts_in_the_skipped_hour_starts_when_the_skipping_is_over():
    half_past_two = 2 * HOUR + 30 * MINUTE
    after = ms("2026-03-29T03:00:00+02:00")
    assert working_day_start(after, "Europe/Rome", half_past_two) == after
    assert working_day_start(after - 1, "Europe/Rome", half_past_two) == ms("2026-03-28T02:30:00+01:00")


def test_a_day_that_starts_in_the_repeated_hour_starts_the_first_time():
    half_past_two = 2 * HOUR + 30 * MINUTE
    first, second = ms("2026-10-25T02:30:00+02:00"), ms("2026-10-25T02:30:00+01:00")
    assert working_day_start(first, "Europe/Rome", half_past_two) == first
    assert working_day_start(second, "Europe/Rome", half_past_two) == first
    assert working_day_start(first - 1, "Europe/Rome", half_past_two) == ms("2026-10-24T02:30:00+02:00")


@given(at=INSTANTS, zone=st.sampled_from(ZONES), starts_at=st.integers(0, 287))
def test_a_working_day_starts_the_first_time_that_its_clock_shows_so_much(at, zone, starts_at):
    starts_ms = starts_at * 5 * MINUTE
    start = working_day_start(at, zone, starts_ms)
    clock = [datetime.fromtimestamp(t / 1000, ZoneInfo(zone)) for t in (start - 1, start)]
    shown = [(t.hour * 60 + t.minute) * MINUTE + t.second * SECOND for t in clock]
    assert start <= at < start + 25 * HOUR
    assert shown[1] == starts_ms or clock[1].utcoffset() != clock[0].utcoffset()
    assert clock[0].date() < clock[1].date() or shown[0] < starts_ms
    assert starts_ms or start == day_start(at, zone)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+00:00", "0001-01-02T03:04:05.678+00:00"])
def test_the_first_day_of_all_is_a_day_in_every_zone(at, zone):
    for start, length in ((day_start, DAY), (half_hour_start, 30 * MINUTE)):
        assert abs(start(ms(at), zone) - ms(at)) <= 3 * length


def test_a_window_beyond_the_keep_says_what_is_kept():
    latest = ms("2026-03-02T15:00:00+00:00")
    assert span(window("1h"), latest - HOUR, "UTC", latest)
    with pytest.raises(NotKept, match=r"10 seconds, kept 2 hours: now back to 2026-03-02T13:00:00\.000Z"):
        span(window("1h"), latest - HOUR - 20 * SECOND, "UTC", latest)
    assert span(window("7d"), latest - 390 * DAY, "UTC", latest)
    with pytest.raises(NotKept):
        span(window("7d"), latest - 396 * DAY, "UTC", latest)


def test_rings_keep_what_is_promised():
    assert {ring.name: (ring.size_ms, ring.keep_ms) for ring in RINGS.values()} == {
        "f": (10 * SECOND, 2 * HOUR), "m": (5 * MINUTE, 49 * HOUR), "h": (30 * MINUTE, 40 * DAY), "d": (DAY, 400 * DAY),
    }  # fmt: skip


@pytest.mark.parametrize("zone", ZONES)
def test_so_many_days_later_is_as_many_next_days(zone):
    day = start = day_start(ms("2026-02-20T12:00:00+00:00"), zone)
    for days in range(300):
        assert days_later(start, days, zone) == day
        day = next_day_start(day, zone)


def test_a_bucket_is_kept_while_it_starts_inside_the_keep():
    assert kept("f", 1000, 1_000_000 + 2 * HOUR)
    assert not kept("f", 1000, 1_000_001 + 2 * HOUR)


def test_matured_days_were_closed_a_repeat_window_ago():
    at = ms("2026-03-02T15:00:00+00:00")
    found = matured_span(window("7d"), at, "UTC", 7 * DAY)
    days = [datetime.fromtimestamp(start, UTC).date().isoformat() for start in starts(found, "UTC")]
    assert days == [f"2026-02-{day}" for day in range(16, 23)]
    assert matured_span(window("today"), at, "UTC", 7 * DAY) is None
    assert matured_span(window("24h"), at, "UTC", 7 * DAY) is None
    of_days = (matured_span(window("96h"), at, "UTC", 7 * DAY), matured_span(window("2d"), at, "UTC", 7 * DAY))
    assert [span_ and (span_.last - span_.first) // 86_400 + 1 for span_ in of_days] == [4, 2]


def test_a_queue_has_its_own_zone_and_the_rest_the_centers():
    rules = Rules(zone="Europe/Rome", queues={("phone", "a|b"): QueueRules(threshold_ms=1, zone="Asia/Tokyo")})
    assert zone_of(rules, "phone|i|qa|b") == zone_of(rules, survey_scope("phone", "a|b")) == "Asia/Tokyo"
    assert zone_of(rules, "phone|i|*") == zone_of(rules, "phone|o|-") == "Europe/Rome"


def test_a_queue_has_its_own_day_start_and_the_rest_the_centers():
    night = QueueRules(threshold_ms=1, zone="Asia/Tokyo", day_starts_ms=22 * HOUR)
    rules = Rules(zone="Europe/Rome", day_starts_ms=6 * HOUR, queues={("phone", "night"): night})
    assert day_of(rules, "phone|i|qnight") == ("Asia/Tokyo", 22 * HOUR)
    assert day_of(rules, "phone|i|*") == day_of(rules, "phone|i|-") == ("Europe/Rome", 6 * HOUR)
    assert day_of(rules, "*|*|aanna") == day_of(rules, "phone|*|@") == ("Europe/Rome", 6 * HOUR)
