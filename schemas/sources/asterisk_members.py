"""Who serves which queues, as an Asterisk `queue_log` tells it: members that come, go and pause, queue by queue.

A line tells of one queue, and what is true of the agent follows from all lines before it. So this is remembered, host
by host: an agent who serves queues of two systems is told of by both, each as it knows it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct, field

from schemas.events import AgentData, AgentStateChanged, Presence
from schemas.sources.asterisk_lines import source_of
from schemas.sources.conversion import Change
from schemas.sources.payload import MAX_TEXT

KINDS = frozenset(
    {
        "ADDMEMBER", "REMOVEMEMBER", "PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL",
        "AGENTLOGIN", "AGENTLOGOFF", "AGENTCALLBACKLOGIN", "AGENTCALLBACKLOGOFF",
    }
)  # fmt: skip

MAX_HOSTS = 100
MAX_MEMBERS = 5_000
"""Of a host; the one told of longest ago is forgotten first. So are queues of a member, and files of a host."""
MAX_QUEUES = 250
MAX_FILES = 50
MAX_LINES = 10_000


class Member(Struct, array_like=True):
    """`queues`: queue → its pause reason, None while not paused there. `logged_in`: None where no log-in is used.

    `told`: presence, reason and queues as they were said last.
    """

    queues: dict[str, str | None] = field(default_factory=dict)
    logged_in: bool | None = None
    told: tuple[Presence, str | None, list[str]] | None = None


class Host(Struct, array_like=True):
    """What a system has told. `at`: of its latest line, ms.

    `file`: whose line was the latest; `read`: of each file the byte of its latest line. `lines`: digests of the lines
    of the instant `at` that say of no file.
    """

    members: dict[str, Member] = field(default_factory=dict)
    at: int = -1
    file: str = ""
    read: dict[str, int] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)

    def knows(self, change: Change) -> bool:
        """Whether a line was taken in before, or lies before one that was; if not, it is from now on."""
        _, file, place = change.place
        if file:
            if place <= self.read.get(file, -1) or (file != self.file and change.at < self.at):
                return True
            self.read.pop(file, None)
            self.read[file] = place
            _forget_first(self.read, MAX_FILES)
        else:
            if change.at < self.at or (change.at == self.at and place in self.lines):
                return True
            if change.at > self.at:
                self.lines = []
            self.lines = [*self.lines, place][-MAX_LINES:]
        self.file, self.at = file, max(self.at, change.at)
        return False


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[str, Host]).decode


class Members:
    """The members of all queues of all hosts, as far as lines were told. See `conversion.Memory`."""

    def __init__(self) -> None:
        self._hosts: dict[str, Host] = {}

    def load(self, blob: bytes | None) -> None:
        """As `dump` wrote it; None: nothing was told before."""
        self._hosts = {} if blob is None else _decode(blob)

    def dump(self) -> bytes:
        """All of it."""
        return _encode(self._hosts)

    def take(self, change: Change) -> AgentStateChanged | None:
        """What is true of the agent after this; None when nothing has changed, or it is told again.

        Available: not paused in one of the queues at least, or logged in without any. Not ready: paused in all.
        """
        name = change.place[0]
        host = self._hosts.pop(name, None) or Host()
        self._hosts[name] = host
        _forget_first(self._hosts, MAX_HOSTS)
        if host.knows(change):
            return None
        member = host.members.pop(change.agent, None) or Member()
        host.members[change.agent] = member
        _forget_first(host.members, MAX_MEMBERS)
        _apply(member, change)
        now = _view(member)
        if now == member.told:
            return None
        member.told = now
        presence, reason, queues = now
        data = AgentData(agent_id=change.agent, presence=presence, reason=reason, queues=queues)
        _, file, place = change.place
        id_ = f"{file}:{place:012}:state" if file else f"{place:016x}:state"
        time = datetime.fromtimestamp(change.at // 1000, UTC)
        return AgentStateChanged(id=id_, source=source_of(name), specversion="1.0", time=time, data=data)


def _forget_first(table: dict[str, Any], most: int) -> None:
    if len(table) > most:
        del table[next(iter(table))]


def _apply(member: Member, change: Change) -> None:
    queue, parameter = change.queue, change.parameter[:MAX_TEXT]
    match change.kind:
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
    if len(member.queues) > MAX_QUEUES:
        del member.queues[next(iter(member.queues))]


def _view(member: Member) -> tuple[Presence, str | None, list[str]]:
    pauses = list(member.queues.values())
    queues = sorted(member.queues)
    if member.logged_in is False:
        return "logged_out", None, queues
    if None in pauses or (member.logged_in and not pauses):
        return "available", None, queues
    if pauses:
        return "not_ready", next((pause for pause in pauses if pause), None), queues
    return "logged_out", None, queues
