"""Payloads of Amazon Connect → our events: contact events, contact records, and the agent event stream.

All three may be sent, in any order: what they tell of one thing is one event. Which one a payload is shows in its
shape. Names are the same in any case, since the vendor's own samples do not agree on it.
"""

from __future__ import annotations

from schemas.rejected import Rejected, Skipped
from schemas.sources.amazon_connect_agents import convert_agent_event
from schemas.sources.amazon_connect_events import DETAIL_TYPE, convert_event
from schemas.sources.amazon_connect_records import convert_record
from schemas.sources.conversion import Converted
from schemas.sources.options import Options
from schemas.sources.payload import read


def convert(payload: bytes, options: Options) -> Converted:
    """The events of one payload. Raises `Rejected`."""
    node, sent_at = read(payload).in_any_case(), None
    if "detail" in node:
        kind, sent_at = node.words("detail-type") or DETAIL_TYPE, node.instant("time")
        if kind.lower() != DETAIL_TYPE.lower():
            return Skipped(kind)
        node = node.node("detail")
    if "currentAgentSnapshot" in node or "agentARN" in node:
        return convert_agent_event(node, options)
    if "eventType" in node:
        return convert_event(node, sent_at, options)
    if "contactId" in node:
        return convert_record(node, options)
    raise Rejected("not_an_event", "the payload is neither a contact event nor a contact record nor an agent event")
