"""Chatwoot's objects, read: a conversation with who waits, who owns it and who asks; what has changed; times.

A payload has times as whole seconds, as seconds with a fraction, and in ISO 8601, each field in a way of its own. It
shows the conversation as it is when the payload is made, so that what it says beside the change may be newer than it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from schemas import events as e
from schemas.sources.options import Options, pick
from schemas.sources.payload import Node
from schemas.sources.people import email, known_as, phone, social
from schemas.sources.threads import Thread, source_of

_CHANNELS: dict[str, e.Channel] = {
    "Email": "email",
    "FacebookPage": "social",
    "Instagram": "social",
    "Line": "social",
    "Telegram": "social",
    "Tiktok": "social",
    "TwitterProfile": "social",
    "Voice": "phone",
    "Whatsapp": "social",
}
"""Channel types without `Channel::`; all others are chat."""
_NUMBERED = {"0": "open", "1": "resolved", "2": "pending", "3": "snoozed"}
_NETWORKS = {
    "FacebookPage": "facebook",
    "Instagram": "instagram",
    "Line": "line",
    "Telegram": "telegram",
    "Tiktok": "tiktok",
    "TwitterProfile": "x",
}

_AT_ONCE = timedelta(seconds=1)


class Conversation:
    """A conversation. `queue`: its team, else its inbox. `agent`: the person who owns it, none while a bot does."""

    def __init__(self, node: Node, options: Options, *, inbox: str | None = None) -> None:
        self._node = node
        self._options = options
        self._inbox = node.text("inbox_id") or inbox or node.needed("inbox_id")
        self._contact = node.node("meta.sender")
        self._kind = (node.text("channel") or "").removeprefix("Channel::")
        self.status = node.text("status") or "open"
        assignee = node.node("meta.assignee")
        told = f"{node.text('meta.assignee_type') or ''} {assignee.text('type') or ''}".lower()
        self.by_bot = "bot" in told or "assistant" in told
        self.agent = None if self.by_bot else assignee.text("id")

    @property
    def queue(self) -> str | None:
        """As it is when the payload is made."""
        return self.queue_of(self._node.text("meta.team.id"))

    def queue_of(self, team: str | None) -> str | None:
        """That of a team, or of the inbox: teams by name or as `team:<id>`, inboxes by id, for only that is told."""
        if team is None:
            return self._inbox
        name = self._node.text("meta.team.name") if team == self._node.text("meta.team.id") else None
        return pick(self._options.queues, f"team:{team}", name)

    @property
    def created_at(self) -> datetime:
        """When it began, to the second."""
        at = instant(self._node, "created_at")
        if at is None:
            raise self._node.missing("created_at")
        return at

    @property
    def updated_at(self) -> datetime:
        """When anything of it changed last."""
        at = instant(self._node, "updated_at")
        if at is None:
            raise self._node.missing("updated_at")
        return at

    def thread(self) -> Thread:
        """Where its events go. Inboxes' ids are unique in an installation, conversations' in an account alone."""
        kind = self._kind
        channels = self._options.channels
        channel = channels.get(kind) or channels.get(f"Channel::{kind}") or _CHANNELS.get(kind, "chat")
        number = self._node.needed("id")
        name = f"{self._inbox}-{number}"
        instance = self._options.instance
        return Thread(
            source_of("chatwoot", instance), f"{instance}-{name}" if instance else name, channel, self._customer()
        )

    def identify(self, thread: Thread) -> None:
        """Who else the customer is, where the company's own id of them is told."""
        if self._contact.text("identifier") is not None:
            thread.identify(self.created_at, aliases_of(self._contact))

    def _customer(self) -> str | None:
        network = _NETWORKS.get(self._kind)
        handle = self._node.text("contact_inbox.source_id") if network else None
        contact = self._contact
        return (
            identifier(contact)
            or email(contact.text("email"))
            or phone(contact.text("phone_number"))
            or (social(network, handle) if network else None)
            or known_as("chatwoot", contact.text("id"))
        )


def identifier(contact: Node) -> str | None:
    """The customer's id in the company's own systems."""
    told = contact.text("identifier")
    return told if told is not None and len(told) <= 128 else None


def aliases_of(contact: Node) -> list[str | None]:
    """All that a contact is known by, but for the company's own id."""
    return [
        email(contact.text("email")),
        phone(contact.text("phone_number")),
        known_as("chatwoot", contact.text("id")),
    ]


def instant(node: Node, name: str) -> datetime | None:
    """Seconds since 1970 where it is a number, else ISO 8601."""
    told = node.raw(name)
    return node.instant(name) if isinstance(told, str) else node.epoch(name)


class Changes:
    """`changed_attributes`: a list of objects with one field each, an object, or null."""

    def __init__(self, node: Node) -> None:
        self._found: dict[str, Node] = {}
        for each in node.nodes("changed_attributes"):
            for name in each:
                self._found[name] = each.node(name)

    def __contains__(self, name: str) -> bool:
        return name in self._found

    @property
    def creation(self) -> bool:
        """Whether it lists every column, as a conversation that has just begun does."""
        return "id" in self._found or "created_at" in self._found

    def of(self, name: str) -> tuple[str | None, str | None]:
        """Before and after, as texts."""
        change = self._found.get(name, Node({}))
        return change.text("previous_value"), change.text("current_value")

    def of_status(self) -> tuple[str | None, str | None]:
        """Of the status: a word, or its number."""
        before, after = self.of("status")
        return _NUMBERED.get(before or "", before), _NUMBERED.get(after or "", after)

    def at(self) -> datetime | None:
        """When it changed."""
        change = self._found.get("updated_at")
        return None if change is None else instant(change, "current_value")

    @property
    def opened_at(self) -> datetime | None:
        """When it may have been opened by whoever it is given to here: the save just before this one."""
        at, before = self.at(), instant(self._found.get("updated_at", Node({})), "previous_value")
        return before if at is not None and before is not None and timedelta(0) < at - before < _AT_ONCE else None
