"""Contact events of Amazon Connect tell one thing once, in whatever spelling, and contacts follow one another."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.rejected import Rejected, Skipped
from schemas.sources.conversion import convert
from schemas.sources.options import NONE, Options
from tests.schemas.connect_payloads import (
    CONNECT,
    FIRST,
    INSTANCE,
    SECOND,
    agent_event,
    at,
    child,
    contact,
    ended,
    names,
    queued,
    record,
    state,
    taken,
    the,
    with_agent,
)
from tests.schemas.payloads import FOLDER

EXAMPLES = FOLDER / CONNECT.topic


def test_an_event_bare_and_in_its_envelope_is_one_event() -> None:
    lines = [(EXAMPLES / f"contact_events.{name}.jsonl").read_bytes().splitlines() for name in ("bare", "enveloped")]
    for bare, enveloped in zip(*lines, strict=True):
        assert taken(bare) == taken(enveloped)


def test_names_are_the_same_in_any_case() -> None:
    told = contact("DISCONNECTED", **queued(), **with_agent(), **ended())

    def spelled(value: Any, spell: Any) -> Any:
        if isinstance(value, dict):
            return {spell(name): spelled(each, spell) for name, each in value.items()}
        return value

    for spell in (str.upper, str.lower, str.title, str.swapcase):
        assert taken(spelled(told, spell)) == taken(told)


def test_each_event_tells_again_what_those_before_it_told() -> None:
    first = taken(contact("INITIATED"))
    then = taken(contact("QUEUED", **queued()))
    last = taken(contact("COMPLETED", **queued(), **with_agent(), **ended()))
    assert names(last) == ["started", "queued", "answered", "ended", "wrapped_up"]
    assert first == last[:1]
    assert then == last[:2]
    assert {event.get("revision", 0) for event in last} == {0}


def test_an_instant_of_1970_has_not_come() -> None:
    not_yet = "1970-01-01T00:00:00.001Z"
    told = contact("QUEUED", **queued(), disconnectTimestamp=not_yet) | {
        "agentInfo": {"agentArn": f"{INSTANCE}/agent/a1", "connectedToAgentTimestamp": not_yet}
    }
    assert names(taken(told)) == ["started", "queued"]


def test_the_instant_is_the_contacts_and_not_the_envelopes() -> None:
    told = {
        "detail-type": "Amazon Connect Contact Event", "id": "x", "time": at("10:00:09"),
        "detail": contact("QUEUED", **queued()),
    }  # fmt: skip
    assert the("queued", taken(told))["time"] == at("10:00:05.500000")


@pytest.mark.parametrize(
    ("reason", "became"),
    [
        (None, ["abandoned"]),
        ("CUSTOMER_DISCONNECT", ["abandoned"]),
        ("TELECOM_ORIGINATOR_CANCEL", ["abandoned"]),
        ("CONTACT_FLOW_DISCONNECT", ["flowed_out", "ended"]),
        ("EXPIRED", ["flowed_out", "ended"]),
        ("API", ["flowed_out", "ended"]),
        ("TELECOM_PROBLEM", ["flowed_out", "ended"]),
        ("SOMETHING_NEW", ["flowed_out", "ended"]),
    ],
)
def test_who_leaves_a_queue_without_an_agent_has_abandoned_or_flowed_out(reason: str | None, became: list[str]) -> None:
    assert names(taken(contact("DISCONNECTED", **queued(), **ended(reason=reason))))[2:] == became


def test_what_a_flow_means_by_disconnecting_can_be_said() -> None:
    told = contact("DISCONNECTED", **queued(), **ended(reason="CONTACT_FLOW_DISCONNECT"))
    options = Options(outcomes={"CONTACT_FLOW_DISCONNECT": "closed"})
    assert the("flowed_out", taken(told))["data"]["outcome"] == "other"
    assert the("flowed_out", taken(told, options))["data"]["outcome"] == "closed"
    told = contact("DISCONNECTED", **queued(), **ended(reason="EXPIRED"))
    assert the("flowed_out", taken(told))["data"]["outcome"] == "timeout"


@pytest.mark.parametrize(
    ("reason", "by"),
    [("CUSTOMER_DISCONNECT", "customer"), ("CONTACT_FLOW_DISCONNECT", "bot"), ("EXPIRED", "system"), (None, None)],
)
def test_who_never_was_in_a_queue_neither_abandoned_nor_flowed_out(reason: str | None, by: str | None) -> None:
    events = taken(contact("DISCONNECTED", **ended(reason=reason)))
    assert names(events) == ["started", "ended"]
    assert events[1]["data"].get("by") == by


@pytest.mark.parametrize(
    ("reason", "by"),
    [
        ("CUSTOMER_DISCONNECT", "customer"),
        ("AGENT_DISCONNECT", "agent"),
        ("agent_disconnect", "agent"),
        ("OTHER", "system"),
        (None, None),
    ],
)
def test_who_ended_an_answered_contact_is_told(reason: str | None, by: str | None) -> None:
    events = taken(contact("DISCONNECTED", **queued(), **with_agent(), **ended(reason=reason)))
    assert the("ended", events)["data"].get("by") == by


def test_an_end_that_a_clock_puts_before_its_beginning_is_no_end_before_it() -> None:
    events = taken(contact("DISCONNECTED", **queued(), **with_agent(), **ended("10:00:20.747")))
    assert the("ended", events)["time"] == the("answered", events)["time"]


def test_no_after_contact_work_is_told_as_such() -> None:
    events = taken(contact("COMPLETED", **queued(), **with_agent(), **ended()))
    assert the("wrapped_up", events)["time"] == the("ended", events)["time"]
    assert the("wrapped_up", events)["data"]["wrap_up_ms"] == 0
    assert the("wrapped_up", events)["data"]["handle_ms"] == 300_000
    worked = with_agent(afterContactWorkStartTimestamp=at("10:05:20.900"), afterContactWorkEndTimestamp=at("10:06:00"))
    events = taken(contact("COMPLETED", **queued(), **worked, **ended()))
    assert the("wrapped_up", events)["time"] == at("10:06:00")
    assert "transferred" not in names(events)


def test_an_agent_whose_after_contact_work_began_before_the_end_had_left_the_customer() -> None:
    worked = with_agent(afterContactWorkStartTimestamp=at("10:03:00"), afterContactWorkEndTimestamp=at("10:03:30"))
    events = taken(contact("COMPLETED", **queued(), **worked, **ended()))
    assert the("transferred", events)["time"] == at("10:03:00")
    assert the("transferred", events)["data"]["agent_id"] == "a1"
    assert the("wrapped_up", events)["time"] == at("10:03:30")


@pytest.mark.parametrize(
    ("method", "channel", "direction", "initiation"),
    [
        ("INBOUND", "VOICE", "inbound", "customer"),
        ("WEBRTC_API", "VOICE", "inbound", "customer"),
        ("OUTBOUND", "VOICE", "outbound", "agent"),
        ("CALLBACK", "VOICE", "outbound", "callback"),
        ("API", "VOICE", "outbound", "api"),
        ("API", "CHAT", "inbound", "api"),
        ("API", "TASK", "inbound", "api"),
        ("SOMETHING_NEW", "VOICE", None, None),
    ],
)
def test_how_a_contact_began_says_which_way_it_goes(
    method: str, channel: str, direction: str | None, initiation: str | None
) -> None:
    data = the("started", taken(contact("INITIATED", initiationMethod=method, channel=channel)))["data"]
    assert (data.get("direction"), data.get("initiation")) == (direction, initiation)


def test_the_direction_of_a_segment_is_believed_first() -> None:
    segment = {"connect:Direction": {"valueString": "OUTBOUND"}}
    told = contact("INITIATED", initiationMethod="API", channel="CHAT", segmentAttributes=segment)
    assert the("started", taken(told))["data"]["direction"] == "outbound"


@pytest.mark.parametrize("method", ["MONITOR", "EXTERNAL_OUTBOUND", "FLOW"])
def test_what_is_nobodys_reach_counts_nowhere(method: str) -> None:
    more = {"initiationMethod": method, "initialContactId": FIRST, "previousContactId": FIRST}
    told = contact("DISCONNECTED", id_=SECOND, **more, **queued(), **with_agent(), **ended())
    assert taken(told) == []
    assert taken(record(id_=SECOND, InitiationMethod=method, InitialContactId=FIRST)) == []
    listened = state("CONNECTED", "10:01:00", ContactId=SECOND, InitiationMethod=method)
    assert names(taken(agent_event("STATE_CHANGE", "10:01:00", [listened], []))) == []


def test_tasks_are_paused_and_go_on() -> None:
    told = contact("PAUSED", channel="TASK", **queued(), **with_agent(), lastPausedTimestamp=at("10:01:00"))
    assert the("held", taken(told))["time"] == at("10:01:00")
    enveloped = {
        "detail-type": "Amazon Connect Contact Event",
        "time": at("10:02:00"),
        "detail": told | {"eventType": "RESUMED"},
    }
    assert the("resumed", taken(enveloped))["time"] == at("10:02:00")
    assert the("resumed", taken(enveloped))["data"]["channel"] == "email"
    with pytest.raises(Rejected, match="missing"):
        taken(contact("RESUMED", channel="TASK", **with_agent()))


@pytest.mark.parametrize(
    ("channel", "subtype", "ours"),
    [
        ("VOICE", None, "phone"), ("Voice", "connect:Telephony", "phone"), ("CHAT", None, "chat"),
        ("CHAT", "connect:SMS", "chat"), ("EMAIL", "connect:Email", "email"), ("TASK", None, "email"),
        ("VOICE", "connect:WebRTC", "phone"),
    ],
)  # fmt: skip
def test_channels_have_our_names(channel: str, subtype: str | None, ours: str) -> None:
    segment = {"connect:Subtype": {"ValueString": subtype}}
    told = contact("INITIATED", channel=channel, segmentAttributes=segment)
    assert taken(told)[0]["data"]["channel"] == ours


def test_channels_can_be_called_otherwise_a_part_of_one_too() -> None:
    options = Options(channels={"connect:WebRTC": "video", "TASK": "chat"})
    segment = {"connect:Subtype": {"valueString": "connect:WebRTC"}}
    assert taken(contact("INITIATED", segmentAttributes=segment), options)[0]["data"]["channel"] == "video"
    assert taken(contact("INITIATED", channel="TASK"), options)[0]["data"]["channel"] == "chat"


def test_kinds_that_are_new_are_skipped_and_others_of_no_matter() -> None:
    assert convert(CONNECT, json.dumps(contact("TRANSLATED")).encode(), NONE) == Skipped("TRANSLATED")
    assert convert(CONNECT, json.dumps(contact("INITIATED", channel="SMOKE")).encode(), NONE) == Skipped(
        "channel SMOKE"
    )
    assert taken(contact("CONTACT_DATA_UPDATED")) == []
    other = {"detail-type": "Contact Lens Post Call Rules Matched", "detail": {}}
    assert isinstance(convert(CONNECT, json.dumps(other).encode(), NONE), Skipped)


def test_customers_are_known_by_their_companys_id_else_by_number_or_address() -> None:
    endpoint = {"type": "TELEPHONE_NUMBER", "address": "+49 (89) 123-456"}
    assert taken(contact("INITIATED", customerEndpoint=endpoint))[0]["data"]["customer_id"] == "tel:+4989123456"
    events = taken(contact("INITIATED", customerEndpoint=endpoint, customerId="CRM-7"))
    assert events[0]["data"]["customer_id"] == "CRM-7"
    assert the("identified", events)["data"] == {"customer_id": "CRM-7", "aliases": ["tel:+4989123456"]}
    mail = {"type": "EMAIL_ADDRESS", "address": "0049123@Example.org"}
    events = taken(contact("INITIATED", channel="EMAIL", customerEndpoint=mail))
    assert events[0]["data"]["customer_id"] == "mailto:0049123@example.org"
    for nobody in ({"address": "anonymous"}, {"address": None}, None, "odd"):
        assert "customer_id" not in taken(contact("INITIATED", customerEndpoint=nobody))[0]["data"]


def test_a_mail_that_an_agent_sends_is_a_message_of_the_thread_that_it_answers() -> None:
    sent = contact("DISCONNECTED", id_=SECOND, channel="EMAIL", initiationMethod="AGENT_REPLY", relatedContactId=FIRST)
    (message,) = taken(sent | with_agent() | ended(reason="OTHER"))
    assert message["data"] == {"interaction_id": FIRST, "channel": "email", "agent_id": "a1", "author": "agent"}
    assert taken(sent | with_agent() | ended(reason="DISCARDED")) == []


def test_a_transfer_ends_the_agents_part_and_not_the_interaction() -> None:
    first = taken(contact("DISCONNECTED", **queued(), **with_agent(), **ended("10:03:10")))
    events = taken(child("INITIATED", "TRANSFER"))
    assert names(events) == ["transferred", "updated", "updated"]
    assert {event["data"]["interaction_id"] for event in events} == {FIRST}
    assert events[0]["data"]["segment_id"] == FIRST
    end = the("ended", first)
    assert (events[1]["source"], events[1]["id"]) == (end["source"], end["id"])
    assert events[1]["revision"] > end.get("revision", 0)


def test_the_contact_after_a_transfer_is_a_segment_of_the_same_interaction() -> None:
    events = taken(child("DISCONNECTED", "TRANSFER", **queued("10:03:00.100"), **with_agent("10:03:20"), **ended()))
    assert names(events) == ["transferred", "updated", "updated", "queued", "answered", "ended"]
    own = [event["data"] for event in events[3:]]
    assert {(data["interaction_id"], data["segment_id"]) for data in own} == {(FIRST, SECOND)}


def test_a_contact_that_names_only_the_one_before_it_is_of_that_ones_interaction() -> None:
    told = child("INITIATED", "TRANSFER")
    assert taken({**told, "initialContactId": None}) == taken(told)
    assert taken({**told, "previousContactId": None}) == taken(told)


@pytest.mark.parametrize(("method", "outcome"), [("QUEUE_TRANSFER", "overflow"), ("CALLBACK", "callback")])
def test_who_is_passed_on_while_waiting_has_flowed_out_though_gone(method: str, outcome: str) -> None:
    gone = taken(contact("DISCONNECTED", **queued(), **ended("10:03:05")))
    flowed_out, taken_back = taken(child("INITIATED", method))
    assert flowed_out["data"]["outcome"] == outcome
    assert flowed_out["time"] == at("10:03:00")
    assert taken_back["id"] == the("abandoned", gone)["id"]
    assert taken_back["type"] == "interaction.updated"
    overflowed = taken(contact("DISCONNECTED", **queued(), **ended(reason="CONTACT_FLOW_DISCONNECT")))
    assert flowed_out["id"] == the("flowed_out", overflowed)["id"]
    assert flowed_out["revision"] > 0


def test_a_flow_after_the_end_is_no_contact_of_anybodys() -> None:
    assert taken(child("INITIATED", "DISCONNECT")) == []
    assert taken(child("DISCONNECTED", "DISCONNECT", **ended("10:08:00", "CONTACT_FLOW_DISCONNECT"))) == []
    back = taken(child("QUEUED", "DISCONNECT", **queued("10:06:00")))
    assert names(back) == ["queued"]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({"a": 1}, "not_an_event"),
        ({"detail": {}}, "not_an_event"),
        (contact("QUEUED"), "missing_field"),
        (contact("CONNECTED_TO_AGENT", **queued()), "missing_field"),
        (contact("DISCONNECTED"), "missing_field"),
        (contact("INITIATED", channel=None), "missing_field"),
        (contact("INITIATED", contactId=None), "missing_field"),
        (contact("INITIATED", initiationTimestamp="yesterday"), "invalid_field"),
        (contact("INITIATED", initiationTimestamp=1_773_223_800), "invalid_field"),
        (contact("INITIATED", contactId="c" * 129), "invalid_field"),
        (record(LastUpdateTimestamp=None), "missing_field"),
        (record(agent={"CustomerHoldDuration": "a while"}), "invalid_field"),
        (agent_event("HEART_BEAT", "10:00:00", None, None), "missing_field"),
        (agent_event("HEART_BEAT", "10:00:00", [], []) | {"EventTimestamp": None}, "missing_field"),
        (agent_event("HEART_BEAT", "10:00:00", [{"Channel": "VOICE"}], []), "missing_field"),
    ],
)  # fmt: skip
def test_what_is_at_fault_is_rejected_and_says_where(payload: Any, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        taken(payload)
    assert (caught.value.reason, bool(caught.value.detail)) == (reason, True)


def test_fields_that_are_new_or_null_change_nothing() -> None:
    told = contact("DISCONNECTED", **queued(), **with_agent(), **ended())
    absent = ("customerEndpoint", "segmentAttributes", "tags", "previousContactId", "initialContactId")
    nulls = dict.fromkeys(absent)
    assert taken(told | nulls | {"somethingNew": [{"deep": 1}], "routingCriteria": {"index": 1}}) == taken(told)
    assert taken(told | {"routingCriteria": [{"index": 1}]}) == taken(told)
