"""What Intercom's notifications mean, and what in them misleads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.rejected import Rejected, Skipped
from schemas.sources.conversion import Sending, convert
from schemas.sources.options import NONE, Options
from schemas.sources.vendors import VENDORS
from tests.schemas.payloads import files

VENDOR = VENDORS["intercom"]
ANA, BEN, TEAM = "4410001", "4410002", "6620001"
AT, AT_ISO = 1773306030, "2026-03-12T09:00:30Z"
USER = {"type": "user", "id": "60aa01", "user_id": "C-501", "email": "Lena@example.org"}
ADMIN = {"type": "admin", "id": ANA}


def note(topic: str, *parts: dict[str, Any], **item: Any) -> dict[str, Any]:
    told = {
        "type": "conversation", "id": "301", "created_at": AT - 30, "updated_at": AT, "state": "open", "user": USER,
        "assignee": {"type": "nobody_admin", "id": None},
        "conversation_message": {"id": "7301", "body": "<p>hi</p>", "author": USER},
        "conversation_parts": {"type": "conversation_part.list", "conversation_parts": parts},
    }  # fmt: skip
    return {
        "type": "notification_event", "id": "notif_1", "topic": f"conversation.{topic}", "app_id": "app",
        "created_at": AT + 2, "delivery_attempts": 1, "data": {"item": told | item},
    }  # fmt: skip


def part(kind: str, author: dict[str, Any] = ADMIN, *, body: str | None = None, to: Any = None) -> dict[str, Any]:
    return {
        "type": "conversation_part", "id": "5001", "part_type": kind, "body": body, "created_at": AT,
        "assigned_to": to, "author": author,
    }  # fmt: skip


def take(payload: dict[str, Any], options: Options = NONE) -> list[dict[str, Any]]:
    told = convert(VENDOR, json.dumps(payload).encode(), options)
    assert not isinstance(told, Skipped), told
    return [json.loads(each.value) for each in told if isinstance(each, Sending)]


def kinds(payload: dict[str, Any]) -> list[str]:
    return [each["type"].partition(".")[2] for each in take(payload) if each["type"].startswith("interaction.")]


def rejected(payload: dict[str, Any]) -> Rejected:
    with pytest.raises(Rejected) as caught:
        take(payload)
    return caught.value


HAS_IT = {"assignee": ADMIN}
TO_BEN, TO_TEAM, TO_NOBODY = ({"type": "admin", "id": BEN}, {"type": "team", "id": TEAM}, {"type": "nobody_admin"})
BOT = {"type": "bot", "id": "9"}


@pytest.mark.parametrize(
    ("topic", "told", "item", "wanted"),
    [
        ("admin.replied", part("comment", body="hi"), HAS_IT, ["message"]),
        ("admin.replied", part("open", body="hi"), HAS_IT, ["message", "reopened", "resumed", "answered"]),
        ("admin.replied", part("assignment", body="hi", to=TO_BEN), HAS_IT, ["message", "transferred", "answered"]),
        ("admin.opened", part("open"), HAS_IT, ["reopened", "resumed", "answered"]),
        ("admin.opened", part("open"), {}, ["reopened", "queued"]),
        ("admin.opened", part("open"), {"assignee": BOT}, ["reopened"]),
        ("admin.opened", part("assign_and_reopen", to=TO_NOBODY), HAS_IT, ["reopened", "queued"]),
        ("admin.open.assigned", part("assign_and_reopen", to=TO_BEN), {}, ["reopened", "answered"]),
        ("admin.assigned", part("assignment", to=ADMIN), {}, ["answered"]),
        ("admin.assigned", part("assignment", to=TO_BEN), {}, ["transferred", "answered"]),
        ("admin.assigned", part("assignment", BOT, to=TO_BEN), {}, ["answered"]),
        ("admin.assigned", part("assignment", to=TO_TEAM), {}, ["transferred", "queued"]),
        ("admin.assigned", part("default_assignment", BOT, to=TO_TEAM), {}, ["queued"]),
        ("admin.assigned", part("away_mode_assignment", BOT, to=TO_NOBODY), {}, ["queued"]),
        ("admin.assigned", part("assignment", to=TO_BEN), {"state": "closed"}, []),
        ("admin.assigned", part("assignment", to=BOT), {}, ["transferred"]),
        ("admin.snoozed", part("snoozed"), HAS_IT, ["held"]),
        ("admin.snoozed", part("snoozed"), {}, []),
        ("admin.unsnoozed", part("unsnoozed"), HAS_IT, ["resumed"]),
        ("admin.unsnoozed", part("timer_unsnooze", BOT), {}, []),
        ("admin.closed", part("close"), HAS_IT, ["ended"]),
        ("admin.closed", part("close", body="bye"), HAS_IT, ["message", "ended"]),
        ("admin.closed", part("close", body="bye"), {"state": "closed"}, ["answered", "message", "ended"]),
        ("admin.noted", part("note", body="vip"), {}, ["message"]),
        ("admin.noted", part("note_and_reopen", body="vip"), HAS_IT, ["message", "reopened", "resumed", "answered"]),
        ("user.replied", part("comment", USER, body="?"), {}, ["message"]),
        ("user.replied", part("open", USER, body="?"), HAS_IT, ["message", "reopened", "resumed", "answered"]),
        ("operator.replied", part("comment", BOT, body="try"), {}, ["message"]),
        ("admin.replied", part("conversation_attribute_updated_by_admin"), {}, []),
        ("admin.replied", part("participant_added", body="hm"), {}, []),
    ],
)
def test_the_type_of_the_part_says_what_happened(
    topic: str, told: dict[str, Any], item: dict[str, Any], wanted: list[str]
) -> None:
    assert kinds(note(topic, told, **item)) == wanted


def test_the_instant_is_the_parts_and_not_the_notifications() -> None:
    (told,) = take(note("admin.replied", part("comment", body="hi"), **HAS_IT))
    assert (told["time"], told["id"]) == (AT_ISO, "app-301/message/5001")
    assert rejected(note("admin.replied", part("comment") | {"created_at": 0})).reason == "missing_field"
    assert rejected(note("admin.replied", part("comment") | {"created_at": AT * 1000})).reason == "invalid_field"


def test_what_a_workflow_does_in_one_second_is_in_the_order_of_life() -> None:
    found = [
        *take(note("admin.closed", part("close", BOT))),
        *take(note("admin.assigned", part("assignment", BOT, to=TO_BEN))),
        *take(note("admin.assigned", part("assignment", BOT, to=TO_TEAM))),
    ]
    found.sort(key=lambda each: each["time"])
    assert [each["type"].partition(".")[2] for each in found] == ["queued", "answered", "ended"]


def test_a_team_that_a_rule_gives_it_to_at_once_is_the_one_that_it_began_with() -> None:
    began = next(each for each in take(note("user.created", created_at=AT)) if each["type"] == "interaction.queued")
    (routed,) = take(note("admin.assigned", part("assignment", BOT, to=TO_TEAM), created_at=AT))
    assert [routed[name] for name in ("source", "id", "time")] == [began[name] for name in ("source", "id", "time")]
    assert (began["data"]["queue"], routed["data"]["queue"], routed["revision"]) == ("unassigned", TEAM, 1)
    (later,) = take(note("admin.assigned", part("assignment", BOT, to=TO_TEAM), created_at=AT - 6))
    assert later["id"] != began["id"]
    assert kinds(note("admin.assigned", part("assignment", to=TO_TEAM), created_at=AT)) == ["transferred", "queued"]


@pytest.mark.parametrize(
    ("author", "wanted"),
    [
        (ADMIN, "agent"), (USER, "customer"), ({"type": "lead", "id": "1"}, "customer"),
        ({"type": "contact", "id": "1"}, "customer"), (BOT, "system"),
        (BOT | {"from_ai_agent": True}, "bot"), (ADMIN | {"from_ai_agent": True}, "bot"),
        ({"type": "team", "id": TEAM}, "system"), ({}, "system"),
    ],
)  # fmt: skip
def test_who_wrote_a_part(author: dict[str, Any], wanted: str) -> None:
    told = take(note("admin.replied", part("comment", author, body="hi"), **HAS_IT))[-1]["data"]
    assert (told["author"], told.get("agent_id")) == (wanted, ANA if wanted == "agent" else None)


def test_what_the_operator_says_while_people_have_it_is_no_bots() -> None:
    said = part("comment", BOT, body="we will be back soon")
    found = [take(note("operator.replied", said, assignee=each))[0] for each in (TO_TEAM, TO_NOBODY, BOT)]
    assert [each["data"]["author"] for each in found] == ["system", "bot", "bot"]


def test_who_replies_again_after_it_went_back_to_the_team_takes_it_again() -> None:
    replies = [part("comment", body="hi"), part("comment", body="hi") | {"id": "5002", "created_at": AT + 60}]
    ids = {take(note("admin.replied", each))[0]["id"] for each in replies}
    assert len(ids) == 2


def test_who_is_given_a_snoozed_conversation_has_it_parked() -> None:
    payload = note("admin.assigned", part("assignment", to=TO_BEN), state="snoozed", **HAS_IT)
    assert kinds(payload) == ["transferred", "answered", "held"]


def test_a_note_is_not_public_and_takes_nothing() -> None:
    (told,) = take(note("admin.noted", part("note", body="vip")))
    assert told["data"]["public"] is False


def test_a_public_reply_takes_a_conversation_that_is_open_and_nobodys() -> None:
    reply = part("comment", body="hi")
    assert kinds(note("admin.replied", reply)) == ["answered", "message"]
    assert kinds(note("admin.replied", reply, assignee=TO_TEAM)) == ["answered", "message"]
    assert kinds(note("admin.replied", reply, admin_assignee_id=int(ANA))) == ["message"]
    assert kinds(note("admin.replied", reply, state="closed")) == ["message"]


NEW = {
    "user": None, "conversation_message": None, "assignee": None,
    "contacts": {"contacts": [{"type": "contact", "id": "60aa01", "external_id": "C-501"}]},
    "source": {"type": "email", "id": "7301", "author": {"type": "user", "id": "60aa01", "email": "lena@example.org"}},
}  # fmt: skip


def test_the_older_and_the_newer_shape_tell_the_same() -> None:
    assert take(note("user.created", **NEW, admin_assignee_id=0), Options(channels={"email": "chat"})) == take(
        note("user.created")
    )
    (told,) = take(note("admin.assigned", part("assignment", to=ADMIN), **NEW, team_assignee_id=int(TEAM)))
    assert (told["data"]["channel"], told["data"]["queue"]) == ("email", TEAM)


def test_parts_come_as_a_list_or_in_an_object_or_not_at_all() -> None:
    reply = part("comment", body="hi")
    assert kinds(note("admin.replied", conversation_parts=[reply], **HAS_IT)) == ["message"]
    assert kinds(note("admin.replied", conversation_parts=reply, **HAS_IT)) == ["message"]
    for nothing in (None, [], {"type": "conversation_part.list", "total_count": 0}):
        assert rejected(note("admin.replied", conversation_parts=nothing)).reason == "missing_field"
        assert kinds(note("user.created", conversation_parts=nothing)) == ["started", "queued", "message"]


def test_a_conversation_that_a_bot_has_waits_for_nobody() -> None:
    assert kinds(note("user.created", ai_agent_participated=True)) == ["started", "message"]
    assert kinds(note("user.created", assignee=BOT)) == ["started", "message"]
    assert kinds(note("user.created", ai_agent_participated=True, **HAS_IT)) == [
        "started", "queued", "answered", "message",
    ]  # fmt: skip


def test_what_an_admin_begins_is_outbound_and_waits_for_nobody() -> None:
    first = {"id": "7301", "author": ADMIN}
    told = take(note("admin.single.created", conversation_message=first, **HAS_IT))
    assert told[0]["data"]["direction"] == "outbound"
    assert [each["type"] for each in told if each["type"] == "interaction.queued"] == []


def rated(rating: Any, at: int = AT) -> dict[str, Any]:
    told = note("rating.added", conversation_rating={"rating": rating, "created_at": AT, "remark": None})
    return told | {"created_at": at}


def test_a_rating_that_is_changed_replaces_the_first() -> None:
    (*_, first), (*_, second) = take(rated(4)), take(rated(2, AT + 60))
    assert (first["source"], first["id"]) == (second["source"], second["id"])
    assert first["revision"] < second["revision"]
    assert take(rated(None)) == []
    assert rejected(rated(7)).reason == "invalid_field"


def test_a_notification_that_is_tried_again_has_the_same_ids() -> None:
    for file in files(VENDOR):
        for payload in file.payloads():
            told = json.loads(payload) | {"delivery_attempts": 3, "delivered_at": 1, "id": "notif_2"}
            assert convert(VENDOR, json.dumps(told).encode(), NONE) == convert(VENDOR, payload, NONE)


@pytest.mark.parametrize(
    ("user", "customer"),
    [
        ({}, "C-501"), ({"user_id": None}, "mailto:lena@example.org"),
        ({"user_id": "", "email": ""}, "intercom:60aa01"),
        ({"user_id": None, "email": None, "phone": "+39 06 1234"}, "tel:+39061234"),
        ({"user_id": "x" * 129}, "mailto:lena@example.org"),
    ],
)  # fmt: skip
def test_the_customer_goes_by_the_best_name_there_is(user: dict[str, Any], customer: str) -> None:
    found = take(note("user.created", user=USER | user, conversation_message=None))
    assert found[0]["data"]["customer_id"] == customer
    aliases = [each["data"]["aliases"] for each in found if each["type"] == "customer.identified"]
    assert aliases == ([["intercom:60aa01", "mailto:lena@example.org"]] if customer == "C-501" else [])


def test_a_contact_that_gets_a_name_is_identified() -> None:
    item = {"type": "contact", "id": "60aa03", "external_id": None, "email": "vera@example.net", "updated_at": AT}
    payload = {"topic": "contact.email.updated", "app_id": "app", "created_at": AT, "data": {"item": item}}
    (told,) = take(payload)
    assert told["data"] == {"customer_id": "mailto:vera@example.net", "aliases": ["intercom:60aa03"]}
    item["email"] = None
    assert take(payload) == []


@pytest.mark.parametrize(
    ("kind", "channel"),
    [("conversation", "chat"), ("email", "email"), ("whatsapp", "social"), ("Instagram", "social"), ("sms", "chat"),
     ("phone_call", "phone"), ("something new", "chat"), (None, "chat")],
)  # fmt: skip
def test_by_which_channel_a_conversation_came(kind: str | None, channel: str) -> None:
    assert take(note("user.created", source={"type": kind}))[0]["data"]["channel"] == channel


def test_queues_and_agents_are_called_as_the_settings_say() -> None:
    options = Options(queues={TEAM: "support", "unassigned": "inbox"}, agents={BEN: "ben"})
    queued = next(each for each in take(note("user.created"), options) if each["type"] == "interaction.queued")
    assert (queued["source"], queued["data"]["queue"]) == ("/intercom/app", "inbox")
    transferred, queued = take(note("admin.assigned", part("assignment", to=TO_TEAM)), options)
    assert (transferred["data"]["to_queue"], queued["data"]["queue"]) == ("support", "support")
    (answered,) = take(note("admin.assigned", part("assignment", BOT, to=TO_BEN)), options)
    assert answered["data"]["agent_id"] == "ben"


def test_kinds_that_are_not_known_are_skipped_by_name() -> None:
    for topic in ("ticket.created", "conversation.teleported"):
        told = convert(VENDOR, json.dumps({"topic": topic, "data": {"item": {}}}).encode(), NONE)
        assert told == Skipped(topic)
    assert take({"topic": "ping"}) == []
    assert rejected({"data": {}}).reason == "missing_field"
    assert rejected({"topic": "conversation.user.created"}).reason == "missing_field"


@pytest.mark.parametrize(
    ("payload", "place"),
    [
        (note("user.created", id=None), "data.item.id"),
        (note("user.created", created_at=None), "data.item.created_at"),
        (
            note("admin.replied", part("comment") | {"id": None}),
            "data.item.conversation_parts.conversation_parts[0].id",
        ),
        (rated(5) | {"data": {"item": rated(5)["data"]["item"] | {"user": None}}}, "data.item.contacts"),
        (rated(5) | {"created_at": None}, "created_at"),
    ],
)
def test_what_an_event_cannot_do_without_is_named_when_it_lacks(payload: dict[str, Any], place: str) -> None:
    told = rejected(payload)
    assert (told.reason, told.detail.partition(" ")[0]) == ("missing_field", place)
