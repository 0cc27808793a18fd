"""Threads as Intercom tells them: a notification for each part, in whole seconds, with the conversation as it is.

Topics and kinds of parts are those of its webhooks and its list of parts. The envelope comes a second or two later.
"""

from __future__ import annotations

import json
from typing import Any

from schemas.sources.options import Options
from tests.schemas.threads_model import AGENTS, QUEUES, SECOND, Kind, Step, Story

KIND = Kind(
    channels=("chat", "email", "social"), unit_ms=SECOND, bot=True, others_take=False, parks_unowned=False,
    moves_to_agents=False, moves_parked=False,
)  # fmt: skip
OPTIONS = Options(
    queues={str(600 + n): name for n, name in enumerate(QUEUES)},
    agents={str(400 + n): name for n, name in enumerate(AGENTS)},
)  # fmt: skip
_SOURCES = {"chat": "conversation", "email": "email", "social": "whatsapp"}
_OPERATOR = {"type": "bot", "id": "499", "name": "Fin"}


def _admin(name: str | None) -> dict[str, Any] | None:
    return None if name is None else {"type": "admin", "id": str(400 + AGENTS.index(name)), "name": name}


def _team(name: str) -> dict[str, Any]:
    return {"type": "team", "id": str(600 + QUEUES.index(name)), "name": name}


class _Telling:
    """A conversation, and its notifications. `routed`: a rule gives it to its team at once, and not Intercom itself."""

    def __init__(self, story: Story, *, routed: bool) -> None:
        self.story, self.routed = story, routed
        self.found: list[bytes] = []
        self.state = "open"
        self.agent = story.agent
        self.team: str | None = None if routed or story.bot else story.queue
        self.bot = story.bot
        self.parts = 0
        self.user = {
            "type": "user", "id": f"u{story.number}",
            "external_id": f"C-{story.number}" if story.known == "own" else None,
        }  # fmt: skip
        known = {"mail": {"email": f"c{story.number}@example.org"}, "phone": {"phone": f"+39333{story.number:06}"}}
        self.user |= known.get(story.known, {})

    def author(self) -> dict[str, Any]:
        return {"type": "user", "id": self.user["id"], "name": "Somebody", "email": self.user.get("email")}

    def item(self, at: int, parts: list[dict[str, Any]]) -> dict[str, Any]:
        story, admin = self.story, _admin(self.agent)
        author = _admin(story.agent) if story.outbound else self.author()
        return {
            "type": "conversation", "id": str(story.number), "created_at": story.at // SECOND,
            "updated_at": at // SECOND, "open": self.state != "closed", "state": self.state,
            "source": {
                "type": _SOURCES[story.channel], "id": str(story.number * 1000), "body": "<p>…</p>", "author": author,
            },
            "contacts": {"type": "contact.list", "contacts": [self.user]},
            "admin_assignee_id": None if admin is None else int(admin["id"]),
            "team_assignee_id": None if self.team is None else int(_team(self.team)["id"]),
            "ai_agent_participated": self.bot,
            "conversation_parts": {"type": "conversation_part.list", "conversation_parts": parts},
            "conversation_rating": {},
        }  # fmt: skip

    def send(self, topic: str, at: int, item: dict[str, Any]) -> None:
        body = {
            "type": "notification_event", "app_id": "app1", "id": f"notif_{self.story.number}_{len(self.found)}",
            "topic": topic, "created_at": at // SECOND + 2, "first_sent_at": at // SECOND + 2, "delivery_attempts": 1,
            "data": {"type": "notification_event_data", "item": item},
        }  # fmt: skip
        self.found.append(json.dumps(body).encode())

    def part(
        self, topic: str, kind: str, at: int, author: dict[str, Any] | None, *, body: bool = False, to: Any = None
    ) -> None:
        self.parts += 1
        part = {
            "type": "conversation_part", "id": str(self.story.number * 1000 + self.parts), "part_type": kind,
            "body": "<p>…</p>" if body else None, "created_at": at // SECOND, "updated_at": at // SECOND,
            "assigned_to": to, "author": author,
        }  # fmt: skip
        self.send(f"conversation.{topic}", at, self.item(at, [part]))


def payloads(story: Story, *, routed: bool = False) -> list[bytes]:
    """What comes of it."""
    routed = routed and not (story.bot or story.outbound)
    it = _Telling(story, routed=routed)
    it.send(f"conversation.{'admin.single' if story.outbound else 'user'}.created", story.at, it.item(story.at, []))
    if routed:
        it.team = story.queue
        it.part("admin.assigned", "assignment", story.at + SECOND, _OPERATOR, to=_team(story.queue))
    taken = True
    for number, step in enumerate(story.steps):
        taken = not taken and _step(it, step, story.steps[number + 1 : number + 2])
    return it.found


def _step(it: _Telling, step: Step, following: list[Step]) -> bool:
    """Whether it takes up the next step, too: a customer's message that also opens is one part."""
    at, do, me = step.at, step.do, _admin(step.by if step.by in AGENTS else it.agent)
    if do == "asked":
        it.part("user.replied", "comment", at, it.author(), body=True)
    elif do == "replied":
        it.part("admin.replied", "comment", at, _admin(step.agent), body=True)
    elif do == "noted":
        it.part("admin.noted", "note", at, _admin(step.agent), body=True)
    elif do in {"bot", "rule"}:
        it.part("operator.replied", "comment", at, _OPERATOR, body=True)
    elif do == "handoff":
        it.bot, it.team = False, it.story.queue
        it.part("admin.assigned", "assignment", at, _OPERATOR, to=_team(it.story.queue))
    elif do == "to":
        it.agent = step.agent
        to = _admin(step.agent) or {"type": "nobody_admin", "id": None}
        it.part("admin.assigned", "assignment", at, me, to=to)
    elif do == "move":
        assert step.queue is not None
        it.team, before = step.queue, it.agent
        it.agent = None
        it.part("admin.assigned", "assignment", at, _admin(before) or _OPERATOR, to=_team(step.queue))
        if step.agent is not None:
            it.agent = step.agent
            it.part("admin.assigned", "assignment", at, _OPERATOR, to=_admin(step.agent))
    elif do == "park":
        it.state = "snoozed"
        it.part("admin.snoozed", "snoozed", at, me)
    elif do in {"unpark", "again"}:
        was, it.state = it.state, "open"
        if step.by == "customer":
            it.part("user.replied", "open", at, it.author(), body=True)
            return bool(following) and following[0].also
        if was == "closed":
            it.part("admin.opened", "open", at, me)
        else:
            it.part("admin.unsnoozed", "unsnoozed", at, me)
    elif do == "done":
        it.state = "closed"
        author = _OPERATOR if step.by in {"rule", "bot"} else me
        it.part("admin.closed", "close", at, author)
    elif do == "csat":
        rating = {"rating": step.score, "remark": "", "created_at": at // SECOND, "contact": it.user}
        it.send("conversation.rating.added", at, it.item(at, []) | {"conversation_rating": rating})
    return False
