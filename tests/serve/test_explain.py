"""Figures explained over HTTP: what they are made of adds up to what everybody reads, gone interactions included."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from random import Random

import pytest

from stream.core.figures.explained import FIGURES, OF_CUSTOMERS
from stream.core.rules import DAY, HOUR, MINUTE, Rules
from stream.serve import explain_row
from stream.serve.view import View
from stream.state.client import client_of
from tests.core.by_hand import written
from tests.serve.test_kpis import loaded
from tests.serve.told import START, Told, history

NOW = START + 10 * MINUTE
SAMPLE = Path(__file__).parents[1] / "acceptance" / "records.jsonl.gz"


def call(id_, after, *more, queue="q", **started):
    """One that is queued `after` seconds."""
    told = ((after, "started", started), (after, "queued", {"queue": queue}))
    return history(*told, *((after + at, name, data) for at, name, data in more), id_=id_)


def answered(id_, after, wait=5, talk=60, queue="q", **started):
    by = {"agent_id": "anna"}
    return call(id_, after, (wait, "answered", by), (wait + talk, "ended", {"by": "customer"}), queue=queue, **started)


MORNING = [
    *answered("a", 0, 5, customer_id="c1"), *answered("b", 10, 30, customer_id="c2"),
    *answered("c", 20, 15, 100, queue="r"), *call("d", 30, (40, "abandoned", {})), *call("e", 40, (3, "abandoned", {})),
    *call("f", 50, (20, "flowed_out", {"outcome": "full"}), (21, "ended", {"by": "system"})),
    *answered("g", 100, 2, customer_id="c1"), *answered("o", 70, direction="outbound"),
    *call("w", 300),
]  # fmt: skip


@pytest.fixture
async def told(redis_server, key_prefix):
    made = Told(redis_server.url, key_prefix)
    yield made
    await made.store.aclose()


@pytest.fixture
async def explain(redis, redis_server, key_prefix, view, browse):
    async def get(figure, now=NOW, status=200, **parameters):
        client = browse(await loaded(view(now=now)))
        answer = await client.get("/api/v1/explain", params={"figure": figure, **parameters})
        assert answer.status_code == status, answer.text
        return answer.json()

    return get


@pytest.fixture
async def kpis(view, browse):
    async def get(now=NOW, **parameters):
        return (await browse(await loaded(view(now=now))).get("/api/v1/kpis", params=parameters)).json()

    return get


def counted(body):
    return {each["measure"]: (each["in_figure"], each["found"], each["gone"]) for each in body["counts"]}


async def test_a_figure_is_shown_with_its_formula_and_what_it_is_made_of(told, explain):
    await told.declare(phone=2)
    await told.take(MORNING)
    body = await explain("asa", channel="phone", queue="q")
    assert (body["figure"], body["value"], body["unit"]) == ("asa_seconds", 37 / 3, "seconds")
    assert body["formula"] == "wait_ms / answered / 1000"
    assert body["definition"].startswith("Average speed of answer: ")
    assert body["numerator"] == {"value": 37_000, "terms": [{"measure": "wait_ms", "sign": 1, "n": 37_000}]}
    assert body["denominator"]["value"] == 3
    assert (body["channel"], body["queue"], body["direction"]) == ("phone", "q", "inbound")
    assert body["window"] | {"zone": 0} == {
        "name": "1h", "since": "2026-03-02T09:10:10.000Z", "until": "2026-03-02T10:10:10.000Z",
        "buckets": "10 seconds, kept 2 hours", "zone": 0,
    }  # fmt: skip
    assert body["settings"]["threshold_ms"] == 20_000
    assert body["complete"] is True
    assert [each["id"] for each in body["interactions"]] == ["g", "b", "a"]
    assert body["interactions"][1] == {
        "channel": "phone", "id": "b", "at": "2026-03-02T10:00:40.000Z", "numerator": 30_000, "denominator": 1,
        "parts": [{
            "at": "2026-03-02T10:00:40.000Z", "of": "queue", "channel": "phone", "direction": "inbound", "queue": "q",
            "measures": {"answered": 1, "wait_ms": 30_000},
        }],
    }  # fmt: skip


async def test_the_variants_of_the_service_level_stand_side_by_side(told, explain):
    await told.declare(phone=1)
    await told.take(MORNING)
    body = await explain("service_level", channel="phone")
    assert (body["variant"], body["value"]) == ("short_abandons_excluded", 3 / 5)
    assert body["variants"]["answered_only"] == {"value": 0.75, "formula": "in_threshold / answered"}
    assert body["variants"]["strict"]["value"] == 3 / 6
    assert body["denominator"]["terms"] == [
        {"measure": "answered", "sign": 1, "n": 4}, {"measure": "abandoned", "sign": 1, "n": 2},
        {"measure": "short_abandoned", "sign": -1, "n": 1},
    ]  # fmt: skip
    short = next(each for each in body["interactions"] if each["id"] == "e")
    assert (short["numerator"], short["denominator"]) == (0, 0), "a short abandon is left out"
    assert (await explain("service_level.strict"))["value"] == 3 / 6


@pytest.mark.parametrize("labels", [{}, {"channel": "phone"}, {"channel": "phone", "queue": "q"}, {"queue": "r"}])
@pytest.mark.parametrize("direction", ["inbound", "all"])
async def test_counts_add_up_to_what_rows_say_for_every_figure(told, view, browse, labels, direction):
    await told.declare(phone=2, email=1)
    thread = history(
        (0, "started", {"customer_id": "c9"}), (1, "queued", {"queue": "q"}), (2, "message", {"author": "customer"}),
        (60, "answered", {"agent_id": "b"}), (90, "message", {"author": "agent"}), (95, "ended", {"resolved": True}),
        (99, "reopened", {}), channel="email", id_="t",
    )  # fmt: skip
    await told.take(MORNING + thread)
    client = browse(await loaded(view(now=NOW)))
    rows = (await client.get("/api/v1/kpis", params={"by": ",".join(labels), "direction": direction})).json()
    row = next(row for row in rows if all(row[name] == value for name, value in labels.items()))
    for figure in FIGURES.values():
        answer = await client.get("/api/v1/explain", params={"figure": figure.key, "direction": direction, **labels})
        if answer.status_code == 400:
            assert figure.name in OF_CUSTOMERS or answer.json()["parameter"] == "queue" in labels
            continue
        body = answer.json()
        for each in body["counts"]:
            assert (each["found"], each["gone"]) == (each["in_figure"], 0), (figure.key, each)
            if each["measure"] in row:
                assert each["in_figure"] == row[each["measure"]], (figure.key, each)
        if figure.name in row:
            assert body["value"] == explain_row.value(row, figure)
        if body["numerator"] and body["denominator"] and figure.population is None:
            below = body["denominator"]["value"]
            assert body["value"] == (body["numerator"]["value"] / below / figure.per if below else None)
        assert (
            sum(each["denominator"] or 0 for each in body["interactions"])
            == (body["denominator"] or {"value": 0})["value"]
        ), figure.key


async def test_who_waits_past_the_threshold_is_a_part_of_the_live_service_level(told, explain):
    await told.declare(phone=1)
    await told.take(MORNING)
    body = await explain("service_level_live", channel="phone")
    assert body["value"] == 3 / 6
    newest = body["interactions"][0]
    assert (newest["id"], newest["numerator"], newest["denominator"]) == ("w", 0, 1)
    assert newest["parts"][0]["measures"] == {"waiting_past_threshold": 1, "waiting_ms": 300_000}
    assert counted(body)["waiting_past_threshold"] == (1, 1, 0)


async def test_whom_silence_has_ended_is_found_written_or_not(told, explain):
    await told.declare(phone=1)
    await told.take(call("w", 0))
    silent = START + 4 * HOUR
    body = await explain("timed_out", now=silent + MINUTE)
    assert (body["value"], [each["id"] for each in body["interactions"]]) == (1, ["w"])
    await told.take(call("x", 4 * 3600 + 30))
    body = await explain("forced_out_rate", now=silent + MINUTE)
    assert counted(body)["timed_out"] == (1, 1, 0)
    assert [(each["id"], each["numerator"], each["denominator"]) for each in body["interactions"]] == [
        ("x", 0, 1), ("w", 1, 0),
    ]  # fmt: skip


async def test_what_is_pruned_is_counted_as_gone(told, explain):
    await told.declare(phone=1)
    await told.take(MORNING)
    later = 4 * DAY // 1000
    await told.take(answered("late", later, 7))
    await told.take(answered("later", later + 90, 7))
    body = await explain("asa", now=START + 4 * DAY + HOUR, window="7d", channel="phone")
    assert counted(body) == {"wait_ms": (66_000, 14_000, 52_000), "answered": (6, 2, 4)}
    assert [each["id"] for each in body["interactions"]] == ["later", "late"]
    assert (body["complete"], body["interactions_found"]) == (True, 2)


async def test_what_is_past_its_keep_and_not_yet_pruned_is_gone_too(told, explain):
    await told.declare(phone=1)
    await told.take(MORNING)
    await told.take(answered("late", 3 * DAY // 1000 + 600, 7))
    assert counted(await explain("answered", now=START + 3 * DAY + HOUR, window="7d"))["answered"] == (5, 1, 4)


async def test_first_contacts_are_found_where_customers_are(told, explain):
    await told.declare(phone=2)
    await told.take(MORNING)
    body = await explain("fcr", channel="phone", window="7d")
    assert (body["figure"], body["variant"], body["value"]) == ("fcr", "provisional", 0.5)
    assert [(each["id"], each["customer_id"], each["numerator"]) for each in body["interactions"]] == [
        ("b", "c2", 1), ("a", "c1", 0),
    ]  # fmt: skip
    assert counted(body) == {"resolved_contacts": (1, 1, 0), "first_contacts": (2, 2, 0)}
    assert body["variants"]["matured"]["value"] is None
    matured = await explain("fcr.matured", now=START + 9 * DAY, window="7d")
    assert (matured["value"], matured["window"]["until"]) == (0.5, "2026-03-04T00:00:00.000Z")
    assert counted(matured)["first_contacts"] == (2, 2, 0)
    no_days = await explain("fcr.matured", window="1h")
    assert (no_days["value"], no_days["window"]["since"]) == (None, None)


def surveyed(customer, number, after, score, **about):
    """An answer as customers' shards hear it."""
    at = START + after * 1000
    data = {"customer_id": customer, "survey": "csat", "score": score, **about}
    value = {
        "specversion": "1.0",
        "id": number,
        "source": "/s",
        "type": "customer.survey_answered",
        "time": written(at),
    }
    return {
        "topic": "customers.timeline", "key": customer, "timestamp_ms": at,
        "value": value | {"data": data},
    }  # fmt: skip


