"""Chatwoot's webhooks → our events: conversations, messages, satisfaction surveys, contacts.

A change of status comes as `conversation_status_changed` and as `conversation_updated`: the first counts. A change of
team or assignee comes as `conversation_updated` alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from schemas import events as e
from schemas.rejected import Skipped
from schemas.sources.chatwoot_reading import Changes, Conversation, aliases_of, identifier, instant
from schemas.sources.conversion import Converted
from schemas.sources.options import Options
from schemas.sources.payload import Node, read
from schemas.sources.people import email
from schemas.sources.threads import NEXT, ROUTED, Thread, identified, milliseconds, source_of

_UNTOUCHED = timedelta(seconds=2)
_NUMBERED = {"0": "incoming", "1": "outgoing", "2": "activity", "3": "template"}


def convert(payload: bytes, options: Options) -> Converted:
    """The events of one payload. Raises `Rejected`."""
    node = read(payload)
    kind = node.needed("event")
    handler = _KINDS.get(kind)
    return Skipped(kind[:100]) if handler is None else handler(node, options)


def _created(node: Node, options: Options) -> list[e.Event]:
    """Began: with a bot (pending), with people, or shut at once. Who had it is told while nobody has touched it."""
    conversation = Conversation(node, options)
    thread, at = conversation.thread(), conversation.created_at
    untouched = (instant(node, "updated_at") or at) - at < _UNTOUCHED
    first = node.node("messages")
    ours = first.text("message_type") in {"1", "outgoing"} and "user" in (first.text("sender_type") or "").lower()
    thread.tell(
        e.Started, "started", at,
        direction="outbound" if ours else None, initiation="agent" if ours else "customer",
    )  # fmt: skip
    conversation.identify(thread)
    if conversation.status == "pending":
        return thread.events
    if conversation.status == "resolved" and untouched:
        thread.tell(e.Ended, "ended", at, by="system")
        return thread.events
    if not ours:
        thread.tell(e.Queued, "queued", at, queue=conversation.queue)
    if conversation.agent is not None and untouched:
        thread.tell(e.Answered, "answered", at, queue=conversation.queue, agent_id=conversation.agent)
    return thread.events


def _status_changed(node: Node, options: Options) -> list[e.Event]:
    changes = Changes(node)
    before, after = changes.of_status()
    conversation = Conversation(node, options)
    if before is None or after is None or before == after:
        return []
    thread, at = conversation.thread(), changes.at() or conversation.updated_at
    name = f"status/{milliseconds(at)}"
    agent, queue = conversation.agent, conversation.queue
    if after == "resolved":
        by = "bot" if before == "pending" else "agent" if agent else "system"
        thread.tell(e.Ended, f"{name}/ended", at, agent_id=agent, by=by)
        return thread.events
    if before == "resolved":
        thread.tell(e.Reopened, f"{name}/reopened", at)
    if after == "pending":
        if before != "resolved":
            _to_bot(thread, name, at, agent)
    elif before in {"pending", "resolved"}:
        if agent is None or before == "pending":
            thread.tell(e.Queued, f"{name}/queued", at, queue=queue)
        if agent is not None:
            later = at + NEXT if before == "pending" else at
            thread.tell(e.Answered, f"{name}/answered", later, queue=queue, agent_id=agent)
    elif before == "snoozed" and not conversation.by_bot:
        thread.tell(e.Resumed, f"{name}/resumed", at, agent_id=agent)
    if after == "snoozed" and not conversation.by_bot:
        later = at if before == "open" else at + 2 * NEXT
        thread.tell(e.Held, f"{name}/held", later, agent_id=agent)
    return thread.events


def _to_bot(thread: Thread, name: str, at: datetime, agent: str | None) -> None:
    """From people back to a bot."""
    if agent is not None:
        thread.tell(e.Transferred, f"{name}/transferred", at, agent_id=agent)
    else:
        thread.tell(e.FlowedOut, f"{name}/flowed_out", at, outcome="bot")


def _updated(node: Node, options: Options) -> list[e.Event]:
    """Another team, another assignee, or both; nothing while a bot has it or it is closed: then nobody serves it.

    Who becomes the assignee by closing it has it just before; who gets it snoozed has it parked. An agent who opens
    what was another's is made its assignee by the next save: the other, whom the status told, has not had it again.
    """
    changes = Changes(node)
    if changes.creation:
        return _created(node, options)
    conversation = Conversation(node, options)
    moved, passed = "team_id" in changes, "assignee_id" in changes
    thread, at = conversation.thread(), changes.at() or conversation.updated_at
    name = f"update/{milliseconds(at)}"
    given_up = changes.of("assignee_id")[0]
    if given_up is not None and changes.of_status()[1] == "pending":
        _to_bot(thread, name, at, given_up)
        return thread.events
    closing = passed and changes.of_status()[1] == "resolved" and changes.of("assignee_id")[0] is None
    if not (moved or passed) or (conversation.status in {"pending", "resolved"} and not closing):
        return []
    queue = conversation.queue_of(changes.of("team_id")[1]) if moved else conversation.queue
    before, after = changes.of("assignee_id") if passed else (conversation.agent,) * 2
    if closing:
        if after is not None:
            thread.tell(e.Answered, f"{name}/answered", at - NEXT, queue=queue, agent_id=after)
        return thread.events
    if after is None and conversation.by_bot:
        _to_bot(thread, name, at, before)
        return thread.events
    if before is not None and (moved or after is not None):
        to_queue = queue if moved else None
        thread.tell(
            e.Transferred, f"{name}/transferred", at, agent_id=before, to_queue=to_queue, to_agent=after
        )  # fmt: skip
    routed = moved and before is None and at - conversation.created_at <= ROUTED
    waits = not routed and (after is None or (moved and before is None))
    if routed:
        thread.tell(e.Queued, "queued", conversation.created_at, revision=1, queue=queue)
    if waits:
        thread.tell(e.Queued, f"{name}/queued", at, queue=queue)
    if after is not None:
        later = at + NEXT if waits else at
        thread.tell(e.Answered, f"{name}/answered", later, queue=queue, agent_id=after)
        if conversation.status == "snoozed":
            thread.tell(e.Held, f"{name}/held", later + NEXT, agent_id=after)
        if before is not None and changes.opened_at is not None:
            opened = f"status/{milliseconds(changes.opened_at)}"
            thread.tell(e.Answered, f"{opened}/answered", at, revision=1, queue=queue, agent_id=after)
    return thread.events


def _message(node: Node, options: Options) -> list[e.Event]:
    """One message. A person's public one to a conversation that nobody owns takes it, as an assignment does."""
    conversation = Conversation(node.node("conversation"), options, inbox=node.text("inbox.id"))
    thread, at = conversation.thread(), instant(node, "created_at")
    if at is None:
        raise node.missing("created_at")
    author, public = _author(node), node.flag("private") is not True
    agent = node.text("sender.id") if author == "agent" else None
    if agent is not None and public and conversation.agent is None and conversation.status != "resolved":
        queue = conversation.queue
        thread.tell(e.Answered, f"message/{node.needed('id')}/answered", at, queue=queue, agent_id=agent)
    if author == "customer":
        conversation.identify(thread)
    thread.tell(e.Message, f"message/{node.needed('id')}", at, agent_id=agent, author=author, public=public)
    return thread.events


