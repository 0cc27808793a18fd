"""Threads as Chatwoot tells them: what each save of a conversation or a message gives, as its listeners render it.

Fields, doubled tellings and the order of saves are those of `WebhookListener`, `EventDataPresenter` and models. A
change of status gives `conversation_status_changed` with that alone, and `conversation_updated` with all changes.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from schemas.sources.options import Options
from tests.schemas.threads_model import AGENTS, QUEUES, SECOND, Kind, Step, Story

KIND = Kind(channels=("chat", "email", "social"), unit_ms=10, bot=True, keeps=True, reopener_takes=True)
OPTIONS = Options(
    instance="acme",
    queues={str(7 + n): name for n, name in enumerate(QUEUES)}
    | {f"team:{30 + n}": name for n, name in enumerate(QUEUES)},
    agents={str(10 + n): name for n, name in enumerate(AGENTS)},
)  # fmt: skip
_CHANNELS = {"chat": "Channel::WebWidget", "email": "Channel::Email", "social": "Channel::Whatsapp"}
_STATUSES = {"bot": "pending", "open": "open", "parked": "snoozed", "done": "resolved"}


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at % 1000:03}Z"


def _agent(name: str | None) -> int | None:
    return None if name is None else 10 + AGENTS.index(name)


class _Telling:
    """A conversation in Chatwoot's tables, and the jobs that its saves have put into the line.

    `late`: jobs run when all that one action saves is saved.
    """

    def __init__(self, story: Story, *, late: bool) -> None:
        self.story, self.late = story, late
        self.found: list[bytes] = []
        self.jobs: list[Any] = []
        self.status = "bot" if story.bot else "open"
        self.agent = story.agent
        self.team: str | None = None
        self.updated_at = story.at
        self.last: dict[str, Any] | None = None
        self.messages = 0
        self.survey: int | None = None

    def contact(self) -> dict[str, Any]:
        number, known = self.story.number, self.story.known
        return {
            "id": number, "name": "Somebody", "type": "contact",
            "identifier": f"C-{number}" if known == "own" else None,
            "email": f"c{number}@example.org" if known in {"mail", "own"} else None,
            "phone_number": f"+39333{number:06}" if known == "phone" else None,
        }  # fmt: skip

    def conversation(self) -> dict[str, Any]:
        story = self.story
        assignee = None
        if self.agent is not None:
            assignee = {"id": _agent(self.agent), "name": self.agent, "type": "user"}
        return {
            "id": story.number, "inbox_id": 7 + QUEUES.index(story.queue), "channel": _CHANNELS[story.channel],
            "contact_inbox": {"id": 1, "source_id": str(story.number)},
            "messages": [] if self.last is None else [self.last], "labels": [], "status": _STATUSES[self.status],
            "meta": {
                "sender": self.contact(), "assignee": assignee, "assignee_type": None if assignee is None else "User",
                "team": None if self.team is None else {"id": 30 + QUEUES.index(self.team), "name": self.team},
            },
            "waiting_since": 0, "agent_last_seen_at": 0, "first_reply_created_at": None,
            "created_at": story.at // SECOND, "updated_at": self.updated_at / 1000,
        }  # fmt: skip

    def later(self, job: Any) -> None:
        if self.late:
            self.jobs.append(job)
        else:
            job()

    def run(self) -> None:
        for job in self.jobs:
            job()
        self.jobs.clear()

    def send(self, event: str, body: dict[str, Any]) -> None:
        self.found.append(json.dumps(body | {"event": event}).encode())

    def create(self) -> None:
        self.later(lambda: self.send("conversation_created", self.conversation()))

    def save(self, at: int, **changed: tuple[Any, Any]) -> None:
        all_changed = changed | {"updated_at": (_iso(self.updated_at), _iso(at))}
        self.updated_at = at
        listed = [{name: {"previous_value": a, "current_value": b}} for name, (a, b) in all_changed.items()]
        if "status" in changed:
            alone = [each for each in listed if "status" in each]
            self.later(
                lambda: self.send("conversation_status_changed", self.conversation() | {"changed_attributes": alone})
            )
        self.later(lambda: self.send("conversation_updated", self.conversation() | {"changed_attributes": listed}))

    def set_status(self, at: int, status: str) -> None:
        before, self.status = self.status, status
        more = {} if status != "parked" else {"snoozed_until": (None, _iso(at + 10**7))}
        self.save(at, status=(_STATUSES[before], _STATUSES[status]), **more)

    def assign(self, at: int, agent: str | None) -> None:
        before, self.agent = self.agent, agent
        if before != agent:
            self.save(at, assignee_id=(_agent(before), _agent(agent)))

    def message(self, at: int, kind: str, sender: dict[str, Any] | None, **more: Any) -> int:
        self.messages += 1
        id_ = self.story.number * 1000 + self.messages
        number = {"incoming": 0, "outgoing": 1, "activity": 2, "template": 3}[kind]
        body = {
            "id": id_, "content": "…", "content_type": "text", "content_attributes": {}, "message_type": kind,
            "created_at": _iso(at), "private": False, "source_id": None, "sender": sender,
            "inbox": {"id": 7 + QUEUES.index(self.story.queue), "name": "Inbox"}, "account": {"id": 1, "name": "Acme"},
        } | more  # fmt: skip
        if kind != "activity" and not body["private"]:
            self.last = {
                "id": id_, "message_type": number, "created_at": at // SECOND, "private": False,
                "sender_type": {"incoming": "Contact", "outgoing": "User"}.get(kind),
            }  # fmt: skip
        self.later(lambda: self.send("message_created", body | {"conversation": self.conversation()}))
        return id_

    def outgoing(self, at: int, agent: str | None, **more: Any) -> None:
        self.message(at, "outgoing", {"id": _agent(agent), "name": agent, "type": "user"}, **more)
        if not more.get("private"):
            self.save(at, waiting_since=(_iso(at - 1000), None))

    def rate(self, step: Step) -> None:
        if self.survey is None:
            self.survey = self.message(step.at - 1, "template", None, content_type="input_csat")
        self.updated_at = step.at
        answer = {"csat_survey_response": {"rating": step.score, "feedback_message": ""}}
        self.send(
            "message_updated",
            {
                "id": self.survey, "message_type": "template", "content_type": "input_csat", "private": False,
                "content_attributes": {"submitted_values": answer}, "created_at": _iso(step.at - 5000),
                "conversation": self.conversation(), "inbox": {"id": 7 + QUEUES.index(self.story.queue)},
            },
        )  # fmt: skip


def payloads(story: Story, *, late: bool = False) -> list[bytes]:
    """What comes of it."""
    it = _Telling(story, late=late or story.outbound)
    it.create()
    for step in story.steps:
        if not step.also:
            it.run()
            it.late = late
        _step(it, step)
    it.run()
    return it.found


def _step(it: _Telling, step: Step) -> None:
    at, do = step.at, step.do
    if do == "asked":
        it.message(at, "incoming", it.contact())
    elif do in {"replied", "noted"}:
        it.outgoing(at, step.agent, private=do == "noted")
    elif do == "bot":
        it.message(at, "outgoing", {"id": 3, "name": "Robot", "type": "agent_bot"})
    elif do == "rule":
        it.message(at, "template", None)
        it.message(at, "activity", None)
    elif do == "handoff":
        it.set_status(at, "open")
    elif do == "to":
        it.assign(at, step.agent)
    elif do == "move":
        team, before, it.agent = it.team, it.agent, step.agent
        it.team = step.queue
        changed = {} if before == step.agent else {"assignee_id": (_agent(before), _agent(step.agent))}
        ids = [None if name is None else 30 + QUEUES.index(name) for name in (team, step.queue)]
        it.save(at, team_id=(ids[0], ids[1]), **changed)
    elif do == "park":
        it.set_status(at, "parked")
    elif do in {"unpark", "again"}:
        it.set_status(at, "open")
        if step.agent is not None and step.agent != it.agent:
            it.assign(at + 20, step.agent)
    elif do == "done":
        it.set_status(at, "done")
    elif do == "csat":
        it.rate(step)
