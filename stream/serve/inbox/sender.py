"""Payloads to Kafka: acknowledged by all replicas within a few seconds, or not at all as far as the sender knows.

One producer for all requests: what comes while a batch is on its way is the next batch. It is not idempotent: such a
one holds on to what it could not send, and one that the broker has forgotten never sends again. What is sent twice
instead has the same events' ids, which count once.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from stream.connections import kafka_options

if TYPE_CHECKING:
    from stream.settings import Settings

SEND_SECONDS = 3.2
_REQUEST_MS = 3000
_RENEW_SECONDS = 5.0
_CLOSE_SECONDS = 5.0
_BATCH_BYTES = 128 * 1024
_LARGEST = 2 * 1024 * 1024
_log = structlog.get_logger()


class Unavailable(Exception):
    """Kafka has not acknowledged in time. It may have the payload all the same."""


class TooLarge(Exception):
    """Kafka takes no record of that size."""


class Sender:
    """Sends payloads. The producer is there with the first one, and anew when nothing was acknowledged for a while."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._starting: asyncio.Task[AIOKafkaProducer] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._acknowledged_at = 0.0
        self._away = False

    async def send(self, topic: str, value: bytes) -> None:
        """Return once it is acknowledged. Raises `Unavailable` after some seconds, and `TooLarge`."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                producer = await self._started()
                # Not to be cancelled with us: others are in its batch.
                await asyncio.shield(await producer.send(self._settings.topic_prefix + topic, value))
        except MessageSizeTooLargeError as error:
            raise TooLarge from error
        except (KafkaError, OSError, TimeoutError) as error:
            self._failed(error)
            raise Unavailable from error
        self._acknowledged_at = time.monotonic()
        if self._away:
            _log.info("kafka takes webhooks again")
        self._away = False

    async def close(self) -> None:
        """Let go of the producer."""
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        self._renew()
        await asyncio.gather(*self._closing)

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is not None:
            return self._producer
        if self._starting is None:
            self._starting = asyncio.create_task(self._start(), name="webhooks' producer")
            self._starting.add_done_callback(self._ended)
        return await asyncio.shield(self._starting)

    async def _start(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            **kafka_options(self._settings), acks="all", request_timeout_ms=_REQUEST_MS, max_batch_size=_BATCH_BYTES,
            max_request_size=_LARGEST,
        )  # fmt: skip
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        self._producer, self._acknowledged_at = producer, time.monotonic()
        return producer

    def _ended(self, starting: asyncio.Task[AIOKafkaProducer]) -> None:
        self._starting = None
        if not starting.cancelled():
            starting.exception()  # who waited for it has it

    def _failed(self, error: BaseException) -> None:
        if not self._away:
            _log.warning("kafka takes no webhooks", error=f"{type(error).__name__}: {error}")
        self._away = True
        if time.monotonic() - self._acknowledged_at > _RENEW_SECONDS:
            self._renew()

    def _renew(self) -> None:
        """The next payload begins with another producer."""
        producer, self._producer = self._producer, None
        if producer is not None:
            closing = asyncio.create_task(_close(producer), name="webhooks' former producer")
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)


async def _close(producer: AIOKafkaProducer) -> None:
    try:
        async with asyncio.timeout(_CLOSE_SECONDS):
            await producer.stop()
    except (KafkaError, OSError, TimeoutError) as error:
        _log.warning("a producer of webhooks could not be closed", error=str(error))
