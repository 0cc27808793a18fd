"""Figures do not depend on how a log is cut into batches, spread over partitions, disordered, repeated, or re-owned."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any
from zlib import crc32

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import Skipped, decode
from schemas.rejected import Rejected
from schemas.topics import TOPICS
from stream.core.books.ledger import Ledger
from stream.core.books.room import Room
from stream.core.customers.customer import Customers
from stream.core.interactions.interaction import Interactions
from stream.core.measures import CODES
from stream.core.rules import DAY, Rules
from stream.core.times.window import zone_of
from tests.core.memory_shard import MemoryShard
from tests.oracle.histories import disordered, nasty

if TYPE_CHECKING:
    from tests.oracle.records import Record

RULES = Rules()
STARTED = CODES["interactions_started"]
TIMED_OUT = {CODES["timed_out"], CODES["timed_out_connected"]}
Books = tuple[Ledger, MemoryShard]
Figures = dict[str, dict[int, int]]


class Cluster:
    """Both stages over so many partitions each; batches of random sizes; owners change between batches."""

    def __init__(self, partitions: int, seed: int, *, cut: int) -> None:
        self.partitions, self.cut, self.random = partitions, cut, Random(seed)
        self.books: dict[tuple[str, int], Books] = {}
        self.offsets: Counter[tuple[str, int]] = Counter()

    def _books(self, topic: str, number: int) -> Books:
        if (topic, number) not in self.books:
            channel = TOPICS[topic].channel
            stage = Interactions(RULES, channel) if channel else Customers(RULES)
            self.books[topic, number] = Ledger(stage, partial(zone_of, RULES), Room(20_000)), MemoryShard()
        return self.books[topic, number]

    def take(self, records: list[Record]) -> Cluster:
        """Take in a log: first stage, then what it sent on."""
        self._spread([(r["topic"], r["key"].encode(), r["value"], r["timestamp_ms"]) for r in records])
        sent = []
        for _, shard in list(self.books.values()):
            sent += [(o.topic, o.key, o.value, 2**53) for o in shard.outputs]
            shard.outputs = []
        self._spread(sent)
        return self

    def _spread(self, records: list[tuple[str, bytes, Any, int]]) -> None:
        logs: dict[tuple[str, int], list[tuple[int, Any]]] = defaultdict(list)
        for topic, key, value, timestamp_ms in records:
            if TOPICS[topic].channel is None and topic != "customers.timeline":
                continue
            raw = value if isinstance(value, bytes) else msgspec.json.encode(value)
            where = topic, crc32(key) % self.partitions
            try:
                event = decode(TOPICS[topic], key, raw, timestamp_ms)
            except Rejected:
                continue
            if not isinstance(event, Skipped):
                logs[where].append((self.offsets[where], event))
                self.offsets[where] += 1
        for where, log in logs.items():
            self._fold(*self._books(*where), log)

    def _fold(self, ledger: Ledger, shard: MemoryShard, log: list[tuple[int, Any]]) -> None:
        at = 0
        while at < len(log):
            size = self.random.randint(1, self.cut)
            shard.fold(ledger, log[at : at + size])
            at += size
            if self.random.random() < 0.2:
                ledger.drop()

    @property
    def stream_time(self) -> int:
        """The latest of all shards, in ms."""
        return max((ledger.stream_time for ledger, _ in self.books.values()), default=0)

    def cells(self) -> Figures:
        """All cells that are kept, summed over shards, without time-outs: each shard sees those at its own time."""
        sums: dict[str, Counter[int]] = defaultdict(Counter)
        for _, shard in self.books.values():
            for name, cell in shard.cells(self.stream_time).items():
                sums[name].update({code: n for code, n in cell.items() if code not in TIMED_OUT})
        return _solid(sums)

    def balances(self) -> Figures:
        """Gained less retracted by scope after two days of silence, over all shards; without starts: ticks have one."""
        later = self.stream_time + 2 * DAY
        for (topic, number), (ledger, shard) in self.books.items():
            if TOPICS[topic].channel:
                shard.fold(ledger, [(self.offsets[topic, number], tick(topic, later))])
        sums: dict[str, Counter[int]] = defaultdict(Counter)
        for _, shard in self.books.values():
            for name, net in shard.balances().items():
                sums[name].update({code: n for code, n in net.items() if code != STARTED})
        return _solid(sums)


def tick(topic: str, at: int) -> Any:
    """An event that contributes nothing but a start and its time."""
    data = {"interaction_id": "tick", "channel": TOPICS[topic].channel}
    value = {"specversion": "1.0", "id": "tick", "source": "/tick", "type": "interaction.started",
             "time": "2000-01-01T00:00:00Z", "data": data}  # fmt: skip
    event = decode(TOPICS[topic], b"tick", msgspec.json.encode(value), at)
    event.at = at  # type: ignore[union-attr]
    return event


def _solid(sums: dict[str, Counter[int]]) -> Figures:
    return {name: cell for name, counter in sums.items() if (cell := {code: n for code, n in counter.items() if n})}


@pytest.mark.parametrize("seed", range(4))
def test_the_log_in_one_piece_counts_something(seed: int) -> None:
    cluster = Cluster(1, 0, cut=10_000).take(nasty(seed))
    assert {name[1] for name in cluster.cells()} == set("fmhd")
    assert sum(cell.get(CODES["timed_out"], 0) for cell in cluster.balances().values()) > 0


@given(seed=st.integers(0, 5000), partitions=st.integers(1, 5), cut=st.integers(1, 80), doubled=st.floats(0, 1))
def test_batches_partitions_disorder_and_repetition_change_nothing(
    seed: int, partitions: int, cut: int, doubled: float
) -> None:
    records = nasty(seed, interactions=12, days=3)
    whole = Cluster(1, 0, cut=10_000).take(records)
    random = Random(seed)
    mixed = disordered(records + [record for record in records if random.random() < doubled], seed)
    pieces = Cluster(partitions, seed, cut=cut).take(mixed)
    assert pieces.stream_time == whole.stream_time
    assert pieces.cells() == whole.cells()
    assert pieces.balances() == whole.balances()
