"""What we send to Kafka: whole record batches, in order, acknowledged before the commit that covers them.

Partitions of our own topics are crc32 of the key: only our own producers write to them. To an input topic others write
too, and there we choose as Kafka's own clients do, by murmur2; what must be heard whatever they choose goes to all of
its partitions.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from zlib import crc32

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import MessageSizeTooLargeError
from aiokafka.partitioner import murmur2

from schemas.envelope import HEADERS
from schemas.topics import TOPICS
from stream.connections import kafka_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aiokafka.producer.message_accumulator import BatchBuilder

    from stream.core.stage import Output
    from stream.settings import Settings

MAX_REQUEST_BYTES = 17 * 1024 * 1024
_BATCH_BYTES = 512 * 1024

_INTERNAL = frozenset(topic for topic, spec in TOPICS.items() if spec.role == "internal")
_INPUTS = frozenset(topic for topic, spec in TOPICS.items() if spec.role == "in")

Piles = dict[TopicPartition, "list[Output]"]


def producer_options(settings: Settings) -> dict[str, Any]:
    """Of an idempotent producer: nothing is lost, doubled or reordered while it lives."""
    return {
        **kafka_options(settings), "acks": "all", "enable_idempotence": True, "max_batch_size": _BATCH_BYTES,
        "max_request_size": MAX_REQUEST_BYTES,
    }  # fmt: skip


def new_producer(settings: Settings) -> AIOKafkaProducer[bytes, bytes]:
    """A producer without transactions."""
    return AIOKafkaProducer(**producer_options(settings))


class Outputs:
    """Sends derived records to their topics. `named`: what a topic is called on the broker."""

    def __init__(self, producer: AIOKafkaProducer[bytes, bytes], named: Callable[[str], str]) -> None:
        self._producer = producer
        self._named = named
        self._partitions: dict[str, int] = {}
        self._lanes: dict[TopicPartition, asyncio.Lock] = {}

    async def _partition_count(self, topic: str) -> int:
        count = self._partitions.get(topic)
        if count is None:
            count = self._partitions[topic] = len(await self._producer.partitions_for(self._named(topic)))
        return count

    async def send(self, outputs: Iterable[Output]) -> None:
        """Send in order per key; returns when the broker has acknowledged all. Raises KafkaError."""
        await self.send_piles(await self.piles(outputs))

    async def piles(self, outputs: Iterable[Output]) -> Piles:
        """Outputs by the partition that they go to. Raises KafkaError."""
        topics: dict[str, list[list[Output]]] = {}
        place = self._place
        for output in outputs:
            piles = topics.get(output.topic)
            if piles is None:
                piles = topics[output.topic] = [[] for _ in range(await self._partition_count(output.topic))]
            if output.everywhere:
                for pile in piles:
                    pile.append(output)
            else:
                piles[place(output, len(piles))].append(output)
        return {
            TopicPartition(self._named(topic), partition): pile
            for topic, piles in topics.items()
            for partition, pile in enumerate(piles)
            if pile
        }

    async def send_piles(self, piles: Piles) -> None:
        """Send each in its order; returns when the broker has acknowledged all. Raises KafkaError."""
        if piles:
            await asyncio.gather(*(self._send_pile(tp, pile) for tp, pile in piles.items()))

    @staticmethod
    def _place(output: Output, count: int) -> int:
        if output.topic in _INPUTS:
            return int(murmur2(output.key) & 0x7FFFFFFF) % count
        return crc32(output.key) % count

    async def _send_pile(self, tp: TopicPartition, pile: list[Output]) -> None:
        headers = [] if pile[0].topic in _INTERNAL else [*HEADERS]
        acknowledgements = []
        batch = self._producer.create_batch()
        for output in pile:
            if batch.append(timestamp=None, key=output.key, value=output.value, headers=headers) is None:
                acknowledgements.append(await self._send_batch(batch, tp))
                batch = self._producer.create_batch()
                if batch.append(timestamp=None, key=output.key, value=output.value, headers=headers) is None:
                    raise MessageSizeTooLargeError(f"{tp.topic}: a record of {len(output.value)} bytes")
        acknowledgements.append(await self._send_batch(batch, tp))
        await asyncio.gather(*acknowledgements)

    async def _send_batch(self, batch: BatchBuilder, tp: TopicPartition) -> asyncio.Future[Any]:
        """One at a time to each partition: aiokafka counts the wait for those before us again at each of them."""
        async with self._lanes.setdefault(tp, asyncio.Lock()):
            acknowledged: asyncio.Future[Any] = await self._producer.send_batch(batch, tp.topic, partition=tp.partition)
            return acknowledged
