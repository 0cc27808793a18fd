"""Where a bench runs: its broker, its store, a folder; and the logs in Kafka, each made once it is asked for."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from redis import Redis

from bench import load, recount, straight
from bench.load import FAR_OUT, Partitions, by_partition, disordered, produce
from bench.recount import Figures
from stream.embedded import EmbeddedBroker, EmbeddedStore
from tests.parts.kafka import Kafka
from tests.parts.missing import PartMissing
from tests.parts.redis import Redis as RealRedis

if TYPE_CHECKING:
    from contextlib import ExitStack

    from stream.simulator import Record


@dataclass
class Surroundings:
    """Where everything is: the broker, the store, a folder for what is written."""

    kafka: str
    redis_url: str
    redis: Redis
    folder: Path


@dataclass
class Topic:
    """A topic of the bench as it lies on the broker, and the figures that its partitions must yield."""

    prefix: str
    partitions: Partitions
    figures: list[Figures] = field(default_factory=list)
    plain_name: str = load.TOPIC

    @property
    def name(self) -> str:
        """With its prefix."""
        return self.prefix + self.plain_name

    @property
    def records(self) -> int:
        """Of all partitions."""
        return sum(map(len, self.partitions))

    @cached_property
    def cells(self) -> straight.Cells:
        """What peers must have counted: the straight fold of the events as they lie there. Raises Wrong."""
        found = straight.fold(chain(*self.partitions))
        straight.verify_fold(found, self.figures)
        return found


class Logs:
    """The topics that paths read. Each is made, and put into Kafka, when it is first asked for."""

    def __init__(self, where: Surroundings, events: int) -> None:
        self._where, self._events = where, events

    @cached_property
    def plain(self) -> Topic:
        """The events as they happened."""
        topic = Topic("bench.", by_partition(self._records))
        say("recounting them naively, and putting them into Kafka")
        topic.figures = [recount.expected(each) for each in topic.partitions]
        asyncio.run(produce(self._where.kafka, topic.prefix, self._records))
        return topic

    @cached_property
    def disordered(self) -> Topic:
        """5 % of them moved, 2 % there twice."""
        return self._moved("disordered.", disordered(self._records))

    @cached_property
    def far_out(self) -> Topic:
        """30 % of them moved."""
        return self._moved("far-out.", disordered(self._records, FAR_OUT, doubled=0.0))

    @cached_property
    def second(self) -> Topic:
        """What the first stage tells customers' shards of them."""
        say("folding them for the second stage")
        timeline = load.timeline(self.plain.partitions)
        topic = Topic("second.", by_partition(timeline), [recount.of_customers(self._records)], load.TIMELINE)
        asyncio.run(produce(self._where.kafka, topic.prefix, timeline, load.TIMELINE))
        return topic

    @cached_property
    def _records(self) -> list[Record]:
        say(f"simulating {self._events:,} events")
        return load.events(self._events)

    def _moved(self, prefix: str, moved: list[Record]) -> Topic:
        asyncio.run(produce(self._where.kafka, prefix, moved))
        return Topic(prefix, by_partition(moved), self.plain.figures)


def surroundings(stack: ExitStack) -> Surroundings:
    """The real parts where they are installed, else the embedded ones; ended with the stack."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="centralino-bench-")))
    broker: Kafka | EmbeddedBroker
    store: RealRedis | EmbeddedStore
    try:
        # As long a pause, at a group's first member, as two workers of it need to start side by side.
        broker = Kafka(folder / "kafka", settings={"group.initial.rebalance.delay.ms": "1000"})
    except PartMissing as missing:
        say(f"{missing}: measured on the embedded broker instead")
        broker = EmbeddedBroker(folder / "kafka", partitions=load.PARTITIONS)
    try:
        store = RealRedis(folder / "redis")
    except PartMissing as missing:
        say(f"{missing}: measured on the embedded store instead")
        store = EmbeddedStore(folder / "redis")
    stack.enter_context(broker)
    stack.enter_context(store)
    redis = stack.enter_context(Redis.from_url(store.url))
    return Surroundings(broker.address, store.url, redis, folder)


def say(line: str) -> None:
    """How far the bench is, for whoever waits for it."""
    print(f"bench: {line}", file=sys.stderr, flush=True)
