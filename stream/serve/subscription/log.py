"""Output topics as Kafka has them, read by a client without a group: of transactions only what was committed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple, Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaConnectionError, KafkaError, OffsetOutOfRangeError

from stream.connections import kafka_options

if TYPE_CHECKING:
    from stream.settings import Settings

AWAY = (KafkaError, OSError, TimeoutError)
"""What any step may raise while Kafka is away."""
PROBE_SECONDS = 3.0
"""After so long without a record Kafka is asked whether it is there."""
LOOK_SECONDS = 10.0
"""Between two looks for partitions and topics that were not there."""
_TIMEOUT_MS, _PATIENCE_SECONDS, _CLOSING_SECONDS = 5000, 10.0, 5.0
_READ_MS, _READ_RECORDS = 500, 500
_FETCH_BYTES, _PARTITION_BYTES = 4 * 1024 * 1024, 512 * 1024
_AGAIN_SECONDS = 1.0

Part = list[int]
"""Of one topic, by partition, the offset of the next record."""


class Piece(NamedTuple):
    """The next records of a partition, in order, and the offset after them and what was aborted among them."""

    topic: str
    partition: int
    records: list[ConsumerRecord]
    at: int


class Gap(NamedTuple):
    """What is missing of a partition: from the first offset to before the second. `why`: `expired` or `remade`."""

    topic: str
    partition: int
    at: int
    to: int
    why: str


class Log:
    """Open within the block of `opened`. Every step may raise one of AWAY."""

    def __init__(self, consumer: AIOKafkaConsumer, prefix: str, topics: Sequence[str]) -> None:
        self._consumer, self._prefix, self._topics = consumer, prefix, topics
        self._places: dict[TopicPartition, tuple[str, int]] = {}
        self._counts: dict[str, int] = {}
        self._heard = self._looked = time.monotonic()

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings, topics: Sequence[str]) -> AsyncIterator[Self]:
        """A reader of these topics, which stand there without the prefix."""
        consumer = AIOKafkaConsumer(
            **kafka_options(settings), group_id=None, isolation_level="read_committed", auto_offset_reset="none",
            enable_auto_commit=False, request_timeout_ms=_TIMEOUT_MS, fetch_max_bytes=_FETCH_BYTES,
            max_partition_fetch_bytes=_PARTITION_BYTES,
        )  # fmt: skip
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await consumer.start()
            yield cls(consumer, settings.topic_prefix, topics)
        finally:
            await _closed(consumer)

    async def partitions(self) -> dict[str, int]:
        """How many partitions each topic has; 0: there is no such topic."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            cluster = await self._consumer._client.fetch_all_metadata()  # noqa: SLF001 - no public one tells
        return {topic: len(cluster.partitions_for_topic(self._prefix + topic) or ()) for topic in self._topics}

    async def ends(self) -> dict[str, Part]:
        """Where each topic ends: what comes is behind that."""
        bounds = await self._bounds()
        return {topic: [end for _, end in of] for topic, of in bounds.items()}

    async def mended(self, known: Mapping[str, Sequence[int]]) -> tuple[dict[str, Part], list[Gap]]:
        """Positions that can be read from, and what is missing between these and those that are known.

        New partitions are read from their first record. A position behind the end is of a topic that was made anew:
        all of it is read. It is asked for twice, since a broker that has just come back may not know its end.
        """
        bounds = await self._bounds()
        if any(_strange(known[topic], of) for topic, of in bounds.items()):
            await asyncio.sleep(_AGAIN_SECONDS)
            bounds = await self._bounds()
        found: dict[str, Part] = {}
        gaps: list[Gap] = []
        for topic, of in bounds.items():
            if known[topic] and not of:
                raise KafkaError(f"{self._prefix}{topic} is not there")
            found[topic] = [first for first, _ in of]
            for partition, at in enumerate(known[topic]):
                first, end = of[partition] if partition < len(of) else (0, 0)
                if not first <= at <= end:
                    gaps.append(Gap(topic, partition, at, first, "expired" if at < first else "remade"))
                elif partition < len(of):
                    found[topic][partition] = at
        return found, gaps

    async def _bounds(self) -> dict[str, list[tuple[int, int]]]:
        partitions = await self.partitions()
        places = {
            topic: [TopicPartition(self._prefix + topic, number) for number in range(n)]
            for topic, n in partitions.items()
        }
        every = [place for of in places.values() for place in of]
        async with asyncio.timeout(_PATIENCE_SECONDS):
            firsts = await self._consumer.beginning_offsets(every) if every else {}
            ends = await self._consumer.end_offsets(every) if every else {}
        return {topic: [(firsts[place], ends[place]) for place in of] for topic, of in places.items()}

    def start(self, positions: Mapping[str, Sequence[int]]) -> None:
        """Read from these positions on."""
        self._places = {
            TopicPartition(self._prefix + topic, number): (topic, number)
            for topic, of in positions.items()
            for number in range(len(of))
        }
        self._counts = {topic: len(of) for topic, of in positions.items()}
        self._consumer.assign(list(self._places))
        for place, (topic, number) in self._places.items():
            self._consumer.seek(place, positions[topic][number])
        self._heard = self._looked = time.monotonic()

    async def read(self) -> list[Piece]:
        """What comes next, or nothing for half a second; partitions that have come since are read from their first.

        What was to be read next may be there no more: then one of AWAY is raised, and the next reader has to mend.
        """
        await self._look()
        if not self._places:
            await asyncio.sleep(_READ_MS / 1000)
            return []
        try:
            found = await self._consumer.getmany(timeout_ms=_READ_MS, max_records=_READ_RECORDS)
        except OffsetOutOfRangeError as error:
            raise KafkaError(f"what was to be read next is not there: {error}") from None
        if found:
            self._heard = time.monotonic()
        return [
            Piece(topic, number, found.get(place, []), await self._consumer.position(place))
            for place, (topic, number) in self._places.items()
        ]

    async def _look(self) -> None:
        """Ask whether Kafka is there when it has been silent, and for topics that were not there."""
        now = time.monotonic()
        if self._places and now - self._heard > PROBE_SECONDS:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                if not await self._consumer._client.force_metadata_update():  # noqa: SLF001 - the same
                    raise KafkaConnectionError("kafka does not answer")
            self._heard = time.monotonic()
        if now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        if all(self._counts.values()):
            cluster = self._consumer._client.cluster  # noqa: SLF001 - as above
            counts = {each: len(cluster.partitions_for_topic(self._prefix + each) or ()) for each in self._topics}
        else:
            counts = await self.partitions()
        if any(counts[topic] > n for topic, n in self._counts.items()):
            at = {(topic, number): await self._consumer.position(of) for of, (topic, number) in self._places.items()}
            self.start({
                topic: [at.get((topic, number), 0) for number in range(max(n, counts[topic]))]
                for topic, n in self._counts.items()
            })  # fmt: skip


def _strange(known: Sequence[int], of: Sequence[tuple[int, int]]) -> bool:
    return len(of) < len(known) or any(not first <= at <= end for at, (first, end) in zip(known, of, strict=False))


async def _closed(consumer: AIOKafkaConsumer) -> None:
    """Close it in tasks of its own: it passes on, as if they were ours, cancellations of what it has under way."""
    for close in (consumer.stop, consumer._client.close):  # noqa: SLF001 - what the first may have left open
        closing = asyncio.ensure_future(close())
        try:
            await asyncio.wait({closing}, timeout=_CLOSING_SECONDS)
        finally:
            closing.cancel()
        await asyncio.gather(closing, return_exceptions=True)
