"""The dead letters as the broker has them, and which of them were sent again. Letters are called `partition:offset`."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from stream.cli.problem import Problem, explaining
from stream.connections import kafka_options

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from aiokafka import ConsumerRecord

    from stream.cli.store import Store
    from stream.settings import Settings

TOPIC = "dead-letters"
LARGEST = 16 * 1024 * 1024
FETCH_MS = 2000


class Letter(NamedTuple):
    """One dead letter. `topic` is the original one, as the broker names it; `at_ms` is when it was laid aside."""

    name: str
    at_ms: int
    reason: str
    detail: str
    topic: str
    partition: str
    offset: str
    truncated: bool
    key: bytes | None
    value: bytes | None

    @property
    def mark(self) -> str:
        """What is remembered of a letter that was sent again: survives, and tells, a topic made anew."""
        return f"{self.name}@{self.at_ms}"


def _letter(record: ConsumerRecord) -> Letter:
    told = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
    return Letter(
        name=f"{record.partition}:{record.offset}",
        at_ms=record.timestamp,
        reason=told.get("reason", "?"),
        detail=told.get("detail", ""),
        topic=told.get("topic", ""),
        partition=told.get("partition", "?"),
        offset=told.get("offset", "?"),
        truncated="truncated" in told,
        key=record.key,
        value=record.value,
    )


@asynccontextmanager
async def _consumer(settings: Settings) -> AsyncIterator[AIOKafkaConsumer]:
    with explaining(settings):
        consumer = AIOKafkaConsumer(
            **kafka_options(settings),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_partition_fetch_bytes=LARGEST,
        )
        await consumer.start()
        try:
            yield consumer
        finally:
            await consumer.stop()


async def letters(settings: Settings) -> AsyncIterator[Letter]:
    """All dead letters that the broker had at the call, partition by partition. Raises `Problem`."""
    topic = settings.topic_prefix + TOPIC
    async with _consumer(settings) as consumer:
        await consumer._client.force_metadata_update()  # noqa: SLF001 - else the first answer may be empty
        numbers = consumer._client.cluster.partitions_for_topic(topic)  # noqa: SLF001
        if not numbers:
            raise Problem(f"the broker has no topic {topic}: run `centralino topics apply`")
        places = [TopicPartition(topic, number) for number in sorted(numbers)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        begins = await consumer.beginning_offsets(places)
        for place in places:
            if begins[place] < ends[place]:
                async for letter in _of(consumer, place, begins[place], ends[place]):
                    yield letter


async def _of(consumer: AIOKafkaConsumer, place: TopicPartition, begin: int, end: int) -> AsyncIterator[Letter]:
    consumer.assign([place])
    consumer.seek(place, begin)
    while await consumer.position(place) < end:
        fetched = await consumer.getmany(place, timeout_ms=FETCH_MS)
        for record in fetched.get(place, ()):
            if record.offset >= end:
                return
            yield _letter(record)


class Sent:
    """Remembers, in Redis, which letters were sent again."""

    def __init__(self, client: Store, settings: Settings) -> None:
        self._client = client
        self._key = f"{settings.key_prefix}dead-letters-sent"

    async def marks(self) -> set[str]:
        """The marks of all letters that were sent again."""
        found = await self._client.command("SMEMBERS", self._key)
        return {each.decode() for each in found}

    async def add(self, marks: Iterable[str]) -> None:
        """Remembers these too."""
        told = list(marks)
        if told:
            await self._client.command("SADD", self._key, *told)
