"""Intercom's conversation, read, as older and newer versions of its API write it.

The customer is `user`, `contacts` or `customers`; the assignee an object or two ids; the first message is
`conversation_message` or `source`; parts are a list, or an object with one in it. Times are whole seconds.
"""

from __future__ import annotations

from datetime import datetime

from schemas import events as e
from schemas.sources.options import Options
from schemas.sources.payload import Node
from schemas.sources.people import email, known_as, phone
from schemas.sources.threads import Thread, source_of

UNASSIGNED = "unassigned"
"""The queue of what no team has."""

_CHANNELS: dict[str, e.Channel] = {
    "email": "email",
    "facebook": "social",
    "instagram": "social",
    "phone_call": "phone",
    "phone_switch": "phone",
    "twitter": "social",
    "whatsapp": "social",
}
"""`source.type` → ours; all others (conversation, push, sms, …) are chat."""
_AUTHORS: dict[str, e.Author] = {
    "admin": "agent",
    "bot": "bot",
    "contact": "customer",
    "lead": "customer",
    "operator": "bot",
    "user": "customer",
    "visitor": "customer",
}


class Conversation:
    """A conversation as it is when the notification is made.

    `agent`: the admin who has it; `by_bot`: a bot has it; `with_people`: an admin or a team has it; `queue`: its team,
    or unassigned, None where an admin has it and the team is not told.
    """

    def __init__(self, node: Node, options: Options) -> None:
        self._options = options
        self._app = node.text("app_id") or options.instance
        self.item = node.node("data.item")
        self.first = self.item.node("source", "conversation_message")
        state = self.item.text("state")
        self.closed, self.snoozed = state == "closed", state == "snoozed"
        assignee = self.item.node("assignee")
        kind = assignee.text("type")
        own = assignee.text("id") if kind == "admin" else None
        self.agent = _somebody(self.item, "admin_assignee_id") or own
        team = assignee.text("id") if kind == "team" else None
        unknown = own is not None and "team_assignee_id" not in self.item
        self.queue = _somebody(self.item, "team_assignee_id") or team or (None if unknown else UNASSIGNED)
        self.by_bot = self.agent is None and kind == "bot"
        self.with_people = not self.by_bot and (self.agent is not None or self.queue not in {None, UNASSIGNED})
        self._contact = self.item.node("user", "contacts.contacts", "contacts", "customers", "contact")

    @property
    def began_at(self) -> datetime:
        """When the first message was sent."""
        return second(self.item, "created_at")

    def thread(self) -> Thread:
        """Where its events go."""
        number = self.item.needed("id")
        kind = (self.item.text("source.type") or "").lower()
        channel = self._options.channels.get(kind) or _CHANNELS.get(kind, "chat")
        name = f"{self._app}-{number}" if self._app else number
        return Thread(source_of("intercom", self._app), name, channel, customer_of(self._contact, self._address()))

    def identify(self, thread: Thread) -> None:
        """Who else the customer is, where the company's own id of them is told."""
        if external_id(self._contact) is not None:
            thread.identify(self.began_at, aliases_of(self._contact, self._address()))

    def parts(self) -> list[Node]:
        """What was added; mostly one part."""
        found = self.item.nodes("conversation_parts.conversation_parts", "conversation_parts")
        return [each for each in found if each.text("type") != "conversation_part.list"]

    def _address(self) -> str | None:
        """The contact's address, which newer versions tell of who wrote first."""
        author = self.first.node("author")
        same = author.text("id") == self._contact.text("id")
        return self._contact.text("email") or (author.text("email") if same else None)


def author_of(node: Node) -> e.Author:
    """Who wrote it: what an admin's name stands on may be a bot's."""
    if node.flag("author.from_ai_agent") is True:
        return "bot"
    return _AUTHORS.get((node.text("author.type") or "").lower(), "system")


def customer_of(contact: Node, address: str | None) -> str | None:
    """The company's own id, else an address, a number, Intercom's id."""
    return (
        external_id(contact)
        or email(address)
        or phone(contact.text("phone"))
        or known_as("intercom", contact.text("id"))
    )


def external_id(contact: Node) -> str | None:
    """The customer's id in the company's own systems."""
    told = contact.text("external_id", "user_id")
    return told if told is not None and len(told) <= 128 else None


def aliases_of(contact: Node, address: str | None) -> list[str | None]:
    """All that a contact is known by, but for the company's own id."""
    return [email(address), phone(contact.text("phone")), known_as("intercom", contact.text("id"))]


def second(node: Node, *names: str) -> datetime:
    """An instant that must be there."""
    at = node.epoch(*names)
    if at is None:
        raise node.missing(*names)
    return at


def _somebody(node: Node, name: str) -> str | None:
    told = node.text(name)
    return None if told == "0" else told
