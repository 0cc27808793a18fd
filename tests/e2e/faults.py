"""Faults of telling, as a worker of the tests has them: a signal to itself at a step, and guards taken out.

STEP=<name>:<n>[:<signal>]: at the n-th pass through that step, in telling what STEP_TOPIC (a part of its name) derives;
KILL unless a signal is named. The steps, in their order:

| step | |
|---|---|
| before | nothing of the transaction has begun |
| partitions | the broker knows its partitions, nothing was sent |
| some | some records were sent, not all |
| records | all records are acknowledged, the mark was not sent |
| offsets | the mark too, the end was not sent |
| ending | the end is sent, perhaps |
| ended | the broker has ended it, and we do not know |
| told | we know, and Redis does not |
| stored | Redis does |

At least once there are before, some, told and stored. WITHOUT takes out: mark (nobody knows how far was told), fence
(each owner has an id of its own, and none waits for what others have begun), order (Redis comes first), topics (the
broker is away whenever the consumer asks for its topics, until it has joined the group), close (to leave a partition
is an error).
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from aiokafka.errors import KafkaError
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, EndTxnRequest

from agents import delivery, outputs, partition, telling, topics, transactions, transport
from agents.transport import BatchConsumerThread
from stream.state.shard import Outcome, Shard

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aiokafka import AIOKafkaConsumer
    from aiokafka.client import AIOKafkaClient
    from faust.types import TP

    from stream.core.books.writes import Writes
    from stream.core.stage import Output
    from stream.settings import Settings

TRANSACTION_STEPS = ("before", "partitions", "some", "records", "offsets", "ending", "ended", "told", "stored")
SIMPLE_STEPS = ("before", "some", "told", "stored")
_NAME, _PASSES, _SIGNAL = (*os.environ.get("STEP", "none:0").split(":"), "KILL")[:3]
_TOPIC = os.environ.get("STEP_TOPIC", "interactions.phone")
_WITHOUT = os.environ.get("WITHOUT", "").split(",")
_left = int(_PASSES)
_later: dict[str, Any] = {}


def passes(step: str, topic: str) -> None:
    """The process comes by a step."""
    global _left
    if step != _NAME or _TOPIC not in topic:
        return
    _left -= 1
    if not _left:
        sys.stdout.write(f"at the step {step}\n")
        sys.stdout.flush()
        os.kill(os.getpid(), signal.Signals[f"SIG{_SIGNAL}"])


class _Watched:
    """A client whose requests of one transaction after another are watched."""

    def __init__(self, client: AIOKafkaClient, topic: str) -> None:
        self._client, self._topic = client, topic
        self.sent = asyncio.Event()
        self.produced = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def send(self, node_id: int, request: Any, **options: Any) -> Any:
        """As the client does."""
        if isinstance(request, ProduceRequest):
            self.produced += 1
            if self.produced == 2:
                passes("some", self._topic)
        elif isinstance(request, AddOffsetsToTxnRequest) and _NAME == "records":
            await self.sent.wait()
            passes("records", self._topic)
        elif isinstance(request, EndTxnRequest):
            passes("offsets", self._topic)
            sending = asyncio.create_task(self._client.send(node_id, request, **options))
            await asyncio.wait([sending], timeout=0.002)
            passes("ending", self._topic)
            await asyncio.wait([sending])
            passes("ended", self._topic)
            return sending.result()
        answer = await self._client.send(node_id, request, **options)
        if isinstance(request, AddPartitionsToTxnRequest):
            passes("partitions", self._topic)
        return answer


class Faulty(transactions.Transactions):
    """Transactions that are watched."""

    def __init__(self, client: AIOKafkaClient, settings: Settings, tp: TP) -> None:
        self._watched = _Watched(client, tp.topic)
        super().__init__(self._watched, settings, tp)  # type: ignore[arg-type]
        if "fence" in _WITHOUT:
            self._id += token_hex(4)

    async def take(self) -> None:
        await super().take()
        send_piles = self._outputs.send_piles

        async def watched(piles: Any) -> None:
            await send_piles(piles)
            self._watched.sent.set()

        self._outputs.send_piles = watched  # type: ignore[method-assign]

    async def tell(self, outputs: Sequence[Output], upto: int) -> None:
        if "order" in _WITHOUT:
            _later[f"{self._tp.topic}:{self._tp.partition}"] = (super().tell, outputs, upto)
            return
        self._watched.sent.clear()
        self._watched.produced = 0
        passes("before", self._tp.topic)
        await super().tell(outputs, upto)


class FaultyMakers(transactions.ExactlyOnce):
    """Makes them."""

    def of(self, tp: TP) -> Faulty:
        self._next = (self._next + 1) % transactions.CONNECTIONS
        return Faulty(self._clients[self._next], self._settings, tp)

    async def told(self, tps: Iterable[TP]) -> dict[TP, int]:
        if "mark" in _WITHOUT:
            return {}
        if "fence" in _WITHOUT:
            async with topics.administration(self._settings) as admin:
                return await topics.group_offsets(admin, transactions.outputs_group(self._settings))
        return await super().told(tps)


class Simple(telling.AtLeastOnce):
    """At least once, watched; of all partitions together."""

    async def tell(self, outputs: Sequence[Output], upto: int) -> None:
        passes("before", _TOPIC)
        half = len(outputs) // 2
        if half and _NAME == "some":
            await super().tell(outputs[:half], upto)
            passes("some", _TOPIC)
            outputs = outputs[half:]
        await super().tell(outputs, upto)

    async def close(self) -> None:
        if "close" in _WITHOUT:
            raise KafkaError("the fault of a test")


class FaultyShard(Shard):
    """A shard that is watched."""

    async def commit(self, base: int, end: int, writes: Writes) -> Outcome:
        passes("told", self.name)
        outcome = await super().commit(base, end, writes)
        passes("stored", self.name)
        if self.name in _later:
            tell, sent, upto = _later.pop(self.name)
            await tell(sent, upto)
        return outcome


class Unknowing(BatchConsumerThread):
    """A thread whose consumer joins the group before it knows of any topic."""

    def _create_worker_consumer(self, transport: Any) -> AIOKafkaConsumer[Any, Any]:
        consumer = super()._create_worker_consumer(transport)
        client: Any = consumer._client
        update = client._metadata_update

        async def away(cluster: Any, topics: Any) -> bool:
            if topics and getattr(consumer._coordinator, "generation", 0) <= 0:
                return False
            return bool(await update(cluster, topics))

        client._metadata_update = away
        return consumer


def install() -> None:
    """Have this process tell with these faults."""
    if "topics" in _WITHOUT:
        transport.BatchConsumerThread = Unknowing  # type: ignore[misc]
    delivery.ExactlyOnce = FaultyMakers  # type: ignore[misc]
    delivery.AtLeastOnce = Simple  # type: ignore[misc]
    partition.MARK_SECONDS = float(os.environ.get("MARK_SECONDS", partition.MARK_SECONDS))
    outputs._BATCH_BYTES = int(os.environ.get("BATCH_BYTES", outputs._BATCH_BYTES))
    transactions._TRANSACTION_MS = int(os.environ.get("TRANSACTION_MS", transactions._TRANSACTION_MS))
