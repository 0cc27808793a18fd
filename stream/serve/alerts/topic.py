"""`queues.alerts` as its one writer has it: alerts of one look in one transaction, and what was told before, read back.

All services have one transactional id: opening the topic ends what the former writer has begun and not committed, and
the broker takes nothing from that one any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaConnectionError, KafkaError

from schemas.alerts import Alert
from schemas.envelope import HEADERS
from stream.connections import kafka_options

if TYPE_CHECKING:
    from stream.serve.alerts.mirror import Queue
    from stream.settings import Settings

TOPIC = "queues.alerts"
_PATIENCE_SECONDS, _CLOSING_SECONDS = 10.0, 2.0
_TRANSACTION_MS = 10_000
_decode = msgspec.json.Decoder(Alert).decode
_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger()

Positions = dict[int, int]
"""Partition -> offset of the next record."""


class Record(NamedTuple):
    """An event as it lies in the topic."""

    event: Alert
    value: bytes


class Topic:
    """Open from `open` to `close`; after any error it is to be closed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._name = settings.topic_prefix + TOPIC
        self._producer: AIOKafkaProducer[bytes, bytes] | None = None
        self._partitions = 0

    async def open(self) -> None:
        """Become the writer. Raises KafkaError, TimeoutError, OSError."""
        self._producer = producer = AIOKafkaProducer(
            **kafka_options(self._settings), transactional_id=f"{self._settings.group}-alerts",
            transaction_timeout_ms=_TRANSACTION_MS,
        )  # fmt: skip
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await producer.start()
            self._partitions = len(await producer.partitions_for(self._name))

    async def tell(self, events: Sequence[tuple[Queue, Alert]]) -> tuple[list[bytes], Positions]:
        """Tell all of them or none; their bytes, and where the topic goes on. Raises KafkaError, TimeoutError.

        After an error they may have been told or not: who opens the topic anew and reads on knows.
        """
        assert self._producer is not None
        values, sent = [_encode(event) for _, event in events], []
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await self._begin(self._producer)
            for (queue, _), value in zip(events, values, strict=True):
                key = "/".join(queue).encode()
                place = crc32(key) % self._partitions
                sent.append(await self._producer.send(self._name, value, key, place, headers=[*HEADERS]))
            records = await asyncio.gather(*sent)
            await self._producer.commit_transaction()
        return values, {record.partition: record.offset + 1 for record in records}

    @staticmethod
    async def _begin(producer: AIOKafkaProducer[bytes, bytes]) -> None:
        try:
            await producer.begin_transaction()
        except AssertionError as error:
            raise KafkaError(f"the producer is of no use any more: {error}") from None

    async def answers(self) -> None:
        """Ask the broker something. Raises KafkaError, TimeoutError when it is away."""
        assert self._producer is not None
        async with asyncio.timeout(_PATIENCE_SECONDS):
            if not await self._producer.client.force_metadata_update():
                raise KafkaConnectionError("no broker answers")

    async def told_since(self, positions: Mapping[int, int]) -> tuple[list[Record], Positions]:
        """What was told from these positions on, all of it where there is none, each queue's in order; and the ends.

        Positions beyond the end are of a topic that was made anew: all of it is read. Raises KafkaError, and
        TimeoutError when nothing comes for as long as patience lasts.
        """
        consumer = AIOKafkaConsumer(
            **kafka_options(self._settings), group_id=None, isolation_level="read_committed",
            auto_offset_reset="earliest", enable_auto_commit=False,
        )  # fmt: skip
        places = [TopicPartition(self._name, number) for number in range(self._partitions)]
        found: list[Record] = []
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS) as patience:
                await consumer.start()
                consumer.assign(places)
                ends = await consumer.end_offsets(places)
                firsts = await consumer.beginning_offsets(places)
                for place in places:
                    known = positions.get(place.partition, 0)
                    consumer.seek(place, known if firsts[place] <= known <= ends[place] else firsts[place])
                while [place for place in places if await consumer.position(place) < ends[place]]:
                    for records in (await consumer.getmany(timeout_ms=200)).values():
                        found += [record for each in records if (record := _read(each.value)) is not None]
                        patience.reschedule(asyncio.get_running_loop().time() + _PATIENCE_SECONDS)
        finally:
            await consumer.stop()
        return found, {place.partition: end for place, end in ends.items()}

    async def close(self) -> None:
        """Let go of the producer, also where the broker does not answer."""
        producer, self._producer = self._producer, None
        if producer is not None:
            with suppress(KafkaError, TimeoutError, OSError):
                async with asyncio.timeout(_CLOSING_SECONDS):
                    await producer.stop()
                    return
            with suppress(KafkaError, TimeoutError, OSError):
                async with asyncio.timeout(_CLOSING_SECONDS):
                    await producer.client.close()


def _read(value: bytes | None) -> Record | None:
    try:
        return None if value is None else Record(_decode(value), value)
    except msgspec.MsgspecError as error:
        _log.warning("what is no alert lies among the alerts", error=str(error))
        return None