async def test_answers_are_shown_by_the_interactions_that_they_are_about(told, explain):
    await told.declare(phone=2)
    await told.take(MORNING)
    said = [surveyed("c2", "s1", 500, 5, interaction_id="b"), surveyed("c2", "s2", 500, 5, interaction_id="b")]
    await told.take([*said, surveyed("c1", "s3", 510, 2, interaction_id="a"), surveyed("c9", "s4", 520, 4)])
    body = await explain("csat", window="7d")
    assert (body["value"], counted(body)) == (0.75, {"csat_satisfied": (3, 3, 0), "csat_answers": (4, 4, 0)})
    assert [(each["id"], each["numerator"], each["denominator"]) for each in body["interactions"]] == [
        ("a", 0, 1), ("b", 2, 2),
    ]  # fmt: skip
    of_channel = await explain("csat_sum", window="7d", channel="phone")
    assert (of_channel["value"], counted(of_channel)) == (12, {"csat_sum": (12, 12, 0)})
    of_queue = await explain("csat_mean", window="7d", channel="phone", queue="q")
    assert (of_queue["value"], of_queue["complete"]) == (4.0, True)
    assert {part["queue"] for each in of_queue["interactions"] for part in each["parts"]} == {"q"}


async def test_bots_and_repeats_are_found_in_both_stages(told, explain):
    await told.declare(chat=1)
    for id_, customer in (("known", {"customer_id": "c1"}), ("nobody", {}), ("back", {"customer_id": "c2"})):
        bot = (5, "message", {"author": "bot"}), (60, "ended", {"by": "bot", "resolved": True})
        await told.take(history((0, "started", customer), *bot, channel="chat", id_=id_))
    await told.take(history((120, "started", {"customer_id": "c2"}), channel="chat", id_="again"))
    body = await explain("containment", channel="chat")
    assert (body["value"], body["complete"]) == (2 / 3, True)
    assert counted(body) == {"bot_contained": (2, 2, 0), "bot_interactions": (3, 3, 0)}
    assert {each["id"]: (each["numerator"], each["denominator"]) for each in body["interactions"]} == {
        "known": (1, 1), "nobody": (1, 1), "back": (0, 1),
    }  # fmt: skip
    body = await explain("repeat_inflow")
    assert counted(body) == {"repeats": (1, 1, 0), "identified": (3, 3, 0)}
    assert body["interactions"][0] | {"parts": 0} == {
        "channel": "chat", "id": "again", "customer_id": "c2", "at": "2026-03-02T10:02:00.000Z",
        "numerator": 1, "denominator": 1, "parts": 0,
    }  # fmt: skip


