"""What is told of customers while it can be acted on: by hand, and whatever the order, the batches and the crashes."""

from __future__ import annotations

import random
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.core.customers.insights import standing_insights
from tests.core.timeline import DAY, HOUR, MINUTE, NOON, Record, Timeline, contact, said, text


def history() -> list[Record]:
    """A chat on Thursday that did not help, a call on Saturday, one on Monday; before that, a complaint."""
    return [
        said("joined", "j", NOON - 20 * DAY),
        said("purchased", "o1", NOON - 19 * DAY, order_id="1", amount=4200, currency="EUR"),
        said("purchased", "o1-again", NOON - 19 * DAY + 1, order_id="1", amount=4200, currency="EUR"),
        said("complained", "x", NOON - 5 * DAY, about="bill"),
        *contact("old", NOON - 4 * DAY, NOON - 4 * DAY + 5 * MINUTE, channel="chat", reason="bill"),
        said("survey_answered", "s1", NOON - 3 * DAY, survey="csat", score=4),
        *contact("gave-up", NOON - 2 * DAY, NOON - 2 * DAY + 5 * MINUTE, reason="bill", served=False,
                 outcome="abandoned", handled=0, queue="support"),
        *contact("mail", NOON - 2 * HOUR, channel="email", reason="delivery"),
        said("survey_answered", "s2", NOON - HOUR, survey="nps", score=6, channel="phone"),
        *contact("now", NOON, reason="bill"),
    ]  # fmt: skip


def test_who_begins_to_speak_is_told_with_what_was_before() -> None:
    told = Timeline().take(history())
    found = told.one("context/phone/now/")
    assert (found["customer_id"], found["started_at"], found["contact"], found["repeat"]) == ("c", text(NOON), 3, True)
    assert [(each["channel"], each["interaction_id"], each["started_at"]) for each in found["earlier"]] == [
        ("chat", "old", text(NOON - 4 * DAY)), ("phone", "gave-up", text(NOON - 2 * DAY)),
    ]  # fmt: skip
    assert found["earlier"][1]["outcome"] == "abandoned"
    assert found["earlier"][1]["queue"] == "support"
    assert [each["interaction_id"] for each in found["open"]] == ["mail"]
    assert found["scores"] == [
        {"survey": "csat", "score": 4, "at": text(NOON - 3 * DAY)},
        {"survey": "nps", "score": 6, "at": text(NOON - HOUR)},
    ]
    assert (found["orders"], found["last_order_at"]) == (1, text(NOON - 19 * DAY))
    assert found["at_risk"] == ["detractor", "complaint", "early_churn"]


def test_the_first_contact_of_somebody_unknown_says_so_and_no_more() -> None:
    told = Timeline().take(contact("a", NOON))
    assert told.sent == [{
        "type": "customer.context", "id": "context/phone/a/c", "source": "centralino", "specversion": "1.0",
        "time": text(NOON), "data": {
            "customer_id": "c", "channel": "phone", "interaction_id": "a", "started_at": text(NOON), "contact": 1,
            "repeat": False,
        },
    }]  # fmt: skip


def test_a_repeat_names_its_first_contact_the_channels_and_the_gap() -> None:
    told = Timeline().take(history() + contact("mail", NOON - 2 * HOUR, NOON + HOUR, channel="email", reason="bill"))
    found = told.one("repeat/phone/now/")
    assert (found["first"]["channel"], found["first"]["interaction_id"]) == ("chat", "old")
    assert found["first"]["ended_at"] == text(NOON - 4 * DAY + 5 * MINUTE)
    assert (found["contact"], found["channels"]) == (3, ["chat", "phone"])
    assert found["gap_ms"] == 4 * DAY - 5 * MINUTE
    again = Timeline().take([
        *contact("a", NOON, NOON + HOUR, channel="chat"), *contact("b", NOON + 2 * HOUR, NOON + 3 * HOUR),
        *contact("d", NOON + 5 * HOUR, channel="email"),
    ]).one("repeat/email/d/")  # fmt: skip
    assert (again["first"]["interaction_id"], again["previous"]["interaction_id"]) == ("a", "b")
    assert (again["gap_ms"], again["channels"], again["contact"]) == (2 * HOUR, ["chat", "phone", "email"], 3)


