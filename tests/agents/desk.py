"""Sending single records, and reading back what became of them."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from agents import topics

if TYPE_CHECKING:
    from aiokafka.structs import ConsumerRecord

    from stream.settings import Settings


def event(number: int, *, at_ms: int | None = None, **data: Any) -> tuple[bytes, bytes]:
    """Key and value of a call that starts."""
    at = datetime.fromtimestamp((at_ms or time.time_ns() // 1_000_000) / 1000, UTC).isoformat(timespec="milliseconds")
    value = {
        "specversion": "1.0", "id": f"e{number}", "source": "desk", "type": "interaction.started", "time": at,
        "data": {"interaction_id": f"i{number}", "channel": "phone", **data},
    }  # fmt: skip
    return f"i{number}".encode(), json.dumps(value).encode()


class Desk:
    """One producer. Topic names without prefix."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._producer: AIOKafkaProducer[bytes, bytes] = AIOKafkaProducer(
            bootstrap_servers=settings.kafka_bootstrap_servers, max_request_size=20 * 1024 * 1024
        )

    async def __aenter__(self) -> Self:
        await topics.apply(self.settings)
        await self._producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._producer.stop()

    async def send(
        self, key: bytes | None, value: bytes, partition: int = 0, topic: str = "interactions.phone",
        timestamp_ms: int | None = None,
    ) -> None:  # fmt: skip
        name = self.settings.topic_prefix + topic
        await self._producer.send(name, value, key, partition=partition, timestamp_ms=timestamp_ms)

    async def flush(self) -> None:
        await self._producer.flush()

    async def read(self, topic: str, records: int) -> list[ConsumerRecord[bytes, bytes]]:
        """So many records of a topic, from its beginning."""
        name = self.settings.topic_prefix + topic
        found: list[ConsumerRecord[bytes, bytes]] = []
        consumer: AIOKafkaConsumer[bytes, bytes] = AIOKafkaConsumer(
            bootstrap_servers=self.settings.kafka_bootstrap_servers, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            consumer.assign([TopicPartition(name, p) for p in range(self.settings.partitions)])
            end = time.monotonic() + 30
            while len(found) < records and time.monotonic() < end:
                for part in (await consumer.getmany(timeout_ms=500)).values():
                    found += part
        finally:
            await consumer.stop()
        return found
