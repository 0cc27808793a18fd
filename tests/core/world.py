"""All topics of both stages in memory, cut into partitions: read in any order, in batches, by runs of which some die.

No interaction expires: what is late is late by weeks here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any
from zlib import crc32

import msgspec

from schemas.codec import Skipped, decode, encode
from schemas.rejected import Rejected
from schemas.topics import TOPICS
from stream.core.books.ledger import Ledger
from stream.core.books.room import Room
from stream.core.customers.customer import Customers
from stream.core.interactions.interaction import Interactions
from stream.core.rules import Rules
from stream.core.times.window import zone_of
from tests.core.memory_shard import MemoryShard
from tests.core.straight import MEASURES, TIMELINE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stream.core.books.ledger import Events
    from stream.core.stage import Output
    from tests.oracle.records import Record

Where = tuple[str, int]
"""(topic, partition)."""


class Reader:
    """One partition: its log, how far it is read, and the books of who reads it."""

    def __init__(self, topic: str, rules: Rules, limit: int) -> None:
        channel = TOPICS[topic].channel
        stage = Interactions(rules, channel) if channel else Customers(rules)
        self.log: list[Any] = []
        self.at = 0
        self.ledger = Ledger(stage, partial(zone_of, rules), Room(limit * 6_000))
        self.ledger.hold = channel is not None
        self.shard = MemoryShard()

    def read(self, length: int, *, dies: bool) -> list[Output]:
        """What a batch makes its reader send; one that dies has sent, and not committed."""
        batch = list(enumerate(self.log))[self.at : self.at + length]
        if dies:
            return sent_in_vain(self.ledger, self.shard, batch)
        self.shard.fold(self.ledger, batch)
        self.at += len(batch)
        outputs, self.shard.outputs = self.shard.outputs, []
        return outputs


class World:
    """`deaths`: how many of all batches are sent, and not committed; `cut`: how long a batch is at most."""

    def __init__(self, partitions: int = 1, *, seed: int = 0, cut: int = 10_000, deaths: float = 0.0) -> None:
        self.rules = Rules()
        self.partitions, self.cut, self.deaths = partitions, cut, deaths
        self.limit = 3 if cut < 10_000 else 50_000
        self.random = Random(seed)
        self.readers: dict[Where, Reader] = {}
        self.rejected = self.told = 0

    def take(self, records: Iterable[Record]) -> World:
        """Append records to their logs, and read on until there is nothing left to read."""
        for record in records:
            spec = TOPICS[record["topic"]]
            if spec.channel is None and spec.name != "customers.events":
                continue
            raw = record["value"]
            raw = raw.encode() if isinstance(raw, str) else msgspec.json.encode(raw)
            event = self._decoded(spec.name, record["key"].encode(), raw, record["timestamp_ms"])
            if event is not None and spec.channel is not None:
                self._append(spec.name, record["key"].encode(), event)
            elif event is not None:
                self._forward(event)
        return self.read_on()

    def read_on(self) -> World:
        """Read what is unread, whatever comes of it."""
        while unread := [where for where, reader in self.readers.items() if reader.at < len(reader.log)]:
            reader = self.readers[self.random.choice(unread)]
            dies = self.random.random() < self.deaths
            for output in reader.read(self.random.randint(1, self.cut), dies=dies):
                if output.topic == TIMELINE:
                    self._tell(output.key, output.value)
            if not dies and self.random.random() < 0.2:
                reader.ledger.drop()
        return self

    def _forward(self, event: Any) -> None:
        """As the processor does, which has died in between and sends again."""
        for _ in range(2 if self.random.random() < self.deaths else 1):
            self._tell(event.data.customer_id.encode(), encode(event))

    def _tell(self, key: bytes, value: bytes) -> None:
        self.told += 1
        assert self.told < 100_000, "it goes round and round"
        self._append(TIMELINE, key, decode(TOPICS[TIMELINE], key, value, 2**53))

    def _append(self, topic: str, key: bytes, event: Any) -> None:
        where = topic, crc32(key) % self.partitions
        if where not in self.readers:
            self.readers[where] = Reader(topic, self.rules, self.limit)
        self.readers[where].log.append(event)

    def _decoded(self, topic: str, key: bytes, raw: bytes, timestamp_ms: int) -> Any:
        try:
            event = decode(TOPICS[topic], key, raw, timestamp_ms)
        except Rejected:
            self.rejected += 1
            return None
        return None if isinstance(event, Skipped) else event

    def shards(self, topic: str = TIMELINE) -> list[MemoryShard]:
        """The shards of a topic."""
        return [reader.shard for (name, _), reader in self.readers.items() if name == topic]

    def balances(self, topic: str = TIMELINE) -> dict[tuple[str, str], int]:
        """(scope, measure) -> gained less retracted, over the shards of a topic."""
        sums: Counter[tuple[str, str]] = Counter()
        for shard in self.shards(topic):
            for name, cell in shard.balances().items():
                sums.update({(name[2:], MEASURES[code]): n for code, n in cell.items() if code in MEASURES})
        return {key: n for key, n in sums.items() if n}

    def days(self) -> dict[str, dict[int, int]]:
        """The day cells of all customers' shards, which are kept whatever a shard's own time is."""
        sums: dict[str, Counter[int]] = defaultdict(Counter)
        for shard in self.shards():
            for name, cell in shard.cells(shard.head[0]).items():
                if name.startswith("cd|"):
                    sums[name].update(cell)
        return {name: cell for name, counter in sums.items() if (cell := {code: n for code, n in counter.items() if n})}


def sent_in_vain(ledger: Ledger, shard: MemoryShard, batch: Events) -> list[Output]:
    """What a run sends that dies before its commit."""
    wanted = ledger.ask([ledger.stage.key(event) for _, event in batch])
    ledger.learn(wanted, [shard.states.get(name) for name in wanted])
    ledger.apply(batch)
    more = ledger.take_in([name for name, at in shard.due.items() if at <= ledger.stream_time], [])
    ledger.learn(more, [shard.states.get(name) for name in more])
    ledger.finish()
    outputs = ledger.outputs
    ledger.drop()
    return outputs