@pytest.mark.parametrize(("gap", "reason", "repeat"), [
    (7 * DAY, "bill", True), (7 * DAY + 1, "bill", False), (HOUR, "delivery", False), (HOUR, None, True),
])  # fmt: skip
def test_a_repeat_is_what_first_contact_resolution_takes_for_one(gap: int, reason: str | None, repeat: bool) -> None:
    first = contact("a", NOON - HOUR, NOON, reason="bill")
    told = Timeline().take(first + contact("b", NOON + gap, **({"reason": reason} if reason else {})))
    assert told.ids()["repeat/phone/b/c"] == repeat
    assert told.one("context/phone/b/")["repeat"] == repeat
    assert told.one("context/phone/b/")["contact"] == 1 + repeat


def test_contacts_on_a_matter_need_neither_be_served_nor_over() -> None:
    told = Timeline().take([
        *contact("bill", NOON - 9 * DAY, NOON - 8 * DAY, channel="email", reason="bill"),
        *contact("unknown", NOON - 2 * DAY, NOON - 2 * DAY + 1), *contact("move", NOON - DAY, reason="move"),
        *contact("mail", NOON - 30 * DAY, channel="email", reason="bill"),
        *contact("a", NOON, reason="bill"), *contact("b", NOON + 1, reason="move"), *contact("d", NOON + 2),
    ])  # fmt: skip

    def before(name: str) -> list[str]:
        return [each["interaction_id"] for each in told.one(f"context/phone/{name}/").get("earlier", [])]

    assert before("a") == ["mail", "bill", "unknown"]
    assert before("b") == ["unknown", "move"]
    assert before("d") == ["mail", "bill", "unknown", "move", "a", "b"]


def test_whoever_called_from_a_number_is_told_once_it_is_known_who_that_is() -> None:
    number = "tel:+39021"
    events = [*contact("a", NOON - DAY, NOON - DAY + HOUR, channel="chat"), *contact("b", NOON, customer=number)]
    told = Timeline().take(events)
    assert told.one(f"context/phone/b/{number}")["contact"] == 1
    told.take([said("identified", "i", NOON + MINUTE, aliases=[number])])
    found = told.one("context/phone/b/c")
    assert (found["customer_id"], found["contact"], found["started_at"]) == ("c", 2, text(NOON))
    assert told.ids()["repeat/phone/b/c"] == 1
    told.take(contact("d", NOON + HOUR, customer=number))
    assert {name for name in told.ids() if "/d/" in name} == {"context/phone/d/c", "repeat/phone/d/c"}


def test_what_is_a_day_old_is_not_told_any_more() -> None:
    told = Timeline().take([said("joined", "j", NOON), *contact("a", NOON - DAY), *contact("b", NOON - DAY - 1)])
    assert told.ids() == {"context/phone/a/c": 1}


def test_an_outbound_one_is_no_contact_and_a_withdrawn_one_is_nobodys() -> None:
    gone = contact("w", NOON, NOON + 1, withdrawn=True)[1:]
    assert not Timeline().take(contact("a", NOON, NOON + 1, inbound=False) + gone).sent


def test_who_may_leave_is_told_with_the_reason() -> None:
    told = Timeline().take([
        said("joined", "j", NOON - 90 * DAY), said("survey_answered", "s", NOON, survey="nps", score=6, channel="chat"),
        said("survey_answered", "t", NOON + 1, survey="nps", score=7), said("complained", "x", NOON + 2, about="bill"),
    ])  # fmt: skip
    assert {name for name in told.ids() if name.startswith("at_risk")} == {
        "at_risk/detractor//crm/s/c", "at_risk/complaint//crm/x/c", "at_risk/early_churn//crm/j/c",
    }  # fmt: skip
    assert told.one("at_risk/detractor/") == {
        "customer_id": "c", "why": "detractor", "happened_at": text(NOON), "channel": "chat", "score": 6,
    }  # fmt: skip
    assert told.one("at_risk/complaint/")["about"] == "bill"
    assert told.one("at_risk/early_churn/") == {
        "customer_id": "c", "why": "early_churn", "happened_at": text(NOON), "joined_at": text(NOON - 90 * DAY),
        "signal": "low_score",
    }  # fmt: skip


