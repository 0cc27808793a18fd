"""Rows over HTTP: windows, groups, directions, the present and the past, and what cannot be asked."""

from __future__ import annotations

import pytest

from stream.core.rules import DAY, HOUR, MINUTE, SECOND
from stream.core.times.window import window
from stream.serve import kpis
from stream.state.snapshot import ShardId
from tests.serve.shards import cell, cells, pack, total, wait, waiting

AT = 1_772_463_600_000  # 2026-03-02T15:00:00Z
SUPPORT, DIRECT, CHANNEL, OUT = "phone|i|qsupport", "phone|i|-", "phone|i|*", "phone|o|qsupport"
FIRST_CONTACT = cell(first_contacts=1, resolved_contacts=1)


async def loaded(view):
    for _ in range(100):
        if await view.reader.poll():
            return view
    raise AssertionError("never complete")


def url(**parameters):
    return "/api/v1/kpis?" + "&".join(f"{name}={value}" for name, value in parameters.items())


@pytest.fixture
async def asked(shard, view, browse):
    one = shard()
    await one.declare(1)
    fields = {}
    for scope, ago, content in (
        (SUPPORT, 0, wait(12_000)), (SUPPORT, 50 * MINUTE, cell(abandoned=1)), (SUPPORT, 3 * HOUR, wait(30_000)),
        (DIRECT, MINUTE, cell(handled=1, handle_ms=90_000)), (OUT, MINUTE, cell(offered=1)),
        (CHANNEL, MINUTE, FIRST_CONTACT), (CHANNEL, 8 * DAY, cell(first_contacts=1, repeated_contacts=1)),
        (CHANNEL, 0, cell(interactions_offered=2)),
    ):  # fmt: skip
        for field, value in cells(scope, AT - ago, content).items():
            assert field not in fields or field[1] in "hd", "test data lie in different buckets"
            fields.setdefault(field, value)
    for scope in (SUPPORT, DIRECT, CHANNEL, OUT):
        fields |= total(scope, cell(offered=1))
    day = AT - AT % DAY
    fields[f"cd|{day // 1000}|{SUPPORT}"] = pack(cell(answered=2, abandoned=1))
    fields[f"cd|{day // 1000}|{CHANNEL}"] = pack(FIRST_CONTACT | cell(interactions_offered=2))
    fields |= waiting("a", SUPPORT, AT - 25 * SECOND, AT + HOUR) | waiting("b", SUPPORT, AT - 4 * SECOND, AT + HOUR)
    await one.commit(fields, stream_time=AT)
    client = browse(await loaded(view(clock="event", queues=[{"channel": "chat", "name": "sales"}])))

    async def get(**parameters):
        return (await client.get(url(**parameters))).json()

    return get


async def test_rows_have_their_labels_measures_and_figures(asked):
    rows = await asked(window="1h", by="channel,queue")
    labels = [(row["channel"], row["queue"]) for row in rows]
    assert labels == [("chat", "sales"), ("phone", None), ("phone", "support")]
    sales, direct, support = rows
    assert (support["answered"], support["abandoned"], support["asa_seconds"]) == (1, 1, 12.0)
    assert support["service_level"]["short_abandons_excluded"] == 0.5
    assert (support["waiting"], support["waiting_past_threshold"], support["longest_wait_ms"]) == (2, 1, 25_000)
    assert support["service_level_live"] == 1 / 3
    assert (direct["handled"], direct["aht_seconds"], direct["waiting"]) == (1, 90.0, 0)
    assert (sales["offered"], sales["asa_seconds"]) == (0, None)
    assert "fcr" not in support


