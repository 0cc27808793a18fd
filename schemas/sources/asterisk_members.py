"""Who serves which queues, as an Asterisk `queue_log` tells it: members that come, go and pause, queue by queue."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct, field

from schemas.events import AgentData, Presence

MAX_MEMBERS = 100_000


class Member(Struct):
    """`queues`: queue → its pause reason, None while not paused there. `logged_in`: None where no log-in is used.

    `told`: what was said of the member last.
    """

    queues: dict[str, str | None] = field(default_factory=dict)
    logged_in: bool | None = None
    told: AgentData | None = None


class Members:
    """The members of all queues known so far."""

    KINDS: ClassVar[frozenset[str]] = frozenset(
        {
            "ADDMEMBER", "REMOVEMEMBER", "PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL",
            "AGENTLOGIN", "AGENTLOGOFF", "AGENTCALLBACKLOGIN", "AGENTCALLBACKLOGOFF",
        }
    )  # fmt: skip

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}

    def take(self, agent: str | None, queue: str | None, kind: str, parameter: str) -> AgentData | None:
        """What is true of the agent after this; None when nothing changed, or no agent or queue is named.

        Available: not paused in one of the queues at least, or logged in without any. Not ready: paused in all.
        """
        if agent is None:
            return None
        member = self._members.pop(agent, None) or Member()
        self._members[agent] = member
        if len(self._members) > MAX_MEMBERS:
            del self._members[next(iter(self._members))]
        _change(member, queue, kind, parameter)
        now = _view(agent, member)
        if now == member.told:
            return None
        member.told = now
        return now


def _change(member: Member, queue: str | None, kind: str, parameter: str) -> None:
    match kind:
        case "ADDMEMBER" if queue:
            member.queues[queue] = "" if parameter == "PAUSED" else None
            member.logged_in = member.logged_in or None
        case "REMOVEMEMBER" if queue:
            member.queues.pop(queue, None)
        case "PAUSE" if queue:
            member.queues[queue] = parameter
        case "UNPAUSE" if queue:
            member.queues[queue] = None
        case "PAUSEALL":
            member.queues = dict.fromkeys(member.queues, parameter)
        case "UNPAUSEALL":
            member.queues = dict.fromkeys(member.queues, None)
        case "AGENTLOGIN" | "AGENTCALLBACKLOGIN":
            member.logged_in = True
        case "AGENTLOGOFF" | "AGENTCALLBACKLOGOFF":
            member.logged_in = False


def _view(agent: str, member: Member) -> AgentData:
    pauses = list(member.queues.values())
    presence: Presence = "logged_out"
    reason = None
    if member.logged_in is False:
        pass
    elif None in pauses or (member.logged_in and not pauses):
        presence = "available"
    elif pauses:
        presence = "not_ready"
        reason = next((pause for pause in pauses if pause), None)
    return AgentData(agent_id=agent, presence=presence, reason=reason, queues=sorted(member.queues))
