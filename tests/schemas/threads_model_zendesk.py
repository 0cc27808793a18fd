"""Threads as Zendesk tells them: each action of a ticket gives several events, which show the ticket after it.

Shapes are those of the documented ticket events, by webhook and through EventBridge: ids as texts and words in capitals
in the one, numbers and small letters in the other. A ticket's update has seconds, an event's `time` nanoseconds.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from schemas.sources.options import Options
from tests.schemas.threads_model import AGENTS, QUEUES, SECOND, Kind, Step, Story

KIND = Kind(
    channels=("chat", "email", "social"), unit_ms=SECOND, joint=True, solver_takes=True, closes=True,
    outbound_channel="email", gone=("merged", "soft_deleted", "marked_as_spam", "permanently_deleted"),
)  # fmt: skip
OPTIONS = Options(
    instance="77", queues={str(300 + n): name for n, name in enumerate(QUEUES)},
    agents={str(900 + n): name for n, name in enumerate(AGENTS)},
)  # fmt: skip
_CHANNELS = {"chat": "native_messaging", "email": "email", "social": "whatsapp"}


def _agent(name: str | None) -> str | None:
    return None if name is None else str(900 + AGENTS.index(name))


def _group(name: str | None) -> str | None:
    return None if name is None else str(300 + QUEUES.index(name))


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class _Telling:
    """A ticket, and the events of the action that goes on: (kind, what is particular to it)."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.found: list[bytes] = []
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.at = story.at
        self.actor: str | None = None
        self.status = "NEW"
        self.agent: str | None = None
        self.group: str | None = story.queue
        self.comments = self.sequence = 0
        self.customer = str(5000 + story.number)

    def tell(self, kind: str, **more: Any) -> None:
        self.events.append((kind, more))

    def set(self, status: str) -> None:
        before, self.status = self.status, status
        if before != status:
            self.tell("status_changed", previous=before, current=status)

    def give(self, agent: str | None) -> None:
        before, self.agent = self.agent, agent
        if before != agent:
            self.tell("agent_assignment_changed", previous=_agent(before), current=_agent(agent))
        if agent is not None and self.status == "NEW":
            self.set("OPEN")

    def move(self, group: str | None) -> None:
        before, self.group = self.group, group
        self.tell("group_assignment_changed", previous=_group(before), current=_group(group))

    def comment(self, author: str | None, *, staff: bool, public: bool = True) -> None:
        self.comments += 1
        who = {"id": author or "-1", "is_staff": staff, "name": "Somebody"}
        number = str(self.story.number * 1000 + self.comments)
        self.tell("comment_added", comment={"id": number, "body": "…", "is_public": public, "author": who})

    def detail(self) -> dict[str, Any]:
        story = self.story
        submitter = _agent(story.agent) if story.outbound else self.customer
        return {
            "actor_id": self.actor, "assignee_id": _agent(self.agent), "created_at": _iso(story.at),
            "group_id": _group(self.group), "id": str(story.number), "requester_id": self.customer,
            "status": self.status, "submitter_id": submitter, "updated_at": _iso(self.at), "subject": "…", "type": None,
            "via": {"channel": "web" if story.outbound else _CHANNELS[story.channel]},
        }  # fmt: skip

    def send(self, *, bridged: bool) -> None:
        """All that the action has given, as the ticket is after it."""
        self.sequence += 1
        for position, (kind, more) in enumerate(self.events, 1):
            meta = {"sequence": {"id": f"S{self.story.number}-{self.sequence}", "position": position}}
            fraction = f".{120_000_000 + position * 731_117:09}Z"
            time = _iso(self.at)[:-1] + fraction
            if bridged:
                self.found.append(self._bridged(kind, more, meta, time))
            else:
                body = {
                    "type": f"zen:event-type:ticket.{kind}", "account_id": 77,
                    "id": f"{meta['sequence']['id']}-{position}",
                    "time": time, "zendesk_event_version": "2022-11-06", "subject": f"zen:ticket:{self.story.number}",
                    "detail": self.detail(), "event": {"meta": meta, **more},
                }  # fmt: skip
                self.found.append(json.dumps(body).encode())
        self.events.clear()

    def _bridged(self, kind: str, more: dict[str, Any], meta: dict[str, Any], time: str) -> bytes:
        name = {"comment_added": "Comment Created", "marked_as_spam": "Marked As Spam"}.get(kind)
        title = name or kind.replace("_", " ").title()
        ticket = {name: int(told) if name.endswith("id") and told else told for name, told in self.detail().items()}
        ticket |= {"status": self.status.lower(), "updated_at": time, "created_at": _iso(self.story.at)}
        actor = ticket.pop("actor_id")
        more = {name: _small(told) for name, told in more.items()}
        event = {"meta": {**meta, "occurred_at": time, "actor_id": actor}, "type": title, "ticket": ticket, **more}
        late = datetime.fromtimestamp(self.at // SECOND + 3, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return json.dumps({
            "version": "0", "id": f"bridge-{self.story.number}-{self.sequence}-{kind}", "time": late,
            "detail-type": f"Support Ticket: {title}", "source": "aws.partner/zendesk.com/77/default",
            "detail": {"ticket_event": event},
        }).encode()  # fmt: skip


