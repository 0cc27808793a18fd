"""What the task says that an event is about: which interaction, on which channel, of which customer, which way.

Every event repeats the task's attributes, which are free: whatever they hold, they are no fault.
"""

from __future__ import annotations

import re
from typing import Any

from schemas import events as e
from schemas.rejected import Rejected
from schemas.sources.options import Options
from schemas.sources.payload import Node
from schemas.sources.people import email, known_as, phone, social

CHANNELS: dict[str, e.Channel] = {
    "voice": "phone", "call": "phone", "phone": "phone", "callback": "phone", "voicemail": "phone",
    "chat": "chat", "web": "chat", "webchat": "chat", "sms": "chat", "rcs": "chat",
    "whatsapp": "social", "messenger": "social", "facebook": "social", "instagram": "social",
    "line": "social", "telegram": "social", "viber": "social", "gbm": "social",
    "email": "email", "video": "video",
}  # fmt: skip
"""Twilio's words for a channel, of the task channel and of the attribute `channelType` → ours."""

WITHHELD = frozenset({"+266696687", "+7378742833", "+2562533", "+8566696", "+86282452253"})
"""What Twilio puts for a number that is not told: the keys for anonymous, restricted, blocked, unknown, unavailable."""

_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_NETWORK = re.compile(r"([a-z]{2,20}):(.+)")
_LONGEST = 128
_NETWORKS = {"messenger": "facebook", "twitter": "x"}
_LINKED = frozenset({"phone", "video"})
_HUNG_UP_BY: dict[str, e.EndedBy] = {"customer": "customer", "agent": "agent", "system": "system"}


class Task:
    """Of one event. `linked`: the interaction has an id of its own, other tasks may be of it too."""

    def __init__(self, node: Node, options: Options) -> None:
        self.sid = node.needed("TaskSid")
        self.attributes = node.embedded("TaskAttributes")
        self.channel = self._channel(node, options)
        self.direction: e.Direction | None = None
        way = self.said("direction").lower()
        if way:
            self.direction = "outbound" if way.startswith("outbound") else "inbound"
        self.conversation = self.said("conversations.conversation_id")
        self.interaction_id = self._interaction_id(node)
        self.own_id = self._own_id()
        self.aliases = self._aliases()
        self.customer_id = self.own_id or self._alias()

    def said(self, *names: str) -> str:
        """An attribute as a text; empty where there is none, or none that is a text or a number."""
        for name in names:
            told = self.attributes.raw(name)
            if isinstance(told, str | int) and not isinstance(told, bool):
                return str(told).strip()[: 8 * _LONGEST]
        return ""

    @property
    def initiation(self) -> e.Initiation:
        """Who began: a callback is made because the customer asked, a second task of a conversation by a transfer."""
        if self.said("taskType").lower() == "callback":
            return "callback"
        if self.direction == "outbound":
            return "agent"
        second = self.channel not in _LINKED and self.conversation.startswith("WT") and self.conversation != self.sid
        return "transfer" if second else "customer"

    @property
    def hung_up_by(self) -> e.EndedBy | None:
        """Who ended it, where the attributes tell."""
        return _HUNG_UP_BY.get(self.said("conversations.hang_up_by").lower())

    def _channel(self, node: Node, options: Options) -> e.Channel:
        words = [self.said("channelType"), node.words("TaskChannelUniqueName")]
        for table in (options.channels, CHANNELS):
            for word in words:
                found = table.get(word) or table.get(word.lower())
                if found is not None:
                    return found
        if self.said("call_sid"):
            return "phone"
        told = words[1] or words[0] or "missing"
        raise Rejected(
            "invalid_field",
            f"TaskChannelUniqueName is {told[:60]}: say which channel that is, in [sources.twilio.channels]",
        )

    def _interaction_id(self, node: Node) -> str:
        """The conversation's on live voice, where a task survives its transfers, else the task's own.

        In writing a transfer makes a second task while the first one is wrapped up: its end is not the conversation's.
        """
        told = self.conversation
        if not told or told == self.sid or self.channel not in _LINKED:
            return self.sid
        name = told if _SID.fullmatch(told) else f"{node.text('AccountSid') or 'twilio'}-{told}"
        return name if len(name) <= _LONGEST else self.sid

    def _own_id(self) -> str | None:
        told = self.said("customers.customer_id", "customers.external_id")
        return told if 0 < len(told) <= _LONGEST else None

    def _addresses(self) -> list[str]:
        if self.direction == "outbound":
            names: tuple[str, ...] = ("outbound_to", "to", "customers.phone", "customers.email")
        else:
            names = ("from", "caller", "customerAddress", "customers.phone", "customers.email", "numberToCall")
        return [told for told in map(self.said, names) if told and told not in WITHHELD]

    def _aliases(self) -> list[str]:
        """A number and an address, as far as told. Who writes may have a name of digits alone: that is no number."""
        addresses, calls, told = self._addresses(), self.channel == "phone", self.said("customers.phone")
        number = next(filter(None, (phone(each) for each in addresses if calls or "+" in each or each == told)), None)
        mail = next(filter(None, (email(each) for each in addresses if ":" not in each)), None)
        return [alias for alias in (number, mail) if alias]

    def _alias(self) -> str | None:
        aliases = self.aliases if self.channel == "phone" else self.aliases[::-1]
        if aliases:
            return aliases[0]
        address = self.said("customerAddress")
        found = _NETWORK.fullmatch(address)
        return social(_NETWORKS.get(found[1], found[1]), found[2]) if found else known_as("twilio", address)

    def told(self, kind: Any = e.Told, /, **more: Any) -> Any:
        """`data` of an event of the interaction."""
        return kind(
            interaction_id=self.interaction_id, channel=self.channel, customer_id=self.customer_id,
            direction=self.direction, **more,
        )  # fmt: skip
