"""Contact events of Amazon Connect → our events. They come in any order, and not all of them come.

So each tells again all that it knows of its contact: what one that was lost would have told, the next one tells too,
under the same ids.
"""

from __future__ import annotations

from datetime import datetime

from schemas import events as e
from schemas.rejected import Skipped
from schemas.sources.amazon_connect_contact import Contact, contact_of
from schemas.sources.amazon_connect_telling import Feed, Telling, milliseconds
from schemas.sources.conversion import Converted
from schemas.sources.options import Options
from schemas.sources.payload import Node

DETAIL_TYPE = "Amazon Connect Contact Event"
NO_MATTER = frozenset({"CONTACT_DATA_UPDATED", "CONNECTED_TO_SYSTEM", "AMD_DISABLED", "WEBRTC_API"})

_NEEDED: dict[str, tuple[str, ...]] = {
    "INITIATED": ("initiationTimestamp",),
    "QUEUED": ("queueInfo.enqueueTimestamp",),
    "CONNECTED_TO_AGENT": ("agentInfo.agentArn", "agentInfo.connectedToAgentTimestamp"),
    "DISCONNECTED": ("disconnectTimestamp",),
    "COMPLETED": (),
    "PAUSED": (),
    "RESUMED": (),
}


def convert_event(node: Node, sent_at: datetime | None, options: Options) -> Converted:
    """The events of a contact event, whose envelope, if it had one, was sent at this instant. Raises `Rejected`."""
    kind = node.needed("eventType").upper()
    if kind in NO_MATTER:
        return []
    if kind not in _NEEDED:
        return Skipped(kind)
    contact = contact_of(node, options)
    if contact is None:
        return Skipped(f"channel {node.text('channel')}")
    for name in _NEEDED[kind]:
        if (node.instant(name) if name.endswith("Timestamp") else node.text(name)) is None:
            raise node.missing(name)
    if contact.ignored:
        return []
    telling = Telling(contact, Feed.LIVE, options)
    if contact.method == "AGENT_REPLY":
        reply(telling)
        return telling.events
    telling.begin()
    telling.wait()
    if kind in {"PAUSED", "RESUMED"}:
        _pause(telling, kind, node, sent_at)
    telling.end()
    if kind == "COMPLETED":
        telling.wrap_up()
    return telling.events


def reply(telling: Telling) -> None:
    """A mail of an agent is a message of the thread that it answers, once it is sent."""
    contact = telling.contact
    if contact.disconnected is not None and contact.reason != "DISCARDED" and contact.interaction_id != contact.id:
        at, agent = contact.disconnected, contact.agent
        telling.tell(e.Message, "message", at, author="agent", agent_id=agent, segment_id=None)


def _pause(telling: Telling, kind: str, node: Node, sent_at: datetime | None) -> None:
    contact: Contact = telling.contact
    name = "lastPausedTimestamp" if kind == "PAUSED" else "lastResumedTimestamp"
    at = node.instant(name) or sent_at
    if at is None:
        raise node.missing(name, "time")
    event, fact = (e.Held, "held") if kind == "PAUSED" else (e.Resumed, "resumed")
    telling.tell(event, f"{fact}:{milliseconds(at)}", at, agent_id=contact.agent)
