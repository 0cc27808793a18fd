"""Outputs told once: in one transaction of Kafka with the mark of how far they have been told.

Each input partition has a transactional id of its own, `<group>/<topic>/<partition>`. Who takes it ends what a former
owner has begun, and Kafka takes nothing from that one any more: a consumer's generation, which would tell the two
apart too, is not sent by aiokafka. The ids share a few connections.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.client import AIOKafkaClient, CoordinationType
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)
from aiokafka.structs import OffsetAndMetadata

from agents import marks
from agents.outputs import Outputs, producer_options
from agents.telling import TakenAway
from stream.connections import kafka_options

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from faust.types import TP

    from stream.core.stage import Output
    from stream.settings import Settings

log = structlog.get_logger()

CONNECTIONS = 4
_TRANSACTION_MS = 30_000
_PATIENCE_SECONDS, _CLOSING_SECONDS, _AGAIN_SECONDS = 30.0, 2.0, 0.1
_FOR_GOOD = (
    ClusterAuthorizationFailedError, GroupAuthorizationFailedError, MessageSizeTooLargeError,
    TopicAuthorizationFailedError, TransactionalIdAuthorizationFailed,
)  # fmt: skip


def outputs_group(settings: Settings) -> str:
    """The group whose offsets are the marks."""
    return f"{settings.group}-outputs"


class ExactlyOnce:
    """Makes the tellers of a process. Open from `open` to `close`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._clients = [AIOKafkaClient(**kafka_options(settings)) for _ in range(CONNECTIONS)]
        self._next = 0

    async def open(self) -> None:
        """Connect, and see that Kafka has transactions for us. Raises KafkaError."""
        await asyncio.gather(*(client.bootstrap() for client in self._clients))
        await self._coordinated()

    async def _coordinated(self) -> None:
        """Raises KafkaError when no coordinator of transactions answers in time."""
        name, why = f"{self._settings.group}/", KafkaError()
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                while True:
                    try:
                        await self._clients[0].coordinator_lookup(CoordinationType.TRANSACTION, name)
                    except KafkaError as error:
                        if not error.retriable:
                            raise
                        why = error
                    else:
                        return
                    await asyncio.sleep(_AGAIN_SECONDS)
        except TimeoutError:
            raise why from None

    def of(self, tp: TP) -> Transactions:
        """The teller of an input partition."""
        client = self._clients[self._next]
        self._next = (self._next + 1) % CONNECTIONS
        return Transactions(client, self._settings, tp)

    async def told(self, tps: Iterable[TP]) -> dict[TP, int]:
        """The marks. Raises KafkaError."""
        return await marks.marks(self._clients[0], outputs_group(self._settings), tps)

    async def close(self) -> None:
        """Let go of the connections."""
        await asyncio.gather(*(client.close() for client in self._clients))


class Transactions:
    """The teller of one input partition."""

    def __init__(self, client: AIOKafkaClient, settings: Settings, tp: TP) -> None:
        self._client, self._settings, self._tp = client, settings, tp
        self._id = f"{settings.group}/{tp.topic}/{tp.partition}"
        self._producer: _OnSharedClient | None = None

    async def take(self) -> None:
        """See `Teller`."""
        await self.close()
        producer = _OnSharedClient(self._client, self._settings, self._id)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await producer.start()
        except TimeoutError:
            raise KafkaTimeoutError(f"the transactional id {self._id} cannot be taken") from None
        self._producer = producer
        self._outputs = Outputs(producer, self._settings.topic)

    async def tell(self, outputs: Sequence[Output], upto: int) -> None:
        """See `Teller`; with the mark."""
        assert self._producer is not None
        try:
            await self._transaction(self._producer, outputs, upto)
        except _FOR_GOOD:
            raise
        except (KafkaError, AssertionError) as error:
            # Fenced, timed out, forgotten after days of silence: aiokafka's producer is of no use after any of them,
            # and says so by an assertion when it has noticed before.
            await self.close()
            raise TakenAway(f"{self._id}: {type(error).__name__}: {error}") from error

    async def _transaction(self, producer: _OnSharedClient, outputs: Sequence[Output], upto: int) -> None:
        piles = await self._outputs.piles(outputs)
        mark = {TopicPartition(*self._tp): OffsetAndMetadata(upto, "")}
        await producer.begin_transaction()
        producer.announce(piles)
        await asyncio.gather(
            self._outputs.send_piles(piles),
            producer.send_offsets_to_transaction(mark, outputs_group(self._settings)),
        )
        await producer.commit_transaction()

    async def close(self) -> None:
        """See `Teller`."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()


class _OnSharedClient(AIOKafkaProducer):
    """A transactional producer on a client that others use too, and that it does not close."""

    def __init__(self, client: AIOKafkaClient, settings: Settings, transactional_id: str) -> None:
        super().__init__(
            **producer_options(settings), transactional_id=transactional_id, transaction_timeout_ms=_TRANSACTION_MS
        )
        self.client = client
        self._metadata = client.cluster
        self._message_accumulator._cluster = client.cluster  # noqa: SLF001 - it has no other way in
        self._sender.client = client

    async def start(self) -> None:
        """Take the id."""
        await self._sender.start()

    def announce(self, partitions: Iterable[TopicPartition]) -> None:
        """Name all partitions of a transaction at once: one request instead of one for each."""
        for tp in partitions:
            self._txn_manager.maybe_add_partition_to_txn(tp)

    async def stop(self) -> None:
        """Give up a transaction that was begun, and send nothing any more, also while the broker is away."""
        self._closed = True
        with suppress(KafkaError, AssertionError, TimeoutError):
            async with asyncio.timeout(_CLOSING_SECONDS):
                if self._txn_manager.is_in_transaction():
                    await self.abort_transaction()
        with suppress(KafkaError, TimeoutError):
            async with asyncio.timeout(_CLOSING_SECONDS):
                await asyncio.sleep(0)  # who has just started begins: cancelled before it does, it would cancel us
                await self._sender.close()
