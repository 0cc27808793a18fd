"""Genesys Cloud's notifications and records of conversations → ours. See `tables.genesys`.

Notifications come as they are from a channel, and inside `detail` from EventBridge; records one by one, or as the list
of a query's answer.
"""

from __future__ import annotations

import re

from schemas import events as e
from schemas.rejected import Rejected, Skipped
from schemas.sources.conversion import Converted
from schemas.sources.genesys_agents import state
from schemas.sources.genesys_detail import detail
from schemas.sources.genesys_record import record
from schemas.sources.options import Options
from schemas.sources.payload import Node, read

_CONVERSATION = re.compile(r"v2\.detail\.events\.conversation\.[^.]+\.(\S{1,60})")
_AGENT = re.compile(r"v2\.(?:detail\.events\.agent\.([^.]+)\.state|users\.([^.]+)\.activity)")
_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_OF_NO_MATTER = frozenset({"channel.metadata"})
_LONGEST_KIND = 100


def convert(payload: bytes, options: Options) -> Converted:
    """The events of one payload. Raises `Rejected`."""
    told = read(payload)
    if "detail" in told:
        outer, told = told, told.node("detail")
        topic = told.text("topicName") or outer.text("detail-type")
    else:
        topic = told.text("topicName")
    if topic is not None:
        return _notified(topic, told, options)
    if "conversations" in told:
        found: list[e.Event] = []
        for each in told.nodes("conversations"):
            found += record(each, options)
        return found
    if "participants" in told or "conversationId" in told:
        return record(told, options)
    raise Rejected("not_an_event", "it has no topicName, detail, conversations or conversationId: send it as it came")


def _notified(topic: str, told: Node, options: Options) -> Converted:
    if topic in _OF_NO_MATTER:
        return []
    body = told.node("eventBody")
    agent = _AGENT.fullmatch(topic)
    conversation = _CONVERSATION.fullmatch(topic)
    found: list[e.Event] | None = None
    if agent is not None:
        found = state(agent[1] or agent[2], body, options)
    elif conversation is not None:
        found = detail(conversation[1], body, options)
    return Skipped(_ID.sub("{id}", topic)[:_LONGEST_KIND]) if found is None else found
