"""States of Genesys Cloud's agents → presences.

An agent gets work of a queue only when On Queue; what the agent is busy with then comes from the conversations.
"""

from __future__ import annotations

from schemas import events as e
from schemas.sources.genesys_happenings import microseconds, source_of
from schemas.sources.genesys_words import word
from schemas.sources.options import Options
from schemas.sources.payload import Node

_AT_WORK = frozenset({"IDLE", "INTERACTING", "COMMUNICATING"})
_PRESENCE = (
    "systemPresence", "presence.systemPresence", "presence.presenceDefinition.systemPresence", "presence", "state",
)  # fmt: skip
_ROUTING = ("routingStatus.status", "routingStatus")


def state(id_: str, body: Node, options: Options) -> list[e.Event]:
    """Of `v2.detail.events.agent.{id}.state` and `v2.users.{id}.activity`. Raises `Rejected`."""
    agent = body.text("userId", "agentId") or (body.needed("id") if "{" in id_ else id_)
    presence, routing = _first(body, *_PRESENCE), _first(body, *_ROUTING)
    if not presence and not routing:
        raise body.missing("systemPresence", "routingStatus")
    told = [
        body.epoch("eventTime", unit=1000), body.instant("routingStatus.startTime"),
        body.instant("presence.modifiedDate"), body.instant("dateActiveQueuesChanged"),
    ]  # fmt: skip
    at = told[0] or max((each for each in told if each is not None), default=None)
    if at is None:
        raise body.missing("eventTime", "routingStatus.startTime", "presence.modifiedDate")
    now = _presence_of(presence, routing)
    reason = None if now == "available" else routing if routing == "NOT_RESPONDING" else presence or routing
    queues = body.raw("activeQueueIds")
    data = e.AgentData(
        agent_id=agent, presence=now, reason=reason,
        queues=[each for each in queues if isinstance(each, str)] if isinstance(queues, list) else None,
    )  # fmt: skip
    return [
        e.AgentStateChanged(
            id=f"{agent}:state:{microseconds(at) // 1000}", source=source_of(options), specversion="1.0", time=at,
            data=data,
        )
    ]  # fmt: skip


def _presence_of(presence: str, routing: str) -> e.Presence:
    if presence == "OFFLINE":
        return "logged_out"
    if routing == "NOT_RESPONDING":
        return "not_ready"
    return "available" if presence == "ON_QUEUE" or (not presence and routing in _AT_WORK) else "not_ready"


def _first(body: Node, *names: str) -> str:
    return next(filter(None, (word(body.raw(name)) for name in names)), "")
