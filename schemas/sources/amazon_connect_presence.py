"""What the agent event stream of Amazon Connect says of an agent: there or not, ready or not, for which queues.

A status has its own instant, so that whoever tells it, a heartbeat too, tells the same event.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from schemas import events as e
from schemas.sources.amazon_connect_contact import channel_of, queue_of
from schemas.sources.amazon_connect_telling import milliseconds
from schemas.sources.options import Options
from schemas.sources.payload import Node

_BY_TYPE: dict[str, e.Presence] = {"ROUTABLE": "available", "CUSTOM": "not_ready", "OFFLINE": "logged_out"}
_BY_NAME: dict[str, e.Presence] = {"AVAILABLE": "available", "OFFLINE": "logged_out"}
"""Of streams that tell no type: the two statuses that every instance has."""
_REPAIRED = -1


def presence_of(
    kind: str, agent: str, source: str, at: datetime, now: Node, before: Node, options: Options
) -> list[e.Event]:
    """The events of one agent event of a kind, with its two snapshots."""

    def told(event: Any, name: str, when: datetime, data: e.AgentData, revision: int = 0) -> e.Event:
        id_ = f"{agent}:{name}:{milliseconds(when)}"
        found: e.Event = event(id=id_, source=source, specversion="1.0", time=when, revision=revision, data=data)
        return found

    if kind == "LOGOUT":
        return [told(e.AgentStateChanged, "logout", at, e.AgentData(agent_id=agent, presence="logged_out"))]
    data, since = _data(agent, now, options), now.instant("agentStatus.startTimestamp") or at
    if kind == "LOGIN":
        return [told(e.AgentStateChanged, "login", at, data)]
    if kind == "HEART_BEAT":
        return [
            told(e.AgentStateChanged, "status", since, data, _REPAIRED),
            told(e.AgentHeartbeat, "heartbeat", at, data),
        ]
    found = []
    if not before or _status(before) != _status(now):
        found.append(told(e.AgentStateChanged, "status", since, data))
    elif _config(before, options) != (data.queues, data.slots):
        found.append(told(e.AgentStateChanged, "configured", at, data))
    return found


def _data(agent: str, snapshot: Node, options: Options) -> e.AgentData:
    name = snapshot.words("agentStatus.name")
    type_ = (snapshot.text("agentStatus.type") or "").upper()
    presence = _BY_TYPE.get(type_) or _BY_NAME.get(name.upper(), "not_ready")
    queues, slots = _config(snapshot, options)
    reason = name or None if presence == "not_ready" else None
    return e.AgentData(agent_id=agent, presence=presence, reason=reason, queues=queues, slots=slots)


def _status(snapshot: Node) -> tuple[Any, ...]:
    return tuple(snapshot.text(f"agentStatus.{name}") for name in ("name", "type", "startTimestamp"))


def _config(snapshot: Node, options: Options) -> tuple[list[str] | None, dict[str, int] | None]:
    """The queues that the agent serves, without the own one; and how many at once, by channel."""
    profile = snapshot.node("configuration.routingProfile")
    queues: list[str] | None = None
    slots: dict[str, int] | None = None
    if "inboundQueues" in profile:
        told = [(each.text("arn"), each.text("name")) for each in profile.nodes("inboundQueues")]
        named = [queue_of(options, arn, name) for arn, name in told if "/queue/agent/" not in (arn or "")]
        queues = sorted({each for each in named if each is not None})
    if "concurrency" in profile:
        slots = {}
        for each in profile.nodes("concurrency"):
            channel, most = channel_of(options, each.text("channel")), each.whole("maximumSlots")
            if channel is not None and most is not None:
                slots[channel] = slots.get(channel, 0) + most
    return queues, slots
