"""Journeys over HTTP: one customer's, and what all customers' add up to, worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from stream.core.rules import DAY, HOUR
from tests.serve.test_kpis import loaded
from tests.serve.told import START, Told, history

NOW = START + 10 * DAY
"""2026-03-12 10:00 UTC."""


def iso(seconds):
    at = datetime.fromtimestamp(START / 1000 + seconds, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def said(customer, seconds, kind, id_="e", **data):
    """A customer's event, as it is forwarded."""
    value = {
        "specversion": "1.0", "id": f"{id_}-{customer}-{seconds}", "source": "/crm", "type": f"customer.{kind}",
        "time": iso(seconds), "data": {"customer_id": customer, **data},
    }  # fmt: skip
    at = START + int(seconds * 1000)
    return {"topic": "customers.timeline", "key": customer, "timestamp_ms": at, "value": value}


def contact(customer, seconds, channel, name, queue, wait=5, lasts=300):
    """An interaction that waits, is answered by anna and ends."""
    return history(
        (seconds, "started", {"customer_id": customer}), (seconds, "queued", {"queue": queue}),
        (seconds + wait, "answered", {"agent_id": "anna"}), (seconds + wait + lasts, "ended", {"by": "customer"}),
        (seconds + wait + lasts, "wrapped_up", {"agent_id": "anna"}),
        channel=channel, id_=name,
    )  # fmt: skip


HOURS = 3600
LIFE = [
    said("c1", 0, "touched", touchpoint="site", outcome="completed"),
    *contact("c1", HOURS, "chat", "h1", "web"),
    *contact("c1", 2 * HOURS, "phone", "p1", "support", wait=90),
    said("c1", 3 * HOURS, "survey_answered", survey="csat", score=2, interaction_id="p1"),
    said("c1", 24 * HOURS, "purchased", order_id="o1", amount=4200, currency="EUR"),
    said("c1", 72 * HOURS, "touched", touchpoint="moon", outcome="late"),
    said("c1", 73 * HOURS, "complained", about="too late"),
]


@pytest.fixture
async def told(redis_server, key_prefix):
    made = Told(redis_server.url, key_prefix)
    await made.declare(phone=1, chat=2)
    yield made
    await made.store.aclose()


@pytest.fixture
def asked(view, browse):
    async def get(path, now=NOW, **parameters):
        settings = parameters.pop("settings", {})
        return await browse(await loaded(view(now=now, **settings))).get(f"/api/v1/{path}", params=parameters)

    return get


async def test_a_customers_journey_is_told_with_lanes_phases_and_friction(told, asked):
    await told.take(LIFE)
    body = (await asked("customers/c1/journey")).json()
    assert (body["asked"], body["customer_id"], body["total"]) == ("c1", "c1", 5)
    assert body["segments"] == ["at_risk", "new"]
    assert body["first_known_at"] == iso(0)
    rows = body["touchpoints"]
    assert [(row["number"], row["at"], row["touchpoint"], row["phase"], row["outcome"]) for row in rows] == [
        (1, iso(0), "site", "before", "completed"),
        (2, iso(HOURS), "chat/web", "before", "answered"),
        (3, iso(2 * HOURS), "phone/support", "before", "answered"),
        (4, iso(24 * HOURS), "purchase", "during", "bought"),
        (5, iso(72 * HOURS), "other", "after", "late"),
    ]
    again = "repeated_on_another_channel"
    assert [row["friction"] for row in rows] == [[], [again], ["long_wait", "low_score"], [], ["complaint"]]
    assert [(each["friction"], each["number"]) for each in body["friction"]] == [
        (again, 2), ("long_wait", 3), ("low_score", 3), ("complaint", 5),
    ]  # fmt: skip
    assert [each["segments"] for each in rows] == [["new"]] * 5, "at risk only since the complaint"
    assert body["journeys"] == [{"journey": 1, "from": iso(0), "to": iso(72 * HOURS), "first": 1, "last": 5}]
    gaps = [(each["from"], each["to"], each["gap_ms"]) for each in body["transitions"]]
    assert gaps == [
        ("site", "chat/web", HOUR), ("chat/web", "phone/support", HOUR - 305_000),
        ("phone/support", "purchase", 22 * HOUR - 390_000), ("purchase", "other", 2 * DAY),
    ]  # fmt: skip


