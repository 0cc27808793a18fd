"""What states are judged by is what `/api/v1/kpis` says; what drives them is what `/api/v1/intervals` and rows say."""

from __future__ import annotations

import pytest

from schemas.alerts import Muted
from stream.core.agents.row import AgentRow
from stream.core.customers.insight_data import moment
from stream.core.rules import DAY, HOUR, MINUTE, SECOND
from stream.core.sla.known import NOTHING, Known, heard
from stream.core.sla.state import BREACHED, Standing
from stream.core.times.window import window
from stream.serve.alerts import requests
from stream.serve.alerts.drivers import Why
from stream.serve.alerts.seen import Sights
from tests.serve.shards import cell, cells, merged, pack, total, waiting

AT = 1_772_463_600_000  # Monday, 2026-03-02T15:00:00Z
SUPPORT, CARE, CHAT, OUT = "phone|i|qsupport", "email|i|qcare", "chat|i|qapp", "phone|o|qsupport"
OFFICE = {"name": "office", "hours": {"mon": "10:00-16:00"}}


async def loaded(view):
    for _ in range(100):
        if await view.reader.poll():
            return view
    raise AssertionError("never complete")


def thread(entity, asked_at, due_at, *, first=True):
    return waiting(entity, CARE, None, None, None, asked_at, asked_at, due_at, first)


@pytest.fixture
async def center(shard, view):
    phone, email, agents = shard(), shard("interactions.email"), shard("agents.timeline")
    for one in (phone, email, agents):
        await one.declare(1)
    counts = cell(offered=24, answered=20, in_threshold=15, abandoned=5, short_abandoned=2, handled=4, handle_ms=10_000)
    usual = [
        cells(SUPPORT, AT - weeks * 7 * DAY, cell(offered=10 * weeks, handled=2, handle_ms=weeks * 120_000))
        for weeks in (1, 2, 3)
    ]
    fields = merged(
        cells(SUPPORT, AT - 20 * MINUTE, counts), cells(SUPPORT, AT - 40 * MINUTE, cell(answered=9)), *usual
    )
    for scope in (SUPPORT, OUT):
        fields |= total(scope, cell(offered=1))
    for number in range(7):
        fields |= waiting(f"w{number}", SUPPORT, AT - (12 + number) * SECOND * 2, AT + HOUR)
    fields |= waiting("silent", SUPPORT, AT - 4 * HOUR, AT, SUPPORT) | waiting("out", OUT, AT - HOUR, None)
    fields[f"cd|{(AT - 28 * DAY - AT % DAY) // 1000}|{SUPPORT}"] = pack(cell(offered=1))
    await phone.commit(fields, stream_time=AT)
    responses = cells(CARE, AT - MINUTE, cell(first_response=30, first_response_in_threshold=28))
    fields = responses | total(CARE, cell(offered=1))
    fields |= thread("late", AT - 28 * HOUR, AT - HOUR) | thread("next", AT - 3 * DAY, AT - 2 * HOUR, first=False)
    fields |= thread("soon", AT - HOUR, AT + HOUR)
    await email.commit(fields, stream_time=AT)
    anna = AgentRow("available", None, AT, ["support"], {"phone": 1}, AT, AT + HOUR, [], AT)
    bert = AgentRow("not_ready", "lunch", AT, ["support"], {"phone": 1}, AT, AT + HOUR, [], AT)
    await agents.commit({"wanna": pack(anna), "wbert": pack(bert)}, stream_time=AT)
    queues = [
        {"channel": "chat", "name": "app", "target": 0.9},
        {"channel": "email", "name": "care", "calendar": "office", "threshold_seconds": 4 * 3600},
    ]
    return await loaded(view(clock="event", queues=queues, calendars=[OFFICE]))


def sights(view):
    return dict(Sights(lambda: view.rules, window(view.settings.alert_window)).all(view.snapshot, view.now()))


async def test_levels_are_those_of_the_api(center, browse):
    found, client = sights(center), browse(center)
    rows = (await client.get("/api/v1/kpis?window=30m&by=channel,queue")).json()
    assert {(row["channel"], row["queue"]) for row in rows} == found.keys()
    for row in rows:
        seen = found[row["channel"], row["queue"]].seen
        figure = "response_level_live" if row["channel"] == "email" else "service_level_live"
        assert seen.level == row[figure]
        live = [each for each in (await client.get("/api/v1/queues")).json() if each["queue"] == row["queue"]]
        assert (seen.open, seen.target) == (live[0]["open"], live[0]["target"])
    support, care, app = (found[queue].seen for queue in (("phone", "support"), ("email", "care"), ("chat", "app")))
    assert (support.figure, support.numerator, support.denominator) == ("service_level_live", 15, 20 + 5 - 2 + 7)
    assert support.longest_share == 36 / 20
    assert (care.figure, care.numerator, care.denominator) == ("response_level", 28, 31)
    assert (app.numerator, app.denominator, app.level, app.longest_share) == (0, 0, None, 0.0)


async def test_threads_wait_in_business_time(center):
    care = sights(center)["email", "care"]
    assert care.seen.longest_share == 5 / 4, "since Friday, and the office opens on Mondays at ten"
    assert (care.waiting, care.past_threshold, care.oldest_at) == (3, 2, AT - 3 * DAY)


