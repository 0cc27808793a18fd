"""Days of work of agents: presence and parts, as the agents' stage gets them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import md5
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from uuid import UUID

from bench.cost.workload import AGENTS
from schemas.codec import encode
from schemas.events import AgentData, AgentStateChanged, Part, Parted
from stream.core.rules import DAY, HOUR, MINUTE
from stream.simulator import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGIN_MS, SHIFT_MS, APART_MS = 1_772_438_400_000, 8 * HOUR, 137
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Past(NamedTuple):
    """Days of eight hours, with so many calls and e-mails each."""

    days: int
    calls: int
    mails: int


def _envelope(at: int, name: str, revision: int) -> dict[str, Any]:
    return {"id": name, "source": "/bench", "specversion": "1.0", "time": _EPOCH + timedelta(milliseconds=at),
            "revision": revision, "at": at, "identity": name.encode()}  # fmt: skip


def _name(of: str) -> str:
    """As platforms name interactions."""
    return str(UUID(bytes=md5(of.encode(), usedforsecurity=False).digest()))


def _presence(agent: str, at: int, presence: Literal["available", "logged_out"]) -> AgentStateChanged:
    name = f"{agent}-{presence}-{at}"
    return AgentStateChanged(**_envelope(at, name, 0), data=AgentData(agent_id=agent, presence=presence))


def _parts(agent: str, at: int, channel: str, n: int, stages: list[dict[str, Any]]) -> Iterator[Parted]:
    name = _name(f"{agent}-{channel}-{at}-{n}")
    told: dict[str, Any] = {"agent_id": agent, "channel": channel, "interaction_id": name, "number": 0, "queue": "care"}
    for revision, stage in enumerate(stages):
        told |= stage
        yield Parted(**_envelope(max(at, told.get("free_at") or at), name, revision), data=Part(**told))


def day(past: Past, number: int, agent: str, late_ms: int = 0) -> list[Any]:
    """The events of one day, of one agent who is so late; in the order of time."""
    begin = BEGIN_MS + number * DAY + late_ms
    found: list[Any] = [_presence(agent, begin, "available"), _presence(agent, begin + SHIFT_MS, "logged_out")]
    for n in range(past.calls):
        rang = begin + n * SHIFT_MS // past.calls
        answered, over = rang + 10_000, rang + 210_000
        found += _parts(agent, rang, "phone", n, [
            {"rang_at": rang}, {"rang_until": answered, "answered_at": answered},
            {"over_at": over, "free_at": over + 40_000, "wrapped": True, "talk_ms": 200_000, "wrap_up_ms": 40_000,
             "handle_ms": 240_000},
        ])  # fmt: skip
    for n in range(past.mails):
        answered = begin + n * SHIFT_MS // past.mails
        over = answered + 5 * MINUTE
        found += _parts(agent, answered, "email", n, [
            {"answered_at": answered},
            {"over_at": over, "free_at": over, "wrapped": True, "talk_ms": 5 * MINUTE, "handle_ms": 5 * MINUTE},
        ])  # fmt: skip
    return sorted(found, key=lambda event: event.at)


def log(agents: int, past: Past) -> list[Record]:
    """The same of so many agents, each a little later than the one before, as records of `agents.timeline`."""
    found = []
    for number in range(past.days):
        for who in range(agents):
            agent = f"agent-{who:04}"
            events = day(past, number, agent, who * APART_MS)
            found += [Record(AGENTS, agent.encode(), encode(event), event.at, event.at) for event in events]
    return sorted(found, key=lambda record: record.at_ms)
