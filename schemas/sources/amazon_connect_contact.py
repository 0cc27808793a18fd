"""A contact of Amazon Connect as contact events and contact records tell it: one segment of ours.

The two spell the same facts with other names and cases, so that one reading does for both. A contact that was passed on
is followed by another one; all of them are one interaction, named by the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from schemas.envelope import Channel
from schemas.interactions import Direction, Initiation
from schemas.sources.options import Options
from schemas.sources.payload import Node
from schemas.sources.people import email, phone

CHANNELS: dict[str, Channel] = {
    "VOICE": "phone", "CHAT": "chat", "EMAIL": "email", "TASK": "email", "TASKS": "email", "CONNECT:VIDEO": "video",
}  # fmt: skip
"""A task is work that waits for somebody, as a mail is; options may say otherwise."""
IGNORED = frozenset({"MONITOR", "EXTERNAL_OUTBOUND", "FLOW", "CONNECT:GUIDE"})
"""Nobody's reach: a supervisor listens, an agent calls a third party, a flow sends a mail or guides an agent."""

_INITIATIONS: dict[str, tuple[Direction | None, Initiation]] = {
    "INBOUND": ("inbound", "customer"),
    "WEBRTC_API": ("inbound", "customer"),
    "OUTBOUND": ("outbound", "agent"),
    "CAMPAIGN_PREVIEW": ("outbound", "agent"),
    "CALLBACK": ("outbound", "callback"),
    "API": (None, "api"),
    "TRANSFER": (None, "transfer"),
    "QUEUE_TRANSFER": (None, "transfer"),
}
_DIRECTIONS: dict[str, Direction] = {"inbound": "inbound", "outbound": "outbound"}
_SEGMENT = "segmentAttributes.connect:{}.valueString"


class Contact(Struct, frozen=True, kw_only=True):
    """`ignored`: it counts nowhere. `parent`: the contact that it was passed on from. `method`, `reason`: why it began
    and was disconnected, in capitals. `work_from`, `work_until`: after-contact work. `company_id`: the customer's in
    the company's own systems.
    """

    id: str
    interaction_id: str
    parent: str | None
    source: str
    channel: Channel
    method: str
    ignored: bool = False
    direction: Direction | None = None
    initiation: Initiation | None = None
    queue: str | None = None
    agent: str | None = None
    customer: str | None = None
    company_id: str | None = None
    initiated: datetime | None = None
    enqueued: datetime | None = None
    connected: datetime | None = None
    disconnected: datetime | None = None
    reason: str | None = None
    work_from: datetime | None = None
    work_until: datetime | None = None
    hold_ms: int | None = None

    @property
    def answered(self) -> bool:
        """Whether an agent was on who is known."""
        return self.connected is not None and self.agent is not None

    @property
    def over(self) -> datetime | None:
        """When it was disconnected: never before it was in a queue, or with an agent."""
        if self.disconnected is None:
            return None
        return max(at for at in (self.disconnected, self.enqueued, self.connected) if at is not None)


def contact_of(node: Node, options: Options) -> Contact | None:
    """The contact of a contact event or record, whose names may be in any case; None on a channel that is not known."""
    subtype = node.text(_SEGMENT.format("Subtype"))
    channel = channel_of(options, subtype, node.needed("channel"))
    if channel is None:
        return None
    id_, method = node.needed("contactId"), (node.text("initiationMethod") or "").upper()
    initial = node.text("initialContactId", "previousContactId")
    if method == "AGENT_REPLY":
        initial = initial or node.text("relatedContactId")
    parent = node.text("previousContactId") or initial
    direction, initiation = initiation_of(method, channel, node.text(_SEGMENT.format("Direction")))
    reason = node.text("disconnectReason", "disconnectDetails.disconnectReason")
    return Contact(
        id=id_, interaction_id=initial or id_, parent=None if parent == id_ else parent,
        source=source_of(node, options), channel=channel, method=method,
        ignored=method in IGNORED or (subtype not in options.channels and (subtype or "").upper() in IGNORED),
        direction=direction, initiation=initiation,
        queue=queue_of(options, node.text("queueInfo.queueArn", "queue.arn"), node.text("queue.name")),
        agent=agent_of(options, node.text("agentInfo.agentArn", "agent.arn"), node.text("agent.username")),
        customer=_customer(node, channel), company_id=node.text("customerId"),
        initiated=node.instant("initiationTimestamp"),
        enqueued=node.instant("queueInfo.enqueueTimestamp", "queue.enqueueTimestamp"),
        connected=node.instant("agentInfo.connectedToAgentTimestamp", "agent.connectedToAgentTimestamp"),
        disconnected=node.instant("disconnectTimestamp"), reason=reason.upper() if reason else None,
        work_from=_of_agent(node, "afterContactWorkStartTimestamp"),
        work_until=_of_agent(node, "afterContactWorkEndTimestamp"),
        hold_ms=node.duration_ms("agentInfo.agentInitiatedHoldDuration", "agent.customerHoldDuration") or None,
    )  # fmt: skip


