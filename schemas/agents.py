"""Events of an agent: presence. What the agent is busy with comes from the interactions."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from schemas.envelope import EntityId, Envelope

Presence = Literal["logged_out", "available", "not_ready"]
Slots = Annotated[int, Meta(ge=0, le=10**6)]


class AgentData(Struct, kw_only=True, omit_defaults=True, gc=False):
    """`queues`: those the agent serves; `slots`: channel → how many at once."""

    agent_id: EntityId
    presence: Presence
    reason: str | None = None
    queues: list[str] | None = None
    slots: dict[str, Slots] | None = None


class AgentStateChanged(Envelope, tag="agent.state_changed"):
    """The agent came, went, paused or serves other queues."""

    data: AgentData


class AgentHeartbeat(Envelope, tag="agent.heartbeat"):
    """The agent is still there; never brings a logged-out agent back."""

    data: AgentData


AgentEvent = AgentStateChanged | AgentHeartbeat
