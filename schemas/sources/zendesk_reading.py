"""Zendesk's events, read: webhooks (`zen:event-type:ticket.…`) and the same through EventBridge, in one shape.

A webhook has ids as texts and words in capitals, EventBridge has numbers and small letters. Times are cut to the second
of the ticket's update: what one action does is told by several events, in no order, and is of one instant then.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from schemas import events as e
from schemas.sources.options import Options
from schemas.sources.payload import Node
from schemas.sources.people import known_as
from schemas.sources.threads import Thread, source_of

DONE = frozenset({"solved", "closed"})
PARKED = frozenset({"pending", "hold"})

_SAME_UPDATE = timedelta(seconds=5)
_ACCOUNT = re.compile(r"zendesk\.com/(\d+)", re.ASCII)
_BRIDGED = {"comment_created": "comment_added"}
_NOBODY = {"0", "-1"}
_CHAT = ("chat", "messaging", "mobile_chat", "native_messaging", "sms", "sunshine_conversations_api")
_PHONE = ("phone", "phone_call_inbound", "phone_call_outbound", "voice", "voicemail")
_SOCIAL = (
    "apple", "facebook", "google_business_messages", "googlercs", "instagram_dm", "kakao", "kakaotalk", "line",
    "messagebird_sms", "telegram", "twitter", "twitter_dm", "twitter_favorite", "viber", "wechat", "whatsapp",
)  # fmt: skip
_CHANNELS: dict[str, e.Channel] = {
    **dict.fromkeys(_CHAT, "chat"),
    **dict.fromkeys(_PHONE, "phone"),
    **dict.fromkeys(_SOCIAL, "social"),
}
"""`via.channel` → ours; all others (web, email, api, …) are email."""


class Happening:
    """One event of a ticket. `told`: what is particular to its kind; `ticket`: how the ticket is after the action.

    `kind`: as webhooks have it, without `ticket.`.
    """

    def __init__(self, node: Node, options: Options) -> None:
        bridged = node.node("detail.ticket_event", "ticket_event")
        if bridged:
            self.kind = _kind(bridged.needed("type"))
            self.told, self.ticket = bridged, bridged.node("ticket")
            moment = bridged.instant("meta.occurred_at")
            self._actor = bridged.text("meta.actor_id")
            found = _ACCOUNT.search(node.text("source") or "")
            account = found[1] if found else None
        else:
            self.kind = _kind(node.needed("type").rpartition("ticket.")[2])
            self.told, self.ticket = node.node("event"), node.node("detail")
            moment = node.instant("time")
            self._actor = self.ticket.text("actor_id")
            account = None
        self._options = options
        self._account = account or node.text("account_id") or options.instance
        self.at = self._at(moment or node.instant("time"))
        self.stamp = int(self.at.timestamp())
        self.status = word(self.ticket, "status") or "open"
        self.group = person(self.ticket, "group_id")
        self.agent = person(self.ticket, "assignee_id")
        self.requester = person(self.ticket, "requester_id")

    @property
    def began_at(self) -> datetime | None:
        """The second in which the ticket was made."""
        at = self.ticket.instant("created_at")
        return None if at is None else _second(at)

    def change(self) -> tuple[str | None, str | None]:
        """An id before and after."""
        return person(self.told, "previous"), person(self.told, "current")

    def thread(self) -> Thread:
        """Where its events go."""
        told = word(self.ticket, "via.channel") or ""
        channel = self._options.channels.get(told) or _CHANNELS.get(told, "email")
        ticket = self.ticket.needed("id")
        name = f"{self._account}-{ticket}" if self._account else ticket
        return Thread(source_of("zendesk", self._account), name, channel, known_as("zendesk", self.requester))

    @property
    def by(self) -> e.EndedBy:
        """Who did it: rules have no actor, or -1."""
        if self._actor is None or self._actor in _NOBODY:
            return "system"
        return "customer" if self._actor == self.requester != self.agent else "agent"

    @property
    def outbound(self) -> bool:
        """Whether an agent opened the ticket by hand: who asks on a page of the help center submits it too."""
        submitter = person(self.ticket, "submitter_id")
        by_hand = word(self.ticket, "via.channel") == "web"
        return by_hand and None not in {submitter, self.requester} and submitter != self.requester

    def _at(self, moment: datetime | None) -> datetime:
        updated = self.ticket.instant("updated_at")
        known = moment or updated
        if known is None:
            raise self.ticket.missing("updated_at")
        if updated is not None and timedelta(0) <= known - _second(updated) < _SAME_UPDATE:
            return _second(updated)
        return _second(known)


def word(node: Node, name: str) -> str | None:
    """A word of the vendor's, in small letters with underscores."""
    told = node.text(name)
    return None if told is None else re.sub(r"[\s-]+", "_", told.lower()).removeprefix("on_")


def person(node: Node, *names: str) -> str | None:
    """An id; 0 and -1 are nobody."""
    told = node.text(*names)
    return None if told in _NOBODY else told


def _kind(told: str) -> str:
    plain = re.sub(r"[\s-]+", "_", told.strip().lower()).removeprefix("ticket_")
    return _BRIDGED.get(plain, plain)


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)