def channel_of(options: Options, *words: str | None) -> Channel | None:
    """Our channel of the first word, the narrowest, that options or we know.

    >>> channel_of(Options(), "connect:SMS", "CHAT")
    'chat'
    >>> channel_of(Options(channels={"connect:SMS": "social"}), "connect:SMS", "CHAT")
    'social'
    """
    for word in words:
        if word is not None:
            found = options.channels.get(word) or options.channels.get(word.upper()) or CHANNELS.get(word.upper())
            if found is not None:
                return found
    return None


def initiation_of(method: str, channel: Channel, told: str | None = None) -> tuple[Direction | None, Initiation | None]:
    """Which way an interaction goes, `told` or by how it began, and who began it."""
    direction, initiation = _INITIATIONS.get(method, (None, None))
    if method == "API":
        direction = "outbound" if channel == "phone" else "inbound"
    return _DIRECTIONS.get((told or "").lower(), direction), initiation


def source_of(node: Node, options: Options) -> str:
    """`/amazon_connect/<instance>`: all feeds tell the instance by its ARN."""
    instance = last_part(node.text("instanceArn")) or node.text("tags.aws:connect:instanceId") or options.instance
    return f"/amazon_connect/{instance}" if instance else "/amazon_connect"


def queue_of(options: Options, arn: str | None, name: str | None) -> str | None:
    """What stands for a queue in every feed: the ARN's last part, `agent/<id>` for an agent's own queue.

    >>> queue_of(Options(), "arn:aws:connect:eu-west-1:1:instance/i/queue/q1", "Support")
    'q1'
    >>> queue_of(Options(), "arn:aws:connect:eu-west-1:1:instance/i/queue/agent/a1", None)
    'agent/a1'
    """
    own = arn.partition("/queue/")[2] if arn is not None else ""
    return _named(options.queues, arn, own or last_part(arn), name)


def agent_of(options: Options, arn: str | None, username: str | None) -> str | None:
    """What stands for an agent in every feed: the ARN's last part.

    >>> agent_of(Options(agents={"anna": "7"}), "arn:aws:connect:eu-west-1:1:instance/i/agent/a1", "anna")
    'anna'
    """
    return _named(options.agents, arn, last_part(arn), username)


def last_part(arn: str | None) -> str | None:
    """What an ARN ends with; all of it where that is nothing."""
    return arn.rpartition("/")[2] or arn if arn is not None else None


def _named(table: Mapping[str, str], arn: str | None, id_: str | None, name: str | None) -> str | None:
    """Contact events tell nothing but ARNs: a name counts only where the table has it, or nothing else is told."""
    return next((each for each in (id_, arn, name) if each in table), id_ or name)


def _customer(node: Node, channel: Channel) -> str | None:
    address = node.text("customerEndpoint.address")
    found = email(address) if channel == "email" or "@" in (address or "") else None
    return found or phone(address)


def _of_agent(node: Node, name: str) -> datetime | None:
    return node.instant(f"agentInfo.{name}", f"agent.{name}")
