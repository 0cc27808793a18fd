"""What Chatwoot's webhooks mean, and what in them misleads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.rejected import Rejected, Skipped
from schemas.sources.conversion import Sending, convert
from schemas.sources.options import NONE, Options
from schemas.sources.vendors import VENDORS
from tests.schemas.payloads import files

VENDOR = VENDORS["chatwoot"]
LENA = {"id": 501, "name": "Lena", "email": "Lena@Example.org", "phone_number": "+49 30 1", "identifier": None}
AT = 1773133230.5
AT_ISO = "2026-03-10T09:00:30.500000Z"


def conversation(**more: Any) -> dict[str, Any]:
    told = {
        "id": 201, "inbox_id": 7, "channel": "Channel::WebWidget", "status": "open", "messages": [],
        "meta": {"sender": LENA, "assignee": None, "team": None}, "created_at": 1773133200, "updated_at": AT,
    }  # fmt: skip
    meta = told["meta"] | more.pop("meta", {})
    return told | more | {"meta": meta}


def changed(**fields: tuple[Any, Any]) -> list[dict[str, Any]]:
    return [{name: {"previous_value": a, "current_value": b}} for name, (a, b) in fields.items()]


def status(before: str, after: str, **more: Any) -> dict[str, Any]:
    changes = changed(status=(before, after))
    return conversation(event="conversation_status_changed", status=after, changed_attributes=changes, **more)


def updated(**more: Any) -> dict[str, Any]:
    fields = {name: more.pop(name) for name in ("assignee_id", "team_id") if name in more}
    return conversation(event="conversation_updated", changed_attributes=changed(**fields), **more)


def message(**more: Any) -> dict[str, Any]:
    told = {
        "event": "message_created", "id": 9001, "message_type": "incoming", "private": False, "content_type": "text",
        "created_at": "2026-03-10T09:00:00.180Z", "sender": LENA, "inbox": {"id": 7, "name": "Website"},
        "conversation": conversation(),
    }  # fmt: skip
    return told | more


def agent(number: int) -> dict[str, Any]:
    return {"assignee": {"id": number, "name": "Ana", "type": "user"}, "assignee_type": "User"}


BOT = {"assignee": {"id": 3, "name": "Helper", "type": "agent_bot"}, "assignee_type": "AgentBot"}


def take(payload: dict[str, Any], options: Options = NONE) -> list[dict[str, Any]]:
    told = convert(VENDOR, json.dumps(payload).encode(), options)
    assert not isinstance(told, Skipped), told
    assert all(isinstance(each, Sending) for each in told)
    return [json.loads(each.value) for each in told if isinstance(each, Sending)]


def kinds(payload: dict[str, Any]) -> list[str]:
    return [each["type"].partition(".")[2] for each in take(payload)]


def rejected(payload: dict[str, Any]) -> Rejected:
    with pytest.raises(Rejected) as caught:
        take(payload)
    return caught.value


def test_times_are_read_as_each_field_writes_them() -> None:
    (ended,) = take(status("open", "resolved"))
    assert ended["time"] == AT_ISO
    (told,) = take(message())
    assert told["time"] == "2026-03-10T09:00:00.180000Z"
    (told,) = take(message(created_at=1773133200))
    assert told["time"] == "2026-03-10T09:00:00Z"
    assert rejected(status("open", "resolved", updated_at=0)).reason == "missing_field"


def test_the_instant_of_a_change_is_its_own_and_not_that_of_the_payload() -> None:
    payload = updated(assignee_id=(None, 12), updated_at=AT + 60, meta=agent(12))
    payload["changed_attributes"] += changed(updated_at=("2026-03-10T09:00:00.000Z", "2026-03-10T09:00:30.500Z"))
    (answered,) = take(payload)
    assert (answered["time"], answered["id"]) == (AT_ISO, "7-201/update/1773133230500/answered")


@pytest.mark.parametrize(
    ("payload", "wanted"),
    [
        (updated(assignee_id=(None, 12), meta=agent(12)), ["answered"]),
        (updated(assignee_id=(12, 15), meta=agent(15)), ["transferred", "answered"]),
        (updated(assignee_id=(12, None)), ["queued"]),
        (updated(team_id=(None, 4)), ["queued"]),
        (updated(team_id=(None, 4), assignee_id=(None, 12), meta=agent(12)), ["queued", "answered"]),
        (updated(team_id=(4, 5), assignee_id=(12, None)), ["transferred", "queued"]),
        (updated(team_id=(4, 5), meta=agent(12)), ["transferred", "answered"]),
        (updated(assignee_id=(12, None), meta=BOT), ["transferred"]),
        (updated(priority=None), []),
        (updated(assignee_id=(None, 12), meta=agent(12), status="pending"), []),
        (updated(assignee_id=(12, None), status="resolved"), []),
    ],
)
def test_what_a_change_of_assignee_or_team_means(payload: dict[str, Any], wanted: list[str]) -> None:
    assert kinds(payload) == wanted


def test_a_team_that_it_gets_at_once_is_the_one_that_it_began_with() -> None:
    began = take(conversation(event="conversation_created"))[1]
    payload = {"updated_at": 1773133204.5, "meta": {"team": {"id": 4, "name": "billing"}}}
    (routed,) = take(updated(team_id=(None, 4), **payload))
    assert [routed[name] for name in ("source", "id", "time")] == [began[name] for name in ("source", "id", "time")]
    assert (began["data"]["queue"], routed["data"]["queue"], routed["revision"]) == ("7", "billing", 1)
    payload["meta"] |= agent(12)
    assert kinds(updated(team_id=(None, 4), assignee_id=(None, 12), **payload)) == ["queued", "answered"]
    assert kinds(updated(team_id=(4, 5), assignee_id=(15, 12), **payload)) == ["transferred", "answered"]


def test_who_is_taken_out_of_a_queue_by_the_change_that_put_them_there_is_so_afterwards() -> None:
    queued, answered = take(updated(team_id=(None, 4), assignee_id=(None, 12), meta=agent(12)))
    assert (queued["time"], answered["time"]) == (AT_ISO, "2026-03-10T09:00:30.501000Z")


@pytest.mark.parametrize(
    ("payload", "wanted"),
    [
        (status("open", "resolved"), ["ended"]),
        (status("resolved", "open"), ["reopened", "queued"]),
        (status("resolved", "open", meta=agent(12)), ["reopened", "answered"]),
        (status("resolved", "pending"), ["reopened"]),
        (status("resolved", "snoozed", meta=agent(12)), ["reopened", "answered", "held"]),
        (status("pending", "open"), ["queued"]),
        (status("pending", "open", meta=agent(12)), ["queued", "answered"]),
        (status("open", "pending"), ["flowed_out"]),
        (status("open", "pending", meta=agent(12)), ["transferred"]),
        (status("open", "snoozed", meta=agent(12)), ["held"]),
        (status("open", "snoozed"), ["held"]),
        (status("snoozed", "open", meta=agent(12)), ["resumed"]),
        (status("snoozed", "open"), ["resumed"]),
        (status("snoozed", "resolved"), ["ended"]),
    ],
)
def test_what_a_change_of_status_means(payload: dict[str, Any], wanted: list[str]) -> None:
    assert kinds(payload) == wanted


def test_a_change_of_status_that_comes_as_an_update_too_counts_once() -> None:
    told = status("open", "resolved")
    assert kinds(told) == ["ended"]
    assert kinds(told | {"event": "conversation_updated"}) == []


def test_who_is_given_a_snoozed_conversation_has_it_parked() -> None:
    payload = updated(assignee_id=(15, 12), status="snoozed", meta=agent(12))
    assert kinds(payload) == ["transferred", "answered", "held"]


def test_who_gives_a_conversation_to_a_bot_has_it_no_longer() -> None:
    fields = changed(assignee_id=(15, None), status=("open", "pending"))
    payload = conversation(event="conversation_updated", changed_attributes=fields, status="pending", meta=BOT)
    assert kinds(payload) == ["transferred"]


def test_who_opens_what_was_anothers_takes_the_place_of_the_one_whom_the_status_told() -> None:
    opened = status("resolved", "open", meta=agent(15), updated_at=AT)
    fields = changed(assignee_id=(15, 12), updated_at=(AT_ISO, "2026-03-10T09:00:30.520000Z"))
    taken = conversation(event="conversation_updated", changed_attributes=fields, meta=agent(12))
    first = next(each for each in take(opened) if each["type"] == "interaction.answered")
    second = next(each for each in take(taken) if each["id"] == first["id"])
    assert (second["revision"], second["data"]["agent_id"]) == (1, "12")


def test_who_replies_again_after_it_went_back_to_the_queue_answers_again() -> None:
    sender = {"id": 12, "type": "user"}
    first = message(message_type="outgoing", sender=sender)
    second = message(message_type="outgoing", sender=sender, id=9002, created_at="2026-03-10T10:00:00.180Z")
    ids = {each["id"] for payload in (first, second) for each in take(payload) if "answered" in each["type"]}
    assert len(ids) == 2


def test_who_becomes_the_assignee_by_closing_had_it_just_before() -> None:
    closed = {"status": "resolved", "meta": agent(12)}
    payload = updated(assignee_id=(None, 12), **closed)
    payload["changed_attributes"] += changed(status=(0, 1))
    (answered,) = take(payload)
    assert answered["time"] == "2026-03-10T09:00:30.499000Z"
    for more in ({"assignee_id": (15, 12)}, {"team_id": (None, 4)}):
        payload = updated(**more, **closed)
        payload["changed_attributes"] += changed(status=("open", "resolved"))
        assert take(payload) == []


@pytest.mark.parametrize("changes", [None, [], {}])
def test_a_change_of_status_at_creation_has_no_changes(changes: Any) -> None:
    assert take(status("open", "open") | {"changed_attributes": changes}) == []


def test_an_update_that_lists_every_column_tells_the_creation_with_the_same_ids() -> None:
    created = conversation(event="conversation_created", updated_at=1773133200.25)
    listed = created | {
        "event": "conversation_updated",
        "changed_attributes": changed(id=(None, 40201), status=(None, "open"), created_at=(None, "2026-03-10")),
    }
    assert kinds(created) == ["started", "queued"]
    assert take(listed) == take(created)


def test_who_has_a_conversation_at_its_creation_is_believed_while_nothing_has_changed_since() -> None:
    assert kinds(conversation(event="conversation_created", updated_at=1773133200.9, meta=agent(12))) == [
        "started", "queued", "answered",
    ]  # fmt: skip
    assert kinds(conversation(event="conversation_created", updated_at=1773133240.9, meta=agent(12))) == [
        "started", "queued",
    ]  # fmt: skip


def test_a_bot_is_no_assignee() -> None:
    assert kinds(status("open", "snoozed", meta=BOT)) == []
    assert kinds(conversation(event="conversation_created", updated_at=1773133200.9, status="pending")) == ["started"]


@pytest.mark.parametrize(
    ("more", "author"),
    [
        ({"message_type": "incoming"}, "customer"),
        ({"message_type": 0}, "customer"),
        ({"message_type": "outgoing", "sender": {"id": 12, "type": "user"}}, "agent"),
        ({"message_type": 1, "sender": {"id": 12, "type": "user"}}, "agent"),
        ({"message_type": "outgoing", "sender": {"id": 3, "type": "agent_bot"}}, "bot"),
        ({"message_type": "outgoing", "sender": {"id": 3, "type": "captain_assistant"}}, "bot"),
        ({"message_type": "outgoing", "sender": None}, "system"),
        ({"message_type": "outgoing", "sender": None, "content_attributes": {"external_echo": True}}, "agent"),
        ({"message_type": "template", "sender": None}, "system"),
        ({"message_type": "activity", "sender": None}, "system"),
    ],
)
def test_who_wrote_a_message(more: dict[str, Any], author: str) -> None:
    told = take(message(**more))[-1]["data"]
    assert (told["author"], told.get("public", True)) == (author, True)


def test_a_private_note_is_not_public_and_takes_nothing() -> None:
    (told,) = take(message(message_type="outgoing", sender={"id": 12, "type": "user"}, private=True))
    assert told["data"]["public"] is False


@pytest.mark.parametrize(
    ("meta", "state", "takes"), [({}, "open", True), (agent(15), "open", False), ({}, "resolved", False)]
)
def test_a_public_reply_takes_a_conversation_that_is_open_and_nobodys(meta: Any, state: str, takes: bool) -> None:
    told = conversation(meta=meta, status=state)
    found = take(message(message_type="outgoing", sender={"id": 12, "type": "user"}, conversation=told))
    assert [each["type"] for each in found] == ["interaction.answered"] * takes + ["interaction.message"]


def rated(rating: Any, at: float = AT) -> dict[str, Any]:
    answer = {"submitted_values": {"csat_survey_response": {"rating": rating, "feedback_message": ""}}}
    return message(
        event="message_updated", id=815, message_type="template", content_type="input_csat",
        content_attributes=answer, conversation=conversation(status="resolved", updated_at=at),
    )  # fmt: skip


def test_an_answer_to_the_survey_that_is_changed_replaces_the_first() -> None:
    (first,), (second,) = take(rated(4)), take(rated("5", AT + 240))
    assert (first["source"], first["id"]) == (second["source"], second["id"])
    assert first["revision"] < second["revision"]
    assert [each["data"]["score"] for each in (first, second)] == [4, 5]
    assert take(rated(None)) == []
    assert rejected(rated(9)).reason == "invalid_field"


@pytest.mark.parametrize(
    ("sender", "channel", "customer"),
    [
        ({"identifier": "C-501"}, "Channel::WebWidget", "C-501"),
        ({}, "Channel::WebWidget", "mailto:lena@example.org"),
        ({"email": None}, "Channel::Whatsapp", "tel:+49301"),
        ({"email": None, "phone_number": ""}, "Channel::Telegram", "social:telegram:77"),
        ({"email": None, "phone_number": None}, "Channel::WebWidget", "chatwoot:501"),
        ({"email": None, "phone_number": None, "id": None}, "Channel::WebWidget", None),
        ({"identifier": "x" * 129}, "Channel::Api", "mailto:lena@example.org"),
    ],
)
def test_the_customer_goes_by_the_best_name_there_is(sender: Any, channel: str, customer: str | None) -> None:
    told = conversation(
        event="conversation_created", channel=channel, meta={"sender": LENA | sender},
        contact_inbox={"source_id": "77"},
    )  # fmt: skip
    assert take(told)[0]["data"].get("customer_id") == customer


def test_the_companys_own_id_of_a_customer_comes_with_the_aliases_under_one_id() -> None:
    known = {"sender": LENA | {"identifier": "C-501"}}
    created = take(conversation(event="conversation_created", meta=known))
    (told,) = (each for each in created if each["type"] == "customer.identified")
    assert told["data"]["aliases"] == ["chatwoot:501", "mailto:lena@example.org", "tel:+49301"]
    assert told in take(message(conversation=conversation(meta=known)))
    assert "lena" not in told["id"].lower()


def test_channels_queues_and_agents_are_called_as_the_settings_say() -> None:
    options = Options(
        instance="eu", queues={"7": "website", "team:4": "billing"}, agents={"12": "ana"},
        channels={"WebWidget": "video", "Channel::Api": "social"},
    )  # fmt: skip
    queued = take(conversation(event="conversation_created"), options)[1]
    assert (queued["source"], queued["data"]["interaction_id"]) == ("/chatwoot/eu", "eu-7-201")
    assert (queued["data"]["channel"], queued["data"]["queue"]) == ("video", "website")
    team = {"team": {"id": 4, "name": "Billing EU"}, **agent(12)}
    answered = take(updated(assignee_id=(None, 12), meta=team, channel="Channel::Api"), options)[0]["data"]
    assert (answered["channel"], answered["queue"], answered["agent_id"]) == ("social", "billing", "ana")


def test_a_team_that_has_changed_again_since_goes_by_its_id() -> None:
    (queued,) = take(updated(team_id=(None, 4), meta={"team": {"id": 5, "name": "sales"}}))
    assert queued["data"]["queue"] == "team:4"


def test_the_same_payload_under_another_delivery_has_the_same_ids() -> None:
    for file in files(VENDOR):
        for payload in file.payloads():
            told = json.loads(payload) | {"delivery": "2", "new_field": [1]}
            assert convert(VENDOR, json.dumps(told).encode(), NONE) == convert(VENDOR, payload, NONE)


def test_kinds_that_are_not_known_are_skipped_by_name() -> None:
    assert convert(VENDOR, b'{"event": "conversation_teleported"}', NONE) == Skipped("conversation_teleported")
    assert convert(VENDOR, b'{"event": "message.created", "data": {}}', NONE) == Skipped("message.created")
    assert take({"event": "conversation_typing_on"}) == []
    assert rejected({"id": 1}).reason == "missing_field"
    assert rejected({"event": "message_created", "id": 1}).reason == "missing_field"


@pytest.mark.parametrize(
    ("payload", "place"),
    [
        (message(created_at=None), "created_at"),
        (message(conversation={}), "conversation.id"),
        (conversation(event="conversation_created", created_at=0), "created_at"),
        (conversation(event="conversation_created", inbox_id=None), "inbox_id"),
        (rated(5) | {"conversation": conversation(meta={"sender": {}})}, "conversation.meta.sender.id"),
    ],
)
def test_what_an_event_cannot_do_without_is_named_when_it_lacks(payload: dict[str, Any], place: str) -> None:
    told = rejected(payload)
    assert (told.reason, told.detail.partition(" ")[0]) == ("missing_field", place)


def test_a_contact_is_identified_once_it_has_a_name_and_a_time() -> None:
    changes = changed(updated_at=(None, "2026-03-10T09:00:30.500Z"))
    (told,) = take(LENA | {"event": "contact_updated", "changed_attributes": changes})
    assert (told["time"], told["data"]["customer_id"]) == (AT_ISO, "mailto:lena@example.org")
    assert take(LENA | {"event": "contact_updated", "changed_attributes": None}) == []
    assert take(LENA | {"event": "contact_updated", "changed_attributes": changes, "email": None}) == []
