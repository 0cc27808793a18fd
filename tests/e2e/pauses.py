"""A steady load on a topic, and how long at most each partition's stored offset has stood still meanwhile."""

from __future__ import annotations

import asyncio
import time
from threading import Event, Thread
from typing import TYPE_CHECKING, Self

from aiokafka import AIOKafkaProducer

from tests.e2e.factory import PARTITIONS, PHONE, Factory, partition_of, until
from tests.parts.redis import blocking_client

if TYPE_CHECKING:
    from tests.e2e.history import Line

TURN_SECONDS, LINES = 0.02, 20
_LOOK_SECONDS = 0.01


class Load:
    """Appends lines in their order, some each turn, until it is left; `sent` of them are in the log then."""

    def __init__(self, factory: Factory, lines: list[Line]) -> None:
        self.sent = 0
        self._factory, self._lines = factory, lines
        self._over, self._thread = Event(), Thread(target=lambda: asyncio.run(self._append()))

    async def _append(self) -> None:
        name = PHONE.named(self._factory.settings.topic_prefix)
        producer = AIOKafkaProducer(bootstrap_servers=self._factory.settings.kafka_bootstrap_servers, linger_ms=0)
        async with producer:
            while not self._over.is_set() and self.sent < len(self._lines):
                batches = [producer.create_batch() for _ in range(PARTITIONS)]
                turn = self._lines[self.sent : self.sent + LINES]
                for line in turn:
                    batches[partition_of(line.key)].append(timestamp=None, key=line.key, value=line.value)
                for partition, batch in enumerate(batches):
                    if batch.record_count():
                        await (await producer.send_batch(batch, name, partition=partition))
                self.sent += len(turn)
                await asyncio.sleep(TURN_SECONDS)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


class Pauses:
    """Looks at the stored offset of each partition again and again."""

    def __init__(self, factory: Factory) -> None:
        self._factory = factory
        self._moved, self._longest, self._begun = [0.0] * PARTITIONS, 0.0, 0.0
        self._over, self._thread = Event(), Thread(target=self._look)

    def begin(self) -> None:
        """Take the time from now on."""
        self._begun, self._longest = time.monotonic(), 0.0

    def longest(self) -> float:
        """How long, in s, a partition has stood still at most since `begin`; once all have moved from now on."""
        self.all_move()
        return self._longest

    def all_move(self) -> None:
        """Wait until each partition has moved from now on."""
        since = time.monotonic()
        until(lambda: min(self._moved) > since, 60, "all partitions move")

    def _look(self) -> None:
        heads = [self._factory.head(partition) for partition in range(PARTITIONS)]
        known: list[object] = [None] * PARTITIONS
        with blocking_client(self._factory.redis_url) as client:
            while not self._over.wait(_LOOK_SECONDS):
                now = time.monotonic()
                for partition, head in enumerate(heads):
                    offset = client.hget(head, "offset")
                    if offset != known[partition]:
                        self._longest = max(self._longest, now - max(self._moved[partition], self._begun))
                        known[partition], self._moved[partition] = offset, now

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
