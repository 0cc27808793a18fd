"""The agent event stream of Amazon Connect → our events: what an agent's contacts were before, and what they are now.

The news is the difference of the two snapshots. But what a snapshot says is told with the instant at which it came
about, under ids that are the same each time: so each event, heartbeats too, repairs what was lost before it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from schemas import events as e
from schemas.rejected import Skipped
from schemas.sources.amazon_connect_contact import (
    IGNORED,
    Contact,
    agent_of,
    channel_of,
    initiation_of,
    queue_of,
    source_of,
)  # fmt: skip
from schemas.sources.amazon_connect_presence import presence_of
from schemas.sources.amazon_connect_telling import Feed, Telling, milliseconds
from schemas.sources.conversion import Converted
from schemas.sources.options import Options
from schemas.sources.payload import Node

KINDS = frozenset({"LOGIN", "LOGOUT", "STATE_CHANGE", "HEART_BEAT"})

_RINGS = frozenset({"INCOMING", "PENDING", "CONNECTING"})
_HELD = frozenset({"CONNECTED_ONHOLD", "PAUSED"})
_DECLINED: dict[str, e.DeclineResult] = {"MISSED": "no_answer", "REJECTED": "rejected", "ERROR": "error"}
_DIALLED = frozenset({"OUTBOUND", "CAMPAIGN_PREVIEW"})
"""The agent rings somebody, nothing rings at the agent."""
_SECOND = timedelta(seconds=1)


def convert_agent_event(node: Node, options: Options) -> Converted:
    """The events of an agent event. Raises `Rejected`."""
    kind = node.needed("eventType").upper()
    if kind not in KINDS:
        return Skipped(kind)
    at = node.instant("eventTimestamp")
    if at is None:
        raise node.missing("eventTimestamp")
    arn = node.needed("agentARN")
    now, before = node.node("currentAgentSnapshot"), node.node("previousAgentSnapshot")
    if not now and kind != "LOGOUT":
        raise node.missing("currentAgentSnapshot")
    agent = agent_of(options, arn, (now or before).text("configuration.username"))
    assert agent is not None
    source = source_of(node, options)
    earlier = {each.needed("contactId"): each for each in before.nodes("contacts")}
    found: list[e.Event] = []
    for each in now.nodes("contacts"):
        contact = _contact(each, source, agent, options)
        previous = earlier.pop(each.needed("contactId"), None)
        if contact is not None:
            found += _worked(contact, each, previous, at, options)
    for each in earlier.values():
        contact = _contact(each, source, agent, options)
        if contact is not None:
            found += _gone(contact, each, at, options)
    return [*found, *presence_of(kind, agent, source, at, now, before, options)]


def _contact(node: Node, source: str, agent: str, options: Options) -> Contact | None:
    channel, method = channel_of(options, node.needed("channel")), (node.text("initiationMethod") or "").upper()
    if channel is None or method in IGNORED or method == "AGENT_REPLY":
        return None
    id_ = node.needed("contactId")
    initial = node.text("initialContactId") or id_
    direction, initiation = initiation_of(method, channel)
    return Contact(
        id=id_, interaction_id=initial, parent=None if initial == id_ else initial, source=source, channel=channel,
        method=method, direction=direction, initiation=initiation, agent=agent,
        queue=queue_of(options, node.text("queue.arn"), node.text("queue.name")),
        enqueued=node.instant("queueTimestamp"), connected=node.instant("connectedToAgentTimestamp"),
    )  # fmt: skip


def _worked(contact: Contact, node: Node, previous: Node | None, at: datetime, options: Options) -> list[e.Event]:
    """What the state of a contact says."""
    state, since = _state(node), node.instant("stateStartTimestamp") or at
    dialled = contact.method in _DIALLED
    if state in _RINGS or (state in _DECLINED and contact.connected is None):
        telling = _begun(contact, since, options)
        if not dialled:
            _offer(telling, state, since)
        return telling.events
    if state == "CONNECTED" or state in _HELD:
        connected = contact.connected or since
        telling = _begun(replace(contact, connected=connected), since, options)
        changed = previous is None or (_state(previous) in _HELD) != (state in _HELD)
        if since <= connected:  # the state's instant is that of the connection: what changes, changes now
            since = at if changed else connected
        if state in _HELD:
            if since > connected:
                _hold(telling, e.Held, "held", since)
        elif since - connected > _SECOND or (previous is not None and changed):
            _hold(telling, e.Resumed, "resumed", since)
        return telling.events
    if (state == "ENDED" or state in _DECLINED) and contact.connected is not None:
        telling = _begun(replace(contact, disconnected=since), since, options)
        telling.end()
        return telling.events
    return []


def _gone(contact: Contact, node: Node, at: datetime, options: Options) -> list[e.Event]:
    """What a contact says that the agent is done with: it was over when that began, or is now."""
    if contact.connected is None or _state(node) in _RINGS:
        return []
    since = at if _state(node) == "CONNECTED" or _state(node) in _HELD else node.instant("stateStartTimestamp") or at
    telling = _begun(replace(contact, disconnected=since, work_from=since, work_until=at), since, options)
    telling.end()
    telling.wrap_up()
    return telling.events


def _begun(contact: Contact, since: datetime, options: Options) -> Telling:
    telling = Telling(contact, Feed.AGENT, options)
    if contact.parent is not None and contact.method == "TRANSFER":
        telling.follow(contact.parent, contact.enqueued or contact.connected or since)
    telling.wait()
    return telling


def _offer(telling: Telling, state: str, since: datetime) -> None:
    contact = telling.contact
    agent, queue = contact.agent, contact.queue
    name = f"{contact.agent}:{milliseconds(since)}"
    if state in _RINGS:
        telling.tell(e.Offered, f"offered:{name}", since, agent_id=agent, queue=queue)
    else:
        result = _DECLINED[state]
        telling.tell(e.Declined, f"declined:{name}", since, agent_id=agent, queue=queue, result=result)


def _hold(telling: Telling, event: type[e.Held | e.Resumed], fact: str, since: datetime) -> None:
    telling.tell(event, f"{fact}:{milliseconds(since)}", since, agent_id=telling.contact.agent)


def _state(node: Node) -> str:
    return (node.text("state") or "").upper()
