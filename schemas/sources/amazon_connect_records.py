"""Contact records of Amazon Connect → our events: all of a contact, after it is over, and again whenever it changes.

A record's instants are whole seconds. What live feeds told to the millisecond stands, and the record tells what was
lost; what only the record knows replaces what live feeds could not know (see `amazon_connect_telling`): holds, and
whether an agent left a contact before the customer. One that was begun only to ask somebody is none of the customer's.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from schemas import events as e
from schemas.rejected import Skipped
from schemas.sources.amazon_connect_answers import answers
from schemas.sources.amazon_connect_contact import Contact, contact_of
from schemas.sources.amazon_connect_events import reply
from schemas.sources.amazon_connect_telling import FACTS, Feed, Telling, milliseconds
from schemas.sources.conversion import Converted
from schemas.sources.options import Options
from schemas.sources.payload import Node

MOST_OF_A_CONSULT_MS = 2000
"""Of an agent's time with the customer: somebody who was only asked."""

_SECOND = timedelta(seconds=1)
_FIRST_RESPONSE = tuple(
    f"chatMetrics.{group}.agentFirstResponseTimestamp" for group in ("contactMetrics", "chatContactMetrics")
)


def convert_record(node: Node, options: Options) -> Converted:
    """The events of a contact record. Raises `Rejected`."""
    contact, updated = contact_of(node, options), node.instant("lastUpdateTimestamp")
    if contact is None:
        return Skipped(f"channel {node.text('channel')}")
    if updated is None:
        raise node.missing("lastUpdateTimestamp")
    if contact.ignored:
        return []
    telling = Telling(contact, Feed.RECORD, options, milliseconds(updated) // 1000)
    if contact.method == "AGENT_REPLY":
        reply(telling)
        return telling.events
    spoken_ms = node.duration_ms("agent.agentInteractionDuration")
    if _was_asked(contact, spoken_ms):
        _take_back(telling, updated)
        return telling.events
    telling.begin()
    telling.wait()
    _respond(telling, node)
    _end(telling, node, spoken_ms)
    if contact.parent is None and (contact.company_id or contact.customer) is not None:
        telling.tell(e.Updated, "updated", contact.over or updated, segment_id=None, revision=telling.revision)
    telling.events += answers(contact, node, options, contact.over or updated, telling.revision)
    return telling.events


def _was_asked(contact: Contact, spoken_ms: int | None) -> bool:
    """Whether an agent was asked by another one, who then went on with the customer; or was to be, and did not come."""
    if contact.method != "TRANSFER" or contact.parent is None:
        return False
    if not contact.answered:
        return contact.reason == "AGENT_DISCONNECT"
    alone = contact.reason not in {"CUSTOMER_DISCONNECT", "TRANSFERRED"}
    return alone and spoken_ms is not None and spoken_ms <= MOST_OF_A_CONSULT_MS


def _take_back(telling: Telling, updated: datetime) -> None:
    contact = telling.contact
    at = contact.initiated or contact.connected or updated
    for fact in FACTS:
        telling.take_back(fact, at, telling.revision)
    if contact.parent is not None:
        telling.not_passed_on(contact.parent, at)


def _respond(telling: Telling, node: Node) -> None:
    at = node.instant(*_FIRST_RESPONSE)
    if at is not None and telling.contact.answered:
        agent, revision = telling.contact.agent, telling.revision
        telling.tell(e.Message, "first_response", at, author="agent", agent_id=agent, revision=revision)


def _end(telling: Telling, node: Node, spoken_ms: int | None) -> None:
    """The end, and the agent's work. In a chain of contacts spans are cut in ways of the vendor's: its sums stand."""
    contact, revision, over = telling.contact, telling.revision, telling.contact.over
    if not contact.answered or over is None:
        telling.end()
        return
    following = node.text("nextContactId")
    followed = following is not None
    if following is not None:
        telling.take_back("passed_on", over, revision, of=following)
    passed_on = node.instant("transferCompletedTimestamp")
    early = contact.work_from is not None and over - contact.work_from > _SECOND
    left = contact.work_from if early else passed_on if contact.reason != "TRANSFERRED" else passed_on or over
    if left is None:
        if followed:
            telling.take_back("transferred", over, revision)
        telling.end(revision if followed or contact.hold_ms else None)
    else:
        left = min(left, over)
        telling.part(left, revision)
        if followed:
            telling.take_back("ended", over, revision)
        else:
            telling.end(revision, parted=True)
    if (followed or contact.parent is not None) and spoken_ms is not None:
        worked_ms = node.duration_ms("agent.afterContactWorkDuration") or 0
        handle_ms = spoken_ms + (contact.hold_ms or 0) + worked_ms
        telling.wrap_up(left, revision=revision, wrap_up_ms=worked_ms, handle_ms=handle_ms)
    else:
        telling.wrap_up(left)
