"""Where records go that cannot be understood, bytes unchanged; and the brake, when there are too many of them."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from aiokafka.errors import MessageSizeTooLargeError

if TYPE_CHECKING:
    from aiokafka import AIOKafkaProducer
    from faust.types import TP

    from agents.records import Record

TOPIC = "dead-letters"
MAX_VALUE_BYTES = 16 * 1024 * 1024 - 64 * 1024
TRUNCATED_BYTES = 256 * 1024
BRAKE_RECORDS = 1000
BRAKE_REJECTED = BRAKE_RECORDS // 2
_DETAIL_BYTES = 4096


class DeadLetter(NamedTuple):
    """A record and why it was rejected: `reason` is one of schemas.rejected.REASONS, `detail` one line."""

    record: Record
    reason: str
    detail: str


class DeadLetters:
    """Sends dead letters. Headers: reason, detail, topic, partition, offset; `truncated` where only a part would go."""

    def __init__(self, producer: AIOKafkaProducer[bytes, bytes], topic_prefix: str) -> None:
        self._producer = producer
        self._topic = topic_prefix + TOPIC

    async def send(self, tp: TP, letters: list[DeadLetter]) -> None:
        """Returns when the broker has acknowledged all of them, of one partition. Raises KafkaError."""
        if letters:
            await asyncio.gather(*(self._send(tp, letter) for letter in letters))

    async def _send(self, tp: TP, letter: DeadLetter) -> None:
        value = letter.record.value
        if value is None or len(value) <= MAX_VALUE_BYTES:
            try:
                await self._acknowledged(tp, letter, value, [])
            except MessageSizeTooLargeError:
                pass
            else:
                return
        size = str(len(value or b"")).encode()
        await self._acknowledged(tp, letter, (value or b"")[:TRUNCATED_BYTES], [("truncated", size)])

    async def _acknowledged(
        self, tp: TP, letter: DeadLetter, value: bytes | None, more: list[tuple[str, bytes]]
    ) -> None:
        record, partitions = letter.record, await self._producer.partitions_for(self._topic)
        headers = [
            ("reason", letter.reason.encode()),
            ("detail", letter.detail.encode(errors="backslashreplace")[:_DETAIL_BYTES]),
            ("topic", tp.topic.encode()),
            ("partition", str(tp.partition).encode()),
            ("offset", str(record.offset).encode()),
            *more,
        ]
        target: Any = crc32(record.key or b"") % len(partitions)
        # Neither key nor value: Kafka takes it, aiokafka does not; an empty value says the same.
        body = b"" if value is None and record.key is None else value
        await self._producer.send_and_wait(self._topic, body, record.key, partition=target, headers=headers)


class Brake:
    """Trips when more than half of the last thousand records of a partition were rejected."""

    def __init__(self) -> None:
        self._seen = 0
        self._rejected: deque[int] = deque()

    def passed(self, records: int) -> None:
        """So many more records were read, rejected ones included."""
        self._seen += records

    def rejected(self, ahead: int) -> bool:
        """The record `ahead` of those passed was rejected; True when that trips the brake."""
        at, rejected = self._seen + ahead, self._rejected
        rejected.append(at)
        while rejected[0] <= at - BRAKE_RECORDS:
            rejected.popleft()
        return self.tripped

    @property
    def tripped(self) -> bool:
        """Whether too many were rejected."""
        return len(self._rejected) > BRAKE_REJECTED

    @property
    def count(self) -> int:
        """Rejected ones among the last thousand."""
        return len(self._rejected)

    def release(self) -> None:
        """Forget what was rejected."""
        self._rejected.clear()
