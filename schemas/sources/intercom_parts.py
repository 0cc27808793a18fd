"""A part of an Intercom conversation → our events: a message, an assignment, a change of state, or several at once."""

from __future__ import annotations

from schemas import events as e
from schemas.sources.intercom_reading import UNASSIGNED, Conversation, author_of, second
from schemas.sources.payload import Node
from schemas.sources.threads import NEXT, ROUTED, Thread

_TO_QUEUE, _TO_AGENT, _LAST = NEXT, 2 * NEXT, 3 * NEXT
"""After the second of a part: what waits, is taken, is parked or over. A workflow often does all that in one second."""

_ENDED_BY: dict[e.Author, e.EndedBy] = {"agent": "agent", "bot": "bot", "customer": "customer", "system": "system"}
_MESSAGES = frozenset({"comment", "quick_reply"})


class Part:
    """A part, with what it does: `kind` is `part_type`, and often says two things (`assign_and_reopen`)."""

    def __init__(self, node: Node) -> None:
        self.kind = node.needed("part_type").lower()
        self.number = node.needed("id")
        self.at = second(node, "created_at")
        self.author = author_of(node)
        self.operator = self.author == "bot" and node.flag("author.from_ai_agent") is not True
        self.writer = node.text("author.id") if self.author == "agent" else None
        self.to = node.node("assigned_to")
        self.note = "note" in self.kind
        self.reopens = self.kind in {"open", "opened"} or "reopen" in self.kind
        self.resumes = "unsnooze" in self.kind
        self.snoozes = "snooze" in self.kind and not self.resumes
        self.closes = self.kind.startswith("close")
        self.assigns = "assign" in self.kind or bool(self.to)
        acts = self.note or self.reopens or self.snoozes or self.resumes or self.closes or self.assigns
        self.speaks = self.kind in _MESSAGES or (acts and bool(node.words("body")))


def part(it: Conversation, thread: Thread, node: Node) -> None:
    """What one part tells; kinds that do nothing (a tag, a rating, a changed attribute) tell nothing."""
    told = Part(node)
    if told.speaks or told.note:
        _message(it, thread, told)
    if told.reopens:
        _reopened(it, thread, told)
    if told.assigns and (told.closes or not it.closed):
        _assigned(it, thread, told)
    if told.resumes and it.agent is not None:
        thread.tell(e.Resumed, f"part/{told.number}/resumed", told.at, agent_id=it.agent)
    if told.snoozes and it.agent is not None:
        thread.tell(e.Held, f"part/{told.number}/held", told.at + _LAST, agent_id=it.agent)
    if told.closes:
        by = _ENDED_BY[told.author]
        thread.tell(e.Ended, f"part/{told.number}/ended", told.at + _LAST, agent_id=told.writer, by=by)


def _message(it: Conversation, thread: Thread, told: Part) -> None:
    """A message; an admin's public one to a conversation that nobody has takes it, as an assignment does."""
    if told.author == "customer":
        it.identify(thread)
    name = f"message/{told.number}"
    takes = it.agent is None and not told.note and (told.closes or not it.closed)
    if told.writer is not None and takes and not (told.assigns or told.reopens):
        thread.tell(e.Answered, f"{name}/answered", told.at, queue=it.queue, agent_id=told.writer)
    author = "system" if told.operator and it.with_people else told.author
    thread.tell(
        e.Message, name, told.at,
        agent_id=told.writer, author=author, public=not told.note,
    )  # fmt: skip


def _reopened(it: Conversation, thread: Thread, told: Part) -> None:
    """Back with whom it is assigned to, or waiting; a bot's stays with the bot. What was snoozed is opened likewise."""
    name = f"part/{told.number}"
    thread.tell(e.Reopened, f"{name}/reopened", told.at)
    if told.assigns:
        return
    if it.agent is not None:
        thread.tell(e.Resumed, f"{name}/resumed", told.at, agent_id=it.agent)
        thread.tell(e.Answered, f"{name}/answered", told.at, queue=it.queue, agent_id=it.agent)
    elif not it.by_bot:
        thread.tell(e.Queued, f"{name}/queued", told.at, queue=it.queue)


def _assigned(it: Conversation, thread: Thread, told: Part) -> None:
    """To an admin, a team, or nobody. Who had it is not told: an admin who gives it to another is taken for them.

    A team that a rule gives it to at once is the one that it began with.
    """
    name, kind, target = f"part/{told.number}", told.to.text("type"), told.to.text("id")
    admin = target if kind == "admin" else None
    queue = target if kind == "team" else it.queue or UNASSIGNED
    if told.writer is not None and target is not None and told.writer != admin and not told.reopens:
        to_queue = queue if admin is None else None
        thread.tell(
            e.Transferred, f"{name}/transferred", told.at,
            agent_id=told.writer, to_queue=to_queue, to_agent=admin,
        )  # fmt: skip
    if admin is not None:
        thread.tell(e.Answered, f"{name}/answered", told.at + _TO_AGENT, queue=it.queue, agent_id=admin)
        if it.snoozed and not told.snoozes:
            thread.tell(e.Held, f"{name}/held", told.at + _LAST, agent_id=admin)
    elif kind == "team" and told.writer is None and told.at - it.began_at <= ROUTED:
        thread.tell(e.Queued, "conversation/queued", it.began_at, revision=1, queue=queue)
    elif kind != "bot":
        thread.tell(e.Queued, f"{name}/queued", told.at + _TO_QUEUE, queue=queue)
