"""Workers of TaskRouter, by the name of their activity → presences.

After a reservation has timed out TaskRouter itself may put the worker offline; what it sends does not tell that from
a worker who leaves.
"""

from __future__ import annotations

import re

from schemas import events as e
from schemas.sources.twilio_event import Happening

_OFFLINE = re.compile(r"off ?-?line|log(?:ged)? ?-?(?:out|off)|sign(?:ed)? ?-?out", re.IGNORECASE)
_READY = frozenset({"available", "idle", "ready", "online"})


def activity(event: Happening) -> list[e.Event]:
    """Another activity."""
    agent, name = event.agent(), event.node.text("WorkerActivityName")
    if agent is None:
        raise event.node.missing("WorkerSid", "WorkerName")
    if name is None:
        raise event.node.missing("WorkerActivityName")
    presence = _presence_of(name, event.node.flag("WorkerActivityAvailable", "WorkerAvailable", "ActivityAvailable"))
    reason = None if presence == "available" else name
    data = e.AgentData(agent_id=agent, presence=presence, reason=reason)
    return [e.AgentStateChanged(**event.envelope(), data=data)]


def _presence_of(activity: str, available: bool | None) -> e.Presence:
    if available or (available is None and activity.lower() in _READY):
        return "available"
    return "logged_out" if _OFFLINE.search(activity) else "not_ready"


def gone(event: Happening) -> list[e.Event]:
    """The worker was deleted."""
    agent = event.agent()
    if agent is None:
        raise event.node.missing("WorkerSid", "WorkerName")
    data = e.AgentData(agent_id=agent, presence="logged_out", reason="deleted")
    return [e.AgentStateChanged(**event.envelope(), data=data)]
