"""Intercom's webhooks → our events: conversations, ratings, contacts.

What happened is said by the type of the part that was added, not by the topic: a reply may also reopen or assign. A
conversation waits with its team, or as unassigned, from its first message on, unless a bot has it.
"""

from __future__ import annotations

from schemas import events as e
from schemas.rejected import Skipped
from schemas.sources.conversion import Converted
from schemas.sources.intercom_parts import part
from schemas.sources.intercom_reading import (
    UNASSIGNED,
    Conversation,
    aliases_of,
    author_of,
    customer_of,
    external_id,
    second,
)  # fmt: skip
from schemas.sources.options import Options
from schemas.sources.payload import Node, read
from schemas.sources.threads import identified, milliseconds, source_of

_CREATED = frozenset({"conversation.admin.single.created", "conversation.created", "conversation.user.created"})
_PARTS = frozenset({
    "conversation.admin.assigned", "conversation.admin.closed", "conversation.admin.noted",
    "conversation.admin.open.assigned", "conversation.admin.opened", "conversation.admin.replied",
    "conversation.admin.snoozed", "conversation.admin.unsnoozed", "conversation.operator.replied",
    "conversation.user.replied",
})  # fmt: skip
_RATED = "conversation.rating.added"
_OF_NO_MATTER = frozenset({
    "conversation.company.updated", "conversation.contact.attached", "conversation.contact.detached",
    "conversation.deleted", "conversation.priority.updated", "conversation.read", "conversation_part.redacted",
    "conversation_part.tag.created", "conversation_part.tag.deleted", "ping",
})  # fmt: skip
_CONTACTS = ("contact.", "lead.", "user.", "visitor.")
_PEOPLE = frozenset({"contact", "lead", "user"})


def convert(payload: bytes, options: Options) -> Converted:
    """The events of one payload. Raises `Rejected`."""
    node = read(payload)
    topic = node.needed("topic")
    if topic in _CREATED:
        return _created(Conversation(node, options))
    if topic in _PARTS:
        return _added(Conversation(node, options))
    if topic == _RATED:
        return _rated(Conversation(node, options), second(node, "created_at", "first_sent_at").timestamp())
    if topic.startswith(_CONTACTS) and node.text("data.item.type") in _PEOPLE:
        return _contact(node, options)
    return [] if topic in _OF_NO_MATTER else Skipped(topic[:100])


def _created(it: Conversation) -> list[e.Event]:
    """Began, with its first message, and what was added by then. What an admin writes first, no customer asked for."""
    thread, at, author = it.thread(), it.began_at, author_of(it.first)
    ours = author == "agent"
    initiation = "agent" if ours else "customer"
    thread.tell(e.Started, "conversation/started", at, direction="outbound" if ours else None, initiation=initiation)
    it.identify(thread)
    with_bot = it.by_bot or (it.agent is None and it.item.flag("ai_agent_participated") is True)
    if not (ours or with_bot):
        thread.tell(e.Queued, "conversation/queued", at, queue=it.queue or UNASSIGNED)
    if it.agent is not None:
        thread.tell(e.Answered, "conversation/answered", at, queue=it.queue, agent_id=it.agent)
    number = it.first.text("id")
    if number is not None:
        agent = it.first.text("author.id") if ours else None
        thread.tell(e.Message, f"message/{number}", at, agent_id=agent, author=author)
    for each in it.parts():
        part(it, thread, each)
    return thread.events


def _added(it: Conversation) -> list[e.Event]:
    thread = it.thread()
    parts = it.parts()
    if not parts:
        raise it.item.missing("conversation_parts")
    for each in parts:
        part(it, thread, each)
    return thread.events


def _rated(it: Conversation, told_at: float) -> list[e.Event]:
    """A rating from 1 to 5. Rated again, the later notification replaces it."""
    thread, rating = it.thread(), it.item.node("conversation_rating")
    score = rating.whole("rating")
    if score is None:
        return []
    if thread.customer_id is None:
        raise it.item.missing("contacts")
    it.identify(thread)
    thread.rate("rating", second(rating, "updated_at", "created_at"), score, revision=int(told_at))
    return thread.events


def _contact(node: Node, options: Options) -> list[e.Event]:
    """A contact who turns out to be somebody: by the company's own id, else by a mail address."""
    item = node.node("data.item")
    number, address = item.needed("id"), item.text("email")
    customer = customer_of(item, address)
    if customer is None or (external_id(item) is None and not customer.startswith("mailto:")):
        return []
    at = second(item, "updated_at", "created_at")
    source = source_of("intercom", node.text("app_id") or options.instance)
    return identified(source, f"contact/{number}/{milliseconds(at)}", at, customer, aliases_of(item, address))
