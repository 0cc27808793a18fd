"""Both stages over logs in memory, with partitions, as workers run them: read, read again, sent again."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zlib import crc32

import msgspec

from agents.forward import Forward
from schemas.codec import decode
from schemas.rejected import Skipped
from schemas.topics import TOPICS
from stream.core.books.ledger import Ledger
from stream.core.customers.customer import Customers
from stream.core.interactions.interaction import Interactions
from stream.core.rules import Rules
from stream.core.times.window import zone_of
from tests.core.memory_shard import MemoryShard

Partition = tuple[str, int]
Record = tuple[bytes, bytes]
Figures = dict[str, dict[int, int]]
PARTITIONS = 2
INPUTS = ("interactions.phone", "interactions.chat", "customers.events")
TIMELINE = "customers.timeline"
_TIMESTAMP_MS = 2**60


def call(name: str, customer: str | None, at: int, channel: str = "phone", **more: Any) -> list[tuple[str, Record]]:
    """An answered interaction of ten minutes."""
    return [
        told(f"interactions.{channel}", name, f"interaction.{kind}", at + after * 60_000, f"{name}-{kind}",
             interaction_id=name, channel=channel, customer_id=customer, agent_id="anna", queue="support", **more)
        for kind, after in (("started", 0), ("queued", 1), ("answered", 2), ("ended", 10))
    ]  # fmt: skip


def said(kind: str, customer: str, at: int, event_id: str = "", **data: Any) -> tuple[str, Record]:
    """A customer's event."""
    name = event_id or f"{customer}-{kind}-{at}"
    return told("customers.events", customer, f"customer.{kind}", at, name, customer_id=customer, **data)


def told(topic: str, key: str, kind: str, at: int, event_id: str, **data: Any) -> tuple[str, Record]:
    """A record of a topic."""
    value = {
        "specversion": "1.0", "id": event_id, "source": "s", "type": kind, "time": _instant(at),
        "data": {name: each for name, each in data.items() if each is not None},
    }  # fmt: skip
    return topic, (key.encode(), msgspec.json.encode(value))


def _instant(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")


class Center:
    """The logs, and the shards that have read them. Input records lie where `place` of the key says."""

    def __init__(self, rules: Rules | None = None, *, salt: bytes = b"") -> None:
        self.rules = rules or Rules()
        self.salt = salt
        self.logs: dict[Partition, list[Record]] = {
            (topic, partition): [] for topic in (*INPUTS, TIMELINE) for partition in range(PARTITIONS)
        }
        self.forget_all()

    def forget_all(self) -> None:
        """An empty store: all is to be read from the logs."""
        self.shards = {partition: MemoryShard() for partition in self.logs}
        self.read = dict.fromkeys(self.logs, 0)
        self.books = {partition: self._books(partition[0]) for partition in self.logs}

    def _books(self, topic: str) -> Any:
        if topic == "customers.events":
            return Forward(TIMELINE, lambda event: event.data.customer_id)
        channel = TOPICS[topic].channel
        stage = Interactions(self.rules, channel) if channel else Customers(self.rules)
        return Ledger(stage, partial(zone_of, self.rules))

    def send(self, *records: tuple[str, Record]) -> Center:
        """Append to the inputs, as producers do: who knows where."""
        for topic, record in records:
            self.logs[topic, crc32(self.salt + record[0]) % PARTITIONS].append(record)
        return self

    def run(self, chance: random.Random | None = None) -> Center:
        """Read all to the end, by turns."""
        while behind := [each for each, log in self.logs.items() if self.read[each] < len(log)]:
            assert sum(map(len, self.logs.values())) < 100_000, "it goes round and round"
            partition = chance.choice(behind) if chance else behind[0]
            self._batch(partition, chance.randrange(1, 9) if chance else 1000)
        return self

    def _batch(self, partition: Partition, size: int) -> None:
        first = self.read[partition]
        topic, log, books = partition[0], self.logs[partition][first : first + size], self.books[partition]
        decoded = [(first + i, decode(TOPICS[topic], *each, _TIMESTAMP_MS)) for i, each in enumerate(log)]
        events = [each for each in decoded if not isinstance(each[1], Skipped)]
        self.read[partition] = first + len(log)
        if isinstance(books, Forward):
            books.apply(events)  # type: ignore[arg-type]
            outputs = books.outputs
            books.committed()
        else:
            shard = self.shards[partition]
            before = len(shard.outputs)
            shard.fold(books, events)
            outputs = shard.outputs[before:]
        for output in outputs:
            to = range(PARTITIONS) if output.everywhere else [crc32(output.key) % PARTITIONS]
            for number in to:
                if (output.topic, number) in self.logs:
                    self.logs[output.topic, number].append((output.key, output.value))

    def figures(self) -> Figures:
        """What stands over all shards: by cell of the coarser rings, which a word to forget does not age; in all."""
        found: dict[str, Counter[int]] = {}
        for partition, shard in self.shards.items():
            books = self.books[partition]
            for name, cell in (*shard.cells(books.stream_time).items(), *shard.balances().items()):
                if name.startswith(("cf", "cm")):
                    continue
                found.setdefault(name, Counter()).update(cell)
        return {name: {code: n for code, n in cell.items() if n} for name, cell in found.items() if any(cell.values())}

    def counts(self) -> Counter[str]:
        """What became of the records."""
        found: Counter[str] = Counter()
        for books in self.books.values():
            found.update(getattr(books, "counts", {}))
        return found

    def state(self, customer: str) -> Any:
        """A customer's state; None when nothing is stored."""
        stage = Customers(self.rules)
        blobs = [shard.states[customer] for (topic, _), shard in self.shards.items()
                 if topic == TIMELINE and customer in shard.states]  # fmt: skip
        return stage.load(customer, blobs[0]) if blobs else None

    def names(self, name: str) -> list[str]:
        """Where a name is stored: entities, and the keys of those that hold it."""
        return [
            f"{topic}:{key}"
            for (topic, _), shard in self.shards.items()
            for key, blob in (*shard.states.items(), *shard.fields.items())
            if name.encode() in blob
        ]
