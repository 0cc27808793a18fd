"""The events that every path reads: a big phone center's, in the order of time; and the same ones in a bad order.

A day's hour and a half of 24 queues, whose thousands of interactions interleave as they do in a real log.
"""

from __future__ import annotations

import random
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.codec import decode, decoder
from schemas.rejected import Skipped
from schemas.topics import TOPICS
from stream import simulator
from stream.cli.feed import feeding, hash_of_key
from stream.core.books.ledger import Ledger
from stream.core.interactions.interaction import Interactions
from stream.core.rules import Rules
from stream.core.times.window import zone_of
from stream.settings import Settings
from stream.simulator import PROFILES, Simulation
from tests.core.memory_shard import MemoryShard
from tests.parts.topics import create_topics

if TYPE_CHECKING:
    from stream.core.stage import Output
    from stream.simulator import Record

TOPIC, TIMELINE = "interactions.phone", "customers.timeline"
PARTITIONS = 8
BATCH = 5000
EVENTS_PER_SECOND = 100.0
START_MS = 1_748_851_200_000  # 2025-06-02T08:00:00Z: before now on any clock
SHUFFLED, DOUBLED, FAR_OUT, MOVED_BY = 0.05, 0.02, 0.3, 4000

Partitions = list[list["Record"]]


def events(count: int, seed: int = 1) -> list[Record]:
    """So many events of the bench's center, in the order of their times; always the same ones."""
    found: list[Record] = []
    for batch in Simulation(seed, START_MS, EVENTS_PER_SECOND, PROFILES["phone"]).batches():
        found += batch
        if len(found) >= count:
            return found[:count]
    raise AssertionError("a simulation has no end")


def disordered(
    records: list[Record], shuffled: float = SHUFFLED, doubled: float = DOUBLED, seed: int = 2
) -> list[Record]:
    """The same events, 5 % of them moved by up to 4,000 positions, 2 % there twice."""
    rng = random.Random(seed)
    placed: list[tuple[float, Record]] = []
    for position, record in enumerate(records):
        move = rng.uniform(-MOVED_BY, MOVED_BY) if rng.random() < shuffled else 0.0
        placed.append((position + move, record))
        if rng.random() < doubled:
            placed.append((position + rng.uniform(0, MOVED_BY), record))
    placed.sort(key=lambda each: each[0])
    return [record for _, record in placed]


def by_partition(records: list[Record]) -> Partitions:
    """The records of each partition, at the offsets that they will have there."""
    found: Partitions = [[] for _ in range(PARTITIONS)]
    for record in records:
        found[(hash_of_key(record.key) & 0x7FFFFFFF) % PARTITIONS].append(record)
    return found


def timeline(partitions: Partitions) -> list[Record]:
    """What the first stage tells customers' shards of the events of its partitions, as it would come, by turns."""
    rules = Rules()
    logs: list[list[Record]] = []
    read = decoder(TOPICS[TOPIC])
    for records in partitions:
        ledger, shard = Ledger(Interactions(rules, "phone"), partial(zone_of, rules)), MemoryShard()
        events = [(n, read(each.key, each.value, each.timestamp_ms)) for n, each in enumerate(records)]
        for first in range(0, len(events), BATCH):
            shard.fold(ledger, events[first : first + BATCH])
        logs.append([_told(each) for each in shard.outputs if each.topic == TIMELINE])
    return sorted(chain(*logs), key=lambda record: record.at_ms)


def _told(output: Output) -> Record:
    event = decode(TOPICS[TIMELINE], output.key, output.value, 2**60)
    at = event.at if not isinstance(event, Skipped) else 0
    return simulator.Record(TIMELINE, output.key, output.value, at, at)


async def produce(address: str, prefix: str, records: list[Record], topic: str = TOPIC) -> None:
    """Put the records into a new topic. Raises AssertionError when the log does not hold as many."""
    await create_topics(address, PARTITIONS, prefix + topic, retention_ms="-1")
    settings = Settings(kafka_bootstrap_servers=address, topic_prefix=prefix)
    async with feeding(settings) as feed:
        for record in records:
            await feed.add(topic, record.key, record.value, record.timestamp_ms)
    expected = [len(each) for each in by_partition(records)]
    assert await ends(address, prefix + topic) == expected


async def ends(address: str, topic: str) -> list[int]:
    """End offsets of the topic's partitions."""
    consumer = AIOKafkaConsumer(bootstrap_servers=address)
    await consumer.start()
    try:
        found = await consumer.end_offsets([TopicPartition(topic, number) for number in range(PARTITIONS)])
    finally:
        await consumer.stop()
    return [found[tp] for tp in sorted(found)]
