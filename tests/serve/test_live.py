"""The live state over HTTP: queues open or closed, who waits, threads by age; and what cannot be asked."""

from __future__ import annotations

import pytest

from stream.core.agents.row import ACTIVITIES, AgentRow
from stream.core.rules import DAY, HOUR, MINUTE, SECOND
from tests.serve.shards import cell, cells, pack, total, waiting

AT = 1_772_463_600_000  # Monday, 2026-03-02T15:00:00Z
SUPPORT, OUT, CARE, NOBODY = "phone|i|qsupport", "phone|o|qsupport", "email|i|qcare", "email|i|-"
OFFICE = {"name": "office", "zone": "Europe/Rome", "hours": {"mon-fri": "09:00-16:00"}}


async def loaded(view):
    for _ in range(100):
        if await view.reader.poll():
            return view
    raise AssertionError("never complete")


def thread(entity, asked_at, due_at, *, first=True, scope=CARE, queued_at=None):
    return waiting(entity, scope, queued_at, None, None, asked_at, asked_at, due_at, first)


@pytest.fixture
async def asked(shard, view, browse):
    phone, email = shard(), shard("interactions.email")
    await phone.declare(1)
    await email.declare(1)
    await phone.commit(
        waiting("a", SUPPORT, AT - 30 * SECOND, AT + HOUR, None, AT - MINUTE)
        | waiting("b", SUPPORT, AT - 20 * SECOND, AT + HOUR)
        | waiting("talks", SUPPORT, None, AT + HOUR, SUPPORT)
        | waiting("silent", SUPPORT, AT - 4 * HOUR, AT, SUPPORT)
        | waiting("called", OUT, AT - 5 * SECOND, None),
        stream_time=AT,
    )  # fmt: skip
    fields = cells(CARE, AT - HOUR, cell(offered=3, ended=1)) | cells(CARE, AT - 2 * HOUR, cell(reopened=1))
    fields |= total(CARE, cell(offered=3, reopened=1, ended=1))
    fields |= cells("email|i|*", AT - HOUR, cell(interactions_started=3))
    fields |= total("email|i|*", cell(interactions_started=3))
    fields |= thread("late", AT - 9 * HOUR, AT - HOUR) | thread("soon", AT - 5 * HOUR, AT + 40 * MINUTE, first=False)
    fields |= thread("new", AT - 10 * MINUTE, AT + 3 * HOUR, queued_at=AT - 9 * MINUTE)
    fields |= thread("edge", AT - 4 * HOUR, AT) | waiting("parked", CARE, None, None, None, AT - DAY)
    fields |= waiting("still", CARE, AT - 3 * HOUR, None, None, AT - 3 * HOUR)
    fields |= thread("stray", AT - 2 * DAY, AT - DAY, scope=NOBODY)
    await email.commit(fields, stream_time=AT)
    settings = {"queues": [{"channel": "chat", "name": "sales", "threshold_seconds": 45, "target": 0.9}]}
    client = browse(await loaded(view(clock="event", **settings)))

    async def get(path, status=200):
        answer = await client.get(f"/api/v1/{path}")
        assert answer.status_code == status, answer.text
        return answer.json()

    return get


async def test_queues_are_listed_with_what_is_open_and_what_waits(asked):
    care, sales, support = sorted(await asked("queues"), key=lambda row: row["queue"])
    assert sales == {
        "channel": "chat", "queue": "sales", "open": True, "next_change_at": None, "interactions_open": 0,
        "waiting": 0, "waiting_past_threshold": 0, "longest_wait_ms": None, "threads_waiting": 0,
        "threads_past_due": 0, "threshold_ms": 45_000, "target": 0.9,
        "agents": dict.fromkeys(("staffed", "available", *ACTIVITIES.values(), "not_ready"), 0),
        "slots": {"used": 0, "free": 0},
        "state": None, "state_since_at": None, "muted_until_at": None, "acknowledged_by": None,
    }  # fmt: skip
    assert (support["waiting"], support["waiting_past_threshold"], support["longest_wait_ms"]) == (2, 1, 30_000)
    assert support["interactions_open"] == 3, "whom silence has ended is not open any more"
    assert (care["interactions_open"], care["threads_waiting"], care["threads_past_due"]) == (6, 4, 1)