async def test_the_lanes_say_what_was_done_felt_and_what_happened_inside(told, asked):
    await told.take(LIFE)
    lanes = (await asked("customers/c1/journey")).json()["lanes"]
    assert [each["number"] for each in lanes["did"]] == [1, 2, 3, 4, 5]
    assert lanes["did"][3] == {
        "number": 4, "at": iso(24 * HOURS), "touchpoint": "purchase", "outcome": "bought", "order_id": "o1",
        "amount": 4200, "currency": "EUR",
    }  # fmt: skip
    assert (lanes["did"][4]["touchpoint"], lanes["did"][4]["told_touchpoint"]) == ("other", "moon")
    assert lanes["felt"] == [
        {"number": 3, "at": iso(3 * HOURS), "felt": "survey", "bad": True, "survey": "csat", "score": 2,
         "channel": None, "resolved": None},
        {"number": 5, "at": iso(73 * HOURS), "felt": "complaint", "bad": True, "about": "too late", "channel": None,
         "public": None},
    ]  # fmt: skip
    chat, call = lanes["inside"]
    assert (chat["number"], chat["queue"], chat["agent_id"], chat["wait_ms"]) == (2, "web", "anna", 5000)
    assert (call["number"], call["wait_ms"], call["handle_ms"], call["transferred"]) == (3, 90_000, 300_000, 0)


async def test_first_contacts_say_how_they_stand(told, asked):
    await told.take(LIFE)
    rows = (await asked("customers/c1/journey", now=START + DAY)).json()["touchpoints"]
    chat, call = rows[1]["first_contact"], rows[2]["first_contact"]
    assert chat == {
        "first": True, "resolved": False, "repeated": True, "stage": "provisional",
        "matures_at": iso(HOURS + 305 + 7 * 86_400),
    }  # fmt: skip
    assert call == {"first": False, "repeat_of": {"channel": "chat", "id": "h1"}}
    assert rows[0]["first_contact"] is None
    later = (await asked("customers/c1/journey", now=NOW)).json()["touchpoints"]
    assert later[1]["first_contact"]["stage"] == "matured"


async def test_an_alias_leads_to_who_holds_it(told, asked):
    alias = "tel:+39 055/1"
    await told.take(contact(alias, HOURS, "phone", "p1", "support"))
    before = (await asked(f"customers/{quote(alias, safe='')}/journey")).json()
    assert (before["customer_id"], before["total"], before["aliases"]) == (alias, 1, [])
    await told.take([said("c1", 2 * HOURS, "identified", aliases=[alias])])
    await told.take(contact(alias, 3 * HOURS, "chat", "h1", "web"))
    for name in ("c1", alias):
        body = (await asked(f"customers/{quote(name, safe='')}/journey")).json()
        assert (body["asked"], body["customer_id"], body["aliases"]) == (name, "c1", [alias])
        assert [row["touchpoint"] for row in body["touchpoints"]] == ["phone/support", "chat/web"]


async def test_an_alias_that_somebody_else_has_claimed_since_is_theirs(told, asked):
    await told.take(contact("tel:1", HOURS, "phone", "p1", "support"))
    await told.take([said("c1", 2 * HOURS, "identified", aliases=["tel:1"]), said("c1", 1, "touched")])
    await told.take([said("c2", 3 * HOURS, "identified", aliases=["tel:1"])])
    first, second = [(await asked(f"customers/{name}/journey")).json() for name in ("c1", "tel:1")]
    assert (first["aliases"], [row["touchpoint"] for row in first["touchpoints"]]) == ([], ["other"])
    assert (second["customer_id"], second["aliases"]) == ("c2", ["tel:1"])
    assert [row["touchpoint"] for row in second["touchpoints"]] == ["phone/support"]


