"""The rules of reading over HTTP: whole buckets, what is kept, whose zone, which keys a row has."""

from __future__ import annotations

import pytest

from stream.core.rules import DAY, HOUR, MINUTE, SECOND
from tests.serve.shards import cell, cells, merged, total, waiting

AT = 1_772_463_600_000  # 2026-03-02T15:00:00Z
SUPPORT, CHANNEL = "phone|i|qsupport", "phone|i|*"
SEGMENT_KEYS = {
    "offered", "answered", "in_threshold", "abandoned", "short_abandoned", "abandoned_in_threshold",
    "flowed_out", "flowed_out_by", "timed_out", "timed_out_connected", "wait_ms", "handled", "talk_ms",
    "hold_ms", "wrap_up_ms", "handle_ms", "transferred", "held", "declined", "declined_by", "ended", "reopened",
    "closed_unanswered", "first_response", "first_response_in_threshold", "first_response_ms",
    "first_response_business_ms", "next_response", "next_response_ms", "next_response_business_ms",
    "resolution", "resolution_ms", "resolution_business_ms", "resolved_known", "resolved", "waiting",
    "waiting_past_threshold", "longest_wait_ms", "asa_seconds", "aht_seconds", "service_level",
    "service_level_live", "response_level", "response_level_live", "abandonment", "transfer_rate", "hold_rate",
    "reopen_rate", "resolution_rate", "first_response_seconds", "next_response_seconds", "resolution_seconds",
    "wait_quantile_seconds", "handle_quantile_seconds", "first_response_quantile_seconds",
}  # fmt: skip
INTERACTION_KEYS = {
    "interactions_started", "interactions_offered", "interactions_answered", "interactions_lost",
    "bot_interactions", "bot_contained", "bot_unidentified", "identified", "repeats", "containment",
    "repeat_inflow", "fcr",
}  # fmt: skip


async def loaded(view):
    for _ in range(100):
        if await view.reader.poll():
            return view
    raise AssertionError("never complete")


@pytest.fixture
def asking(shard, view, browse):
    """Ask for rows of a phone shard to which these contributions were written: (scope, instant, content, zone)."""

    async def made(*contributions, stream_time=AT, more=None, **settings):
        one = shard()
        await one.declare(1)
        fields = merged(*(cells(*each) for each in contributions)) | (more or {})
        for scope in {each[0] for each in contributions}:
            fields |= total(scope, cell(offered=1))
        await one.commit(fields, stream_time=stream_time)
        client = browse(await loaded(view(clock="event", **settings)))

        async def get(status=200, **parameters):
            answer = await client.get("/api/v1/kpis", params=parameters)
            assert answer.status_code == status, answer.text
            return answer.json()

        return get

    return made


async def test_a_row_has_every_key(asking):
    get = await asking((SUPPORT, AT, cell(offered=1)))
    for row in await get(by="channel,queue"):
        assert row.keys() >= SEGMENT_KEYS
        assert row.keys().isdisjoint(INTERACTION_KEYS)
        assert list(row)[:2] == ["channel", "queue"]
        assert row["wait_quantile_seconds"].keys() == {"p50", "p90", "p95", "p99"}
        assert {"answered_only", "short_abandons_excluded", "with_flowouts", "strict"} <= row["service_level"].keys()
    for by in ("", "channel"):
        for row in await get(by=by):
            assert row.keys() >= SEGMENT_KEYS | INTERACTION_KEYS
            assert row["fcr"].keys() == {"provisional", "matured"}
            contacts = {"first_contacts", "resolved", "repeated", "unidentified", "ratio"}
            assert contacts <= row["fcr"]["provisional"].keys()


async def test_a_window_ends_with_the_whole_bucket_that_holds_its_instant(asking):
    get = await asking((SUPPORT, AT + 9 * SECOND, cell(offered=1)), stream_time=AT + MINUTE)
    for at, offered in (("15:00:00Z", 1), ("15:00:09.999Z", 1), ("14:59:59.999Z", 0), ("15:05:09.999Z", 0)):
        (row,) = await get(window="5m", by="queue", at=f"2026-03-02T{at}") or [{"offered": 0}]
        assert row["offered"] == offered, at
    (row,) = await get(window="24h", by="queue", at="2026-03-02T15:00:00Z")
    assert row["offered"] == 1, "of five minutes"
    (row,) = await get(window="7d", by="queue", at="2026-03-02T00:00:00Z")
    assert row["offered"] == 1, "of days"


