"""A live channel is silent when it should not be: its queues are open, and people usually come."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from stream.core.rules import DAY, HOUR, MINUTE
from stream.core.times.window import bucket_start
from tests.serve.shards import cell, cells, pack, total

AT = 1_772_463_600_000  # Monday, 2026-03-02T15:00:00Z
SCOPE = "phone|i|qsupport"
OFFICE = {"name": "office", "zone": "UTC", "hours": {"mon-fri": "09:00-17:00"}}
OPENED = AT - 6 * HOUR
SUPPORT = {"channel": "phone", "name": "support", "calendar": "office"}
ALWAYS = {"channel": "phone", "name": "support"}


@pytest.fixture
def silent(shard, view):
    async def asked(now, latest, fields, queue=SUPPORT):
        made = view(now, calendars=[OFFICE], queues=[queue, {"channel": "email", "name": "care"}])
        phone = shard()
        await phone.declare(1)
        await phone.commit(fields | total(SCOPE, cell(offered=1)), stream_time=latest)
        while not await made.reader.poll():
            pass
        await made.freshness.silence.look()
        return made

    return asked


def today(n):
    """So many have come today, six hours after the opening."""
    return cells(SCOPE, AT - 3 * HOUR, cell(offered=n))


def usual(now, n):
    """So many came in this half-hour of each of the last four weeks."""
    return {
        f"ch|{bucket_start('h', now - weeks * 7 * DAY, 'UTC')}|{SCOPE}": pack(cell(offered=n)) for weeks in (1, 2, 3, 4)
    }


@pytest.mark.parametrize(
    ("now", "latest", "fields", "expected"),
    [
        (AT, AT - 14 * MINUTE, usual(AT, 200), []),
        (AT, AT - 15 * MINUTE, usual(AT, 20), ["phone"]),
        (AT, AT - 15 * MINUTE, usual(AT, 19), []),
        (AT, AT - HOUR, usual(AT, 5), ["phone"]),
        (AT, AT - HOUR, usual(AT, 4), []),
        (AT, AT - HOUR, {}, []),  # nobody knows what is usual
        (AT, AT - 15 * MINUTE, today(239), []),  # six hours open in the last 24: 40 an hour
        (AT, AT - 15 * MINUTE, today(240), ["phone"]),
        (AT + 3 * HOUR, AT, usual(AT + 3 * HOUR, 500), []),  # closed
        (OPENED + 14 * MINUTE, OPENED - 3 * DAY, usual(OPENED, 500), []),  # opened 14 minutes ago
        (OPENED + 14 * MINUTE, OPENED - 3 * DAY + 7 * HOUR, usual(OPENED, 500), []),  # quiet before it closed
        (OPENED + 15 * MINUTE, OPENED - 3 * DAY, usual(OPENED, 500), ["phone"]),
    ],
)
async def test_a_channel_is_silent_when_ten_should_have_come_in_a_quarter_of_an_hour(
    silent, now, latest, fields, expected
):
    made = await silent(now, latest, fields)
    assert made.freshness.silence.channels == expected
    assert made.freshness.reasons() == (("silent",) if expected else ())
    assert not made.freshness.old


async def test_without_opening_hours_only_the_usual_says_that_somebody_should_come(silent):
    made = await silent(AT, AT - HOUR, usual(AT, 5), ALWAYS)
    assert made.freshness.silence.channels == ["phone"]


async def test_a_young_center_that_never_closes_is_not_silent_at_night(silent):
    made = await silent(AT, AT - HOUR, today(5000), ALWAYS)
    assert made.freshness.silence.channels == []


async def test_without_redis_silence_goes_by_what_is_known_and_says_so_once(silent, monkeypatch):
    made = await silent(AT, AT - HOUR, usual(AT, 5), ALWAYS)

    async def away(*_):
        raise ConnectionError("redis is away")

    monkeypatch.setattr(made.freshness.silence._usual_arrivals, "around", away)
    with capture_logs() as logs:
        await made.freshness.silence.look()
        await made.freshness.silence.look()
    assert made.freshness.silence.channels == ["phone"]
    assert [each["error"] for each in logs] == ["redis is away"]
