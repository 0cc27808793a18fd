"""What the service itself says to Kafka. A producer is there once there is something to say, and anew after a failure.

Partitions of our own topics are crc32 of the key, as workers choose them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from aiokafka import AIOKafkaProducer

from schemas.envelope import HEADERS
from stream.connections import kafka_options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stream.core.stage import Output
    from stream.settings import Settings


class Outbox:
    """Sends records and waits until the broker has acknowledged them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer[bytes, bytes] | None = None

    async def send(self, outputs: Iterable[Output]) -> None:
        """Send in order. Raises KafkaError; then the next call begins with another producer."""
        try:
            if self._producer is None:
                self._producer = AIOKafkaProducer(**kafka_options(self._settings), acks="all", enable_idempotence=True)
                await self._producer.start()
            for output in outputs:
                topic = self._settings.topic_prefix + output.topic
                partition = crc32(output.key) % len(await self._producer.partitions_for(topic))
                await self._producer.send_and_wait(topic, output.value, output.key, partition, headers=[*HEADERS])
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Let go of the producer."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()
