"""A made-up history of phone calls, as records: with holds, abandons, callers who call again, doubles, latecomers.

And of the callers: under which numbers they call, what they answer, buy and say.
"""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Iterator

START_MS = 1_772_463_600_000


KINDS = ("c", "c", "tel:")
"""Half of the callers' numbers are known to be theirs."""


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
            "customer_id": chance.choice(KINDS) + str(chance.randrange(callers(events))),
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


def callers(events: int) -> int:
    """How many there are in a history of so many events."""
    return 1 + events // 12


def of_customers(events: int, seed: int) -> list[Line]:
    """What is told of the callers of such a history, in the order of the log; 5 % doubled, 5 % late.

    Numbers are claimed, some by two callers, some no more after a correction, some before and some after the calls.
    """
    chance = random.Random(-seed)
    made: list[tuple[int, Line]] = []
    length = events * 30
    for number in range(callers(events)):
        for step in range(chance.choice((0, 0, 1, 2, 3))):
            at, who = START_MS + chance.randrange(length), chance.choice(KINDS) + str(number)
            kind, more = _told(number, events, chance)
            if kind == "identified":
                who = f"c{number}"
            data = {"customer_id": who, **more}
            for revision in range(2 if chance.random() < 0.1 else 1):
                value = json.dumps(
                    {
                        "specversion": "1.0", "id": f"{number}-{step}", "source": "made-up-too", "revision": revision,
                        "type": f"customer.{kind}", "time": _instant(at + revision),
                        "data": data if not revision or kind != "identified" else data | {"aliases": []},
                    }
                ).encode()  # fmt: skip
                line = Line(who.encode(), value)
                made.append((at + (chance.randrange(length) if chance.random() < 0.05 else 0), line))
                if chance.random() < 0.05:
                    made.append((at + chance.randrange(length), line))
    return [line for _, line in sorted(made, key=lambda pair: pair[0])]


def last_words(events: int) -> list[Line]:
    """Something that counts nothing, told of so many that every partition hears of it, later than all else."""
    return [
        Line(
            f"last-{number}".encode(),
            json.dumps(
                {
                    "specversion": "1.0", "id": f"last-{number}", "source": "made-up-too", "type": "customer.updated",
                    "time": _instant(START_MS + events * 30 + 3_600_000), "data": {"customer_id": f"last-{number}"},
                }
            ).encode(),
        )
        for number in range(64)
    ]  # fmt: skip


def last_calls(events: int) -> list[Line]:
    """The same for the partitions of agents: calls that so many have just answered."""
    return [
        Line(
            f"last-{number}".encode(),
            json.dumps(
                {
                    "specversion": "1.0", "id": f"last-{number}", "source": "made-up", "type": "interaction.answered",
                    "time": _instant(START_MS + events * 30 + 3_600_000),
                    "data": {"interaction_id": f"last-{number}", "channel": "phone", "agent_id": f"last-{number}"},
                }
            ).encode(),
        )
        for number in range(64)
    ]  # fmt: skip


def _told(number: int, events: int, chance: random.Random) -> tuple[str, dict[str, object]]:
    choice = chance.randrange(10)
    if choice < 4:
        return "identified", {"aliases": [f"tel:{chance.choice((number, number, number + 1))}"]}
    if choice < 7:
        about = f"i{chance.randrange(1 + events // 6)}"
        return "survey_answered", {
            "survey": "csat", "score": chance.randint(1, 5), "interaction_id": about, "resolved": chance.random() < 0.5,
        }  # fmt: skip
    if choice < 9:
        order = f"o{number}-{chance.randrange(2)}"
        return "purchased", {"order_id": order, "amount": chance.randrange(1000), "currency": "EUR"}
    return "joined", {}


def by_partition(lines: list[Line], partitions: int) -> list[list[Line]]:
    """The lines of each partition, in their order."""
    logs: list[list[Line]] = [[] for _ in range(partitions)]
    for line in lines:
        logs[crc32(line.key) % partitions].append(line)
    return logs