async def test_threads_that_are_overdue_are_a_part_of_the_live_response_level(told, explain):
    await told.declare(email=1)
    wrote = (1, "queued", {"queue": "q"}), (2, "message", {"author": "customer"})
    await told.take(history((0, "started", {}), *wrote, channel="email", id_="slow"))
    replied = (60, "answered", {"agent_id": "b"}), (90, "message", {"author": "agent"})
    await told.take(history((0, "started", {}), *wrote, *replied, channel="email", id_="quick"))
    body = await explain("response_level_live", now=START + 9 * HOUR, window="24h")
    assert body["value"] == 0.5
    assert counted(body) == {
        "first_response_in_threshold": (1, 1, 0),
        "first_response": (1, 1, 0),
        "overdue": (1, 1, 0),
    }
    assert {each["id"]: (each["numerator"], each["denominator"]) for each in body["interactions"]} == {
        "slow": (0, 1), "quick": (1, 1),
    }  # fmt: skip


async def test_a_window_of_the_past_has_the_interactions_of_the_past(told, explain):
    await told.declare(phone=1)
    await told.take(MORNING)
    await told.take(answered("late", 3600, 7))
    body = await explain("answered", now=START + 2 * HOUR, window="30m", at="2026-03-02T10:20:00Z")
    assert counted(body)["answered"] == (4, 4, 0)
    assert "late" not in {each["id"] for each in body["interactions"]}
    live = await explain("service_level_live", now=START + 2 * HOUR, at="2026-03-02T10:20:00Z")
    assert live["value"] is None