async def test_who_is_not_known_is_answered_with_what_to_do(told, asked):
    await told.take(LIFE)
    answer = await asked("customers/c9/journey")
    assert answer.status_code == 404
    assert "'c9'" in answer.json()["error"]
    assert "400 days" in answer.json()["hint"]
    wrong = await asked("customers/c1/journey", window="7d")
    assert (wrong.status_code, wrong.json()["parameter"]) == (400, "window")


async def test_of_a_very_long_life_the_newest_touchpoints_are_told(told, asked):
    await told.take([said("c1", 60 * number, "touched", touchpoint="site") for number in range(600)])
    body = (await asked("customers/c1/journey")).json()
    assert body["total"] == 600
    assert [body["touchpoints"][n]["number"] for n in (0, -1)] == [101, 600]
    assert len(body["transitions"]) == 499
    assert body["journeys"][0]["first"] == 1


CROWD = [
    *LIFE,
    # c2 buys, calls after it twice; is a business
    said("c2", -86_400, "updated", segment="business"),
    said("c2", -86_000, "purchased", order_id="o2", amount=200_000, currency="EUR"),
    *contact("c2", HOURS, "phone", "p2", "support"),
    *contact("c2", 3 * HOURS, "phone", "p3", "billing"),
    # c3 was at the site in the days before
    said("c3", -6 * 86_400, "touched", touchpoint="site"),
    said("c3", -6 * 86_400 + 60, "complained"),
]
WEEK = {"now": START + 6 * DAY, "window": "7d"}
"""From 2 March on, and the week before."""


async def test_touchpoints_of_all_are_counted_beside_the_window_before(told, asked):
    await told.take(CROWD)
    body = (await asked("touchpoints", **WEEK)).json()
    assert (body["from"], body["to"]) == ("2026-03-02T00:00:00.000Z", "2026-03-09T00:00:00.000Z")
    assert body["previous_from"] == "2026-02-23T00:00:00.000Z"
    assert (body["touches"], body["journeys"], body["journeys_broken"]) == (7, 1, 1)
    rows = {row["touchpoint"]: row for row in body["touchpoints"]}
    assert {name: row["touches"] for name, row in rows.items()} == {
        "phone/support": 2, "phone/billing": 1, "chat/web": 1, "purchase": 1, "site": 1, "other": 1,
    }  # fmt: skip
    assert body["touchpoints"][0]["touchpoint"] == "phone/support"
    call = rows["phone/support"]
    assert (call["waited"], call["wait_seconds"], call["aht_seconds"]) == (2, 47.5, 300)
    assert (call["csat"], call["csat_mean"], call["nps"]) == (0, 2, None)
    assert call["outcomes"] == {"answered": 2}
    assert call["share"] == pytest.approx(2 / 7)
    assert (rows["site"]["previous_touches"], rows["site"]["change"], rows["site"]["change_ratio"]) == (1, 0, 0)
    assert (rows["other"]["previous_touches"], rows["other"]["change"], rows["other"]["change_ratio"]) == (0, 1, None)
    assert (rows["other"]["complaints"], rows["other"]["outcomes"]) == (1, {"late": 1})


async def test_transitions_have_counts_shares_and_the_median_gap(told, asked):
    await told.take(CROWD)
    body = (await asked("transitions", **WEEK)).json()
    rows = {(row["from"], row["to"]): row for row in body["transitions"]}
    assert {pair: row["transitions"] for pair, row in rows.items()} == {
        ("site", "chat"): 1, ("chat", "phone"): 1, ("phone", "purchase"): 1, ("purchase", "other"): 1,
        ("purchase", "phone"): 1, ("phone", "phone"): 1,
    }  # fmt: skip
    assert body["transitions_total"] == 6
    assert rows["purchase", "other"]["share"] == pytest.approx(1 / 6)
    assert rows["purchase", "other"]["share_of_from"] == 0.5
    assert rows["purchase", "other"]["median_gap_seconds"] == pytest.approx(2 * 86_400, rel=0.02)
    assert rows["phone", "phone"]["median_gap_seconds"] == pytest.approx(2 * HOURS - 305, rel=0.02)


