"""What our own code tells downstream of the story.

`python -m tests.schemas.contract_told` writes the contract's examples: the longest of each type.
"""

from __future__ import annotations

import json
from functools import cache, partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from schemas import catalogue
from schemas.alerts import Alert, Drivers, Waiting
from schemas.codec import decode, encode
from schemas.contract.types import HEADERS, PUBLIC_TYPES
from schemas.rejected import Rejected
from schemas.topics import TOPICS
from stream.cli.forget import word
from stream.core.books.ledger import Ledger
from stream.core.customers.customer import Customers
from stream.core.customers.insight_data import moment
from stream.core.interactions.interaction import Interactions
from stream.core.rules import MINUTE, Rules
from stream.core.sla.known import NOTHING, heard, looked
from stream.core.sla.state import Seen, SlaRules
from stream.core.times.window import zone_of
from stream.serve import reasons, spikes
from stream.serve.alerts.alert import Setting, alert
from stream.serve.alerts.requests import Request, told
from stream.serve.alerts.seen import Sight
from tests.core.memory_shard import MemoryShard
from tests.schemas.contract_story import CUSTOMER, NINE, Told, sent

FILE = Path(__file__).parents[2] / "schemas" / "contract" / "examples.json"
TIMELINE = "customers.timeline"
QUEUE = ("phone", "support")
_TIMESTAMP_MS = 1 << 60
_MINUTES = ((0, 20, 20, 0), (1, 17, 20, 1), (5, 15, 20, 4), (30, 24, 25, 0), (32, 24, 25, 0))
"""After so many: in time, of so many, and who waits."""


class Shards:
    """One shard a topic, each record a batch of its own."""

    def __init__(self) -> None:
        self.rules = Rules()
        self.told: Told = []
        self._ledgers: dict[str, Ledger] = {}
        self._shards: dict[str, MemoryShard] = {}
        self._offsets: dict[str, int] = {}

    def take(self, topic: str, key: bytes, value: bytes) -> None:
        """A record, and what comes of it."""
        event: Any = decode(TOPICS[topic], key, value, _TIMESTAMP_MS)
        if topic == "customers.events":
            self.take(TIMELINE, event.data.customer_id.encode(), encode(event))
        elif topic != "agents.presence":
            shard = self._shard(topic)
            before = len(shard.outputs)
            offset = self._offsets[topic] = self._offsets.get(topic, 0) + 1
            shard.fold(self._ledgers[topic], [(offset, event)])
            for output in shard.outputs[before:]:
                if output.topic == TIMELINE:
                    self.take(TIMELINE, output.key, output.value)
                elif TOPICS[output.topic].role == "out":
                    self.told.append((output.topic, msgspec.json.decode(output.value)))

    def _shard(self, topic: str) -> MemoryShard:
        if topic not in self._shards:
            channel = TOPICS[topic].channel
            stage = Interactions(self.rules, channel, enriched=True) if channel else Customers(self.rules)
            self._ledgers[topic] = Ledger(stage, partial(zone_of, self.rules))
            self._shards[topic] = MemoryShard()
        return self._shards[topic]


@cache
def folded() -> Told:
    """What the stages tell of the story."""
    shards = Shards()
    for topic, value in sorted(sent(), key=lambda each: str(each[1]["time"])):
        data = value["data"]
        key = data[catalogue.ENTITY_ID[TOPICS[topic].family]]
        shards.take(topic, key.encode(), msgspec.json.encode(value))
    return shards.told


def alerted() -> list[Alert]:
    """A queue that somebody takes in hand: at risk, breached, and well again; and a mute."""
    rules, known, found = Rules(), NOTHING, []
    own, at = rules.queue(*QUEUE), NINE
    for minutes, good, all_, waiting in (
        (0, 20, 20, 0),
        (1, 17, 20, 1),
        (5, 15, 20, 4),
        (30, 24, 25, 0),
        (32, 24, 25, 0),
    ):
        at, oldest = NINE + minutes * MINUTE, 8_000 + waiting * 8_000
        seen = Seen(True, "service_level_live", good, all_, own.target, waiting / 2)
        known = looked(known, seen, SlaRules(), at)
        if not minutes or minutes == 30:
            continue
        sight = Sight(seen, own, waiting, waiting // 2, at - oldest if waiting else None, all_, good, good * 240_000)
        longest = [Waiting(interaction_id=f"call-{n}", since=moment(at - oldest + n * 4000)) for n in range(waiting)]
        drivers = Drivers(
            arrivals=all_, arrivals_usual=14.5, aht_ms=240_000, aht_usual_ms=231_000, agents_staffed=4,
            agents_available=0 if waiting else 2, longest_waiting=longest,
        )  # fmt: skip
        event = alert(QUEUE, known, sight, drivers, Setting("30m", 20), at)
        known = heard(known, event)
        found.append(event)
    wanted = {"channel": "phone", "queue": "support", "by": "anna", "at": at}
    for kind, until, note in (("ack", None, "two more are coming"), ("mute", at + 30 * MINUTE, "maintenance")):
        found.append(told(Request(kind=kind, **wanted, until=until, note=note)))
    return found


def spiked() -> dict[str, Any]:
    """A reason that more come for than usual."""
    of = reasons.HalfHour(NINE, NINE + 30 * MINUTE, ())
    output = spikes._output("delivery", of, reasons.Count(15, 7.0, spike=True), NINE + 20 * MINUTE)
    found: dict[str, Any] = msgspec.json.decode(output.value)
    return found


def rejected() -> dict[str, str]:
    """The headers of a dead letter."""
    with pytest.raises(Rejected) as caught:
        decode(TOPICS["interactions.phone"], b"call-9", b'{"specversion":"1.0","id":"1"}', _TIMESTAMP_MS)
    return {
        "reason": caught.value.reason, "detail": caught.value.detail, "topic": "interactions.phone", "partition": "3",
        "offset": "1204",
    }  # fmt: skip


def told_downstream() -> Told:
    """All of ours: topic and event."""
    alerts = [("queues.alerts", msgspec.json.decode(encode(event))) for event in alerted()]
    forgotten = msgspec.json.decode(encode(word(CUSTOMER, NINE + 300 * MINUTE)))
    return [
        *folded(),
        *alerts,
        ("customers.events", forgotten),
        ("customers.insights", spiked()),
        ("dead-letters", rejected()),
    ]


def examples() -> dict[str, Any]:
    """The contract's examples, by type."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in PUBLIC_TYPES}
    for topic, event in (*sent(), *told_downstream()):
        found[HEADERS if topic == "dead-letters" else event["type"]].append(event)
    return {name: max(events, key=lambda event: len(str(event))) for name, events in found.items()}


def text() -> str:
    """The file."""
    return json.dumps(examples(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text())