@pytest.mark.parametrize(("before", "events"), [
    (90 * DAY + 1, [said("complained", "x", NOON)]),
    (DAY, [said("left", "l", NOON - HOUR), said("complained", "x", NOON)]),
    (DAY, [said("survey_answered", "s", NOON, survey="csat", score=3)]),
    (DAY, contact("a", NOON, NOON + HOUR) + contact("b", NOON + 2 * HOUR, reason="x") + contact("d", NOON - 8 * DAY)),
])  # fmt: skip
def test_what_is_no_sign_of_early_churn(before: int, events: list[Record]) -> None:
    told = Timeline().take([said("joined", "j", NOON - before), *events])
    expected = 1 if any(b'"b"' in value for _, value in events) else 0
    assert sum(name.startswith("at_risk/early_churn") for name in told.ids()) == expected


def test_risks_pass_when_they_are_over() -> None:
    events = [
        said("complained", "x", NOON - 30 * DAY - 1),
        said("survey_answered", "s", NOON - 30 * DAY, survey="nps", score=0),
    ]
    assert Timeline().take(events + contact("a", NOON)).one("context/phone/a/")["at_risk"] == ["detractor"]
    assert "at_risk" not in Timeline().take(events + contact("a", NOON + 1)).one("context/phone/a/")


def test_the_same_is_told_once_also_when_it_is_told_again() -> None:
    events = history()
    told = Timeline(reload=True).take(events).take(events)
    assert set(told.ids().values()) == {1}
    revisions = [each["revision"] for each in told.sent if "revision" in each]
    assert revisions == sorted(revisions)


def test_what_was_told_is_forgotten_after_five_weeks() -> None:
    told = Timeline().take([*contact("a", NOON), *contact("b", NOON + 35 * DAY), *contact("d", NOON + 36 * DAY)])
    state = told.ledger.stage.load("c", told.shard.states["c"])
    assert set(state.insights) == {"context/phone/b/c", "context/phone/d/c"}


def day(seed: int) -> list[Record]:
    """A day of three customers and two numbers: contacts that all stand at their ends, in some order of telling."""
    draw = random.Random(seed)
    found: list[Record] = []
    who = ["c", "d", "tel:+1", "tel:+2"]
    for n in range(draw.randint(1, 10)):
        at = NOON + draw.randrange(10 * HOUR)
        more = {"reason": draw.choice(["bill", "delivery"])} if draw.random() < 0.6 else {}
        ended = [at + draw.randrange(1, HOUR), None][draw.random() < 0.2]
        channel = draw.choice(["phone", "chat", "email"])
        found += contact(str(n), at, ended, customer=draw.choice(who), channel=channel, **more)
    for n in range(draw.randint(0, 6)):
        kind, data = draw.choice([
            ("complained", {}), ("joined", {}), ("survey_answered", {"survey": "nps", "score": draw.randrange(11)}),
            ("purchased", {"order_id": str(n), "amount": 5, "currency": "EUR"}), ("returned", {"order_id": "1"}),
        ])  # fmt: skip
        found.append(said(kind, f"e{n}", NOON + draw.randrange(10 * HOUR), customer=draw.choice(who), **data))
    if draw.random() < 0.7:
        found.append(said("identified", "i", NOON + 11 * HOUR, aliases=draw.choice([["tel:+1"], ["tel:+1", "tel:+2"]])))
    draw.shuffle(found)
    return found


def frictions(*events: Record) -> dict[str, dict[str, Any]]:
    told = Timeline().take(events)
    assert set(told.ids().values()) == {1}
    return {each["data"]["why"]: each["data"] for each in told.sent if each["type"] == "customer.friction"}


def test_what_went_wrong_inside_is_told_when_it_has_ended() -> None:
    end = NOON + 5 * MINUTE
    found = frictions(*contact(
        "a", NOON, end, queue="q", reason="bill", wait_ms=60_001, transferred=2, outcome="abandoned", served=False,
    ))  # fmt: skip
    of = {"customer_id": "c", "happened_at": text(end), "channel": "phone", "interaction_id": "a", "queue": "q"}
    of["reason"] = "bill"
    assert found == {
        "abandoned": of | {"why": "abandoned", "wait_ms": 60_001},
        "long_wait": of | {"why": "long_wait", "wait_ms": 60_001},
        "transferred_twice": of | {"why": "transferred_twice", "transferred": 2},
    }  # fmt: skip


