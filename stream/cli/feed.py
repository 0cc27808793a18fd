"""Records into Kafka, fast and in order: a batch per partition, filled until it is full or flushed."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import murmur2

from stream.cli.problem import Problem, explaining
from stream.connections import kafka_options

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiokafka.producer.message_accumulator import BatchBuilder

    from stream.settings import Settings

BATCH_BYTES = 256 * 1024
REQUEST_BYTES = 32 * 1024 * 1024
PENDING = 64
TIMEOUT_MS = 15_000

hash_of_key = lru_cache(200_000)(murmur2)


class Feed:
    """Sends records to topics (named without prefix). `sent` counts those that were handed over."""

    def __init__(self, producer: AIOKafkaProducer, prefix: str) -> None:
        self.sent = 0
        self._producer = producer
        self._prefix = prefix
        self._partitions: dict[str, int] = {}
        self._open: dict[tuple[str, int], BatchBuilder] = {}
        self._pending: list[asyncio.Future[Any]] = []
        self._turn = 0

    async def add(self, topic: str, key: bytes | None, value: bytes | None, timestamp_ms: int | None) -> None:
        """Puts one record into its partition's batch; `timestamp_ms` None: the time of sending."""
        count = self._partitions.get(topic) or await self._look_up(topic)
        if key is None:
            self._turn = partition = (self._turn + 1) % count
        else:
            partition = (hash_of_key(key) & 0x7FFFFFFF) % count
        place = (topic, partition)
        batch = self._open.get(place)
        if batch is not None and batch.append(timestamp=timestamp_ms, key=key, value=value) is None:
            await self._send(place, batch)
            batch = None
        if batch is None:
            batch = self._open[place] = self._producer.create_batch()
            if batch.append(timestamp=timestamp_ms, key=key, value=value) is None:
                raise Problem(f"a record of {len(value or b'')} bytes is too large to be sent")
        self.sent += 1

    async def flush(self) -> None:
        """Returns when the broker has acknowledged all that was added."""
        for place, batch in list(self._open.items()):
            await self._send(place, batch)
        self._open.clear()
        await self._settle()

    async def _send(self, place: tuple[str, int], batch: BatchBuilder) -> None:
        topic, partition = place
        batch.close()
        self._pending.append(await self._producer.send_batch(batch, self._prefix + topic, partition=partition))
        if len(self._pending) >= PENDING:
            await self._settle()

    async def _settle(self) -> None:
        pending, self._pending = self._pending, []
        for future in pending:
            await future

    async def _look_up(self, topic: str) -> int:
        name = self._prefix + topic
        await self._producer.client.force_metadata_update()
        found = self._producer.client.cluster.partitions_for_topic(name)
        if not found:
            found = await self._asked(name)
        self._partitions[topic] = len(found)
        return len(found)

    async def _asked(self, name: str) -> set[int]:
        try:
            found: set[int] = await asyncio.wait_for(self._producer.partitions_for(name), 5)
        except TimeoutError as error:
            raise Problem(f"the broker has no topic {name}: run `centralino topics apply`") from error
        return found


@asynccontextmanager
async def feeding(settings: Settings) -> AsyncIterator[Feed]:
    """A feed to the broker of the settings. Raises `Problem` when it cannot be reached or refuses."""
    with explaining(settings):
        producer = AIOKafkaProducer(
            **kafka_options(settings),
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,
            max_request_size=REQUEST_BYTES,
            request_timeout_ms=TIMEOUT_MS,
        )
        await producer.start()
        try:
            feed = Feed(producer, settings.topic_prefix)
            yield feed
            await feed.flush()
        finally:
            await producer.stop()