async def test_a_threshold_of_nothing_is_passed_by_any_wait(shard, view):
    one = shard()
    await one.declare(1)
    await one.commit(waiting("a", SUPPORT, AT - 1, None) | waiting("b", "phone|i|qsales", AT, None), stream_time=AT)
    found = sights(await loaded(view(clock="event", channels={"phone": {"threshold_seconds": 0}})))
    assert found["phone", "support"].seen.longest_share == float("inf")
    assert found["phone", "sales"].seen.longest_share == 0


async def test_what_drives_a_queue_stands_beside_its_usual(center, browse):
    why = Why(center)
    found = sights(center)
    await why.look_up(found, center.now())
    drivers = why.of(found, center.now())
    support = drivers["phone", "support"]
    assert (support.arrivals, support.arrivals_usual) == (24, 15), "the median of 10, 20, 30 and nothing"
    assert (support.aht_ms, support.aht_usual_ms) == (2500, 120_000)
    assert (support.agents_staffed, support.agents_available) == (2, 1)
    assert [each.interaction_id for each in support.longest_waiting] == ["w6", "w5", "w4", "w3", "w2"]
    assert support.longest_waiting[0].since == moment(AT - 36 * SECOND)
    assert [each.interaction_id for each in drivers["email", "care"].longest_waiting] == ["next", "late", "soon"]
    assert (drivers["chat", "app"].arrivals_usual, drivers["chat", "app"].aht_usual_ms) == (None, None)
    (row,) = (await browse(center).get("/api/v1/intervals?by=channel,queue&queue=support")).json()[-1:]
    assert (row["usual_offered"], row["usual_aht_seconds"]) == (15, 120.0)


async def test_what_is_usual_is_brought_to_the_window_s_length_and_looked_up_once(center, monkeypatch):
    center.settings.__dict__["alert_window"] = "10m"
    why, found = Why(center), sights(center)
    await why.look_up(found, center.now())
    assert why.of(found, center.now())["phone", "support"].arrivals_usual == 5
    monkeypatch.setattr("stream.serve.alerts.drivers.half_hours", None)
    await why.look_up(found, center.now())
    assert why.of(found, center.now())["phone", "support"].arrivals_usual == 5


def muted(**more):
    return requests.Request(kind="mute", channel="phone", queue="support", by="anna", at=AT, until=AT + HOUR, **more)


async def test_the_api_says_of_what_state_queues_are_and_what_was_told(center, browse):
    event = requests.told(muted(note="drill"))
    assert isinstance(event, Muted)
    known = heard(Known(standing=Standing(state=BREACHED, since=AT - MINUTE), told=BREACHED), event)
    told = [b'{"data":{"channel":"phone","queue":"support"},"id":"1"}', b'{"data":{"channel":"email","queue":"care"}}']
    center.sla.show({("phone", "support"): known, ("email", "care"): NOTHING}, told)
    client = browse(center)
    body = (await client.get("/api/v1/alerts")).json()
    assert [row["queue"] for row in body["queues"]] == ["app", "care", "support"]
    assert [each["data"]["queue"] for each in body["told"]] == ["care", "support"], "the newest first"
    only = (await client.get("/api/v1/alerts?channel=phone&queue=support")).json()
    assert (only["window"], only["minimum_sample"], len(only["told"])) == ("30m", 20, 1)
    (row,) = only["queues"]
    drivers = row.pop("drivers")
    assert row == {
        "channel": "phone", "queue": "support", "state": "breached", "state_since_at": "2026-03-02T14:59:00.000Z",
        "muted_until_at": "2026-03-02T16:00:00.000Z", "acknowledged_by": None, "figure": "service_level_live",
        "value": 0.5, "numerator": 15, "denominator": 30, "target": 0.8, "threshold_ms": 20_000, "waiting": 7,
        "waiting_past_threshold": 7, "longest_since_at": "2026-03-02T14:59:24.000Z",
    }  # fmt: skip
    assert drivers.pop("longest_waiting")[0] == {"interaction_id": "w6", "since_at": "2026-03-02T14:59:24.000Z"}
    assert drivers == {
        "arrivals": 24, "arrivals_usual": 15, "aht_seconds": 2.5, "aht_usual_seconds": 120.0, "agents_staffed": 2,
        "agents_available": 1,
    }  # fmt: skip
    answer = await client.get("/api/v1/alerts?channel=fax")
    assert (answer.status_code, answer.json()["parameter"]) == (400, "channel")


async def test_metrics_and_rows_show_what_has_been_decided(center, browse):
    client = browse(center)
    before = (await client.get("/metrics")).text
    assert "contact_center_queue_sla_state{" not in before
    known = heard(Known(standing=Standing(state=BREACHED, since=AT)), requests.told(muted()))
    center.sla.show({("phone", "support"): known}, [])
    text = (await client.get("/metrics")).text
    for sample in ("sla_state", "muted"):
        value = {"sla_state": "2.0", "muted": "1.0"}[sample]
        assert f'contact_center_queue_{sample}{{channel="phone",queue="support"}} {value}' in text
    assert 'contact_center_queue_acknowledged{channel="phone",queue="support"} 0.0' in text
    (row,) = [each for each in (await client.get("/api/v1/queues")).json() if each["queue"] == "support"]
    assert (row["state"], row["muted_until_at"]) == ("breached", "2026-03-02T16:00:00.000Z")