@pytest.mark.parametrize("over", [
    {"outcome": "abandoned", "wait_ms": 5000}, {"wait_ms": 60_000}, {"transferred": 1}, {"outcome": "flowed_out"},
])  # fmt: skip
def test_what_is_no_friction(over: dict[str, Any]) -> None:
    assert frictions(*contact("a", NOON, NOON + MINUTE, **over)) == {}


def test_what_the_customer_says_is_told_with_what_it_is_about() -> None:
    found = frictions(
        *contact("a", NOON, NOON + MINUTE, queue="q", reason="bill"),
        said("survey_answered", "s", NOON + HOUR, survey="csat", score=2, interaction_id="a"),
        said("survey_answered", "t", NOON + HOUR, survey="csat", score=3, interaction_id="a"),
        said("complained", "x", NOON + HOUR, about="delivery", channel="email"),
        said("reviewed", "r", NOON - 2 * DAY, rating=1),
        said("reviewed", "r2", NOON + HOUR, rating=3),
    )  # fmt: skip
    assert found == {
        "low_score": {
            "customer_id": "c", "why": "low_score", "happened_at": text(NOON + HOUR), "channel": "phone",
            "interaction_id": "a", "queue": "q", "reason": "bill", "survey": "csat", "score": 2,
        },
        "complaint": {
            "customer_id": "c", "why": "complaint", "happened_at": text(NOON + HOUR), "channel": "email",
            "about": "delivery",
        },
    }  # fmt: skip


def test_a_channel_that_was_not_enough_is_told_once_the_customer_comes_back_on_another() -> None:
    first = contact("a", NOON, NOON + HOUR, channel="chat", queue="web", reason="bill", served=False)
    again = NOON + 7 * DAY + HOUR
    told = Timeline().take([
        *first, *contact("b", NOON + 2 * HOUR, channel="chat", reason="bill"), *contact("d", again - 1, reason="other"),
        *contact("e", again, NOON, reason="bill"), *contact("f", again + 1), *contact("g", again, channel="video"),
    ])  # fmt: skip
    assert told.ids()["friction/repeated_on_another_channel/chat/a/c"] == 1
    found = told.one("friction/repeated_on_another_channel/chat/a/")
    assert (found["why"], found["queue"], found["happened_at"]) == ("repeated_on_another_channel", "web", text(again))
    assert found["again"]["interaction_id"] == "e"
    late = Timeline().take([*first, *contact("f", again + 1)])
    assert not any("another" in name for name in late.ids())


def standing_ids(told: Timeline) -> set[str]:
    """The insights that stand now, of all customers."""
    stage, found = told.ledger.stage, set()
    for name, blob in told.shard.states.items():
        person = stage.load(name, blob).person(told.rules.repeat_window_ms)
        found |= {one.id for one in standing_insights(person, told.rules, told.ledger.stream_time)}
    return found


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), size=st.integers(1, 40))
def test_batches_reloading_and_repetition_change_nothing_that_is_told(seed: int, size: int) -> None:
    by_one = Timeline().take(day(seed))
    log = by_one.log
    assert Timeline().again(log, size).sent == by_one.sent
    assert Timeline(reload=True).again(log, size).sent == by_one.sent
    assert Timeline().take([each for one in day(seed) for each in (one, one)]).ids() == by_one.ids()
    assert set(by_one.ids().values()) <= {1}


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), order=st.integers(0, 1000))
def test_in_any_order_all_that_stands_in_the_end_was_told_once(seed: int, order: int) -> None:
    """What stood only for a while may have been told, too: nobody can call it back."""
    mixed = day(seed)
    random.Random(order).shuffle(mixed)
    told, other = Timeline().take(mixed), Timeline().take(day(seed))
    assert standing_ids(told) == standing_ids(other)
    assert standing_ids(told) <= told.ids().keys()
    assert set(told.ids().values()) <= {1}


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), crash=st.integers(0, 30), size=st.integers(1, 10))
def test_what_is_sent_again_after_a_crash_is_the_same(seed: int, crash: int, size: int) -> None:
    log = Timeline().take(day(seed)).log
    smooth = Timeline().again(log, 1)
    told = Timeline().again(log[:crash], size)
    stored = deepcopy(told.shard)
    told.fold(log[crash : crash + size])
    told.shard, told.offset = stored, min(crash, len(log))
    told.reload = True
    told.again(log[crash:], 3)
    assert told.ids().keys() == smooth.ids().keys()
    for each in told.sent:
        assert each in smooth.sent
