"""Lines to Kafka, in order and acknowledged; while no broker answers they wait."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaProducer
from aiokafka import errors as kafka_errors

from stream.cli.feed import BATCH_BYTES, TIMEOUT_MS
from stream.cli.problem import explaining
from stream.connections import kafka_options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stream.settings import Settings

SLOW_SECONDS = 5.0
"""After so long without an acknowledgement, somebody is told."""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.2, 10.0
GRACE_SECONDS = 5.0
REFUSED = (
    kafka_errors.TopicAuthorizationFailedError,
    kafka_errors.SaslAuthenticationFailed,
    kafka_errors.MessageSizeTooLargeError,
)


class Sender:
    """Sends records to one topic, under one key. `stopped`: somebody wants to go."""

    def __init__(
        self, settings: Settings, topic: str, key: bytes, said: Callable[[str], None], stopped: asyncio.Event
    ) -> None:
        self._settings, self._said, self._stopped = settings, said, stopped
        self._topic, self._key = settings.topic_prefix + topic, key
        self._producer: AIOKafkaProducer | None = None
        self._prepared = not settings.apply_topics

    async def send(self, values: Sequence[bytes]) -> bool:
        """Returns True once the broker has them all; False when somebody wants to go before that.

        Raises `Problem` where it refuses them.
        """
        sending = asyncio.create_task(self._until_sent(values))
        stopping = asyncio.create_task(self._stopped.wait())
        late = False
        try:
            while not sending.done():
                await asyncio.wait((sending, stopping), timeout=SLOW_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                if sending.done():
                    break
                if stopping.done():
                    await asyncio.wait((sending,), timeout=0 if late else GRACE_SECONDS)
                    break
                if not late:
                    where = self._settings.kafka_bootstrap_servers
                    self._said(f"no Kafka broker answers at {where}: waiting, nothing is lost")
                    late = True
            if not sending.done():
                return False
            with explaining(self._settings):
                sending.result()
        finally:
            for task in (sending, stopping):
                task.cancel()
            await asyncio.wait((sending, stopping))
        if late:
            self._said("Kafka answers again")
        return True

    async def close(self) -> None:
        """Let go of the broker."""
        producer, self._producer = self._producer, None
        if producer is not None:
            with contextlib.suppress(TimeoutError, kafka_errors.KafkaError):
                await asyncio.wait_for(producer.stop(), 2)

    async def _until_sent(self, values: Sequence[bytes]) -> None:
        wait = FIRST_WAIT_SECONDS
        while True:
            try:
                await self._sent(values)
            except REFUSED:
                raise
            except (kafka_errors.KafkaError, OSError, TimeoutError):
                await self.close()
                await asyncio.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT_SECONDS)
            else:
                return

    async def _sent(self, values: Sequence[bytes]) -> None:
        if not self._prepared:
            from agents import topics  # noqa: PLC0415 - it takes a second to import

            await topics.apply(self._settings)
            self._prepared = True
        if self._producer is None:
            producer = AIOKafkaProducer(
                **kafka_options(self._settings), enable_idempotence=True, max_batch_size=BATCH_BYTES,
                request_timeout_ms=TIMEOUT_MS,
            )  # fmt: skip
            self._producer = producer
            await producer.start()
        futures = [await self._producer.send(self._topic, value, key=self._key) for value in values]
        for future in futures:
            await future
