"""What Zendesk's events mean, and what in them misleads."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from schemas.rejected import Rejected, Skipped
from schemas.sources.conversion import Sending, convert
from schemas.sources.options import NONE, Options
from schemas.sources.vendors import VENDORS
from tests.schemas.payloads import files

VENDOR = VENDORS["zendesk"]
AGENT = {"type": "zen:event-type:agent.unified_state_changed", "detail": {"agent_id": "1"}}
GROUP, ANA, BEN, MARTA = "3600101", "900001", "900002", "55001"


def event(kind: str, told: dict[str, Any] | None = None, **ticket: Any) -> dict[str, Any]:
    detail = {
        "id": "501", "status": "OPEN", "group_id": GROUP, "assignee_id": None, "requester_id": MARTA,
        "submitter_id": MARTA, "actor_id": ANA, "via": {"channel": "web"}, "created_at": "2026-03-11T08:00:00Z",
        "updated_at": "2026-03-11T08:20:00Z",
    }  # fmt: skip
    return {
        "type": f"zen:event-type:ticket.{kind}", "account_id": 11, "id": "cbe4028c", "subject": "zen:ticket:501",
        "time": "2026-03-11T08:20:00.987654321Z", "event": told or {}, "detail": detail | ticket,
    }  # fmt: skip


def moved(before: Any, after: Any) -> dict[str, Any]:
    return {"previous": before, "current": after}


def comment(author: Any, staff: Any, public: Any = True) -> dict[str, Any]:
    return {"comment": {"id": "1002", "is_public": public, "author": {"id": author, "is_staff": staff}}}


def take(payload: dict[str, Any], options: Options = NONE) -> list[dict[str, Any]]:
    told = convert(VENDOR, json.dumps(payload).encode(), options)
    assert not isinstance(told, Skipped), told
    return [json.loads(each.value) for each in told if isinstance(each, Sending)]


def kinds(payload: dict[str, Any]) -> list[str]:
    return [each["type"].partition(".")[2] for each in take(payload)]


def rejected(payload: dict[str, Any]) -> Rejected:
    with pytest.raises(Rejected) as caught:
        take(payload)
    return caught.value


@pytest.mark.parametrize(
    ("ticket", "wanted"),
    [
        ({"status": "NEW"}, ["started", "queued"]),
        ({"status": "NEW", "group_id": None}, ["started"]),
        ({"status": "NEW", "group_id": "0", "assignee_id": ""}, ["started"]),
        ({"assignee_id": ANA}, ["started", "queued", "answered"]),
        ({"assignee_id": ANA, "status": "PENDING"}, ["started", "queued", "answered", "held"]),
        ({"assignee_id": ANA, "status": "SOLVED"}, ["started", "queued", "answered", "ended"]),
        ({"assignee_id": ANA, "submitter_id": ANA}, ["started", "answered"]),
    ],
)
def test_what_a_new_ticket_tells_at_once(ticket: dict[str, Any], wanted: list[str]) -> None:
    assert kinds(event("created", **ticket)) == wanted


@pytest.mark.parametrize(
    ("kind", "told", "ticket", "wanted"),
    [
        ("agent_assignment_changed", moved(None, ANA), {"assignee_id": ANA}, ["answered"]),
        ("agent_assignment_changed", moved("0", ANA), {"assignee_id": ANA}, ["answered"]),
        ("agent_assignment_changed", moved(BEN, ANA), {"assignee_id": ANA}, ["transferred", "answered"]),
        ("agent_assignment_changed", moved(BEN, None), {}, ["transferred", "queued"]),
        (
            "agent_assignment_changed",
            moved(BEN, ANA),
            {"assignee_id": ANA, "status": "PENDING"},
            ["transferred", "answered", "held"],
        ),
        ("agent_assignment_changed", moved(None, ANA), {"assignee_id": ANA, "status": "SOLVED"}, ["answered"]),
        ("agent_assignment_changed", moved(BEN, ANA), {"assignee_id": ANA, "status": "SOLVED"}, []),
        ("agent_assignment_changed", moved(BEN, None), {"status": "CLOSED"}, []),
        ("group_assignment_changed", moved("1", GROUP), {}, ["queued"]),
        ("group_assignment_changed", moved("1", GROUP), {"assignee_id": ANA}, []),
        ("group_assignment_changed", moved(GROUP, None), {"group_id": None}, []),
        ("group_assignment_changed", moved("1", GROUP), {"status": "SOLVED"}, []),
        ("status_changed", moved("NEW", "OPEN"), {"assignee_id": ANA}, []),
        ("status_changed", moved("OPEN", "PENDING"), {"assignee_id": ANA}, ["held"]),
        ("status_changed", moved("OPEN", "ON-HOLD"), {"assignee_id": ANA}, ["held"]),
        ("status_changed", moved("OPEN", "HOLD"), {}, ["held"]),
        ("status_changed", moved("PENDING", "HOLD"), {"assignee_id": ANA}, []),
        ("status_changed", moved("HOLD", "OPEN"), {"assignee_id": ANA}, ["resumed"]),
        ("status_changed", moved("PENDING", "SOLVED"), {"assignee_id": ANA}, ["ended"]),
        ("status_changed", moved("SOLVED", "CLOSED"), {"assignee_id": ANA}, []),
        ("status_changed", moved("OPEN", "CLOSED"), {"assignee_id": ANA}, ["ended"]),
        ("status_changed", moved("SOLVED", "OPEN"), {"assignee_id": ANA}, ["reopened", "answered"]),
        ("status_changed", moved("SOLVED", "OPEN"), {}, ["reopened", "queued"]),
        ("status_changed", moved("SOLVED", "PENDING"), {"assignee_id": ANA}, ["reopened", "answered", "held"]),
        ("status_changed", moved(None, "OPEN"), {}, []),
        ("merged", {}, {"status": "CLOSED"}, ["ended"]),
        ("soft_deleted", {}, {}, ["ended"]),
        ("marked_as_spam", {}, {}, ["ended"]),
        ("undeleted", {}, {}, ["reopened", "queued"]),
        ("undeleted", {}, {"status": "SOLVED"}, []),
        ("tags_changed", moved([], ["vip"]), {}, []),
    ],
)
def test_what_a_change_means(kind: str, told: dict[str, Any], ticket: dict[str, Any], wanted: list[str]) -> None:
    assert kinds(event(kind, told, **ticket)) == wanted


def test_what_one_action_does_is_in_the_order_of_life_whatever_its_events_say() -> None:
    solved = event("status_changed", moved("NEW", "SOLVED"), assignee_id=ANA, status="SOLVED")
    told = event("comment_added", comment(ANA, True), assignee_id=ANA, status="SOLVED")
    taken = event("agent_assignment_changed", moved(None, ANA), assignee_id=ANA, status="SOLVED")
    found = [each for payload in (solved | {"time": "2026-03-11T08:20:00.1Z"}, told, taken) for each in take(payload)]
    found.sort(key=lambda each: datetime.fromisoformat(each["time"]))
    assert [each["type"] for each in found] == ["interaction.message", "interaction.answered", "interaction.ended"]


def test_two_events_of_one_action_that_say_the_same_say_it_with_one_id() -> None:
    given_back = event("agent_assignment_changed", moved(ANA, None))
    moved_on = event("group_assignment_changed", moved("1", GROUP)) | {"time": "2026-03-11T08:20:01.003Z"}
    assert take(given_back)[1:] == take(moved_on)


def test_a_group_that_it_gets_at_once_is_the_one_that_it_began_with() -> None:
    second = {"updated_at": "2026-03-11T08:20:00Z", "created_at": "2026-03-11T08:19:58.5Z"}
    created = event("created", **second | {"updated_at": "2026-03-11T08:19:58Z", "group_id": "1"})
    began = take(created | {"time": "2026-03-11T08:19:58.9Z"})[1]
    (routed,) = take(event("group_assignment_changed", moved("1", GROUP), **second))
    assert [routed[name] for name in ("source", "id", "time")] == [began[name] for name in ("source", "id", "time")]
    assert (began["data"]["queue"], routed["data"]["queue"], routed["revision"]) == ("1", GROUP, 1)


def test_nanoseconds_are_cut_and_a_ticket_that_is_newer_or_older_than_the_event_does_not_tell_when() -> None:
    payload = event("comment_added", comment(MARTA, False))
    assert take(payload)[0]["time"] == "2026-03-11T08:20:00Z"
    for updated_at in ("2026-03-11T09:00:00Z", "2026-03-10T08:00:00Z", None):
        payload["detail"]["updated_at"] = updated_at
        assert take(payload | {"time": "2026-03-11T08:20:07.5Z"})[0]["time"] == "2026-03-11T08:20:07Z"


def test_a_webhook_and_eventbridge_tell_a_happening_with_the_same_bytes() -> None:
    by_name = {file.path.name: file.golden.read_bytes() for file in files(VENDOR)}
    assert by_name["agent_assigned.json"] == by_name["bridged_agent_assigned.json"]
    assert by_name["status_changed_solved.json"] == by_name["bridged_status_changed_solved.json"]
    assert by_name["comment_added_by_agent.json"] == by_name["bridged_comment_created.json"]


def test_the_same_event_in_another_delivery_has_the_same_ids() -> None:
    for file in files(VENDOR):
        for payload in file.payloads():
            told = json.loads(payload) | {"id": "another", "new_field": {}}
            assert convert(VENDOR, json.dumps(told).encode(), NONE) == convert(VENDOR, payload, NONE)


@pytest.mark.parametrize(
    ("author", "staff", "ticket", "wanted"),
    [
        (MARTA, False, {}, "customer"),
        ("55999", False, {}, "customer"),
        (ANA, True, {"assignee_id": ANA}, "agent"),
        (BEN, True, {"assignee_id": ANA, "requester_id": BEN}, "customer"),
        (ANA, True, {"assignee_id": ANA, "requester_id": ANA}, "agent"),
        ("-1", None, {}, "system"),
        (None, None, {}, "system"),
    ],
)
def test_who_wrote_a_comment(author: Any, staff: Any, ticket: dict[str, Any], wanted: str) -> None:
    assert take(event("comment_added", comment(author, staff), **ticket))[-1]["data"]["author"] == wanted


def test_a_public_comment_of_an_agent_takes_a_ticket_that_is_nobodys() -> None:
    assert kinds(event("comment_added", comment(ANA, True))) == ["answered", "message"]
    assert kinds(event("comment_added", comment(ANA, True, False))) == ["message"]
    assert kinds(event("comment_added", comment(ANA, True), assignee_id=BEN)) == ["message"]
    assert kinds(event("comment_added", comment(ANA, True), status="SOLVED")) == ["message"]


def test_who_comments_again_after_it_went_back_to_the_group_takes_it_again() -> None:
    first, second = comment(ANA, True), comment(ANA, True)
    second["comment"]["id"] = "99"
    ids = {
        each["id"]
        for told in (first, second)
        for each in take(event("comment_added", told))
        if "answered" in each["type"]
    }
    assert len(ids) == 2


def test_a_comment_of_nobody_is_a_rules() -> None:
    assert take(event("comment_added", comment("-1", False)))[-1]["data"]["author"] == "system"


def test_a_comment_that_is_made_private_replaces_the_public_one() -> None:
    (public,) = take(event("comment_added", comment(ANA, True), assignee_id=ANA))
    (private,) = take(event("comment_made_private", comment(ANA, True, False), assignee_id=ANA))
    assert (public["source"], public["id"]) == (private["source"], private["id"])
    assert (private["revision"], private["data"]["public"]) == (1, False)
    assert take(event("comment_made_private")) == []


@pytest.mark.parametrize(("actor", "by"), [(ANA, "agent"), (MARTA, "customer"), ("-1", "system"), (None, "system")])
def test_who_ended_it(actor: Any, by: str) -> None:
    (ended,) = take(event("status_changed", moved("OPEN", "SOLVED"), actor_id=actor))
    assert ended["data"]["by"] == by
    assert "resolved" not in ended["data"]


@pytest.mark.parametrize(
    ("via", "channel"),
    [
        ("web", "email"), ("email", "email"), ("api", "email"), ("something new", "email"), (None, "email"),
        ("native_messaging", "chat"), ("chat", "chat"), ("voice", "phone"), ("whatsapp", "social"),
        ("Twitter DM", "social"), ("instagram_dm", "social"),
    ],
)  # fmt: skip
def test_by_which_channel_a_ticket_came(via: str | None, channel: str) -> None:
    assert take(event("created", via={"channel": via}))[0]["data"]["channel"] == channel


def test_channels_queues_and_agents_are_called_as_the_settings_say() -> None:
    options = Options(queues={GROUP: "support"}, agents={ANA: "ana"}, channels={"web": "chat"})
    told = take(event("agent_assignment_changed", moved(None, ANA), assignee_id=ANA), options)[0]
    assert (told["source"], told["data"]["interaction_id"]) == ("/zendesk/11", "11-501")
    assert (told["data"]["channel"], told["data"]["queue"], told["data"]["agent_id"]) == ("chat", "support", "ana")


@pytest.mark.parametrize(
    ("state", "presence", "reason"),
    [
        ("online", "available", None), ("Offline", "logged_out", None), ("away", "not_ready", "away"),
        ("transfers_only", "not_ready", "transfers_only"), ("Lunch", "not_ready", "lunch"),
    ],
)  # fmt: skip
def test_an_agents_unified_status_is_its_presence(state: str, presence: str, reason: str | None) -> None:
    payload = {
        "type": "zen:event-type:agent.unified_state_changed", "account_id": 11, "detail": {"agent_id": ANA},
        "event": {"new_unified_state": {"id": "2", "name": state}, "updated_at": "2026-03-11T07:55:00.642630335Z"},
        "time": "2026-04-11T07:55:00Z",
    }  # fmt: skip
    (told,) = take(payload)
    assert told["time"] == "2026-03-11T07:55:00.642630Z"
    assert (told["data"]["presence"], told["data"].get("reason")) == (presence, reason)


def rating(score: str, updated_at: str = "2026-03-11T12:40:00Z") -> dict[str, Any]:
    record = {"id": 35, "ticket_id": 501, "requester_id": 55001, "score": score, "updated_at": updated_at}
    return {"satisfaction_rating": record}


def test_a_rating_is_good_or_bad_and_a_changed_one_replaces_it() -> None:
    (good,), (bad,) = take(rating("good")), take(rating("bad_with_comment", "2026-03-12T12:40:00Z"))
    assert [each["data"]["score"] for each in (good, bad)] == [5, 1]
    assert good["id"] == bad["id"]
    assert good["revision"] < bad["revision"]
    assert take(rating("offered")) == []
    assert take(rating("good"), Options(instance="11"))[0]["data"]["interaction_id"] == "11-501"


def test_kinds_that_are_not_known_are_skipped_by_name() -> None:
    for kind in ("messaging_ticket.message_added", "agent.work_item_added", "article.published"):
        told = convert(VENDOR, json.dumps({"type": f"zen:event-type:{kind}"}).encode(), NONE)
        assert told == Skipped(f"zen:event-type:{kind}")
    assert convert(VENDOR, json.dumps(event("teleported")).encode(), NONE) == Skipped("ticket.teleported")
    assert rejected({"id": "1"}).reason == "missing_field"
    assert rejected(event("created", id=None)).detail.startswith("detail.id is missing")
    assert rejected(event("created") | {"time": "soon"}).reason == "invalid_field"


@pytest.mark.parametrize(
    ("payload", "place"),
    [
        (AGENT, "event.new_unified_state.name"),
        (AGENT | {"event": {"new_unified_state": {"name": "away"}}}, "event.updated_at"),
        ({"satisfaction_rating": {"id": 1, "score": "good", "requester_id": 5}}, "satisfaction_rating.updated_at"),
        (
            {"satisfaction_rating": {"id": 1, "score": "good", "updated_at": "2026-03-11T08:00:00Z"}},
            "satisfaction_rating.requester_id",
        ),
        (event("comment_added", {"comment": {"author": {"id": "1"}}}), "event.comment.id"),
    ],
)  # fmt: skip
def test_what_an_event_cannot_do_without_is_named_when_it_lacks(payload: dict[str, Any], place: str) -> None:
    told = rejected(payload)
    assert (told.reason, told.detail.partition(" ")[0]) == ("missing_field", place)


def test_a_user_is_identified_when_it_asks_and_has_a_name() -> None:
    detail = {"id": "55001", "email": "M@example.org", "external_id": "", "role": "end-user"}
    payload = {
        "type": "zen:event-type:user.created",
        "account_id": 11,
        "time": "2026-03-11T07:59:00Z",
        "detail": detail,
    }
    (told,) = take(payload)
    assert told["data"] == {"customer_id": "mailto:m@example.org", "aliases": ["zendesk:55001"]}
    assert take(payload | {"detail": detail | {"email": None}}) == []
    assert take(payload | {"detail": detail | {"role": "agent"}}) == []
