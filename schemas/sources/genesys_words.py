"""Genesys Cloud's closed lists of words, in whatever spelling, → what they mean here.

Events write `NO_ANSWER_TRANSFER`, records `noAnswerTransfer`, older ones `no.answer.transfer`: one word.
"""

from __future__ import annotations

import re

from schemas import events as e
from schemas.rejected import Rejected
from schemas.sources.options import Options
from schemas.sources.payload import Node
from schemas.sources.people import email, known_as, phone, social

_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\s.\-]+")
CHANNELS: dict[str, e.Channel | None] = {
    "VOICE": "phone", "CALLBACK": "phone", "CHAT": "chat", "EMAIL": "email", "VIDEO": "video",
    "WEBMESSAGING": "chat", "SMS": "chat", "WHATSAPP": "social", "FACEBOOK": "social", "TWITTER": "social",
    "LINE": "social", "INSTAGRAM": "social", "APPLE": "social", "OPEN": "social", "MESSAGE": "social",
    "COBROWSE": None, "SCREENSHARE": None, "SCREENMONITORING": None, "INTERNALMESSAGE": None, "UNKNOWN": None,
}  # fmt: skip
"""Messages by their `messageType`, all else by `mediaType`. None: accompanies another session, or is among agents."""

TRANSFERS: dict[str, e.TransferKind] = {
    "TRANSFER": "blind", "FORWARD_TRANSFER": "blind", "CONSULT_TRANSFER": "attended", "CONFERENCE_TRANSFER": "attended",
}  # fmt: skip
"""How an agent's session ends when the customer goes on to somebody else."""

DECLINES: dict[str, e.DeclineResult | None] = {
    "CLIENT": "rejected", "ENDPOINT": "rejected", "DND_ENDPOINT": "busy", "DND_TRANSFER": "busy",
    "NOT_AVAILABLE_TRANSFER": "busy", "ERROR": "error", "TRANSPORT_FAILURE": "error", "UNCALLABLE": "error",
    "PEER": None,
}  # fmt: skip
"""How an agent's session ends that never connected. None: the customer left. All else: no answer."""

_BY_NUMBER = frozenset({"", "UNKNOWN", "SMS", "WHATSAPP"})
"""Messages whose addresses are telephone numbers; those of others may look like some."""
_NETWORKS = {"TWITTER": "x"}
_SYSTEM = frozenset(
    {"SYSTEM", "TIMEOUT", "INACTIVITY", "SESSION_EXPIRED", "ERROR", "TRANSPORT_FAILURE", "SPAM", "UNCALLABLE"}
)
_OWN = frozenset({"CLIENT", "ENDPOINT", "DND_ENDPOINT"})


def word(told: object) -> str:
    """In capitals, with underscores; empty for what is no text.

    >>> word("noAnswerTransfer"), word("TRANSPORT_FAILURE"), word("transport.failure"), word("On Queue"), word(None)
    ('NO_ANSWER_TRANSFER', 'TRANSPORT_FAILURE', 'TRANSPORT_FAILURE', 'ON_QUEUE', '')
    """
    return _BREAK.sub("_", told.strip()[:100]).upper() if isinstance(told, str) else ""


def channel_of(session: Node, options: Options) -> e.Channel | None:
    """The channel of a session, None for one that is none of a customer's. Raises `Rejected` for a word unknown."""
    media = word(session.raw("mediaType"))
    kind = word(session.raw("messageType"))
    told = [each for each in (kind, media) if each and each != "UNKNOWN"]
    own = {word(name): channel for name, channel in options.channels.items()}
    for name in told:
        if name in own:
            return own[name]
    if not media:
        raise session.missing("mediaType")
    if media == "MESSAGE":
        return CHANNELS.get(kind) or "social"
    if media not in CHANNELS:
        raise Rejected("invalid_field", f"mediaType is {media[:60]}: say its channel in [sources.genesys.channels]")
    return CHANNELS[media]


def direction_of(told: object) -> e.Direction | None:
    """Which way, None where it is not told."""
    way = word(told)
    return "outbound" if way == "OUTBOUND" else "inbound" if way == "INBOUND" else None


def ended_by(disconnected: str, *, customer: bool) -> e.EndedBy | None:
    """Who ended a session, by how it was disconnected: the customer's own, or else an agent's."""
    if disconnected in _SYSTEM:
        return "system"
    if disconnected in _OWN:
        return "customer" if customer else "agent"
    if disconnected == "PEER":
        return "agent" if customer else "customer"
    return None


def aliases_of(session: Node, channel: e.Channel, contact: str | None) -> tuple[str | None, str | None]:
    """Who the customer is, by an address of the session and by Genesys Cloud's own contact, as far as told."""
    outbound = direction_of(session.raw("direction")) == "outbound"
    names = ("dnis", "addressTo") if outbound else ("ani", "addressFrom")
    told = [each for name in names if (each := session.words(name))]
    numbers = session.raw("callbackNumbers")
    if isinstance(numbers, list):
        told += [each for each in numbers if isinstance(each, str)][:1]
    kind = word(session.raw("messageType"))
    number = next(filter(None, map(phone, told)), None) if kind in _BY_NUMBER else None
    mail = next(filter(None, (email(each) for each in told if ":" not in each)), None)
    found = number or mail if channel == "phone" else mail or number
    if found is None and channel == "social" and kind not in _BY_NUMBER:
        found = social(_NETWORKS.get(kind, kind.lower()), session.words(names[1]) or None)
    return found, known_as("genesys", contact)