async def test_queues_have_the_agents_who_serve_them(shard, view, browse):
    one = shard("agents.timeline")
    await one.declare(1)
    anna = AgentRow("available", None, AT, ["sales", "care"], {"chat": 2, "email": 1}, AT, AT + HOUR, [], AT)
    bert = AgentRow("not_ready", "lunch", AT, ["sales"], {"chat": 1}, AT, AT + HOUR, [], AT)
    gone = AgentRow("available", None, AT - DAY, ["sales"], {"chat": 1}, AT - DAY, AT - HOUR, [], AT)
    rows = {"wanna": pack(anna), "wbert": pack(bert), "wgone": pack(gone)}
    await one.commit(rows, stream_time=AT)
    queues = [{"channel": "chat", "name": "sales"}, {"channel": "email", "name": "care"}]
    client = browse(await loaded(view(clock="event", queues=queues)))
    sales, care = (await client.get("/api/v1/queues")).json()
    assert (sales["agents"]["staffed"], sales["agents"]["available"], sales["agents"]["not_ready"]) == (2, 1, 1)
    assert sales["slots"] == {"used": 0, "free": 2}
    assert (care["agents"]["staffed"], care["slots"]["free"]) == (1, 1)


async def test_queues_of_the_other_direction_are_asked_for(asked):
    (support,) = [row for row in await asked("queues?direction=outbound") if row["queue"] == "support"]
    assert support["waiting"] == 1
    (support,) = [row for row in await asked("queues?direction=all") if row["queue"] == "support"]
    assert support["waiting"] == 3


async def test_who_waits_is_listed_the_longest_first(asked):
    found = await asked("queues/phone/support/waiting")
    assert (found["channel"], found["queue"], found["total"]) == ("phone", "support", 2)
    nobody = {"customer_id": None, "contact": None, "repeat": None}
    assert found["waiting"] == [
        nobody |
        {"interaction_id": "a", "waits_for": "agent", "since_at": "2026-03-02T14:59:30.000Z", "wait_ms": 30_000,
         "past_threshold": True, "due_at": "2026-03-02T14:59:50.000Z", "opened_at": "2026-03-02T14:59:00.000Z"},
        nobody |
        {"interaction_id": "b", "waits_for": "agent", "since_at": "2026-03-02T14:59:40.000Z", "wait_ms": 20_000,
         "past_threshold": False, "due_at": "2026-03-02T15:00:00.000Z", "opened_at": None},
    ]  # fmt: skip
    assert (await asked("queues/phone/support/waiting?direction=all"))["total"] == 3


async def test_a_thread_waits_for_a_response_and_is_due_in_business_time(asked):
    found = await asked("queues/email/care/waiting")
    told = [(each["interaction_id"], each["waits_for"], each["past_threshold"]) for each in found["waiting"]]
    assert told == [
        ("late", "first_response", True), ("soon", "next_response", False), ("edge", "first_response", False),
        ("still", "agent", False), ("new", "first_response", False),
    ]  # fmt: skip
    assert found["waiting"][1]["due_at"] == "2026-03-02T15:40:00.000Z"


async def test_at_most_five_hundred_are_listed_and_all_are_counted(shard, view, browse):
    one = shard()
    await one.declare(1)
    fields = {}
    for number in range(600):
        fields |= waiting(f"i{number:03}", SUPPORT, AT - number, None)
    await one.commit(fields, stream_time=AT)
    found = (await browse(await loaded(view(clock="event"))).get("/api/v1/queues/phone/support/waiting")).json()
    assert (found["total"], len(found["waiting"])) == (600, 500)
    assert found["waiting"][0]["interaction_id"] == "i599"


async def test_a_queue_that_nobody_knows_is_named_in_the_answer(asked):
    for path in ("queues/phone/nowhere/waiting", "queues/pigeon/support/waiting"):
        body = await asked(path, 404)
        assert path.split("/")[1] in body["error"]
        assert body["hint"]
    assert (await asked("queues/chat/sales/waiting"))["total"] == 0, "configured, and nobody has come yet"
    assert (await asked("queues/email/care/waiting?direction=outbound"))["total"] == 0, "used in the other direction"


async def test_threads_have_their_ages_what_is_due_and_what_comes_and_goes(asked):
    sales, nobody, care = await asked("threads")
    assert (sales["channel"], sales["queue"], sales["waiting"]) == ("chat", "sales", 0)
    assert (nobody["queue"], nobody["waiting"], nobody["age_bands"]["24h+"]) == (None, 1, 1)
    assert care == {
        "channel": "email", "queue": "care", "interactions_open": 6, "waiting": 4, "waiting_for_first_response": 3,
        "waiting_for_next_response": 1, "past_due": 1, "due_within_hour": 2, "longest_wait_ms": 9 * HOUR,
        "age_bands": {"0-1h": 1, "1-4h": 0, "4-8h": 2, "8-24h": 1, "24h+": 0}, "inflow": 4, "outflow": 1,
    }  # fmt: skip


