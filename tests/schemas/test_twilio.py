"""TaskRouter's events, by callbacks and by streams, become one history each."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from schemas.events import (
    Abandoned,
    AgentStateChanged,
    Answered,
    Declined,
    Ended,
    FlowedOut,
    Identified,
    Offered,
    Queued,
    Started,
    Transferred,
    WrappedUp,
)
from schemas.rejected import Rejected, Skipped
from schemas.sources import twilio
from schemas.sources.options import NONE, Options
from schemas.sources.vendors import VENDORS
from tests.schemas.payloads import files, folder_of

FOLDER = folder_of(VENDORS["twilio"])
TASK, QUEUE, RESERVATION = "WT" + "1" * 32, "WQ" + "2" * 32, "WR" + "3" * 32
AT = datetime(2026, 11, 20, 9, 0, 0, 250_000, UTC)


def fields(kind: str, attributes: dict[str, Any] | None = None, **more: Any) -> dict[str, str]:
    told = {
        "EventType": kind, "AccountSid": "AC1", "Sid": "EV1", "Timestamp": "1795165200",
        "TimestampMs": "1795165200250", "TaskSid": TASK, "TaskChannelUniqueName": "voice", "TaskQueueSid": QUEUE,
        "TaskQueueName": "Support", "TaskQueueEnteredDate": "1795165100", "WorkerSid": "WK1", "WorkerName": "ben",
        "ReservationSid": RESERVATION, "TaskAssignmentStatus": "assigned",
        "TaskAttributes": json.dumps({"from": "+393400000001", "direction": "inbound"} | (attributes or {})),
    }  # fmt: skip
    told |= {name: str(value) for name, value in more.items()}
    return {name: value for name, value in told.items() if value != "None"}


def told(kind: str, attributes: dict[str, Any] | None = None, options: Options = NONE, **more: Any) -> list[Any]:
    found = twilio.convert(urlencode(fields(kind, attributes, **more)).encode(), options)
    assert not isinstance(found, Skipped)
    return list(found)


def refused(payload: bytes) -> tuple[str, str]:
    with pytest.raises(Rejected) as caught:
        twilio.convert(payload, NONE)
    return caught.value.reason, caught.value.detail


def test_callbacks_and_streams_tell_the_same_events_byte_for_byte() -> None:
    one, other = FOLDER / "event_callbacks.txt.events.jsonl", FOLDER / "event_streams.jsonl.events.jsonl"
    assert one.read_bytes() == other.read_bytes()


def test_a_batch_of_a_stream_is_the_same_as_its_events_one_by_one() -> None:
    lines = (FOLDER / "event_streams.jsonl.events.jsonl").read_bytes().splitlines()
    assert (FOLDER / "event_streams_batch.json.events.jsonl").read_bytes().splitlines() == lines[:2]


def test_the_account_is_the_source_and_the_event_s_own_sid_the_id() -> None:
    (event,) = told("reservation.accepted")
    assert (event.source, event.id, event.time) == ("/twilio/AC1", "EV1", AT)
    (event,) = told("reservation.accepted", options=Options(instance="rome"), AccountSid=None)
    assert event.source == "/twilio/rome"
    assert told("reservation.accepted", AccountSid=None)[0].source == "/twilio"


def test_an_instant_is_told_in_milliseconds_or_else_in_seconds_by_the_field_s_name() -> None:
    assert told("task.created", TimestampMs=None)[0].time == AT.replace(microsecond=0)
    assert refused(urlencode(fields("task.created", Timestamp="", TimestampMs="")).encode())[0] == "missing_field"


def test_a_reservation_rings_and_only_its_acceptance_is_an_answer() -> None:
    (offered,), (answered,) = told("reservation.created"), told("reservation.accepted")
    assert (type(offered), type(answered)) == (Offered, Answered)
    assert (answered.data.agent_id, answered.data.queue, answered.data.segment_id) == ("ben", "Support", RESERVATION)


@pytest.mark.parametrize(
    ("kind", "result"),
    [("timeout", "no_answer"), ("rejected", "rejected"), ("rescinded", "no_answer"), ("failed", "error")],
)
def test_an_offer_that_was_not_taken_is_declined(kind: str, result: str) -> None:
    (event,) = told(f"reservation.{kind}")
    assert (type(event), event.data.result, event.data.queue) == (Declined, result, "Support")


def test_a_caller_who_hangs_up_while_it_rings_is_no_decline_of_the_agent() -> None:
    assert told("reservation.canceled", TaskAssignmentStatus="canceled") == []
    assert told("reservation.canceled", TaskAssignmentStatus="pending")[0].data.result == "error"


def test_a_stay_in_a_queue_is_told_once_by_whatever_tells_it() -> None:
    entered, moved = told("task-queue.entered"), told("task-queue.moved", Sid="EV2", TimestampMs="1795165200251")
    assert type(entered[0]) is Queued
    assert entered[0].id == moved[0].id
    assert told("task-queue.entered", TaskQueueEnteredDate="1795165101")[0].id != entered[0].id
    assert told("task-queue.entered", TaskQueueEnteredDate=None)[0].id == "EV1"


def test_leaving_a_queue_is_told_once_and_the_cancelation_knows_better() -> None:
    (timeout,) = told("task-queue.timeout")
    left, ended = told("task.canceled", Sid="EV2", TaskCanceledReason="Voicemail requested")
    assert (timeout.data.outcome, left.data.outcome, type(ended)) == ("timeout", "voicemail", Ended)
    assert timeout.id == left.id
    assert timeout.revision < left.revision


@pytest.mark.parametrize("reason", ["hangup", "Caller hung up", "customer left", "Abandoned", "disconnected"])
def test_a_customer_who_hangs_up_has_abandoned(reason: str) -> None:
    abandoned, ended = told("task.canceled", TaskCanceledReason=reason)
    assert (type(abandoned), ended.data.by) == (Abandoned, "customer")


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("Voice mail", "voicemail"),
        ("call-back wanted", "callback"),
        ("Workflow timed out", "timeout"),
        ("Task TTL Exceeded", "timeout"),
        ("overflow", "overflow"),
        ("manager said so", "other"),
        ("", "other"),
    ],
)
def test_a_task_that_was_canceled_for_another_reason_has_flowed_out(reason: str, outcome: str) -> None:
    left, ended = told("task.canceled", TaskCanceledReason=reason)
    assert (type(left), left.data.outcome, ended.data.by) == (FlowedOut, outcome, "system")


def test_what_a_reason_means_can_be_set() -> None:
    options = Options(outcomes={"Hangup after hours": "closed"})
    assert told("task.canceled", options=options, TaskCanceledReason="hangup after HOURS")[0].data.outcome == "closed"


def test_a_task_that_was_in_no_queue_only_ends() -> None:
    found = told("task.canceled", TaskQueueSid=None, TaskQueueName=None, TaskCanceledReason="IVR task")
    assert [type(each) for each in found] == [Ended]


def test_the_end_of_a_task_is_told_once_and_soonest_by_the_highest_revision() -> None:
    ends = [
        told("task.completed", TaskAssignmentStatus="completed")[0],
        told("reservation.completed", TaskAssignmentStatus="completed")[0],
        told("task.wrapup", TaskAssignmentStatus="wrapping")[0],
        told("reservation.wrapup", TaskAssignmentStatus="wrapping")[0],
    ]
    assert {(type(each), each.id) for each in ends} == {(Ended, f"{TASK}:ended")}
    assert [each.revision for each in ends] == [0, 1, 2, 3]


def test_completion_is_the_end_of_wrap_up() -> None:
    (event,) = told("reservation.completed", {"conversations": {"outcome": "sold"}}, TaskAssignmentStatus="wrapping")
    assert (type(event), event.data.agent_id, event.data.disposition) == (WrappedUp, "ben", "sold")


def test_an_agent_whom_the_customer_outstays_has_transferred_and_that_is_told_once() -> None:
    taken_over = told(
        "task.transfer-completed", TransferInitiatingReservationSid=RESERVATION, TransferMode="WARM",
        TransferType="QUEUE", TransferTo=QUEUE, Sid="EV9",
    )[0]  # fmt: skip
    wrapup = told("reservation.wrapup")[0]
    completed = told("reservation.completed")[0]
    assert {(type(each), each.id) for each in (taken_over, wrapup, completed)} == {
        (Transferred, f"{RESERVATION}:transferred")
    }
    assert taken_over.revision < completed.revision < wrapup.revision
    assert (taken_over.data.kind, taken_over.data.to_queue, taken_over.data.to_agent) == ("attended", "Support", None)


def test_a_cold_transfer_to_a_worker_is_blind() -> None:
    (event,) = told("task.transfer-completed", TransferMode="COLD", TransferType="WORKER", TransferTo="WK7")
    assert (event.id, event.data.kind, event.data.to_agent, event.data.to_queue) == ("EV1", "blind", "WK7", None)


def test_a_transfer_to_a_queue_that_came_to_nothing_leaves_that_queue() -> None:
    assert told("task.transfer-failed", TransferType="QUEUE")[0].data.outcome == "other"
    assert told("task.transfer-canceled", TransferType="WORKER") == []


def test_deleting_what_is_over_ends_nothing() -> None:
    assert told("task.system-deleted", TaskAssignmentStatus="completed") == []
    assert told("task.deleted", TaskAssignmentStatus="pending")[0].data.by == "system"


@pytest.mark.parametrize(
    ("name", "attributes", "channel"),
    [
        ("voice", {}, "phone"),
        ("chat", {"channelType": "web"}, "chat"),
        ("chat", {"channelType": "whatsapp"}, "social"),
        ("sms", {}, "chat"),
        ("Email", {}, "email"),
        ("video", {}, "video"),
        ("default", {"call_sid": "CA1"}, "phone"),
        ("default", {"channelType": "web"}, "chat"),
        ("default", {"channelType": 7, "call_sid": "CA1"}, "phone"),
    ],
)
def test_the_attribute_refines_the_task_channel(name: str, attributes: dict[str, Any], channel: str) -> None:
    assert told("task.created", attributes, TaskChannelUniqueName=name)[0].data.channel == channel


def test_channels_can_be_set_and_an_unknown_one_is_refused_with_what_to_do() -> None:
    options = Options(channels={"fax": "email", "chat": "social"})
    assert told("task.created", options=options, TaskChannelUniqueName="fax")[0].data.channel == "email"
    found = told("task.created", {"channelType": "web"}, options, TaskChannelUniqueName="chat")
    assert found[0].data.channel == "social"
    reason, detail = refused(urlencode(fields("task.created", TaskChannelUniqueName="fax")).encode())
    assert (reason, "[sources.twilio.channels]" in detail) == ("invalid_field", True)


@pytest.mark.parametrize(
    ("attributes", "customer_id"),
    [
        ({}, "tel:+393400000001"),
        ({"customers": {"customer_id": "C-7", "email": "A@b.org"}}, "C-7"),
        ({"from": "anonymous"}, None),
        ({"from": "+266696687"}, None),
        ({"from": {"odd": 1}}, None),
        ({"from": "client:anna", "caller": "+39 06 1234"}, "tel:+39061234"),
        ({"from": "sip:anna@shop.sip.twilio.com"}, None),
        ({"direction": "outbound", "outbound_to": "+3906999"}, "tel:+3906999"),
        ({"customers": {"customer_id": "x" * 129}}, "tel:+393400000001"),
    ],
)
def test_who_calls(attributes: dict[str, Any], customer_id: str | None) -> None:
    assert told("task.created", attributes)[0].data.customer_id == customer_id


@pytest.mark.parametrize(
    ("attributes", "customer_id"),
    [
        ({"from": "Anna", "customerAddress": "web-1"}, "twilio:web-1"),
        ({"customerAddress": "whatsapp:+39061234", "from": ""}, "tel:+39061234"),
        ({"customerAddress": "messenger:99", "from": ""}, "social:facebook:99"),
        ({"customers": {"email": "A@b.org"}}, "mailto:a@b.org"),
        ({"customerAddress": "4711001", "from": "4711001"}, "twilio:4711001"),
        ({"customerAddress": "4711001", "from": "", "customers": {"phone": "061234"}}, "tel:061234"),
        ({"from": ""}, None),
    ],
)
def test_who_writes(attributes: dict[str, Any], customer_id: str | None) -> None:
    assert told("task.created", attributes, TaskChannelUniqueName="chat")[0].data.customer_id == customer_id


def test_a_customer_known_by_an_id_of_the_house_is_identified_by_number_and_address() -> None:
    attributes = {"customers": {"customer_id": "C-7", "email": "A@b.org"}}
    _, identified = told("task.created", attributes)
    assert (type(identified), identified.data.aliases) == (Identified, ["tel:+393400000001", "mailto:a@b.org"])


def test_a_call_is_its_conversation_where_that_has_an_id_and_a_chat_its_task() -> None:
    call, own = "CA" + "4" * 32, {"conversations": {"conversation_id": 4711}}
    linked = {"conversations": {"conversation_id": call}}
    assert told("task.created", linked)[0].data.interaction_id == call
    assert told("task.created", own)[0].data.interaction_id == "AC1-4711"
    assert told("task.created", {"conversations": {"conversation_id": "x" * 200}})[0].data.interaction_id == TASK
    second = told("task.created", {"conversations": {"conversation_id": "WT" + "5" * 32}}, TaskChannelUniqueName="chat")
    assert (second[0].data.interaction_id, second[0].data.initiation) == (TASK, "transfer")


def test_a_callback_was_asked_for_by_the_customer() -> None:
    assert told("task.created", {"taskType": "callback", "direction": "outbound"})[0].data.initiation == "callback"
    assert told("task.created", {"direction": "outbound-api"})[0].data.initiation == "agent"


@pytest.mark.parametrize(
    ("activity", "flag", "presence", "reason"),
    [
        ("Available", None, "available", None),
        ("idle", None, "available", None),
        ("Offline", None, "logged_out", "Offline"),
        ("Logged Out", None, "logged_out", "Logged Out"),
        ("Break", None, "not_ready", "Break"),
        ("On a case", "true", "available", None),
        ("Available", "false", "not_ready", "Available"),
        ("Offline", "False", "logged_out", "Offline"),
    ],
)
def test_an_activity_is_a_presence(activity: str, flag: str | None, presence: str, reason: str | None) -> None:
    (event,) = told("worker.activity.update", WorkerActivityName=activity, WorkerAvailable=flag, TaskSid=None)
    assert (type(event), event.data.presence, event.data.reason) == (AgentStateChanged, presence, reason)


def test_names_are_ours_where_they_are_set() -> None:
    options = Options(queues={QUEUE: "help"}, agents={"WK1": "benedetto"})
    (event,) = told("reservation.accepted", options=options)
    assert (event.data.queue, event.data.agent_id) == (QUEUE, "WK1")
    assert told("reservation.accepted", WorkerName=None, TaskQueueName=None)[0].data.queue == QUEUE


def test_kinds_of_no_matter_give_nothing_and_unknown_ones_are_skipped_by_name() -> None:
    assert all(told(kind) == [] for kind in twilio.OF_NO_MATTER)
    assert twilio.convert(b"EventType=task.teleported", NONE) == Skipped("task.teleported")
    assert twilio.convert(b'{"type":"com.twilio.video.x","data":{}}', NONE) == Skipped("com.twilio.video.x")


def test_attributes_that_are_no_object_say_nothing() -> None:
    (event,) = told("task.created", TaskAttributes="[1, 2]")
    assert type(event) is Started
    assert event.data.customer_id is None


@pytest.mark.parametrize(
    ("payload", "reason", "words"),
    [
        (b"", "not_json", "no field"),
        (b"hello", "not_json", "no field"),
        (b"a=1&a=2", "not_an_event", "a is there twice"),
        (b"EventType=%ff", "not_json", "EventType is not UTF-8"),
        (b"EventType=%zz", "not_json", "%25"),
        (b"EventType=%", "not_json", "%25"),
        (b"a=\xff", "not_json", "byte 2"),
        (b"a=1", "not_an_event", "no EventType"),
        (b"&".join(b"a%d=" % n for n in range(1001)), "not_an_event", "1001 fields"),
        (b"a=" + b"x" * 1024 * 1024, "too_large", "at most"),
        (b"{", "not_json", ""),
        (b"[]", "not_an_event", "a list"),
        (b'{"type":"com.twilio.taskrouter.task.created","data":7}', "missing_field", "data.payload"),
        (b'{"id":"EZ1"}', "not_an_event", "CloudEvents"),
        (b'{"type":"com.twilio.taskrouter.task.created","data":{"payload":"{"}}', "invalid_field", "data.payload"),
    ],
)
def test_what_is_no_event_of_taskrouter_is_refused_in_clear_words(payload: bytes, reason: str, words: str) -> None:
    found = refused(payload)
    assert found[0] == reason
    assert words in found[1]


def test_a_payload_of_a_stream_may_be_told_as_a_text() -> None:
    event = json.loads((FOLDER / "event_streams.jsonl").read_bytes().splitlines()[0])
    plain = twilio.convert(json.dumps(event).encode(), NONE)
    event["data"]["payload"] = json.dumps(event["data"]["payload"])
    assert twilio.convert(json.dumps(event).encode(), NONE) == plain


def test_every_mapped_kind_has_an_example() -> None:
    shown = {
        dict(parse_qsl(payload.decode())).get("EventType")
        for file in files(VENDORS["twilio"])
        if file.path.suffix == ".txt"
        for payload in file.payloads()
    }
    assert {*twilio._OF_TASKS, *twilio._OF_WORKERS} <= shown


def test_a_wrap_up_of_a_task_that_is_still_called_assigned_is_no_transfer_once_the_task_is_completed_with_it() -> None:
    (left,) = told("reservation.wrapup", TaskAssignmentStatus="assigned")
    assert isinstance(left, Transferred)
    taken_back = next(
        each for each in told("reservation.completed", TaskAssignmentStatus="completed") if each.id == left.id
    )
    assert type(taken_back).__name__ == "Updated"
    assert taken_back.revision > left.revision