async def test_an_event_that_came_late_is_known_at_every_instant(asking):
    get = await asking((SUPPORT, AT - HOUR, cell(offered=1)), stream_time=AT)
    (row,) = await get(window="1h", by="queue", at="2026-03-02T14:00:00Z")
    assert row["offered"] == 1


@pytest.mark.parametrize(
    ("window", "at", "kept"),
    [
        ("1h", "2026-03-02T14:00:00Z", True), ("1h", "2026-03-02T13:30:00Z", False),
        ("24h", "2026-03-01T14:00:00Z", True), ("24h", "2026-03-01T10:00:00Z", False),
        ("today", "2026-03-01T09:00:00Z", True), ("today", "2026-02-28T23:00:00Z", False),
        ("7d", "2025-03-01T12:00:00Z", True), ("7d", "2025-01-20T12:00:00Z", False),
    ],
)  # fmt: skip
async def test_an_instant_is_served_from_the_ring_of_its_window_as_long_as_that_is_kept(asking, window, at, kept):
    get = await asking((SUPPORT, AT, cell(offered=1)))
    answer = await get(200 if kept else 400, window=window, at=at)
    if not kept:
        assert answer["parameter"] == "at"
        assert "now back to" in answer["error"]


async def test_live_keys_are_of_exactly_the_instant(asking):
    more = waiting("a", SUPPORT, AT - 20 * SECOND, None)
    get = await asking((SUPPORT, AT - MINUTE, cell(offered=1)), more=more)
    for at, past, longest in (("15:00:00", 0, 20_000), ("15:00:00.001", 1, 20_001), ("15:01:00", 1, 80_000)):
        (row,) = await get(window="5m", by="queue", at=f"2026-03-02T{at}Z")
        assert (row["waiting"], row["waiting_past_threshold"], row["longest_wait_ms"]) == (1, past, longest)
    (row,) = await get(window="5m", by="queue", at="2026-03-02T14:59:59.999Z")
    assert (
        row["waiting"] is row["waiting_past_threshold"] is row["longest_wait_ms"] is row["service_level_live"] is None
    )


async def test_what_has_no_queue_has_the_center_s_day(asking):
    late = AT - 15 * HOUR - MINUTE  # a minute before midnight UTC, in Rome already the next day
    direct = "phone|i|-"
    contributions = [(CHANNEL, late, cell(interactions_started=1), "Europe/Rome")]
    contributions += [(direct, late, cell(handled=1), "Europe/Rome"), (SUPPORT, late, cell(offered=1), "UTC")]
    queues = [{"channel": "phone", "name": "support", "zone": "UTC"}]
    get = await asking(*contributions, zone="Europe/Rome", queues=queues)
    phone = next(row for row in await get(window="today", by="channel") if row["channel"] == "phone")
    assert (phone["interactions_started"], phone["handled"], phone["offered"]) == (1, 1, 0)
    (phone,) = [row for row in await get(window="1d", by="channel") if row["channel"] == "phone"]
    assert (phone["interactions_started"], phone["offered"]) == (1, 1), "24 hours"


async def test_days_are_the_queue_s_own_in_windows_of_days(asking):
    rome = "phone|i|qrome"
    late = AT - 7 * DAY + 8 * HOUR + 30 * MINUTE  # 23:30 UTC seven days ago, in Rome six
    contributions = [(rome, late, cell(offered=1), "Europe/Rome"), (SUPPORT, late, cell(offered=1), "UTC")]
    get = await asking(*contributions, queues=[{"channel": "phone", "name": "rome", "zone": "Europe/Rome"}])
    found = {row["queue"]: row["offered"] for row in await get(window="7d", by="queue")}
    assert found == {"rome": 1}
    (both,) = await get(window="7d")
    assert both["offered"] == 1
