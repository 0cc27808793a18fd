"""Half-hours over HTTP: local clocks and their changes, the usual, hours, groups, CSV, and what cannot be asked."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, datetime

import pytest

from schemas.events import CHANNELS
from stream.core.figures.row import SEGMENT_MEASURES
from stream.core.rules import DAY, HOUR, MINUTE
from stream.core.scope import CUSTOMERS
from stream.state import half_hours
from stream.state.client import client_of
from tests.core.test_ledger_laws import Cluster
from tests.oracle.histories import nasty
from tests.serve.shards import cell, cells, merged, total, wait, waiting

AT = 1_772_463_600_000  # Monday, 2026-03-02T15:00:00Z, 16:00 in Rome
ROME, SUPPORT, CHANNEL = "phone|i|qrome", "phone|i|qsupport", "phone|i|*"
SETTINGS = {"queues": [{"channel": "phone", "name": "rome", "zone": "Europe/Rome"}]}


def ms(text):
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1000)


async def loaded(view):
    for _ in range(100):
        if await view.reader.poll():
            return view
    raise AssertionError("never complete")


@pytest.fixture
def client(shard, view, browse):
    """A client of a center to whose phone shard these contributions were written: (scope, instant, content, zone)."""

    async def made(*contributions, stream_time, more=None, **settings):
        one = shard()
        await one.declare(2)
        fields = merged(*(cells(*each) for each in contributions)) | (more or {})
        for scope in {each[0] for each in contributions}:
            fields |= total(scope, cell(offered=1))
        await one.commit(fields, stream_time=stream_time)
        return browse(await loaded(view(clock="event", **(settings or SETTINGS))))

    return made


def rome(at, content):
    return ROME, ms(at) if isinstance(at, str) else at, content, "Europe/Rome"


async def rows(client, status=200, **parameters):
    renamed = {name.removesuffix("_"): value for name, value in parameters.items()}
    answer = await client.get("/api/v1/intervals", params=renamed)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_half_hours_of_today_are_those_of_the_queue_s_clock(client):
    handled = cell(offered=2, handled=1, handle_ms=90_000)
    asking = await client(
        rome("2026-03-01T23:10:00Z", cell(offered=5)), rome(AT - MINUTE, wait(12_000)), rome(AT, handled),
        rome("2026-03-01T22:59:00Z", cell(offered=7)), stream_time=AT + MINUTE,
    )  # fmt: skip
    found = await rows(asking, by="channel,queue")
    assert (found[0]["starts_at"], found[0]["ends_at"]) == ("2026-03-02T00:00:00+01:00", "2026-03-02T00:30:00+01:00")
    assert (found[-1]["starts_at"], len(found)) == ("2026-03-02T16:00:00+01:00", 33)
    assert (found[0]["offered"], sum(row["offered"] for row in found)) == (5, 7)
    assert (found[-2]["answered"], found[-2]["asa_seconds"], found[-1]["aht_seconds"]) == (1, 12.0, 90.0)
    assert (found[-2]["channel"], found[-2]["queue"]) == ("phone", "rome")
    assert found[-2]["service_level"]["answered_only"] == 1.0
    assert "waiting" not in found[0]
    assert "fcr" not in found[0]
    (today,) = (await asking.get("/api/v1/kpis?window=today&by=queue")).json()
    assert today["offered"] == 7


async def test_the_usual_is_the_median_of_the_same_half_hour_in_the_last_four_weeks(client):
    weeks = [(1, 4), (2, 10), (4, 5)]
    past = [rome(AT - week * 7 * DAY + MINUTE, cell(offered=n, handled=2, handle_ms=n * 2000)) for week, n in weeks]
    asking = await client(
        *past, rome(AT - 7 * DAY - 40 * MINUTE, wait(8000)), rome(AT, cell(offered=9)), stream_time=AT
    )
    before, *_, last = await rows(asking, by="queue")
    assert (last["offered"], last["usual_offered"]) == (9, 4.5), "of 4, 10, 0 and 5"
    assert (last["usual_handled"], last["usual_aht_seconds"]) == (2, 5.0), "a mean of nothing is no zero"
    assert (before["usual_offered"], before["usual_asa_seconds"]) == (0, None)
    answered = next(row for row in await rows(asking, by="queue") if row["starts_at"][11:16] == "15:00")
    assert (answered["usual_answered"], answered["usual_asa_seconds"], answered["usual_service_level"]) == (0, 8.0, 1.0)


async def test_weeks_before_the_queue_s_first_day_are_not_known(client):
    past = rome(AT - 7 * DAY, cell(offered=4)), rome(AT - 14 * DAY, cell(offered=8))
    asking = await client(*past, rome(AT, cell(offered=9)), stream_time=AT)
    found = await rows(asking, by="queue")
    assert found[-1]["usual_offered"] == 6
    found = await rows(asking, by="queue", from_="2026-02-16T15:00:00Z", to="2026-02-16T15:30:00Z")
    assert (found[0]["offered"], found[0]["usual_offered"], found[0]["usual_service_level"]) == (8, None, None)


async def test_what_is_past_its_keep_is_no_usual(client):
    past = [rome(AT - week * 7 * DAY, cell(offered=100 * week)) for week in (1, 2, 3, 4)]
    asking = await client(*past, rome(AT, cell(offered=9)), stream_time=AT + 19 * DAY - HOUR)
    (row,) = await rows(asking, by="queue", from_="2026-03-02T15:00:00Z", to="2026-03-02T15:30:00Z")
    assert (row["offered"], row["usual_offered"]) == (9, 200), "the fourth week is older than forty days"


async def test_the_usual_service_level_is_of_the_queue_s_own_formula(client):
    past = rome(AT - 7 * DAY, cell(answered=1, in_threshold=1, abandoned=1, short_abandoned=1))
    queue = {"channel": "phone", "name": "rome", "zone": "Europe/Rome", "service_level_variant": "abandons_negative"}
    asking = await client(past, rome(AT, cell(offered=1)), stream_time=AT, queues=[queue])
    assert (await rows(asking, by="channel,queue"))[-1]["usual_service_level"] == 0.5


@pytest.mark.parametrize(("day", "half_hours_", "hours"), [("2026-03-29", 46, 23), ("2026-10-25", 50, 25)])
async def test_the_days_of_a_clock_change_have_23_and_25_hours(client, day, half_hours_, hours):
    start = ms(f"{day}T00:00:00+0{1 if day[6] == '3' else 2}:00")
    each = [rome(start + n * 30 * MINUTE, cell(offered=1)) for n in range(half_hours_)]
    asking = await client(*each, stream_time=start + hours * HOUR - 1)
    found = await rows(asking, by="queue")
    assert [row["offered"] for row in found] == [1] * half_hours_
    assert (found[0]["starts_at"][:16], found[-1]["ends_at"][11:16]) == (f"{day}T00:00", "00:00")
    found = await rows(asking, by="queue", step="1h")
    assert [row["offered"] for row in found] == [2] * hours
    assert len({row["starts_at"] for row in found}) == hours
    second = found[2]["starts_at"], found[3]["starts_at"]
    expected = {
        "2026-03-29": ("2026-03-29T03:00:00+02:00", "2026-03-29T04:00:00+02:00"),
        "2026-10-25": ("2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"),
    }
    assert second == expected[day]


async def test_over_a_clock_change_the_usual_is_of_the_same_time_by_the_local_clock(client):
    past = [rome(f"{day}T09:00:00+01:00", cell(offered=n)) for day, n in (("2026-03-23", 3), ("2026-03-16", 5))]
    monday = rome("2026-03-30T09:00:00+02:00", cell(offered=4))
    asking = await client(*past, monday, stream_time=ms("2026-03-30T09:10:00+02:00"))
    assert (await rows(asking, by="queue"))[-1]["usual_offered"] == 4


async def test_a_half_hour_that_the_clock_skipped_a_week_before_counts_the_weeks_that_had_it(client):
    past = rome("2026-03-22T02:00:00+01:00", cell(offered=6))
    asking = await client(past, stream_time=ms("2026-04-05T02:10:00+02:00"))
    last = (await rows(asking, by="queue"))[-1]
    assert (last["starts_at"], last["usual_offered"]) == ("2026-04-05T02:00:00+02:00", 6)


async def test_rows_without_a_queue_add_up_queues_and_have_interactions(client):
    asking = await client(
        rome(AT, cell(offered=2)), (SUPPORT, AT, cell(offered=3)), (CHANNEL, AT, cell(interactions_offered=4)),
        stream_time=AT,
    )  # fmt: skip
    found = [row for row in await rows(asking, by="channel", from_="2026-03-02T14:50:00Z") if row["channel"] == "phone"]
    assert [(row["starts_at"], row["offered"]) for row in found] == [
        ("2026-03-02T14:30:00+00:00", 0), ("2026-03-02T15:00:00+00:00", 5),
    ]  # fmt: skip
    assert (found[1]["interactions_offered"], found[1]["fcr"]["matured"]) == (4, None)
    (everything,) = await rows(asking, from_="2026-03-02T15:00:00Z")
    assert everything["offered"] == 5
    assert "channel" not in everything


async def test_queues_of_odd_zones_have_half_hours_of_their_own_that_count_where_they_begin(client):
    kathmandu = "phone|i|qnepal"
    contributions = [(kathmandu, AT + 20 * MINUTE, cell(offered=1), "Asia/Kathmandu"), (SUPPORT, AT, cell(offered=1))]
    queues = [{"channel": "phone", "name": "nepal", "zone": "Asia/Kathmandu"}]
    asking = await client(*contributions, stream_time=AT + 40 * MINUTE, queues=queues)
    nepal = (await rows(asking, by="queue", queue="nepal", from_="2026-03-02T15:00:00Z"))[1]
    assert (nepal["starts_at"], nepal["offered"]) == ("2026-03-02T21:00:00+05:45", 1)
    first, second = await rows(asking, from_="2026-03-02T15:00:00Z")
    assert (first["offered"], second["offered"]) == (2, 0)


async def test_all_partitions_are_added_up_and_only_those_with_the_queue_are_asked(client, shard, browse, view, redis):
    await client(rome(AT, cell(offered=2)), stream_time=AT)
    other = shard(partition=1)
    await other.commit(cells(*rome(AT, cell(offered=3))) | total(ROME, cell(offered=1)), stream_time=AT)
    third = shard("interactions.chat")
    await third.declare(1)
    await third.commit(cells(*rome(AT, cell(offered=50))), stream_time=AT)
    both = await loaded(view(clock="event", **SETTINGS))
    (row,) = await rows(browse(both), by="queue", from_="2026-03-02T15:00:00Z")
    assert row["offered"] == 5
    found = await half_hours.half_hours(both.reader, {ROME: [AT // 1000, 0], "phone|i|qnone": [AT // 1000]})
    assert found == {(ROME, AT // 1000): cell(offered=5)}


async def test_who_was_silent_too_long_has_timed_out_in_the_half_hour_in_which_silence_ended_it(client):
    due = AT - 40 * MINUTE
    more = waiting("a", ROME, due - 4 * HOUR, due)
    asking = await client(rome(AT, cell(offered=1)), stream_time=AT, more=more)
    found = await rows(asking, by="queue")
    assert [row["starts_at"][11:16] for row in found if row["timed_out"]] == ["15:00"]


async def test_what_has_not_begun_is_left_out(client):
    asking = await client(rome(AT, cell(offered=1)), stream_time=AT)
    found = await rows(asking, by="queue", from_="2026-03-02T14:30:00Z", to="2026-03-09T00:00:00Z")
    assert [row["starts_at"][11:16] for row in found] == ["15:30", "16:00"]
    assert await rows(asking, by="queue", from_="2026-03-02T15:30:00Z") == []


async def test_what_customers_say_on_no_channel_is_in_rows_of_all_channels_and_makes_no_week_known(client):
    said = (CUSTOMERS, AT, cell(complaints=2)), (CUSTOMERS, AT - 7 * DAY, cell(complaints=1))
    asking = await client(rome(AT, cell(offered=1)), *said, stream_time=AT)
    row = (await rows(asking, by=""))[-1]
    assert (row["customers"]["complaints"], row["offered"], row["usual_offered"]) == (2, 1, None)
    assert (await rows(asking, by="", direction="outbound"))[-1]["customers"]["complaints"] == 0
    assert {row["channel"] for row in await rows(asking, by="channel")} == set(CHANNELS)


@pytest.mark.parametrize("step", ["30m", "1h"])
async def test_the_half_hours_of_days_add_up_to_the_days(shard, view, browse, step):
    cluster = Cluster(partitions=1, seed=3, cut=50).take(nasty(3, interactions=150, days=4))
    for (topic, number), (ledger, written) in cluster.books.items():
        one = shard(topic, number)
        await one.declare(1)
        fields = {name: value for name, value in written.fields.items() if name[0] in "ct"}
        await one.commit(fields, stream_time=ledger.stream_time)
    client = browse(await loaded(view(clock="event")))
    for direction in ("inbound", "outbound"):
        both = {"by": "channel,queue", "direction": direction}
        days = (await client.get("/api/v1/kpis", params={"window": "3d", "at": "2026-03-04T12:00:00Z", **both})).json()
        found = await rows(client, step=step, from_="2026-03-02T00:00:00Z", to="2026-03-05T00:00:00Z", **both)
        sums = {(row["channel"], row["queue"]): Counter() for row in days}
        for row in found:
            counted = {name: row[name] for name in SEGMENT_MEASURES if row[name]}
            if counted:
                sums[row["channel"], row["queue"]].update(counted)
        wanted = {(row["channel"], row["queue"]): {n: row[n] for n in SEGMENT_MEASURES if row[n]} for row in days}
        assert sums == wanted
        assert sum(len(row) for row in wanted.values()) > 50


async def test_a_table_has_the_same_values_as_json(client):
    asking = await client(rome(AT, wait(12_000) | cell(offered=3)), stream_time=AT)
    told = await rows(asking, by="channel,queue")
    by_format = await asking.get("/api/v1/intervals", params={"by": "channel,queue", "format": "csv"})
    by_header = await asking.get("/api/v1/intervals?by=channel,queue", headers={"accept": "text/csv"})
    assert by_format.text == by_header.text
    assert by_format.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    lines = list(csv.DictReader(by_format.text.splitlines()))
    assert len(lines) == len(told)
    assert (lines[-1]["starts_at"], lines[-1]["offered"], lines[-1]["asa_seconds"]) == (
        "2026-03-02T16:00:00+01:00", "3", "12.0",
    )  # fmt: skip
    assert (lines[-1]["flowed_out_by_voicemail"], lines[-1]["aht_seconds"]) == ("0", "")
    assert lines[-1]["service_level_answered_only"] == "1.0"


@pytest.mark.parametrize(
    ("query", "parameter", "says"),
    [
        ("step=15m", "step", "'15m' is no step"),
        ("from=yesterday", "from", "no instant"),
        ("to=2026-03-02", "to", "no instant"),
        ("from=2026-03-02T15:00:00Z&to=2026-03-02T15:00:00Z", "to", "not after"),
        ("from=2026-01-20T00:00:00Z", "from", "kept 40 days"),
        ("by=agent", "by", "'agent'"),
        ("channel=pigeon", "channel", "'pigeon' is no channel"),
        ("format=xml", "format", "'xml' is no format"),
        ("direction=up", "direction", "'up'"),
        ("window=1h", "window", "no parameter"),
    ],
)
async def test_what_cannot_be_asked_is_answered_with_what_can(client, query, parameter, says):
    asking = await client(rome(AT, cell(offered=1)), stream_time=AT)
    answer = await asking.get(f"/api/v1/intervals?{query}")
    assert answer.status_code == 400
    assert answer.json()["parameter"] == parameter
    assert says in answer.json()["error"]
    assert answer.json()["hint"]


async def test_more_rows_than_anybody_reads_are_refused(client):
    queues = [{"channel": "phone", "name": f"q{number}"} for number in range(12)]
    asking = await client(rome(AT, cell(offered=1)), stream_time=AT, queues=queues)
    body = await rows(asking, 400, by="queue", from_="2026-01-25T00:00:00Z")
    assert "at most 20,000" in body["error"]
    assert "queue=" in body["hint"]


async def test_more_fields_than_redis_should_be_asked_for_are_refused(client, monkeypatch):
    asking = await client(rome(AT, cell(offered=1)), stream_time=AT)
    monkeypatch.setattr(half_hours, "MOST_FIELDS", 10)
    assert "at most 10" in (await rows(asking, 400, by="queue"))["error"]


async def test_without_redis_half_hours_wait_and_nothing_is_said_before_the_shards_are_read(client, view, browse):
    assert (await browse(view()).get("/api/v1/intervals")).status_code == 503
    await client(rome(AT, cell(offered=1)), stream_time=AT)
    away = await loaded(view(clock="event", **SETTINGS))
    away.reader.redis = client_of("redis://127.0.0.1:1")
    body = await rows(browse(away), 503, by="queue")
    assert body["error"] == "redis does not answer"
