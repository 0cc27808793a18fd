"""The same local time weeks before, over clock changes; and the median of what there was."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from stream.core.times.usual import WEEKS, usual, weeks_earlier


def ms(text):
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def earlier(at, weeks, zone="Europe/Rome"):
    found = weeks_earlier(ms(at), weeks, zone)
    return None if found is None else datetime.fromtimestamp(found / 1000, UTC).strftime("%m-%dT%H:%M")


@pytest.mark.parametrize(
    ("at", "weeks", "was"),
    [
        ("2026-03-02T09:00:00+01:00", 1, "02-23T08:00"),
        ("2026-03-02T09:00:00+01:00", 4, "02-02T08:00"),
        ("2026-03-30T09:00:00+02:00", 1, "03-23T08:00"),
        ("2026-11-01T09:30:00+01:00", 2, "10-18T07:30"),
        ("2026-04-05T02:30:00+02:00", 1, None),
        ("2026-04-05T03:00:00+02:00", 1, "03-29T01:00"),
        ("2026-04-05T01:30:00+02:00", 1, "03-29T00:30"),
        ("2026-11-01T02:30:00+01:00", 1, "10-25T00:30"),
        ("2026-10-25T02:30:00+02:00", 1, "10-18T00:30"),
        ("2026-10-25T02:30:00+01:00", 1, "10-18T00:30"),
    ],
)
def test_it_is_the_same_time_by_the_local_clock(at, weeks, was):
    assert earlier(at, weeks) == was


def test_milliseconds_and_odd_zones_stay():
    assert weeks_earlier(1_772_463_600_123, 1, "UTC") == 1_772_463_600_123 - 7 * 86_400_000
    assert weeks_earlier(1_772_462_700_000, 3, "Asia/Kathmandu") == 1_772_462_700_000 - 21 * 86_400_000


def test_the_usual_is_the_median_of_what_there_was():
    assert WEEKS == (1, 2, 3, 4)
    assert usual([]) is None
    assert usual([5]) == 5
    assert usual([1, 9, None, 2]) == 2
    assert usual([0.25, 0.75]) == 0.5