async def test_rows_without_a_queue_have_interactions_and_first_contacts(asked):
    rows = await asked(window="7d", by="channel")
    assert [row["channel"] for row in rows] == sorted(["phone", "email", "chat", "social", "video"])
    phone = next(row for row in rows if row["channel"] == "phone")
    assert "queue" not in phone
    assert phone["interactions_offered"] == 2
    assert phone["fcr"]["provisional"]["ratio"] == 1.0
    assert (phone["fcr"]["matured"]["first_contacts"], phone["fcr"]["matured"]["ratio"]) == (1, 0.0)
    (all_of_it,) = await asked(window="1h")
    assert "channel" not in all_of_it
    assert all_of_it["fcr"]["matured"] is None
    assert (all_of_it["waiting"], all_of_it["handled"]) == (2, 1)


async def test_directions_are_counted_apart_and_together(asked):
    for direction, offered in (("outbound", 1), ("all", 1), ("inbound", 0)):
        (row,) = await asked(window="5m", direction=direction)
        assert row["offered"] == offered


async def test_an_instant_of_the_past_has_its_window_and_no_present(asked):
    rows = await asked(window="1h", by="queue", at="2026-03-02T14:30:00Z")
    support = next(row for row in rows if row["queue"] == "support")
    assert (support["abandoned"], support["answered"]) == (1, 0)
    assert support["waiting"] is support["longest_wait_ms"] is support["service_level_live"] is None


async def test_now_has_a_present_though_a_source_s_clock_runs_ahead(view, shard, browse):
    one = shard()
    await one.declare(1)
    await one.commit(waiting("a", SUPPORT, AT - 30 * SECOND, None), stream_time=AT + MINUTE)
    (row,) = (await browse(await loaded(view(now=AT))).get(url(window="5m"))).json()
    assert (row["waiting"], row["longest_wait_ms"]) == (1, 30_000)


async def test_who_waits_in_a_queue_without_a_name_waits(view, shard, browse):
    one = shard()
    await one.declare(1)
    nameless = waiting("a", DIRECT, AT - 30 * SECOND, None)
    await one.commit(nameless | total(DIRECT, cell(offered=1)), stream_time=AT)
    client = browse(await loaded(view(clock="event")))
    for by in ("", "channel", "channel,queue"):
        rows = (await client.get(url(window="5m", by=by))).json()
        row = next(row for row in rows if row.get("channel", "phone") == "phone")
        assert (row["waiting"], row["longest_wait_ms"], row["service_level_live"]) == (1, 30_000, 0.0)
    explained = (await client.get("/api/v1/explain?figure=service_level_live&channel=phone&queue=")).json()
    assert (explained["value"], explained["interactions_found"]) == (0.0, 1)


async def test_a_window_of_hours_beyond_two_is_of_five_minutes(asked):
    rows = await asked(window="24h", by="channel,queue")
    assert next(row for row in rows if row["queue"] == "support")["answered"] == 2


async def test_who_was_silent_too_long_has_timed_out_before_any_worker_says_so(view, shard, browse):
    one = shard()
    await one.declare(1)
    due = AT + 4 * HOUR
    entry = waiting("a", SUPPORT, AT - SECOND, due) | waiting("b", DIRECT, None, due, DIRECT)
    await one.commit(entry | total(SUPPORT, cell(offered=1)), stream_time=AT)
    client = browse(await loaded(view(clock="event")))

    async def row(at):
        return (await client.get(url(window="5m", at=at))).json()[0]

    before, after, later = [await row(f"2026-03-02T{at}Z") for at in ("18:59:59.999", "19:00:00", "19:30:00")]
    assert (before["waiting"], before["timed_out"], before["timed_out_connected"]) == (1, 0, 0)
    assert (after["waiting"], after["timed_out"], after["timed_out_connected"]) == (0, 1, 1)
    assert (later["waiting"], later["timed_out"]) == (0, 0), "outside of the window"


