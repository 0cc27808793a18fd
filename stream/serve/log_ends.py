"""How far the logs of our topics reach, asked of Kafka by one client without a group."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
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
_FETCH_MS = 1000


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
            isolation_level="read_committed",
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

    async def has_record(self, partition: ShardId, first: int, end: int) -> bool | None:
        """Whether there is a committed record from `first` on, before `end`; None: Kafka has not said in time."""
        place = TopicPartition(*partition)
        begins = (await self._consumer.beginning_offsets([place]))[place]
        if begins >= end:
            return False
        self._consumer.assign([place])
        try:
            self._consumer.seek(place, max(first, begins))
            fetched = await self._consumer.getmany(place, timeout_ms=_FETCH_MS, max_records=1)
            records = fetched.get(place, ())
            if records:
                return bool(records[0].offset < end)
            return False if await self._consumer.position(place) >= end else None
        finally:
            self._consumer.unsubscribe()
