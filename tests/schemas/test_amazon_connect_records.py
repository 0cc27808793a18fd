"""Contact records of Amazon Connect make up for what was lost, and know what live feeds cannot."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.sources.options import Options, Question
from tests.schemas.connect_payloads import (
    FIRST,
    SECOND,
    Event,
    at,
    child,
    contact,
    ended,
    names,
    queued,
    record,
    taken,
    the,
    with_agent,
)


def live() -> list[Event]:
    return taken(contact("COMPLETED", **queued(), **with_agent(), **ended()))


def test_a_record_has_the_ids_that_contact_events_have() -> None:
    told = taken(record())
    assert [(event["source"], event["id"]) for event in told] == [(event["source"], event["id"]) for event in live()]
    assert names(told) == names(live())


def test_what_is_exact_stands_before_a_record_cut_to_seconds() -> None:
    revisions = {event["id"]: event.get("revision", 0) for event in live()}
    for event in taken(record()):
        assert event["revision"] < revisions[event["id"]]


def test_a_record_that_knows_a_hold_replaces_the_end() -> None:
    end = the("ended", taken(record(agent={"CustomerHoldDuration": 40})))
    assert end["data"]["hold_ms"] == 40_000
    assert end["revision"] == 1_773_223_800  # 2026-03-11T10:10:00Z
    assert end["id"] == the("ended", live())["id"]


def test_a_later_record_replaces_an_earlier_one() -> None:
    first, then = taken(record()), taken(record(updated="10:20:00", CustomerEndpoint={"Address": "+4989123456"}))
    later = {event["id"]: event["revision"] for event in then}
    assert all(later[event["id"]] > event["revision"] for event in first)
    assert taken(record()) == first
    assert the("updated", then)["data"]["customer_id"] == "tel:+4989123456"
    assert the("updated", then)["revision"] > 0


def test_a_record_tells_an_end_in_the_second_of_its_beginning_as_that_seconds_end() -> None:
    same = record(DisconnectTimestamp=at("10:00:20"))
    assert the("ended", taken(same))["time"] == at("10:00:20.999000")
    left = record(agent=None, DisconnectTimestamp=at("10:00:05"))
    assert the("abandoned", taken(left))["time"] == at("10:00:05.999000")


def test_a_record_without_an_agent_abandons() -> None:
    told = taken(record(agent=None))
    assert names(told) == ["started", "queued", "abandoned"]


def test_an_agent_who_passed_a_contact_on_is_transferred_by_its_record() -> None:
    worked = {
        "AfterContactWorkStartTimestamp": at("10:03:10"),
        "AfterContactWorkEndTimestamp": at("10:03:40"),
        "AfterContactWorkDuration": 30,
    }
    events = taken(record(agent=worked, NextContactId=SECOND, TransferCompletedTimestamp=at("10:03:30")))
    assert the("transferred", events)["time"] == at("10:03:10")
    assert the("transferred", events)["revision"] > 0
    taken_back = next(event for event in events if event["id"] == f"{FIRST}:ended")
    assert taken_back["type"] == "interaction.updated"
    wrapped_up = the("wrapped_up", events)["data"]
    assert (wrapped_up["wrap_up_ms"], wrapped_up["handle_ms"]) == (30_000, 330_000)


def test_an_agent_who_only_asked_somebody_is_not_transferred_by_the_record() -> None:
    claim = taken(child("INITIATED", "TRANSFER"))
    events = taken(record(NextContactId=SECOND))
    revisions = {event["id"]: event["revision"] for event in events}
    assert the("ended", events)["data"]["by"] == "customer"
    for event in claim:
        assert revisions[event["id"]] > event["revision"]
    assert next(event["type"] for event in events if event["id"] == f"{FIRST}:transferred") == "interaction.updated"


def test_who_was_only_asked_had_no_part_in_it() -> None:
    told = taken(
        child(
            "COMPLETED",
            "TRANSFER",
            **queued("10:03:00.100"),
            **with_agent("10:03:20"),
            **ended("10:04:00", "AGENT_DISCONNECT"),
        )
    )
    asked = {"InitiationMethod": "TRANSFER", "InitialContactId": FIRST, "PreviousContactId": FIRST}
    events = taken(
        record(id_=SECOND, agent={"AgentInteractionDuration": 1}, DisconnectReason="AGENT_DISCONNECT", **asked)
    )
    assert set(names(events)) == {"updated"}
    revisions = {event["id"]: event["revision"] for event in events}
    for event in told:
        if event["id"].startswith(SECOND):
            assert revisions[event["id"]] > event.get("revision", 0)
    spoke = record(id_=SECOND, agent={"AgentInteractionDuration": 3}, DisconnectReason="AGENT_DISCONNECT", **asked)
    assert "answered" in names(taken(spoke))
    left = record(id_=SECOND, agent={"AgentInteractionDuration": 1}, **asked)
    assert "answered" in names(taken(left))


def test_who_was_to_be_asked_and_did_not_come_had_no_part_in_it_either() -> None:
    asked = {"InitiationMethod": "TRANSFER", "InitialContactId": FIRST, "PreviousContactId": FIRST}
    given_up = record(id_=SECOND, agent=None, DisconnectReason="AGENT_DISCONNECT", **asked)
    assert set(names(taken(given_up))) == {"updated"}
    hung_up = record(id_=SECOND, agent=None, **asked)
    assert "abandoned" in names(taken(hung_up))


def test_a_guide_of_an_agent_is_no_contact_of_a_customers() -> None:
    guide = {"Channel": "CHAT", "SegmentAttributes": {"connect:Subtype": {"ValueString": "connect:Guide"}}}
    assert taken(record(**guide)) == []
    assert taken(record(**guide), Options(channels={"connect:Guide": "chat"}))[0]["data"]["channel"] == "chat"


def test_answers_are_the_interactions_whichever_contact_of_the_chain_has_them() -> None:
    options = Options(questions={"score": Question(survey="csat"), "nps": Question(survey="nps")})
    told = record(Attributes={"score": "4", "nps": " 9 ", "lang": "de"}, CustomerEndpoint={"Address": "+4989123456"})
    csat, nps = taken(told, options)[-2:]
    assert csat["data"] == {
        "customer_id": "tel:+4989123456", "survey": "csat", "score": 4, "interaction_id": FIRST, "channel": "phone",
    }  # fmt: skip
    assert nps["data"]["score"] == 9
    after = record(
        id_=SECOND, agent=None, Queue=None, InitiationMethod="DISCONNECT", InitialContactId=FIRST,
        PreviousContactId=FIRST, Attributes={"score": 5}, updated="10:12:00",
    )  # fmt: skip
    (again,) = taken(after, options)
    assert (again["id"], again["source"]) == (csat["id"], csat["source"])
    assert again["revision"] > csat["revision"]
    assert again["data"]["score"] == 5
    assert again["data"]["customer_id"] == f"amazon_connect:{FIRST}"


@pytest.mark.parametrize("told", ["", "great", None, "0", "6", "NaN", {"x": 1}, [5], True, "1e9"])
def test_what_is_no_answer_is_none_and_takes_nothing_with_it(told: Any) -> None:
    options = Options(questions={"score": Question(survey="csat")})
    assert names(taken(record(Attributes={"score": told}), options)) == names(taken(record()))


@pytest.mark.parametrize(
    ("question", "told", "score"),
    [
        (Question(survey="csat", lowest=0, highest=10), 10, 5),
        (Question(survey="csat", lowest=0, highest=10), 5, 3),
        (Question(survey="csat", lowest=1, highest=3), "2", 3),
        (Question(survey="nps", lowest=1, highest=5), 4, 8),
        (Question(survey="ces", reversed=True), 1, 7),
        (Question(survey="csat", lowest=1, highest=2, reversed=True), 2, 1),
    ],
)
def test_answers_are_moved_to_our_scale(question: Question, told: Any, score: int) -> None:
    events = taken(record(Attributes={"q": told}), Options(questions={"q": question}))
    assert the("survey_answered", events)["data"]["score"] == score


def test_a_chats_first_response_is_a_message() -> None:
    told = record(Channel="CHAT", ChatMetrics={"ContactMetrics": {"AgentFirstResponseTimestamp": at("10:00:41.250")}})
    assert the("message", taken(told))["data"]["author"] == "agent"