async def test_a_queue_is_open_by_its_calendar_and_its_threads_age_in_business_time(shard, view, browse):
    one = shard("interactions.email")
    await one.declare(1)
    friday = AT - 3 * DAY
    await one.commit(thread("friday", friday - 2 * HOUR, AT - 6 * HOUR), stream_time=AT)
    settings = {"calendars": [OFFICE], "queues": [{"channel": "email", "name": "care", "calendar": "office"}]}
    client = browse(await loaded(view(clock="event", **settings)))
    (care,) = (await client.get("/api/v1/queues")).json()
    assert (care["open"], care["next_change_at"]) == (False, "2026-03-03T08:00:00.000Z"), "16:00 in Rome is the end"
    (care,) = (await client.get("/api/v1/threads")).json()
    assert (care["longest_wait_ms"], care["past_due"]) == (74 * HOUR, 1)
    assert care["age_bands"] == {"0-1h": 0, "1-4h": 0, "4-8h": 0, "8-24h": 1, "24h+": 0}, "two hours and seven"


async def test_what_was_due_when_the_queue_closed_is_past_due_when_it_has_opened(shard, view, browse):
    one = shard("interactions.email")
    await one.declare(1)
    closes = AT  # 16:00 in Rome
    fields = thread("a", closes - HOUR, closes) | thread("b", closes - 2 * HOUR, closes - 1)
    settings = {"calendars": [OFFICE], "queues": [{"channel": "email", "name": "care", "calendar": "office"}]}
    for stream_time, past in ((closes + 3 * HOUR, ["b"]), (closes + 17 * HOUR + 1, ["b", "a"])):
        await one.commit(fields, stream_time=stream_time)
        client = browse(await loaded(view(clock="event", **settings)))
        waits = (await client.get("/api/v1/queues/email/care/waiting")).json()["waiting"]
        assert [each["interaction_id"] for each in waits if each["past_threshold"]] == past
        (care,) = (await client.get("/api/v1/threads")).json()
        assert (care["past_due"], care["due_within_hour"]) == (len(past), 2 - len(past))


async def test_without_queues_what_comes_in_less_what_goes_out_is_what_is_more_in_hand(shard, view, browse):
    """Two chats of three are a bot's alone and enter no queue; the third is moved to a second queue."""
    one = shard("interactions.chat")
    await one.declare(1)
    counted = {
        "chat|i|*": cell(interactions_started=3), "chat|i|-": cell(ended=2, reopened=1), "chat|i|qa": cell(offered=1),
        "chat|i|qb": cell(offered=1),
    }  # fmt: skip
    fields = {}
    for scope, counts in counted.items():
        fields |= cells(scope, AT - HOUR, counts) | total(scope, counts)
    await one.commit(fields, stream_time=AT)
    client = browse(await loaded(view(clock="event")))
    for by in ("", "channel"):
        row = next(row for row in (await client.get(f"/api/v1/threads?by={by}")).json() if row["outflow"])
        assert (row["inflow"], row["outflow"]) == (3 + 1, 2)
    by_queue = {row["queue"]: row for row in (await client.get("/api/v1/threads?by=queue")).json()}
    assert [(by_queue[name]["inflow"], by_queue[name]["outflow"]) for name in ("a", "b", None)] == [
        (1, 0), (1, 0), (1, 2),
    ]  # fmt: skip


async def test_threads_are_grouped_and_counted_over_a_window(asked):
    by_channel = {row["channel"]: row for row in await asked("threads?by=channel&window=5m")}
    assert set(by_channel) == {"email", "social", "chat"}
    assert (by_channel["email"]["waiting"], by_channel["email"]["inflow"]) == (5, 0)
    (everything,) = await asked("threads?by=")
    assert (everything["waiting"], everything["past_due"], everything["inflow"]) == (5, 2, 4)
    (outbound,) = await asked("threads?by=&direction=outbound")
    assert outbound["waiting"] == 0


async def test_the_response_level_has_who_waits_past_the_threshold_in_it(asked):
    (row,) = [row for row in await asked("kpis?window=1h&by=queue") if row["queue"] == "care"]
    assert row["response_level"] is None
    assert row["response_level_live"] == 0.0
    (row,) = [row for row in await asked("kpis?window=1h&by=queue&at=2026-03-02T14:00:00Z") if row["queue"] == "care"]
    assert row["response_level_live"] is None


@pytest.mark.parametrize(
    ("path", "parameter"),
    [("queues?by=channel", "by"), ("queues?direction=up", "direction"), ("threads?window=5s", "window"),
     ("threads?by=agent", "by"), ("queues/phone/support/waiting?at=now", "at")],
)  # fmt: skip
async def test_what_cannot_be_asked_is_answered_with_what_can(asked, path, parameter):
    body = await asked(path, 400)
    assert body["parameter"] == parameter
    assert body["hint"]


async def test_nothing_is_said_before_the_shards_are_read(view, browse):
    client = browse(view())
    for path in ("queues", "threads", "queues/phone/support/waiting"):
        assert (await client.get(f"/api/v1/{path}")).status_code == 503