async def test_friction_is_ranked_with_its_shares_and_change(told, asked):
    await told.take(CROWD)
    body = (await asked("friction", **WEEK)).json()
    found = {(row["friction"], row["touchpoint"]): row for row in body["friction"]}
    assert {key: row["frictions"] for key, row in found.items()} == {
        ("repeated_on_another_channel", "chat/web"): 1, ("long_wait", "phone/support"): 1,
        ("low_score", "phone/support"): 1, ("complaint", "other"): 1, ("complaint", "site"): 0,
    }  # fmt: skip
    low = found["low_score", "phone/support"]
    assert (low["share_of_touches"], low["journeys_broken"], low["share_of_journeys"]) == (0.5, 1, 1)
    kinds = {row["friction"]: row for row in body["kinds"]}
    complaint = kinds["complaint"]
    assert (complaint["previous_frictions"], complaint["change"], complaint["change_ratio"]) == (1, 0, 0)
    assert found["complaint", "other"]["change"] == 1, "the week before it was another touchpoint"
    gone = found["complaint", "site"]
    assert (gone["previous_frictions"], gone["change"], gone["change_ratio"]) == (1, -1, -1)
    assert (kinds["low_score"]["share_of_touches"], kinds["low_score"]["journeys_broken"]) == (pytest.approx(1 / 7), 1)


@pytest.mark.parametrize(
    ("asked_for", "touches"),
    [
        ({}, 7), ({"segment": "all"}, 7), ({"segment": "new"}, 7), ({"segment": "business"}, 2),
        ({"segment": "high_value"}, 2), ({"segment": "at_risk"}, 0), ({"segment": "private"}, 0),
        ({"phase": "before"}, 3), ({"phase": "during"}, 1), ({"phase": "after"}, 3), ({"phase": "none"}, 0),
        ({"segment": "business", "phase": "after"}, 2), ({"segment": "business", "phase": "before"}, 0),
    ],
)  # fmt: skip
async def test_segments_and_phases_can_be_asked_for(told, asked, asked_for, touches):
    await told.take(CROWD)
    body = (await asked("touchpoints", **WEEK, **asked_for)).json()
    assert body["touches"] == sum(row["touches"] for row in body["touchpoints"]) == touches


@pytest.mark.parametrize(
    ("parameters", "wrong", "told_what"),
    [
        ({"window": "36h"}, "window", "by day"), ({"window": "401d"}, "window", "400d"),
        ({"segment": "rich"}, "segment", "high_value"), ({"phase": "later"}, "phase", "during"),
        ({"at": "yesterday"}, "at", "RFC 3339"), ({"by": "queue"}, "by", "segment"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["touchpoints", "transitions", "friction"])
async def test_a_wrong_parameter_says_what_to_write(asked, path, parameters, wrong, told_what):
    answer = await asked(path, **parameters)
    assert (answer.status_code, answer.json()["parameter"]) == (400, wrong)
    assert told_what in answer.json()["hint"]


async def test_told_segments_are_those_of_the_settings(asked):
    assert (await asked("friction", segment="gold")).status_code == 400
    assert (await asked("friction", segment="gold", settings={"customer_segments": ["gold"]})).status_code == 200


async def test_a_window_before_that_is_not_kept_any_more_is_told_apart_from_nothing(told, asked):
    await told.take(LIFE)
    whole = (await asked("touchpoints", window="400d", at=iso(73 * HOURS))).json()
    assert (whole["touches"], whole["previous_from"]) == (5, None)
    assert {row["change"] for row in whole["touchpoints"]} == {None}
    long_ago = await asked("touchpoints", window="30d", at="2024-03-02T00:00:00Z")
    assert (long_ago.status_code, long_ago.json()["parameter"]) == (400, "at")


async def test_without_any_customer_there_are_no_rows(told, asked):
    for path in ("touchpoints", "transitions", "friction"):
        body = (await asked(path)).json()
        assert (body["touches"], body["total"], body[path]) == (0, 0, [])