def _author(node: Node) -> e.Author:
    """Who wrote. What goes out with no sender is a rule's, unless it was written in the network's own app."""
    kind = node.text("message_type") or ""
    kind = _NUMBERED.get(kind, kind)
    if kind == "incoming":
        return "customer"
    if kind != "outgoing":
        return "system"
    sender = (node.text("sender.type", "sender_type") or "").lower()
    if "bot" in sender or "assistant" in sender:
        return "bot"
    echo = node.raw("content_attributes.external_echo")
    return "agent" if node.node("sender") or echo else "system"


def _message_updated(node: Node, options: Options) -> list[e.Event]:
    """An answered survey; whatever else changes in a message says nothing. Answered again, it replaces the answer."""
    answer = node.node("content_attributes.submitted_values").node("csat_survey_response")
    rating = answer.whole("rating")
    if node.text("content_type") != "input_csat" or rating is None:
        return []
    conversation = Conversation(node.node("conversation"), options, inbox=node.text("inbox.id"))
    thread, at = conversation.thread(), conversation.updated_at
    if thread.customer_id is None:
        raise node.missing("conversation.meta.sender.id")
    thread.rate(f"csat/{node.needed('id')}", at, rating, revision=milliseconds(at))
    return thread.events


def _contact_updated(node: Node, options: Options) -> list[e.Event]:
    """A contact who turns out to be somebody: by the company's own id, else by a mail address."""
    at = Changes(node).at()
    customer = identifier(node) or email(node.text("email"))
    if at is None or customer is None:
        return []
    source = source_of("chatwoot", options.instance)
    id_ = f"contact/{node.needed('id')}/{milliseconds(at)}"
    return identified(source, id_, at, customer, aliases_of(node))


def _nothing(node: Node, options: Options) -> list[e.Event]:
    del node, options
    return []


_KINDS: dict[str, Callable[[Node, Options], list[e.Event]]] = {
    "conversation_created": _created,
    "conversation_status_changed": _status_changed,
    "conversation_updated": _updated,
    "message_created": _message,
    "message_updated": _message_updated,
    "contact_updated": _contact_updated,
    **dict.fromkeys(
        (
            "contact_created", "conversation_typing_off", "conversation_typing_on", "inbox_created", "inbox_updated",
            "webwidget_triggered",
        ),
        _nothing,
    ),
}  # fmt: skip
