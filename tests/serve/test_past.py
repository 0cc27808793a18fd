"""One interaction over HTTP: what is kept, in both orders, and what each arrival did to the figures."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from stream.core.rules import DAY, HOUR, QueueRules, Rules
from tests.serve.test_kpis import loaded
from tests.serve.told import START, Told, history

CALL = history(
    (0, "started", {"customer_id": "c1", "reason": "bill"}), (1, "queued", {"queue": "q"}),
    (10, "answered", {"agent_id": "anna"}), (60, "held", {"agent_id": "anna"}), (80, "resumed", {"agent_id": "anna"}),
    (130, "ended", {"by": "customer", "resolved": True}), (150, "wrapped_up", {"agent_id": "anna"}),
)  # fmt: skip


def iso(seconds):
    at = datetime.fromtimestamp(START / 1000 + seconds, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.fixture
async def told(redis_server, key_prefix):
    made = Told(redis_server.url, key_prefix)
    yield made
    await made.store.aclose()


@pytest.fixture
def asked(view, browse):
    async def get(id_="i1", channel="phone", now=START + HOUR, **settings):
        return await browse(await loaded(view(now=now, **settings))).get(f"/api/v1/interactions/{channel}/{id_}")

    return get


async def test_an_interaction_is_shown_with_its_segments_and_what_they_count(told, asked):
    await told.declare(phone=3)
    await told.take(CALL)
    body = (await asked()).json()
    assert (body["channel"], body["id"], body["state"]) == ("phone", "i1", "closed")
    assert (body["customer_id"], body["reason"], body["direction"], body["resolved"]) == ("c1", "bill", "inbound", True)
    assert (body["started_at"], body["ended_at"], body["reopened_at"]) == (iso(0), [iso(130)], [])
    (one,) = body["segments"]
    assert (one["queue"], one["outcome"], one["in_threshold"], one["threshold_ms"]) == ("q", "answered", True, 20_000)
    assert (one["agent_id"], one["over_at"], one["over_by"]) == ("anna", iso(130), "ended")
    assert one["holds"] == [{"held_at": iso(60), "resumed_at": iso(80)}]
    assert one["measures"] == {
        "wait_ms": 9_000, "talk_ms": 100_000, "hold_ms": 20_000, "wrap_up_ms": 20_000, "handle_ms": 140_000,
    }  # fmt: skip
    assert body["kept_until"] == iso(150 + 3 * DAY / 1000)
    assert body["anomalies"] == []
    assert body["beyond_the_events"] == {"counted": [], "not_counted": []}


async def test_events_stand_in_the_order_of_the_contract_with_the_order_of_their_arrival(told, asked):
    await told.declare(phone=1)
    await told.take([CALL[5], CALL[1], CALL[2], CALL[0]])
    body = (await asked()).json()
    assert [(e["type"], e["arrival"]) for e in body["events"]] == [
        ("interaction.started", 4), ("interaction.queued", 2), ("interaction.answered", 3), ("interaction.ended", 1),
    ]  # fmt: skip
    assert [did["arrival"] for did in body["history"]] == [1, 2, 3, 4]
    assert body["events"][2] == {
        "arrival": 3, "time": iso(10), "type": "interaction.answered", "source": "/test", "id": "i1-2", "revision": 0,
        "data": {"agent_id": "anna"},
    }  # fmt: skip


async def test_a_late_event_is_seen_to_take_back_what_stood(told, asked):
    await told.declare(phone=1)
    calls = history(
        (0, "queued", {"queue": "q"}), (5, "answered", {"agent_id": "a"}), (65, "ended", {}),
        (30, "transferred", {"agent_id": "a", "to_queue": "r"}),
    )  # fmt: skip
    for each in calls:
        await told.take([each])
    did = (await asked()).json()["history"]
    assert [(e["type"].split(".")[1], bool(e["taken_back"])) for e in did] == [
        ("queued", False), ("answered", False), ("ended", False), ("transferred", True),
    ]  # fmt: skip
    assert {
        "at": iso(0), "of": "queue", "channel": "phone", "direction": "inbound", "queue": "q",
        "measures": {"offered": 1},
    } in did[0]["added"]  # fmt: skip
    ((back,), (new,)) = (
        [each for each in did[3][what] if each["of"] == "queue" and "handled" in each["measures"]]
        for what in ("taken_back", "added")
    )
    assert (back["at"], back["measures"]["talk_ms"]) == (iso(65), 60_000)
    assert (new["at"], new["measures"]["talk_ms"], new["measures"]["transferred"]) == (iso(30), 25_000, 1)


async def test_what_the_history_adds_less_what_it_takes_back_is_what_stands(told, asked):
    await told.declare(phone=1)
    await told.take([CALL[i] for i in (2, 5, 0, 6, 3, 1, 4)])
    body = (await asked()).json()
    sums = {}
    for sign, what in ((1, "added"), (-1, "taken_back")):
        for did in body["history"]:
            for each in did[what]:
                for name, n in each["measures"].items():
                    key = each["at"], each["of"], each.get("queue"), name
                    sums[key] = sums.get(key, 0) + sign * n
    standing = {}
    for each in body["stamps"]:
        for name, n in each["measures"].items():
            key = each["at"], each["of"], each.get("queue"), name
            standing[key] = standing.get(key, 0) + n
    assert {key: n for key, n in sums.items() if n} == standing


async def test_silence_counts_beyond_the_events(told, asked):
    await told.declare(phone=1)
    await told.take(history((0, "queued", {"queue": "q"})))
    waiting = (await asked()).json()
    assert (waiting["state"], waiting["waiting"]) == ("open", True)
    assert waiting["silence_ends_it_at"] == iso(4 * 3600)
    unwritten = (await asked(now=START + 4 * HOUR)).json()
    assert (unwritten["state"], unwritten["segments"][0]["outcome"]) == ("timed_out", "timed_out")
    assert unwritten["segments"][0]["timed_out_at"] == iso(4 * 3600)
    await told.take(history((5 * 3600, "queued", {"queue": "q"}), id_="i2"))
    body = (await asked()).json()
    assert (body["state"], body["segments"][0]["outcome"]) == ("timed_out", "timed_out")
    (more,) = body["beyond_the_events"]["counted"]
    assert (more["at"], more["measures"]) == (iso(4 * 3600), {"timed_out": 1})


async def test_each_way_out_of_a_queue_is_told(told, asked):
    await told.declare(phone=1)
    ways = {
        "soon": (10, "abandoned", {}), "late": (30, "abandoned", {}), "full": (10, "flowed_out", {"outcome": "full"}),
    }  # fmt: skip
    for id_, way in ways.items():
        await told.take(history((0, "queued", {"queue": "q"}), way, id_=id_))
    await told.take(history((0, "answered", {"agent_id": "a"}), id_="direct"))
    seen = {id_: (await asked(id_)).json()["segments"][0] for id_ in (*ways, "direct")}
    found = {id_: (one["outcome"], one["flowed_out_by"], one["in_threshold"]) for id_, one in seen.items()}
    assert found == {
        "soon": ("abandoned", None, True), "late": ("abandoned", None, False), "full": ("flowed_out", "full", None),
        "direct": ("direct", None, None),
    }  # fmt: skip
    assert [one["measures"] for one in seen.values()] == [
        {"wait_ms": 10_000}, {"wait_ms": 30_000}, {"wait_ms": 10_000}, {},
    ]  # fmt: skip


async def test_what_former_settings_counted_is_told_apart(redis_server, key_prefix, asked):
    strict = Told(redis_server.url, key_prefix, Rules(queues={("phone", "q"): QueueRules(threshold_ms=1000)}))
    await strict.declare(phone=1)
    await strict.take(history((0, "queued", {"queue": "q"}), (5, "answered", {"agent_id": "a"})))
    body = (await asked()).json()
    await strict.store.aclose()
    assert body["segments"][0]["in_threshold"] is False
    (missing,) = body["beyond_the_events"]["not_counted"]
    assert missing["measures"] == {"in_threshold": 1}


async def test_what_it_counts_through_its_customer_is_shown_with_what_may_be_the_same_matter(told, asked):
    await told.declare(phone=1, chat=1)
    await told.take(CALL)
    again = (3600, "started", {"customer_id": "c1", "reason": "bill"}), (3700, "ended", {"by": "customer"})
    other = (7200, "started", {"customer_id": "c1", "reason": "move"}), (7300, "ended", {"by": "customer"})
    await told.take(history(*again, channel="chat", id_="again"))
    await told.take(history(*other, channel="chat", id_="other"))
    first = (await asked()).json()["of_customer"]
    assert first["served"] is True
    assert [(each["at"], each["measures"]) for each in first["stamps"]] == [
        (iso(0), {"identified": 1}), (iso(130), {"first_contacts": 1, "repeated_contacts": 1}),
    ]  # fmt: skip
    assert [(each["id"], each["same_matter"]) for each in first["near"]] == [("again", True), ("other", False)]
    repeat = (await asked("again", "chat")).json()["of_customer"]
    assert [each["measures"] for each in repeat["stamps"]] == [{"identified": 1, "repeats": 1}]
    assert [each["id"] for each in repeat["near"]] == ["i1", "other"]
    assert (await asked("other", "chat")).json()["of_customer"]["near"][0]["same_matter"] is False
    await told.take(history((0, "started", {}), id_="nobody"))
    assert (await asked("nobody")).json()["of_customer"] is None


async def test_an_interaction_under_an_alias_is_shown_as_the_one_who_holds_it_has_it(told, asked):
    await told.declare(phone=1, chat=1)
    await told.take(CALL)
    await told.take(
        history((3600, "started", {"customer_id": "tel:1"}), (3700, "ended", {}), channel="chat", id_="again")
    )
    alone = (await asked("again", "chat")).json()["of_customer"]
    assert (alone["customer_id"], alone["near"], len(alone["stamps"])) == ("tel:1", [], 1)
    identified = {
        "specversion": "1.0", "id": "1", "source": "crm", "type": "customer.identified", "time": iso(9000),
        "data": {"customer_id": "c1", "aliases": ["tel:1"]},
    }  # fmt: skip
    await told.take([{"topic": "customers.timeline", "key": "c1", "value": identified, "timestamp_ms": -1}])
    body = (await asked("again", "chat")).json()
    assert (body["customer_id"], body["of_customer"]["customer_id"]) == ("tel:1", "c1")
    assert [each["measures"] for each in body["of_customer"]["stamps"]] == [{"identified": 1, "repeats": 1}]
    assert [each["id"] for each in body["of_customer"]["near"]] == ["i1"]
    assert [each["id"] for each in (await asked()).json()["of_customer"]["near"]] == ["again"]


async def test_names_of_any_kind_are_looked_up(told, asked, view, browse):
    await told.declare(chat=2)
    names = ["a|b", "*", "-", "üñí 漢字 🎧", 'quo"ted', "line\nbreak", "{curly}", "%41", "a/b?c#d", " "]
    for name in names:
        called = (1, "answered", {"agent_id": "a"}), (2, "ended", {})
        await told.take(history((0, "queued", {"queue": name}), *called, channel="chat", id_=name))
    client = browse(await loaded(view(now=START + HOUR // 2)))
    for name in names:
        found = (await client.get(f"/api/v1/interactions/chat/{quote(name, safe='')}")).json()
        assert (found["id"], found["segments"][0]["queue"]) == (name, name)
        body = (await client.get("/api/v1/explain", params={"figure": "asa", "channel": "chat", "queue": name})).json()
        assert [each["id"] for each in body["interactions"]] == [name]


async def test_anomalies_are_told(told, asked):
    await told.declare(phone=1)
    await told.take(history((0, "queued", {"queue": "q"}), (3, "resumed", {"agent_id": "a"})))
    assert (await asked()).json()["anomalies"] == ["unexpected_resumed"]


async def test_an_interaction_is_found_in_whatever_partition_it_is(told, asked):
    await told.declare(phone=4)
    await told.take(CALL, partition=3)
    await told.take(history((0, "queued", {"queue": "q"}), id_="a/b c"), partition=2)
    body = (await asked()).json()
    assert (body["partition"], body["also_in_partitions"]) == (3, [])
    assert (await asked("a/b%20c")).json()["id"] == "a/b c"
    await told.take(CALL, partition=1)
    body = (await asked()).json()
    assert (body["partition"], body["also_in_partitions"]) == (1, [3])


async def test_of_very_many_events_the_last_arrivals_are_told(told, asked):
    await told.declare(chat=1)
    many = [(i, "message", {"author": "customer"}) for i in range(1, 1000)]
    await told.take(history((0, "queued", {"queue": "q"}), *many, channel="chat"))
    body = (await asked(channel="chat")).json()
    assert len(body["events"]) == 1000
    assert [did["arrival"] for did in body["history"]] == list(range(871, 1001))


async def test_what_is_not_kept_is_unknown_and_the_answer_says_how_long_is(told, asked):
    await told.declare(phone=1, email=1)
    await told.take(CALL)
    answer = await asked("i9")
    assert answer.status_code == 404
    assert "'i9'" in answer.json()["error"]
    assert "3 days" in answer.json()["hint"]
    assert (await asked("i1", "email")).status_code == 404
    strange = await asked("i1", "fax")
    assert strange.status_code == 404
    assert "email" in strange.json()["hint"]
    await told.take(history((4 * 86400, "queued", {"queue": "q"}), id_="i2"))
    assert (await asked("i1")).status_code == 404, "past its keep, pruned or not"
