"""`python -m bench.cost.past`: what an agent takes who has worked for days or weeks, for docs/scaling.md."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from schemas.events import AgentData, AgentStateChanged, Part, Parted
from stream.core.agents.agent import Agents
from stream.core.rules import DAY, HOUR, MINUTE, Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream.core.agents.state import Agent

AGENT, BEGIN_MS, SHIFT_MS, ROUNDS = "anna", 1_772_438_400_000, 8 * HOUR, 9
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Past(NamedTuple):
    """Days of eight hours, with so many calls and e-mails each."""

    days: int
    calls: int
    mails: int


PASTS = (Past(1, 80, 0), Past(3, 80, 0), Past(6, 80, 0), Past(7, 0, 60), Past(35, 0, 60), Past(35, 40, 30))


def _envelope(at: int, name: str, revision: int) -> dict[str, Any]:
    return {"id": name, "source": "/bench", "specversion": "1.0", "time": EPOCH + timedelta(milliseconds=at),
            "revision": revision, "at": at, "identity": name.encode()}  # fmt: skip


def _presence(at: int, presence: Literal["available", "logged_out"]) -> AgentStateChanged:
    return AgentStateChanged(**_envelope(at, f"{presence}-{at}", 0), data=AgentData(agent_id=AGENT, presence=presence))


def _parts(at: int, channel: str, name: str, stages: list[dict[str, Any]]) -> Iterator[Parted]:
    told: dict[str, Any] = {"agent_id": AGENT, "channel": channel, "interaction_id": name, "number": 0, "queue": "care"}
    for revision, stage in enumerate(stages):
        told |= stage
        yield Parted(**_envelope(max(at, told.get("free_at") or at), name, revision), data=Part(**told))


def _day(past: Past, begin: int) -> list[Any]:
    found: list[Any] = [_presence(begin, "available"), _presence(begin + SHIFT_MS, "logged_out")]
    for i in range(past.calls):
        rang = begin + i * SHIFT_MS // past.calls
        answered, over = rang + 10_000, rang + 210_000
        found += _parts(rang, "phone", f"call-{begin}-{i}", [
            {"rang_at": rang}, {"rang_until": answered, "answered_at": answered},
            {"over_at": over, "free_at": over + 40_000, "wrapped": True, "talk_ms": 200_000, "wrap_up_ms": 40_000,
             "handle_ms": 240_000},
        ])  # fmt: skip
    for i in range(past.mails):
        answered = begin + i * SHIFT_MS // past.mails
        over = answered + 5 * MINUTE
        found += _parts(answered, "email", f"mail-{begin}-{i}", [
            {"answered_at": answered},
            {"over_at": over, "free_at": over, "wrapped": True, "talk_ms": 5 * MINUTE, "handle_ms": 5 * MINUTE},
        ])  # fmt: skip
    return sorted(found, key=lambda event: event.at)


def grown(stage: Agents, past: Past) -> Agent:
    """An agent's state at the end of such a past."""
    state = stage.new(AGENT)
    for day in range(past.days):
        for event in _day(past, BEGIN_MS + day * DAY):
            if stage.apply(state, event, event.at).result != "applied":
                raise AssertionError(event)
    return state


def main() -> int:
    """Print bytes as stored, and the least CPU of some times that they are loaded."""
    stage = Agents(Rules())
    sys.stdout.write("| days | calls | e-mails a day | bytes stored | load, ms |\n| --: | --: | --: | --: | --: |\n")
    for past in PASTS:
        blob, taken = stage.dump(grown(stage, past)), []
        for _ in range(ROUNDS):
            began = time.process_time()
            stage.load(AGENT, blob)
            taken.append(time.process_time() - began)
        row = (*past, f"{len(blob):,}", f"{min(taken) * 1000:.2f}")
        sys.stdout.write(f"| {' | '.join(map(str, row))} |\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
