"""Genesys Cloud's events and records of one conversation tell one history, whichever come, and in whatever order."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from schemas.events import (
    Abandoned,
    AgentStateChanged,
    Answered,
    Declined,
    Ended,
    FlowedOut,
    Held,
    Identified,
    Offered,
    Queued,
    Resumed,
    Started,
    SurveyAnswered,
    Transferred,
    Updated,
    WrappedUp,
)  # fmt: skip
from schemas.rejected import Rejected, Skipped
from schemas.sources import genesys
from schemas.sources.genesys_words import word
from schemas.sources.options import NONE, Options
from schemas.sources.vendors import VENDORS
from tests.schemas.payloads import files, folder_of

FOLDER = folder_of(VENDORS["genesys"])
START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
START_MS = int(START.timestamp()) * 1000


def event(kind: str, after_ms: int = 0, session: str = "s", **more: Any) -> dict[str, Any]:
    body = {
        "eventTime": START_MS + after_ms, "conversationId": "c", "participantId": f"p{session}", "sessionId": session,
        "mediaType": "VOICE", "direction": "INBOUND",
    } | more  # fmt: skip
    body = {name: value for name, value in body.items() if value is not None}
    return {"topicName": f"v2.detail.events.conversation.c.{kind}", "version": "2", "eventBody": body}


def told(payload: Any, options: Options = NONE) -> list[Any]:
    found = genesys.convert(json.dumps(payload).encode(), options)
    assert not isinstance(found, Skipped)
    return list(found)


def one(kind: str, **more: Any) -> Any:
    (found,) = told(event(kind, **more))
    return found


def refused(payload: Any) -> tuple[str, str]:
    with pytest.raises(Rejected) as caught:
        genesys.convert(json.dumps(payload).encode(), NONE)
    return caught.value.reason, caught.value.detail


def at(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def segment(kind: str, since: float, until: float | None = None, **more: Any) -> dict[str, Any]:
    end = {} if until is None else {"segmentEnd": at(until)}
    return {"segmentType": kind, "segmentStart": at(since), **end, **more}


def participant(purpose: str, session: str, *segments: dict[str, Any], user: str | None = None, **more: Any) -> Any:
    who = {} if user is None else {"userId": user}
    inner = {"mediaType": "voice", "sessionId": session, "segments": list(segments), **more}
    return {"participantId": f"p{session}", "purpose": purpose, **who, "sessions": [inner]}


def conversation(*participants: Any, end: float | None = None, **more: Any) -> dict[str, Any]:
    over = {} if end is None else {"conversationEnd": at(end)}
    return {"conversationId": "c", "conversationStart": at(0), **over, "participants": list(participants), **more}


CUSTOMER = participant("customer", "sc", segment("interact", 0, 60, disconnectType="endpoint"), ani="tel:+39061234")
WAITED = participant("acd", "sq", segment("interact", 1, 11, queueId="Q", disconnectType="transfer"))
AGENT = participant(
    "agent", "sa", segment("alert", 5, 11.002, queueId="Q"), segment("interact", 11.002, 20, queueId="Q"),
    segment("hold", 20, 30, queueId="Q"), segment("interact", 30, 40, queueId="Q"),
    segment("hold", 40, 45, queueId="Q"), segment("interact", 45, 60.003, queueId="Q", disconnectType="peer"),
    segment("wrapup", 60.003, 70.003, queueId="Q", wrapUpCode="w"), user="anna",
)  # fmt: skip


def kinds(events: list[Any]) -> list[type]:
    return [type(each) for each in events]


def test_talk_and_holds_of_a_record_are_its_handle_time() -> None:
    payload = json.loads((FOLDER / "record.json").read_bytes())
    metrics = {
        each["name"]: each["value"]
        for person in payload["participants"]
        for session in person["sessions"]
        for each in session["metrics"]
    }
    events = [json.loads(line) for line in (FOLDER / "record.json.events.jsonl").read_bytes().splitlines()]
    of_kind = {each["type"].removeprefix("interaction."): each for each in events}
    held_ms = int(
        (datetime.fromisoformat(of_kind["resumed"]["time"]) - datetime.fromisoformat(of_kind["held"]["time"]))
        / timedelta(milliseconds=1)
    )
    assert (metrics["tTalk"], metrics["tHeld"], metrics["tHandle"]) == (373389, 578402, 951791)
    assert metrics["tTalk"] + held_ms == of_kind["wrapped_up"]["data"]["handle_ms"] == metrics["tHandle"]
    assert of_kind["wrapped_up"]["data"]["wrap_up_ms"] == 0


def test_a_record_says_with_the_same_ids_and_a_higher_revision_what_events_said() -> None:
    live = [
        event("customer.start", session="sc", ani="tel:+39061234"), event("acd.start", 1000, "sq", queueId="Q"),
        event("user.start", 5000, "sa", userId="anna", queueId="Q"),
        event("acd.end", 11000, "sq", queueId="Q", acdOutcome="ANSWERED", answeredUserId="anna"),
        event("customer.end", 60000, "sc", disconnectType="ENDPOINT"),
        event("user.end", 60003, "sa", userId="anna", queueId="Q", disconnectType="PEER", interactingDurationMs=34001,
              heldDurationMs=15000),
        event("acw", 70003, "sa", userId="anna", queueId="Q", wrapupCode="w", wrapupDurationMs=10000),
    ]  # fmt: skip
    said = {found.id: found for each in live for found in told(each)}
    recorded = {each.id: each for each in told(conversation(CUSTOMER, WAITED, AGENT, end=60.003))}
    assert set(said) <= set(recorded)
    for id_, live_event in said.items():
        again = recorded[id_]
        assert (type(again), again.time, again.source) == (type(live_event), live_event.time, live_event.source)
        assert again.revision > live_event.revision
    assert set(recorded) - set(said) == {f"sa:{part}:{n}" for part in ("held", "resumed") for n in (1, 2)}


def test_a_later_record_has_a_higher_revision_and_an_earlier_one_tells_less() -> None:
    open_, closed = (
        conversation(CUSTOMER, participant("acd", "sq", segment("interact", 1, queueId="Q"))),
        conversation(CUSTOMER, WAITED, AGENT, end=60.003),
    )
    before, after = told(open_), told(closed)
    assert kinds(before) == [Started, Queued]
    assert {each.id for each in before} <= {each.id for each in after}
    assert max(each.revision for each in before) < min(each.revision for each in after)
    assert len({each.revision for each in after}) == 1


def test_a_record_tells_each_hold_and_no_total() -> None:
    found = told(conversation(CUSTOMER, WAITED, AGENT, end=60.003))
    assert [each.time for each in found if type(each) in (Held, Resumed)] == [
        START + timedelta(seconds=seconds) for seconds in (20, 30, 40, 45)
    ]
    (ended,) = (each for each in found if type(each) is Ended)
    assert (ended.data.hold_ms, ended.data.by, ended.time) == (None, "customer", START + timedelta(seconds=60.003))


def test_events_know_of_holds_only_how_long_they_were_in_all() -> None:
    ended = one(
        "user.end", userId="anna", queueId="Q", disconnectType="PEER", interactingDurationMs=9, heldDurationMs=5
    )
    assert (type(ended), ended.data.hold_ms, ended.data.by) == (Ended, 5, "customer")
    more = {"interactingDurationMs": 9000, "heldDurationMs": 5000, "disconnectType": "CONSULT_TRANSFER"}
    held, resumed, transferred = told(event("user.end", 20_000, userId="anna", queueId="Q", **more))
    assert (held.time, resumed.time) == (START + timedelta(seconds=15), START + timedelta(seconds=20))
    assert (type(transferred), transferred.data.kind) == (Transferred, "attended")


def test_the_one_end_is_the_last_agent_s_whichever_event_comes_last() -> None:
    ends = [
        event("customer.end", 59_997, "sc", disconnectType="ENDPOINT"),
        event("user.end", 30_000, "s1", userId="a", queueId="Q", disconnectType="CLIENT", interactingDurationMs=1),
        event("user.end", 60_000, "s2", userId="b", queueId="Q", disconnectType="PEER", interactingDurationMs=1),
    ]
    for order in permutations(ends):
        found = [told(each)[0] for each in order]
        assert {each.id for each in found} == {"c:ended"}
        assert max(found, key=lambda each: each.revision).time == START + timedelta(seconds=60)


def test_an_event_that_comes_alone_is_told_alone_and_ids_do_not_depend_on_clocks() -> None:
    early = one("acd.end", session="sq", acdOutcome="ANSWERED", answeredUserId="anna", after_ms=0)
    late = one("acd.end", session="sq", acdOutcome="ANSWERED", answeredUserId="anna", after_ms=-2)
    assert early.id == late.id == "sq:left"


@pytest.mark.parametrize(
    ("outcome", "disconnected", "kind", "how"),
    [
        ("ANSWERED", "TRANSFER", Answered, None),
        ("ABANDON", "PEER", Abandoned, None),
        ("abandon", None, Abandoned, None),
        ("FLOW_OUT", "TRANSFER", FlowedOut, "overflow"),
        ("flowOut", "timeout", FlowedOut, "timeout"),
        ("UNKNOWN", "PEER", Abandoned, None),
        (None, "ENDPOINT", Abandoned, None),
        ("UNKNOWN", "SYSTEM", FlowedOut, "other"),
        (None, None, FlowedOut, "other"),
    ],
)
def test_how_a_stay_in_a_queue_ends(outcome: Any, disconnected: Any, kind: type, how: str | None) -> None:
    found = one("acd.end", acdOutcome=outcome, disconnectType=disconnected, queueId="Q", answeredUserId="anna")
    assert (type(found), found.data.queue, found.id) == (kind, "Q", "s:left")
    assert getattr(found.data, "outcome", None) == how


def test_what_flowing_out_means_can_be_set() -> None:
    options = Options(outcomes={"transfer": "callback"})
    assert (
        told(event("acd.end", acdOutcome="FLOW_OUT", disconnectType="TRANSFER"), options)[0].data.outcome == "callback"
    )


@pytest.mark.parametrize(
    ("disconnected", "result"),
    [
        ("CLIENT", "rejected"),
        ("dnd.endpoint", "busy"),
        ("ERROR", "error"),
        ("NO_ANSWER_TRANSFER", "no_answer"),
        ("SYSTEM", "no_answer"),
        (None, "no_answer"),
        ("TRANSFER", "no_answer"),
    ],
)
def test_an_agent_s_session_that_never_connected_was_declined(disconnected: str | None, result: str) -> None:
    found = one("user.end", userId="anna", queueId="Q", disconnectType=disconnected, alertingDurationMs=900)
    assert (type(found), found.data.result) == (Declined, result)


def test_a_caller_who_leaves_while_it_rings_and_a_call_out_that_nobody_takes_are_no_declines() -> None:
    assert told(event("user.end", userId="anna", queueId="Q", disconnectType="PEER")) == []
    assert told(event("user.end", userId="anna", direction="OUTBOUND", disconnectType="CLIENT")) == []


def test_ringing_is_no_answer_and_dialing_no_offer() -> None:
    assert type(one("user.start", userId="anna", queueId="Q")) is Offered
    assert told(event("user.start", userId="anna", direction="OUTBOUND")) == []


def test_an_agent_whom_no_queue_led_to_was_connected_for_as_long_as_is_told() -> None:
    answered, ended = told(
        event("user.end", 60_000, userId="anna", disconnectType="PEER", interactingDurationMs=50_000)
    )
    assert (type(answered), answered.time, answered.data.queue) == (Answered, START + timedelta(seconds=10), None)
    assert type(ended) is Ended
    assert kinds(told(event("user.end", userId="a", queueId="Q", direction="OUTBOUND", interactingDurationMs=5))) == [
        Answered, Ended,
    ]  # fmt: skip


def test_wrap_up_is_told_with_its_length() -> None:
    found = one("acw", userId="anna", wrapupCode="w", wrapupDurationMs=30_000)
    assert (type(found), found.data.wrap_up_ms, found.data.disposition) == (WrappedUp, 30_000, "w")


def test_only_who_advised_counts_for_nothing_in_a_record() -> None:
    advisor = participant("agent", "sb", segment("alert", 20, 21), segment("interact", 21, 29), user="ben")
    found = told(conversation(CUSTOMER, WAITED, AGENT, advisor, end=60.003))
    assert [(type(each), each.id) for each in found if each.id.startswith("sb:")] == [
        (Updated, "sb:offered"), (Updated, "sb:connected"),
    ]  # fmt: skip
    listener = participant("user", "sl", segment("interact", 31, 99), user="carla", monitoredParticipantId="psa")
    assert not [each for each in told(conversation(AGENT, listener)) if "sl" in each.id]


def test_a_stay_in_a_queue_is_over_when_the_next_one_begins_and_before_the_conversation_is() -> None:
    first = participant("acd", "sq", segment("interact", 1, 11.003, queueId="Q", disconnectType="transfer"))
    second = participant("acd", "sr", segment("interact", 11.001, 60.002, queueId="R", disconnectType="transfer"))
    customer = participant("customer", "sc", segment("interact", 0, 60, disconnectType="system"))
    found = {each.id: each for each in told(conversation(customer, first, second, end=60))}
    assert found["sq:left"].time == found["sr:queued"].time
    assert found["c:ended"].time == found["sr:left"].time


def test_a_queue_that_an_agent_asked_was_none_of_the_customers() -> None:
    waited = participant("acd", "sr", segment("interact", 20, 21, queueId="R", disconnectType="transfer"))
    advisor = participant("agent", "sb", segment("interact", 21, 29, queueId="R", disconnectType="client"), user="ben")
    found = told(conversation(CUSTOMER, WAITED, AGENT, waited, advisor, end=60.003))
    assert [(type(each), each.id) for each in found if each.id.startswith(("sr:", "sb:"))] == [
        (Updated, "sr:queued"), (Updated, "sr:left"), (Updated, "sb:offered"), (Updated, "sb:connected"),
    ]  # fmt: skip


def test_who_advised_ends_nothing_when_the_agent_has_passed_the_customer_on() -> None:
    agent = participant("agent", "sa", segment("interact", 11, 40, queueId="Q", disconnectType="transfer"), user="a")
    advisor = participant("agent", "sb", segment("interact", 21, 29, disconnectType="client"), user="b")
    again = participant("acd", "sr", segment("interact", 40, 60, queueId="R", disconnectType="peer"))
    found = told(conversation(CUSTOMER, WAITED, agent, advisor, again, end=60))
    assert [each.time for each in found if type(each) is Ended] == [START + timedelta(seconds=60)]


def test_an_agent_who_takes_over_was_connected_and_the_first_one_has_transferred() -> None:
    first = participant(
        "agent", "sa", segment("interact", 11, 30, queueId="Q", disconnectType="consultTransfer"), user="a"
    )
    second = participant("agent", "sb", segment("interact", 25, 60, disconnectType="peer"), user="b")
    found = {each.id: each for each in told(conversation(CUSTOMER, WAITED, first, second, end=60))}
    assert type(found["sb:connected"]) is Answered
    assert (type(found["sa:transferred"]), found["sa:transferred"].data.kind) == (Transferred, "attended")
    assert found["c:ended"].time == START + timedelta(seconds=60)


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({"disconnectType": "transfer"}, "overflow"),
        ({"disconnectType": "timeout"}, "timeout"),
        ({"disconnectType": "error"}, "other"),
    ],
)
def test_a_stay_in_a_record_that_nobody_took_has_flowed_out(more: dict[str, str], outcome: str) -> None:
    found = told(conversation(participant("acd", "sq", segment("interact", 1, 11, queueId="Q", **more))))
    assert [getattr(each.data, "outcome", None) for each in found] == [None, outcome]


def test_a_record_knows_voicemail_and_abandons_by_their_metrics() -> None:
    voicemail = participant("voicemail", "sv", segment("interact", 11.01, 20))
    assert told(conversation(WAITED, voicemail))[1].data.outcome == "voicemail"
    metric = {"metrics": [{"name": "tAbandon", "value": 10000, "emitDate": at(11)}]}
    left = participant("acd", "sq", segment("interact", 1, 11, queueId="Q", disconnectType="system"), **metric)
    assert type(told(conversation(left))[1]) is Abandoned


@pytest.mark.parametrize(
    ("session", "channel"),
    [
        ({"mediaType": "VOICE"}, "phone"),
        ({"mediaType": "callback"}, "phone"),
        ({"mediaType": "EMAIL"}, "email"),
        ({"mediaType": "message", "messageType": "webmessaging"}, "chat"),
        ({"mediaType": "video"}, "video"),
        ({"mediaType": "MESSAGE", "messageType": "WHATSAPP"}, "social"),
        ({"mediaType": "MESSAGE"}, "social"),
        ({"mediaType": "MESSAGE", "messageType": "SOMETHING_NEW"}, "social"),
        ({"mediaType": "CHAT"}, "chat"),
    ],
)
def test_channels(session: dict[str, str], channel: str) -> None:
    assert one("customer.start", **session).data.channel == channel


def test_channels_can_be_set_and_what_is_unknown_is_refused_with_what_to_do() -> None:
    options = Options(channels={"sms": "social", "Fax": "email"})
    assert told(event("customer.start", mediaType="MESSAGE", messageType="SMS"), options)[0].data.channel == "social"
    assert told(event("customer.start", mediaType="FAX"), options)[0].data.channel == "email"
    reason, detail = refused(event("customer.start", mediaType="FAX"))
    assert (reason, "[sources.genesys.channels]" in detail) == ("invalid_field", True)


@pytest.mark.parametrize("media", ["COBROWSE", "screenshare", "SCREENMONITORING", "INTERNALMESSAGE", "UNKNOWN"])
def test_what_goes_along_with_a_session_is_nothing_of_a_customer_s(media: str) -> None:
    assert told(event("customer.start", mediaType=media)) == []
    assert told(conversation(participant("customer", "s", segment("interact", 0), mediaType=media))) == []


@pytest.mark.parametrize(
    ("session", "customer_id"),
    [
        ({"ani": "tel:+39061234"}, "tel:+39061234"),
        ({"ani": "sip:anonymous@x"}, None),
        ({}, None),
        ({"ani": "tel:+39069", "dnis": "tel:+39068", "direction": "OUTBOUND"}, "tel:+39068"),
        ({"mediaType": "CALLBACK", "callbackNumbers": ["+39067"]}, "tel:+39067"),
        ({"callbackNumbers": "no list"}, None),
        ({"mediaType": "EMAIL", "addressFrom": "A@B.org"}, "mailto:a@b.org"),
        ({"mediaType": "MESSAGE", "messageType": "WHATSAPP", "addressFrom": "+39066"}, "tel:+39066"),
        (
            {"mediaType": "MESSAGE", "messageType": "INSTAGRAM", "addressFrom": "17841400022"},
            "social:instagram:17841400022",
        ),
        ({"conversationExternalContactIds": ["E1"]}, "genesys:E1"),
        ({"conversationExternalContactIds": [7]}, None),
    ],
)
def test_who_it_is(session: dict[str, Any], customer_id: str | None) -> None:
    assert told(event("customer.start", **session))[0].data.customer_id == customer_id


def test_a_contact_that_is_told_with_an_address_is_an_alias_of_it() -> None:
    started, identified = told(event("customer.start", ani="tel:+39061234", conversationExternalContactIds=["E1"]))
    assert (type(identified), started.data.customer_id) == (Identified, "tel:+39061234")
    assert (identified.data.customer_id, identified.data.aliases) == ("tel:+39061234", ["genesys:E1"])


def test_only_the_customer_s_side_and_queues_say_who_and_which_way() -> None:
    found = one("user.start", userId="anna", queueId="Q", ani="tel:+39061234")
    assert (found.data.customer_id, found.data.direction) == (None, None)


def survey(**more: Any) -> list[Any]:
    told_ = {
        "surveyId": "v",
        "surveyStatus": "Finished",
        "surveyPromoterScore": 9,
        "surveyCompletedDate": at(99),
    } | more
    found = told(conversation(CUSTOMER, surveys=[told_]))
    return [each for each in found if type(each) is SurveyAnswered]


def test_a_survey_s_promoter_score_is_told_once_and_again_when_it_changes() -> None:
    (answer,) = survey()
    assert (answer.data.survey, answer.data.score, answer.data.customer_id) == ("nps", 9, "tel:+39061234")
    assert (answer.data.interaction_id, answer.data.channel, answer.id) == ("c", "phone", "survey:v")
    (again,) = survey(surveyPromoterScore=3, eventTime=at(120))
    assert (again.id, again.revision > answer.revision) == (answer.id, True)


def test_a_survey_without_an_answer_a_time_or_a_customer_is_none() -> None:
    assert survey(surveyStatus="Sent") == survey(surveyPromoterScore=None) == survey(surveyCompletedDate=None) == []
    nobody = participant("customer", "sc", segment("interact", 0, 60))
    assert kinds(
        told(conversation(nobody, surveys=[{"surveyId": "v", "surveyPromoterScore": 9, "eventTime": at(1)}]))
    ) == [Started]


@pytest.mark.parametrize(
    ("presence", "routing", "now", "reason"),
    [
        ("ON_QUEUE", "IDLE", "available", None),
        ("On Queue", "INTERACTING", "available", None),
        ("ON_QUEUE", "NOT_RESPONDING", "not_ready", "NOT_RESPONDING"),
        ("AVAILABLE", "OFF_QUEUE", "not_ready", "AVAILABLE"),
        ("offline", "OFF_QUEUE", "logged_out", "OFFLINE"),
        (None, "IDLE", "available", None),
        (None, "OFF_QUEUE", "not_ready", "OFF_QUEUE"),
        ("MEAL", None, "not_ready", "MEAL"),
    ],
)
def test_an_agent_is_available_only_on_queue(presence: Any, routing: Any, now: str, reason: str | None) -> None:
    body = {"eventTime": START_MS, "userId": "anna", "systemPresence": presence, "routingStatus": routing}
    (found,) = told({"topicName": "v2.detail.events.agent.anna.state", "eventBody": body})
    assert (type(found), found.data.presence, found.data.reason) == (AgentStateChanged, now, reason)
    assert found.time == START


def test_a_user_s_activity_tells_when_and_for_which_queues() -> None:
    body = {
        "id": "anna", "routingStatus": {"status": "IDLE", "startTime": at(3)}, "activeQueueIds": ["Q", 7],
        "presence": {"presenceDefinition": {"systemPresence": "ON_QUEUE"}, "modifiedDate": at(1)},
    }  # fmt: skip
    (found,) = told({"topicName": "v2.users.anna.activity", "eventBody": body})
    assert (found.data.presence, found.data.queues, found.time) == ("available", ["Q"], START + timedelta(seconds=3))


def test_the_envelope_of_eventbridge_changes_nothing() -> None:
    inner = event("acd.start", queueId="Q")
    outer = {"version": "0", "id": "x", "detail-type": "v2.detail.events.conversation.{id}.acd.start", "detail": inner}
    assert told(outer) == told(inner)
    assert told(outer | {"detail": {"eventBody": inner["eventBody"]}}) == told(inner)


def test_a_query_s_answer_is_its_records() -> None:
    record = conversation(CUSTOMER, WAITED, AGENT, end=60.003)
    assert told({"conversations": [record, record]}) == told(record) * 2
    assert told({"conversations": []}) == []


def test_what_is_set_as_instance_names_the_source() -> None:
    assert told(event("acd.start"), Options(instance="shop"))[0].source == "/genesys/shop"


def test_heartbeats_are_nothing_and_unknown_topics_are_skipped_by_name() -> None:
    assert told({"topicName": "channel.metadata", "eventBody": {"message": "WebSocket Heartbeat"}}) == []
    id_ = "0ed1f3c0-7f1a-4c49-8a7c-3a8b2f3f5d11"
    for topic in (f"v2.users.{id_}.presence", f"v2.detail.events.conversation.{id_}.acd.teleported"):
        found = genesys.convert(json.dumps({"topicName": topic, "eventBody": {}}).encode(), NONE)
        assert found == Skipped(topic.replace(id_, "{id}"))


@pytest.mark.parametrize(
    ("payload", "reason", "words"),
    [
        ({"x": 1}, "not_an_event", "topicName"),
        (event("acd.start", sessionId=None), "missing_field", "sessionId"),
        (event("acd.start", eventTime=None), "missing_field", "eventTime"),
        (event("acd.start", eventTime="soon"), "invalid_field", "eventTime"),
        (event("acd.start", mediaType=None), "missing_field", "mediaType"),
        (event("acd.end", acdOutcome="ANSWERED"), "missing_field", "answeredUserId"),
        (event("user.start"), "missing_field", "userId"),
        (event("acd.start", conversationId=None), "missing_field", "c"),
        ({"conversationId": "c"}, "missing_field", "conversationStart"),
        ({"participants": []}, "missing_field", "c"),
        (
            conversation(participant("acd", "s", {"segmentType": "interact"})),
            "missing_field",
            "segments[0].segmentStart",
        ),
        (conversation(participant("agent", "s", segment("interact", 0))), "missing_field", "userId"),
        (conversation(CUSTOMER, surveys=[{"surveyPromoterScore": 11, "eventTime": at(1)}]), "invalid_field", "0 to 10"),
        ({"topicName": "v2.detail.events.agent.a.state"}, "missing_field", "systemPresence"),
        ({"topicName": "v2.users.a.activity", "eventBody": {"routingStatus": "IDLE"}}, "missing_field", "eventTime"),
    ],
)
def test_what_is_at_fault_is_refused_with_its_place(payload: Any, reason: str, words: str) -> None:
    found = refused(payload)
    assert found[0] == reason
    assert words in found[1]


def test_whom_an_agent_calls_outside_is_not_the_customer() -> None:
    outside = participant("external", "sx", segment("interact", 35, 90, disconnectType="endpoint"), ani="tel:+39069")
    found = told(conversation(CUSTOMER, WAITED, AGENT, outside, end=90))
    assert [each.id for each in found if type(each) is Started] == ["sc:started"]
    alone = told(conversation(outside, end=90))
    assert (kinds(alone), alone[0].data.customer_id, alone[1].data.by) == ([Started, Ended], "tel:+39069", "customer")


def test_a_day_or_an_hour_of_one_digit_is_read() -> None:
    stay = participant("acd", "sq", {"segmentType": "interact", "segmentStart": "2026-11-2T9:05:00.250Z"})
    assert told(conversation(stay))[0].time == datetime(2026, 11, 2, 9, 5, 0, 250_000, UTC)


def test_one_word_has_many_spellings() -> None:
    spellings = (
        "noAnswerTransfer",
        "NO_ANSWER_TRANSFER",
        "no.answer.transfer",
        "No answer transfer",
        "no-answer-transfer",
    )
    assert {word(each) for each in spellings} == {"NO_ANSWER_TRANSFER"}


def test_the_life_cycle_has_every_way_of_telling() -> None:
    (path,) = (file for file in files(VENDORS["genesys"]) if file.path.name == "life_cycle.jsonl")
    payloads = [json.loads(each) for each in path.payloads()]
    assert {"topicName", "detail", "conversations", "conversationId"} <= {name for each in payloads for name in each}
