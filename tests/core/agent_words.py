"""Agents' histories in short: presence events and parts as the stage gets them, and a shard that has taken them in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from schemas.events import AgentData, AgentHeartbeat, AgentStateChanged, Part, Parted
from stream.core.agents.agent import Agents
from stream.core.agents.levels import times
from stream.core.agents.row import AgentRow, decode
from stream.core.books.ledger import Ledger
from stream.core.books.room import Room
from stream.core.measures import add
from stream.core.rules import Rules
from stream.core.scope import time_scope
from stream.core.times.window import zone_of
from tests.core.memory_shard import MemoryShard

MONDAY = 1_772_409_600_000
"""2026-03-02 00:00 UTC."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def clock(text: str, day: int = 0) -> int:
    """An instant of that Monday, or of so many days later: "10:05" or "10:05:30"."""
    hours, minutes, seconds = (*map(int, text.split(":")), 0)[:3]
    return MONDAY + day * 86_400_000 + (hours * 3600 + minutes * 60 + seconds) * 1000


def _envelope(at: int, name: str, source: str, revision: int) -> dict[str, Any]:
    time = _EPOCH + timedelta(milliseconds=at)
    return {"id": name, "source": source, "specversion": "1.0", "time": time, "revision": revision, "at": at,
            "identity": f"{source} {name}".encode()}  # fmt: skip


def told(
    agent: str, at: int, presence: str, *, name: str = "", source: str = "/acd", revision: int = 0, **more: Any
) -> Any:
    """A state change."""
    data = AgentData(agent_id=agent, presence=presence, **more)
    return AgentStateChanged(**_envelope(at, name or f"{agent}-{at}", source, revision), data=data)


def beat(agent: str, at: int, presence: str = "available", *, name: str = "", revision: int = 0, **more: Any) -> Any:
    """A heartbeat."""
    data = AgentData(agent_id=agent, presence=presence, **more)
    return AgentHeartbeat(**_envelope(at, name or f"beat-{agent}-{at}", "/acd", revision), data=data)


def part(
    agent: str, interaction: str, revision: int, at: int, *, channel: str = "phone", number: int = 0, **more: Any
) -> Any:
    """A part."""
    data = Part(agent_id=agent, channel=channel, interaction_id=interaction, number=number, **more)
    return Parted(**_envelope(at, f"{channel}/{interaction}/{number}", "centralino", revision), data=data)


class Books:
    """One shard of agents."""

    def __init__(self, rules: Rules | None = None, room: Room | None = None) -> None:
        self.rules = rules or Rules()
        self.ledger = Ledger(Agents(self.rules), partial(zone_of, self.rules), room)
        self.shard = MemoryShard()
        self._offset = 0

    def take(self, *events: Any) -> Books:
        """One batch."""
        self.shard.fold(self.ledger, [(self._offset + i, event) for i, event in enumerate(events)])
        self._offset += len(events)
        return self

    def row(self, agent: str) -> AgentRow:
        """What readers see of an agent."""
        return decode(self.shard.fields["w" + agent])

    def times(self, agent: str | None, channel: str, first: int, end: int, ring: str = "f") -> dict[str, int]:
        """Seconds by level, out of cells and totals; `first` begins a bucket, all up to `end` is written."""
        scope = time_scope(channel, agent)
        window: dict[int, int] = {}
        since: dict[int, int] = {}
        for name, cell in self.shard.cells(self.ledger.stream_time).items():
            kind, start, of = name[1:].split("|", 2)
            if kind == ring and of == scope and int(start) * 1000 >= first:
                add(since, cell)
                add(window, cell if int(start) * 1000 < end else {})
        total = self.shard.balances().get("t|" + scope, {})
        return {name: ms // 1000 for name, ms in times(total, since, window, first, end).items() if ms}
