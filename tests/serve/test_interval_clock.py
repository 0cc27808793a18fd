"""Half-hours and hours of local clocks: they follow on each other, and each half-hour belongs to one of them."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.core.rules import DAY, HOUR, MINUTE
from stream.core.times.window import bucket_start
from stream.serve.intervals import halves, intervals

ZONES = ("UTC", "Europe/Rome", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca")
YEAR = 1_767_225_600_000  # 2026-01-01T00:00:00Z


def local(at, zone):
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone))


@pytest.mark.parametrize("step", [30 * MINUTE, HOUR])
@given(since=st.integers(YEAR, YEAR + 365 * DAY), length=st.integers(1, 3 * DAY), zone=st.sampled_from(ZONES))
def test_intervals_follow_on_each_other_and_begin_on_the_clock(step, since, length, zone):
    found = intervals(since, since + length, step, zone)
    assert found[0].start_ms <= since < found[0].end_ms
    assert found[-1].start_ms < since + length <= found[-1].end_ms
    assert all(before.end_ms == after.start_ms for before, after in pairwise(found))
    for start, end in found:
        assert 0 < end - start <= step
        changed = local(start, zone).utcoffset() != local(start - HOUR, zone).utcoffset()
        assert local(start, zone).minute % (step // MINUTE) == 0 or changed


@given(since=st.integers(YEAR, YEAR + 365 * DAY), zone=st.sampled_from(ZONES), other=st.sampled_from(ZONES))
def test_each_half_hour_of_a_zone_belongs_to_one_interval_of_another(since, zone, other):
    found = intervals(since, since + DAY, HOUR, zone)
    starts = [start for each in found for start in halves(each, other)]
    assert starts == sorted(set(starts))
    first, last = found[0].start_ms, found[-1].end_ms
    quarters = range(first + MINUTE, last, 15 * MINUTE)
    wanted = {bucket_start("h", at, other) * 1000 for at in quarters}
    assert set(starts) == {start for start in wanted if first <= start < last}


def test_the_whole_hour_is_there_where_its_half_is_asked_for():
    ten = YEAR + 10 * HOUR
    for since, until in ((ten, ten + 1), (ten + 40 * MINUTE, ten + 41 * MINUTE), (ten + 30 * MINUTE, ten + HOUR)):
        assert intervals(since, until, HOUR, "UTC") == ((ten, ten + HOUR),)
    assert intervals(ten, ten + HOUR, 30 * MINUTE, "UTC") == (
        (ten, ten + 30 * MINUTE), (ten + 30 * MINUTE, ten + HOUR),
    )  # fmt: skip
