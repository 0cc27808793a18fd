"""Agent events of Amazon Connect are told by the difference of two snapshots, and agree with the other feeds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.sources.options import Options
from tests.schemas.connect_payloads import (
    CONNECT,
    FIRST,
    SECOND,
    agent_event,
    at,
    child,
    contact,
    names,
    queued,
    record,
    state,
    taken,
    the,
    with_agent,
)
from tests.schemas.payloads import FOLDER, options_of

OPTIONS = options_of(CONNECT)


def example(name: str) -> Any:
    return json.loads((FOLDER / CONNECT.topic / name).read_bytes())


def test_an_answer_told_by_all_feeds_has_one_identity_one_agent_and_one_queue() -> None:
    told = [
        the("answered", taken(contact("CONNECTED_TO_AGENT", **queued(), **with_agent()))),
        the("answered", taken(record())),
        the("answered", taken(agent_event("STATE_CHANGE", "10:00:20.750", [state("CONNECTED", "10:00:20.750")], []))),
    ]
    assert len({(event["source"], event["id"]) for event in told}) == 1
    assert {(event["data"]["agent_id"], event["data"]["queue"]) for event in told} == {("a1", "q1")}
    assert max(told, key=lambda event: event.get("revision", 0)) is told[0]


def test_options_name_agents_and_queues_by_id_and_by_name() -> None:
    by_id = Options(agents={"a1": "anna"}, queues={"q1": "support"})
    by_name = Options(agents={"anna": "7"}, queues={"Support": "support"})
    for payload in (record(), agent_event("STATE_CHANGE", "10:00:20.750", [state("CONNECTED", "10:00:20.750")], [])):
        data = the("answered", taken(payload, by_id))["data"]
        assert (data["agent_id"], data["queue"]) == ("anna", "support")
        data = the("answered", taken(payload, by_name))["data"]
        assert (data["agent_id"], data["queue"]) == ("7", "support")


STORY = [
    ("CONNECTING", "10:00:15.000"), ("CONNECTED", "10:00:20.750"), ("CONNECTED_ONHOLD", "10:01:00.000"),
    ("CONNECTED", "10:01:30.400"), ("ENDED", "10:05:20.900"),
]  # fmt: skip


def test_the_news_is_what_has_changed_between_two_snapshots() -> None:
    found: list[str] = []
    before: list[Any] = []
    for name, since in STORY:
        now = [state(name, since)]
        found += [
            f"{event['type'][12:]} {event['time'][11:19]}"
            for event in taken(agent_event("STATE_CHANGE", since, now, before))
        ]
        before = now
    found += [
        f"{event['type'][12:]} {event['time'][11:19]}"
        for event in taken(agent_event("STATE_CHANGE", "10:06:00.000", [], before))
    ]
    assert list(dict.fromkeys(found)) == [
        "queued 10:00:05", "offered 10:00:15", "answered 10:00:20", "held 10:01:00", "resumed 10:01:30",
        "ended 10:05:20", "wrapped_up 10:06:00",
    ]  # fmt: skip


def test_a_heartbeat_repairs_what_was_lost() -> None:
    held = state("CONNECTED_ONHOLD", "10:01:00.000")
    lost = taken(agent_event("STATE_CHANGE", "10:01:00.000", [held], [state("CONNECTED", "10:00:20.750")]))
    beat = taken(agent_event("HEART_BEAT", "10:02:00.000", [held], [held]))
    assert [event for event in beat if event["type"].startswith("interaction.")] == lost
    assert names(beat)[-2:] == ["state_changed", "heartbeat"]
    resumed = state("CONNECTED", "10:01:30.400")
    again = taken(agent_event("HEART_BEAT", "10:03:00.000", [resumed], [resumed]))
    assert the("resumed", again)["time"] == at("10:01:30.400000")


def test_a_contact_that_is_gone_is_over_and_wrapped_up() -> None:
    gone = taken(agent_event("STATE_CHANGE", "10:06:00.000", [], [state("ENDED", "10:05:20.900")]))
    assert (the("ended", gone)["time"], the("wrapped_up", gone)["time"]) == (at("10:05:20.900000"), at("10:06:00"))
    at_once = taken(agent_event("STATE_CHANGE", "10:06:00.000", [], [state("CONNECTED", "10:00:20.750")]))
    assert (the("ended", at_once)["time"], the("wrapped_up", at_once)["time"]) == (at("10:06:00"), at("10:06:00"))
    for rang in ("CONNECTING", "MISSED", "REJECTED", "ERROR"):
        assert taken(agent_event("STATE_CHANGE", "10:06:00.000", [], [state(rang, "10:00:15.000")])) == []


@pytest.mark.parametrize(("name", "result"), [("MISSED", "no_answer"), ("REJECTED", "rejected"), ("ERROR", "error")])
def test_offers_that_were_not_taken_are_declined(name: str, result: str) -> None:
    events = taken(
        agent_event("STATE_CHANGE", "10:00:35", [state(name, "10:00:35")], [state("CONNECTING", "10:00:15")])
    )
    assert the("declined", events)["data"]["result"] == result


def test_what_an_agent_dials_is_not_offered_to_the_agent() -> None:
    dialled = state("CONNECTING", "10:00:15", InitiationMethod="OUTBOUND", QueueTimestamp=None)
    assert taken(agent_event("STATE_CHANGE", "10:00:15", [dialled], [])) == []
    on = state("CONNECTED", "10:00:20.750", InitiationMethod="OUTBOUND", QueueTimestamp=None)
    assert (
        the("answered", taken(agent_event("STATE_CHANGE", "10:00:20.750", [on], [])))["data"]["direction"] == "outbound"
    )


def test_a_hold_whose_instant_is_that_of_the_connection_begins_when_it_is_told() -> None:
    held = state("CONNECTED_ONHOLD", "10:00:20.750")
    events = taken(agent_event("STATE_CHANGE", "10:01:00", [held], [state("CONNECTED", "10:00:20.750")]))
    assert the("held", events)["time"] == at("10:01:00")
    assert "held" not in names(taken(agent_event("HEART_BEAT", "10:02:00", [held], [held])))


def test_a_transfer_shows_in_agent_events_alone() -> None:
    other = state("CONNECTED", "10:03:20", ContactId=SECOND, InitialContactId=FIRST, InitiationMethod="TRANSFER")
    events = taken(agent_event("STATE_CHANGE", "10:03:20", [other], []))
    assert names(events)[:2] == ["transferred", "updated"]
    assert events[1]["id"] == f"{FIRST}:ended"
    by_event = {event["id"]: event for event in taken(child("INITIATED", "TRANSFER"))}
    for own in events[:2]:
        assert own["revision"] < by_event[own["id"]]["revision"]
    assert by_event[events[0]["id"]]["type"] == "interaction.updated"


@pytest.mark.parametrize(
    ("status", "presence", "reason"),
    [
        ({"Name": "Available", "Type": "ROUTABLE"}, "available", None),
        ({"Name": "Ready", "Type": "ROUTABLE"}, "available", None),
        ({"Name": "Lunch", "Type": "CUSTOM"}, "not_ready", "Lunch"),
        ({"Name": "Gone", "Type": "OFFLINE"}, "logged_out", None),
        ({"Name": "Available", "Type": None}, "available", None),
        ({"Name": "Offline", "Type": None}, "logged_out", None),
        ({"Name": "Training", "Type": None}, "not_ready", "Training"),
        ({"Name": None, "Type": None}, "not_ready", None),
    ],
)
def test_a_status_says_whether_an_agent_is_there(status: Any, presence: str, reason: str | None) -> None:
    more = {"StartTimestamp": at("10:30:00.000")} | status
    (event,) = taken(agent_event("STATE_CHANGE", "10:30:00.010", [], [], status=more))
    assert event["time"] == at("10:30:00")
    assert (event["data"]["presence"], event["data"].get("reason")) == (presence, reason)


def test_queues_and_slots_come_from_the_routing_profile() -> None:
    data = example("agent_event.heartbeat.json")
    told = the("heartbeat", taken(data, OPTIONS))["data"]
    assert told["queues"] == ["support", "sales"]
    assert told["slots"] == {"phone": 1, "chat": 3, "email": 5}
    profile = data["CurrentAgentSnapshot"]["Configuration"]["RoutingProfile"]
    profile["InboundQueues"] = profile["InboundQueues"][:2]
    data["EventType"] = "STATE_CHANGE"
    assert the("state_changed", taken(data, OPTIONS))["data"]["queues"] == ["support"]


def test_agents_come_and_go() -> None:
    assert taken(agent_event("LOGIN", "09:00:00", [], None))[0]["data"]["presence"] == "available"
    out = taken(agent_event("LOGOUT", "12:00:00", None, [state("CONNECTED", "10:00:20.750")]))
    assert names(out) == ["queued", "answered", "ended", "wrapped_up", "state_changed"]
    assert out[-1]["data"] == {"agent_id": "a1", "presence": "logged_out"}
    assert taken(agent_event("STATE_CHANGE", "11:00:00", [], [])) == []


def test_an_agent_event_that_is_sent_again_is_no_other() -> None:
    told = agent_event("HEART_BEAT", "10:02:00.000", [state("CONNECTED", "10:00:20.750")], [])
    assert taken(told | {"EventId": "e2"}) == taken(told)


@pytest.mark.parametrize("arn", ["arn", "arn/", "/", "a1"])
def test_an_arn_of_no_parts_names_the_agent_all_the_same(arn: str) -> None:
    told = agent_event("LOGOUT", "12:00:00", None, None) | {"AgentARN": arn}
    assert taken(told)[0]["data"]["agent_id"] == arn