@pytest.mark.parametrize(
    ("query", "parameter", "says"),
    [
        ("window=5s", "window", "want today"),
        ("window=50h", "window", "multiple"),
        ("by=customer", "by", "'customer'"),
        ("by=queue,agent", "by", "not split by queue"),
        ("at=yesterday", "at", "no instant"),
        ("at=2026-03-02T15:00:00", "at", "no instant"),
        ("at=2026-13-02T15:00:00Z", "at", "month"),
        ("at=0001-01-01T00:00:00Z", "at", "outside"),
        ("at=2026-03-02T11:00:00Z&window=1h", "at", "kept 2 hours"),
        ("direction=up", "direction", "'up' is no direction"),
        ("windows=1h", "windows", "no parameter"),
        ("window=1h&by=&window=30m", "window", "more than once"),
    ],
)
async def test_what_cannot_be_asked_is_answered_with_what_can(shard, view, browse, query, parameter, says):
    one = shard()
    await one.declare(1)
    await one.commit(total(SUPPORT, cell(offered=1)), stream_time=AT)
    answer = await browse(await loaded(view(clock="event"))).get(f"/api/v1/kpis?{query}")
    assert answer.status_code == 400
    assert answer.json()["parameter"] == parameter
    assert says in answer.json()["error"]
    assert answer.json()["hint"]


async def test_zones_have_days_of_their_own_and_a_row_over_queues_sums_them(shard, view, browse):
    one = shard()
    await one.declare(1)
    rome = "phone|i|qrome"
    late = AT - 16 * HOUR  # 23:00 UTC of the day before, midnight in Rome
    fields = cells(rome, late, cell(offered=1), "Europe/Rome") | cells(SUPPORT, late, cell(offered=1))
    await one.commit(fields | total(rome, cell(offered=1)) | total(SUPPORT, cell(offered=1)), stream_time=AT)
    settings = {"queues": [{"channel": "phone", "name": "rome", "zone": "Europe/Rome"}]}
    client = browse(await loaded(view(clock="event", **settings)))
    (row,) = (await client.get(url(window="today"))).json()
    assert row["offered"] == 1


async def test_today_begins_with_each_queues_day_in_rows_and_in_metrics(shard, view, browse):
    one = shard()
    await one.declare(1)
    early = AT - 10 * HOUR  # five in the morning
    fields = {}
    for scope in (SUPPORT, "phone|i|qnight"):
        fields |= cells(scope, early, cell(answered=1, in_threshold=1)) | cells(scope, AT, cell(answered=1))
        fields |= total(scope, cell(answered=2))
    await one.commit(fields, stream_time=AT)
    settings = {"day_starts_at": "06:00", "queues": [{"channel": "phone", "name": "night", "day_starts_at": "05:00"}]}
    client = browse(await loaded(view(clock="event", windows=["today"], **settings)))
    rows = {row["queue"]: row["answered"] for row in (await client.get(url(window="today", by="queue"))).json()}
    assert rows == {"night": 2, "support": 1}
    text = (await client.get("/metrics")).text
    level = 'contact_center_service_level_ratio{channel="phone",queue="%s",variant="short_abandons_excluded"'
    assert level % "night" + ',window="today"} 0.5' in text
    assert level % "support" + ',window="today"} 0.0' in text


async def test_an_hour_of_twenty_busy_queues_is_summed_whole(view):
    busy = view(clock="event")
    snapshot = busy.snapshot
    content = wait(5000) | cell(offered=1, handled=1, handle_ms=9, talk_ms=8, hold_ms=1) | {1100: 1, 2200: 1, 2210: 2}
    for queue in range(20):
        scope = f"phone|i|qq{queue}"
        fields = total(scope, cell(offered=1)).items()
        snapshot.feed(ShardId("interactions.phone", 0), [], [(name.encode(), value) for name, value in fields])
        hour = [(f"cf|{AT // 1000 - bucket * 10}|{scope}".encode(), pack(content)) for bucket in range(360)]
        snapshot.feed(ShardId("interactions.phone", 0), [], hour)
    rows = kpis.rows(snapshot, busy.rules, window("1h"), ("channel", "queue"), AT)
    assert [row["answered"] for row in rows] == [360] * 20
