"""Forecasts over HTTP and as metrics: from what was measured, with their error, hidden where they say nothing."""

from __future__ import annotations

import pytest

from stream.core.agents.row import AgentRow
from stream.core.rules import DAY, MINUTE, SECOND
from stream.core.times.window import bucket_start
from tests.serve.shards import cell, cells, merged, pack, total, waiting

AT = 1_772_463_600_000  # Monday, 2026-03-02T15:00:00Z
SUPPORT = "phone|i|qsupport"
PART = cell(offered=20, answered=19, in_threshold=16, abandoned=1, wait_ms=100_000, abandon_wait_ms=20_000) | cell(
    handled=19, handle_ms=19 * 180_000
)


def lively():
    """A hundred calls in half an hour."""
    return merged(*(cells(SUPPORT, AT - minutes * MINUTE, PART) for minutes in (27, 21, 16, 9, 3)))


async def loaded(view):
    for _ in range(100):
        if await view.reader.poll():
            return view
    raise AssertionError("never complete")


def agent(number, queues=("support",), presence="available", slots=None):
    row = AgentRow(presence, None, AT - MINUTE, list(queues), slots, AT, AT + DAY, [], AT)
    return {f"wagent{number}": pack(tuple(row))}


def half_hour(at, offered):
    return {f"ch|{bucket_start('h', at, 'UTC')}|{SUPPORT}": pack(cell(offered=offered))}


@pytest.fixture
def center(shard, view):
    async def made(fields, now=AT, agents=14, **settings):
        phone, people = shard(), shard("agents.timeline")
        await phone.declare(1)
        await people.declare(1)
        await phone.commit(fields | total(SUPPORT, cell(offered=1)), stream_time=AT)
        rows = {}
        for number in range(agents):
            rows |= agent(number)
        await people.commit(rows, stream_time=AT)
        return await loaded(view(now, **settings))

    return made


async def test_the_next_minutes_follow_from_what_was_measured(center, browse):
    made = await center(lively())
    await made.forecasts.look()
    ((row),) = (await browse(made).get("/api/v1/forecast")).json()
    found = row["forecast"]["15"]
    assert (row["channel"], row["queue"], row["why_not"]) == ("phone", "support", None)
    assert (found["arrivals"], found["aht_seconds"], found["agents"], found["patience_seconds"]) == (50, 180, 14, 120)
    assert found["service_level"] == pytest.approx(0.9327, abs=1e-4)
    assert (found["agents_short"], found["error"], found["comparisons"]) == (0, None, 0)
    assert row["forecast"]["30"]["arrivals"] == 100


async def test_agents_short_are_those_that_the_target_lacks(center, browse):
    made = await center(lively(), agents=9, queues=[
        {"channel": "phone", "name": "support", "target": 0.8}
    ])  # fmt: skip
    await made.forecasts.look()
    text = (await browse(made).get("/metrics")).text
    line = 'contact_center_queue_forecast_agents_short{channel="phone",horizon="15m",queue="support"} '
    assert line + "3.0" in text
    assert 'contact_center_queue_forecast_service_level_ratio{channel="phone",horizon="30m"' in text


@pytest.mark.parametrize(
    ("content", "why"),
    [(cell(offered=9, handled=50, handle_ms=1), "few_arrivals"), (cell(offered=50, handled=9), "few_handled")],
)
async def test_too_little_to_go_by_shows_none(center, browse, content, why):
    made = await center(cells(SUPPORT, AT - 10 * MINUTE, content))
    await made.forecasts.look()
    ((row),) = (await browse(made).get("/api/v1/forecast", params={"channel": "phone", "queue": "support"})).json()
    assert (row["forecast"], row["why_not"]) == (None, why)
    assert "contact_center_queue_forecast_service_level_ratio{" not in (await browse(made).get("/metrics")).text
    assert (await browse(made).get("/api/v1/forecast", params={"queue": "sales"})).json() == []


async def test_where_nobody_tells_of_agents_there_is_none(center):
    made = await center(lively(), agents=0)
    await made.forecasts.look()
    assert (made.forecasts.rows, made.forecasts.why_not) == (
        {("phone", "support"): None}, {("phone", "support"): "no_agents"},
    )  # fmt: skip


async def test_where_all_agents_have_gone_nobody_will_be_answered(center):
    made = await center(lively())
    gone = AgentRow("logged_out", None, AT, ["support"], None, AT, None, [], AT)
    made.snapshot.agents.update({f"agent{number}": pack(tuple(gone)) for number in range(14)})
    await made.forecasts.look()
    row = made.forecasts.rows["phone", "support"]["15"]
    assert (row["service_level"], row["agents_short"], row["wait_seconds"]) == (0, 12, None)


async def test_a_closed_queue_has_none(center):
    calendar = {"name": "office", "hours": {"tue": "09:00-17:00"}}
    queue = {"channel": "phone", "name": "support", "calendar": "office"}
    made = await center(lively(), calendars=[calendar], queues=[queue])
    await made.forecasts.look()
    assert made.forecasts.why_not == {("phone", "support"): "closed"}


async def test_what_usually_comes_at_this_time_makes_more_of_it(center):
    fields = lively()
    for week in (1, 2, 3):
        fields |= half_hour(AT - week * 7 * DAY - 30 * MINUTE, 100) | half_hour(AT - week * 7 * DAY, 200)
    made = await center(fields)
    await made.forecasts.look()
    assert made.forecasts.rows["phone", "support"]["15"]["arrivals"] == 100


async def test_a_rush_is_foreseen_by_its_own_minutes_and_by_who_is_overdue(center):
    calm = cell(offered=20, handled=20, handle_ms=20 * 180_000)
    fields = merged(cells(SUPPORT, AT - 20 * MINUTE, calm), cells(SUPPORT, AT - MINUTE, cell(offered=100)))
    made = await center(fields | waiting("late", SUPPORT, AT - 25 * SECOND, None))
    await made.forecasts.look()
    assert made.forecasts.rows["phone", "support"]["15"]["arrivals"] == pytest.approx(60 + 240 * 0.7213 + 1, abs=0.1)


async def test_forecasts_that_were_wrong_are_hidden(center):
    came = cell(offered=20, answered=20, in_threshold=1, handled=20, handle_ms=20 * 180_000)
    later = [cells(SUPPORT, AT + minutes * MINUTE, came) for minutes in range(0, 60, 5)]
    made = await center(merged(lively(), *later))
    for minutes in range(0, 31, 5):
        made._clock = lambda at=AT + minutes * MINUTE + 31 * SECOND: at
        await made.forecasts.look()
    row, why = made.forecasts.rows["phone", "support"], made.forecasts.why_not
    assert (row, why) == (None, {("phone", "support"): "poor_fit"})


async def test_a_new_forecast_is_in_the_next_scrape_also_when_nothing_else_is_new(center, browse):
    made = await center(lively())
    client, name = browse(made), "contact_center_queue_forecast_wait_seconds{"
    assert name not in (await client.get("/metrics")).text
    await made.forecasts.look()
    assert name in (await client.get("/metrics")).text
