"""A made-up history of phone calls, as records: with holds, abandons, callers who call again, doubles, latecomers."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Iterator

START_MS = 1_772_463_600_000


class Line(NamedTuple):
    """One record: its key and value."""

    key: bytes
    value: bytes


def _instant(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _call(number: int, began: int, chance: random.Random) -> Iterator[tuple[int, str, dict[str, str]]]:
    at = began
    yield at, "started", {}
    yield (at := at + 500), "queued", {}
    wait = int(chance.expovariate(1 / 25_000))
    if chance.random() < 0.12:
        yield at + wait, "abandoned", {}
        return
    agent = {"agent_id": f"a{number % 60}"}
    yield at + wait // 2, "offered", agent
    yield (at := at + wait), "answered", agent
    if chance.random() < 0.2:
        yield at + 3000, "held", agent
        yield (at := at + 9000), "resumed", agent
    yield (at := at + int(chance.expovariate(1 / 180_000))), "ended", {"by": "customer"}
    yield at + int(chance.expovariate(1 / 20_000)), "wrapped_up", agent


def history(events: int, seed: int) -> list[Line]:
    """About so many records, in the order of the log: mostly by time, 2 % doubled, 2 % late."""
    chance = random.Random(seed)
    made: list[tuple[int, Line]] = []
    began, number = START_MS, 0
    while len(made) < events:
        number += 1
        began += chance.randrange(0, 300)
        common = {
            "interaction_id": f"i{number}", "channel": "phone", "queue": f"q{chance.randrange(6)}",
            "customer_id": f"c{chance.randrange(1 + events // 12)}",
        }  # fmt: skip
        for step, (at, kind, more) in enumerate(_call(number, began, chance)):
            value = json.dumps(
                {
                    "specversion": "1.0", "id": f"{number}-{step}", "source": "made-up",
                    "type": f"interaction.{kind}", "time": _instant(at), "data": common | more,
                }
            ).encode()  # fmt: skip
            line = Line(f"i{number}".encode(), value)
            made.append((at + (chance.randrange(60_000) if chance.random() < 0.02 else 0), line))
            if chance.random() < 0.02:
                made.append((at + chance.randrange(120_000), line))
    return [line for _, line in sorted(made, key=lambda pair: pair[0])[:events]]


def by_partition(lines: list[Line], partitions: int) -> list[list[Line]]:
    """The lines of each partition, in their order."""
    logs: list[list[Line]] = [[] for _ in range(partitions)]
    for line in lines:
        logs[crc32(line.key) % partitions].append(line)
    return logs
