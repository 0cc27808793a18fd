"""How far the logs of our topics reach, asked of Kafka by one client without a group."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from stream.connections import kafka_options
from stream.state.snapshot import ShardId

if TYPE_CHECKING:
    from stream.settings import Settings

TIMEOUT_MS = 5000
_TOPICS_EVERY = 15
"""Looks between two questions for all topics, which are dear in a big cluster."""
_FETCH_MS, _FETCH_BYTES, _PATIENCE_SECONDS = 200, 1 << 16, 2.0


class LogEnds:
    """The ends of the partitions of some topics."""

    def __init__(self, consumer: AIOKafkaConsumer, topics: Collection[str]) -> None:
        self._consumer, self._topics = consumer, topics
        self._partitions: list[ShardId] = []
        self._looks = 0

    @classmethod
    @asynccontextmanager
    async def of(cls, settings: Settings, topics: Collection[str]) -> AsyncIterator[Self]:
        """Opened, and closed with the block. Raises KafkaError."""
        consumer = AIOKafkaConsumer(
            **kafka_options(settings), request_timeout_ms=TIMEOUT_MS, enable_auto_commit=False,
            isolation_level="read_committed", max_partition_fetch_bytes=_FETCH_BYTES,
        )  # fmt: skip
        try:
            await consumer.start()
            yield cls(consumer, topics)
        finally:
            await consumer.stop()

    async def ask(self) -> dict[ShardId, int]:
        """Partition -> offset of the next record. Raises KafkaError."""
        if not self._looks or not self._partitions:
            cluster = await self._consumer._client.fetch_all_metadata()  # noqa: SLF001 - public ones know no partitions
            numbers = ((topic, cluster.partitions_for_topic(topic) or ()) for topic in self._topics)
            self._partitions = [ShardId(topic, number) for topic, of in numbers for number in sorted(of)]
        self._looks = (self._looks + 1) % _TOPICS_EVERY
        if not self._partitions:
            return {}
        found = await self._consumer.end_offsets([TopicPartition(*each) for each in self._partitions])
        return {ShardId(*each): end for each, end in found.items()}

    async def have_records(self, wanted: Mapping[ShardId, tuple[int, int]]) -> dict[ShardId, bool]:
        """Whether there is a committed record from the first offset on, before the second one.

        A partition is missing of which Kafka has not said it in time. Raises KafkaError.
        """
        places = {TopicPartition(*each): each for each in wanted}
        begins = await self._consumer.beginning_offsets(list(places))
        found = {each: False for place, each in places.items() if begins[place] >= wanted[each][1]}
        asked = {place: each for place, each in places.items() if each not in found}
        self._consumer.assign(list(asked))
        try:
            for place, each in asked.items():
                self._consumer.seek(place, max(wanted[each][0], begins[place]))
            until = time.monotonic() + _PATIENCE_SECONDS
            while asked and time.monotonic() < until:
                fetched = await self._consumer.getmany(*asked, timeout_ms=_FETCH_MS)
                for place, records in fetched.items():
                    if records:
                        each = asked.pop(place)
                        found[each] = records[0].offset < wanted[each][1]
                for place, each in list(asked.items()):
                    if await self._consumer.position(place) >= wanted[each][1]:
                        found[asked.pop(place)] = False
        finally:
            self._consumer.unsubscribe()
        return found