async def test_a_queue_of_none_is_work_that_no_queue_sent(told, explain):
    await told.declare(phone=1)
    await told.take(history((0, "answered", {"agent_id": "a"}), (60, "ended", {}), id_="direct"))
    await told.take(MORNING)
    body = await explain("aht", channel="phone", queue="")
    assert (body["queue"], body["value"]) == (None, 60.0)
    assert [each["id"] for each in body["interactions"]] == ["direct"]


async def test_at_most_a_hundred_are_shown_the_newest_first(told, explain):
    await told.declare(phone=3)
    await told.take([record for i in range(130) for record in answered(f"i{i}", i)])
    body = await explain("asa")
    assert [each["id"] for each in body["interactions"]] == [f"i{i}" for i in range(129, 29, -1)]
    assert (body["interactions_found"], counted(body)["answered"]) == (130, (130, 130, 0))


async def test_closed_and_reopened_ones_are_found_although_their_expiry_is_old(told, explain):
    await told.declare(email=1)
    day = 86_400
    replied = ((60, "answered", {"agent_id": "a"}), (70, "message", {"author": "agent"}), (80, "ended", {}))
    again = ((30 * day, "reopened", {}), (30 * day + 60, "message", {"author": "customer"}),
             (30 * day + 90, "message", {"author": "agent"}))  # fmt: skip
    await told.take(history((0, "queued", {"queue": "q"}), *replied, channel="email", id_="old"))
    await told.take(history((0, "queued", {"queue": "q"}), *replied, *again, channel="email", id_="old")[4:])
    body = await explain("next_response_seconds", now=START + 30 * DAY + 2 * MINUTE, window="5m")
    assert [each["id"] for each in body["interactions"]] == ["old"]
    assert counted(body)["next_response_ms"] == (30_000, 30_000, 0)


