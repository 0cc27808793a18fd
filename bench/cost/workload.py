"""The log of a phone center at any size: so many events a second, so many queues, for so long."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from bench.load import START_MS
from schemas.codec import decoder, encode
from schemas.events import Digest, Digested
from schemas.topics import TOPICS
from stream.cli.feed import hash_of_key
from stream.core.rules import DAY, HOUR, MINUTE
from stream.simulator import PROFILES, Record, Simulation

if TYPE_CHECKING:
    from bench.cost.size import Size
    from stream.core.stage import Output

QUEUES = len(PROFILES["phone"].queues)
GAPS = 40
_LATER = 2**60
_queue = re.compile(rb'"queue":"([^"]+)"')
TOPIC, CUSTOMERS, AGENTS = "interactions.phone", "customers.timeline", "agents.timeline"


@lru_cache(maxsize=2)
def events(rate: float, seconds: float) -> list[Record]:
    """A center's events in the order of time; always the same ones."""
    found: list[Record] = []
    until = START_MS + seconds * 1000
    for batch in Simulation(1, START_MS, rate, PROFILES["phone"]).batches():
        found += batch
        if found[-1].at_ms >= until:
            break
    return [each for each in found if each.at_ms < until]


def log(size: Size) -> list[list[Record]]:
    """The records of each partition. More queues than the center's: each queue is many, chosen by the interaction."""
    found: list[list[Record]] = [[] for _ in range(size.partitions)]
    copies = max(1, size.queues // QUEUES)
    for record in events(size.rate, size.seconds):
        at = hash_of_key(record.key) & 0x7FFFFFFF
        value = record.value
        if copies > 1:
            value = _queue.sub(rb'"queue":"\1-%d"' % (random.Random(at).randrange(copies)), value)
        found[at % size.partitions].append(record._replace(value=value))
    return found


def lives(records: list[Record]) -> tuple[float, list[float]]:
    """Of interactions that begin in the first half: events of each, and quantiles (s) of the time between two."""
    until = (records[0].at_ms + records[-1].at_ms) / 2
    instants: dict[bytes, list[int]] = {}
    for record in records:
        if record.key in instants or record.at_ms < until:
            instants.setdefault(record.key, []).append(record.at_ms)
    found = sorted((b - a) / 1000 for each in instants.values() for a, b in pairwise(each))
    each = sum(map(len, instants.values())) / len(instants)
    return round(each, 4), [round(found[int((n + 0.5) / GAPS * len(found))], 3) for n in range(GAPS)]


def shares(queues: int) -> list[float]:
    """Of all that queues count, what each does."""
    lines = PROFILES["phone"].queues
    total, copies = sum(each.arrivals for each in lines), max(1, round(queues / QUEUES))
    return [each.arrivals / total / copies for each in lines for _ in range(copies)]


def heard(topic: str, told: list[Output]) -> list[Record]:
    """What the first stage tells, as the second one's log."""
    read = decoder(TOPICS[topic])
    found = []
    for each in told:
        event: Any = read(each.key, each.value, _LATER)
        found.append(Record(topic, each.key, each.value, event.at, event.at))
    return sorted(found, key=lambda record: record.at_ms)


def customers(number: int, contacts: int) -> list[Record]:
    """What the first stage tells of so many customers, with so many contacts each within a year."""
    rng = random.Random(3)
    found = []
    for customer in range(number):
        name = f"customer-{customer:08}"
        for contact in range(contacts):
            at = START_MS + rng.randrange(365) * DAY + rng.randrange(8 * HOUR)
            data = Digest(
                customer_id=name, channel="phone", interaction_id=f"p-1-{customer:08x}-{contact:02x}", started_at=at,
                reason=rng.choice(["billing", "delivery"]), served=True, ended_at=(at + rng.randrange(20 * MINUTE),),
                queue=f"queue-{rng.randrange(24):02}", agent_id=f"agent-{rng.randrange(300):03}", outcome="answered",
                wait_ms=rng.randrange(MINUTE), handled=1, handle_ms=rng.randrange(10 * MINUTE),
            )  # fmt: skip
            event = Digested(
                id=data.interaction_id, source="/bench", specversion="1.0", time=datetime.fromtimestamp(at / 1000, UTC),
                revision=contact, data=data,
            )  # fmt: skip
            found.append(Record(CUSTOMERS, name.encode(), encode(event), at, at))
    return sorted(found, key=lambda record: record.at_ms)