def _small(told: Any) -> Any:
    if isinstance(told, dict):
        return {name: _small(each) for name, each in told.items()}
    if isinstance(told, str):
        return int(told) if told.removeprefix("-").isdigit() else told.lower()
    return told


def payloads(story: Story, *, both: bool = False) -> list[bytes]:
    """What comes of it; `both`: by webhook and through EventBridge."""
    it = _Telling(story)
    it.actor = it.customer
    if story.outbound:
        it.actor, it.agent, it.status = _agent(story.agent), story.agent, "OPEN"
    it.tell("created")
    it.tell("status_changed", previous=None, current=it.status)
    it.tell("group_assignment_changed", previous=None, current=_group(it.group))
    if it.agent is not None:
        it.tell("agent_assignment_changed", previous=None, current=_agent(it.agent))
    for step in story.steps:
        if not step.also:
            _done(it, both=both)
            it.at = step.at
            it.actor = "-1" if step.by == "rule" or step.do == "rule" else None
        _step(it, step)
    _done(it, both=both)
    return it.found


def _done(it: _Telling, *, both: bool) -> None:
    events = list(it.events)
    it.send(bridged=False)
    if both:
        it.events = events
        it.send(bridged=True)


def _step(it: _Telling, step: Step) -> None:
    do = step.do
    if it.actor is None:
        by = "ann" if do in {"gone", "csat", "closed"} else step.by or step.agent
        it.actor = it.customer if do == "asked" or by == "customer" else _agent(by or None)
    if do == "asked":
        it.comment(it.customer, staff=False)
    elif do in {"replied", "noted"}:
        it.comment(_agent(step.agent), staff=True, public=do == "replied")
    elif do == "rule":
        it.comment(None, staff=False)
    elif do == "to":
        it.give(step.agent)
    elif do == "move":
        it.move(step.queue)
        it.give(step.agent)
    elif do == "park":
        it.set("PENDING" if it.sequence % 2 else "HOLD")
    elif do in {"unpark", "again"}:
        it.set("OPEN")
    elif do == "done":
        it.set("SOLVED")
    elif do == "closed":
        it.set("CLOSED")
    elif do == "gone":
        it.set("CLOSED" if step.by == "merged" else "DELETED")
        it.tell(step.by)
    elif do == "csat":
        score = "GOOD" if step.score >= 3 else "BAD"
        rating = {
            "id": 800 + it.story.number, "ticket_id": it.story.number, "requester_id": int(it.customer),
            "score": score.lower(), "created_at": _iso(it.story.at), "updated_at": _iso(step.at),
        }  # fmt: skip
        it.found.append(json.dumps({"satisfaction_rating": rating}).encode())