@pytest.mark.parametrize("seed", [0, 1])
async def test_days_of_a_center_are_explained_to_the_last_segment(told, view, browse, seed):
    records = [json.loads(line) for line in gzip.decompress(SAMPLE.read_bytes()).splitlines()]
    records = [record for record in records if record["topic"].startswith("interactions.")]
    if seed:
        Random(seed).shuffle(records)
    await told.declare(phone=2, email=1, chat=2, social=1, video=1)
    for first in range(0, len(records), 50):
        await told.take(records[first : first + 50])
    client = browse(await loaded(view(now=1_772_463_600_000)))
    for figure in FIGURES.values():
        for labels in ({}, {"channel": "phone", "queue": "support"}, {"channel": "email"}):
            asked = {"figure": figure.key, "window": "24h", "direction": "all", **labels}
            answer = await client.get("/api/v1/explain", params=asked)
            if answer.status_code == 400:
                assert figure.name in OF_CUSTOMERS or answer.json()["parameter"] == "queue" in labels
                continue
            body = answer.json()
            for each in body["counts"]:
                assert each["found"] == each["in_figure"], (asked, each)
            assert body["complete"]


@pytest.mark.timeout(60)
async def test_twenty_thousand_interactions_are_explained(told, explain):
    await told.declare(phone=4)
    calls = [record for i in range(20_000) for record in answered(f"i{i}", i % 600, 1 + i % 30)[1:]]
    await told.take(calls)
    body = await explain("service_level", channel="phone", now=START + 15 * MINUTE)
    assert counted(body)["answered"] == (20_000, 20_000, 0)
    assert body["complete"] is True
    assert len(body["interactions"]) == 100


async def test_too_many_to_look_through_is_said_plainly(told, explain, monkeypatch):
    monkeypatch.setattr("stream.state.newest.Newest.__init__.__defaults__", (20,))
    await told.declare(phone=1)
    await told.take([record for i in range(50) for record in answered(f"i{i}", i)])
    body = await explain("asa")
    assert (body["complete"], body["looked_at"]) == (False, 20)
    assert counted(body)["answered"] == (50, 20, None)
    assert len(body["interactions"]) == 20


@pytest.mark.parametrize(
    ("query", "parameter", "says"),
    [
        ({}, "figure", "service_level"),
        ({"figure": "abandonmet"}, "figure", "abandonment"),
        ({"figure": "service_level.best"}, "figure", "service_level"),
        ({"figure": "waiting"}, "figure", "/api/v1/queues"),
        ({"figure": "longest_wait_ms"}, "figure", "/api/v1/queues"),
        ({"figure": "occupancy"}, "figure", "/api/v1/kpis?by=agent"),
        ({"figure": "idle_ms"}, "figure", "/api/v1/kpis?by=agent"),
        ({"figure": "churn"}, "figure", "/api/v1/kpis has it"),
        ({"figure": "clv"}, "figure", "/api/v1/kpis has it"),
        ({"figure": "asa", "window": "5s"}, "window", "window=1h"),
        ({"figure": "asa", "channel": "fax"}, "channel", "email"),
        ({"figure": "asa", "channel": "phone", "queue": "sales"}, "queue", "such as q"),
        ({"figure": "fcr", "queue": "q"}, "queue", "leave queue out"),
        ({"figure": "asa", "at": "yesterday"}, "at", "RFC 3339"),
        ({"figure": "asa", "at": "2020-01-01T00:00:00Z"}, "at", "later"),
        ({"figure": "asa", "direction": "up"}, "direction", "inbound"),
        ({"figure": "asa", "by": "queue"}, "by", "figure"),
    ],
)
async def test_what_cannot_be_explained_is_answered_with_what_can(told, view, browse, query, parameter, says):
    await told.declare(phone=1)
    await told.take(MORNING)
    answer = await browse(await loaded(view(now=NOW))).get("/api/v1/explain", params=query)
    assert answer.status_code == 400
    assert answer.json()["parameter"] == parameter
    assert says in answer.json()["hint"]


async def test_without_redis_these_routes_say_so(own_redis, key_prefix, view, browse):
    told = Told(own_redis.url, key_prefix, Rules())
    await told.declare(phone=1)
    await told.take(MORNING)
    await told.store.aclose()
    client = client_of(own_redis.url)
    seen = View.over(client, view(now=NOW).settings, lambda: NOW)
    browser = browse(await loaded(seen))
    own_redis.stop()
    for url in ("/api/v1/explain?figure=asa", "/api/v1/interactions/phone/a"):
        answer = await browser.get(url)
        assert answer.status_code == 503
        assert answer.json()["error"] == "redis does not answer"
    await client.aclose()
