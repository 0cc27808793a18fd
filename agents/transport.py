"""Faust's consumer, by batches: one partition's whole fetch is one Faust event, read from where the store says.

Three things are replaced: how records are handed on (`_drain_messages`), where reading starts (`seek_to_committed`),
and what is told to Kafka's group (`commit`: the store's offsets, for lag tools only). Flow control and rebalancing are
Faust's.

A batch carries the consumer's positions before and after it, never record offsets plus or minus one: transactions and
compaction leave holes. Positions are kept in the consumer's own thread, where a seek and a fetch cannot interleave:
were a base taken elsewhere, records fetched before a seek could be handed on as if they followed it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

from aiokafka.errors import ConsumerStoppedError, KafkaError, NoOffsetForPartitionError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.tuples import ConsumerMessage
from mode import Service

from agents.buffered import buffered, fetched
from agents.records import Batch
from agents.waiting import fetch_bytes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from aiokafka import AIOKafkaConsumer


Answer = TypeVar("Answer")

_FETCH_SECONDS, _ANSWER_SECONDS = 1.0, 10.0
_IDLE_FETCH_MS = 100  # as long as a broker waits for more, nothing is fetched of its other partitions
_ROOM_SECONDS = 0.02  # a partition without room may have some soon: do not wait for the others alone


class BatchConsumerThread(driver.AIOKafkaConsumerThread):
    """The thread that talks to Kafka. It alone moves positions."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._positions: dict[TP, tuple[object, int]] = {}

    def _create_worker_consumer(self, transport: driver.Transport) -> AIOKafkaConsumer[Any, Any]:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"
        consumer._fetch_max_wait_ms = _IDLE_FETCH_MS
        return consumer

    async def place(self, offsets: Mapping[TP, int]) -> None:
        """Read on from these offsets; partitions that are no longer assigned are left out."""
        consumer = self._ensure_consumer()
        assignment, assigned = _assignment(consumer), consumer.assignment()
        consumer._fetcher._max_partition_fetch_bytes = fetch_bytes(len(assigned))
        for tp, offset in offsets.items():
            if tp in assigned:
                consumer.seek(tp, offset)
                self._positions[tp] = (assignment, offset)

    async def return_batches(self, batches: list[Batch]) -> None:
        """Read again what could not be handed on, unless the position has been moved since."""
        assignment = _assignment(self._ensure_consumer())
        await self.place({b.tp: b.base for b in batches if self._positions.get(b.tp) == (assignment, b.end)})

    async def _fetch_records(  # type: ignore[override]
        self, consumer: AIOKafkaConsumer[Any, Any], active_partitions: set[TP], timeout: float | None = None,
        max_records: int | None = None,
    ) -> dict[TP, Batch]:  # fmt: skip
        try:
            drained = await buffered(super()._fetch_records, consumer, active_partitions, max_records)
            if not drained and timeout:
                await fetched(consumer, timeout)
                drained = await buffered(super()._fetch_records, consumer, active_partitions, max_records)
        except NoOffsetForPartitionError:
            return {}
        assignment, batches = _assignment(consumer), {}
        for tp, records in drained.items():
            known = self._positions.get(tp)
            if known is None or known[0] is not assignment:
                continue
            end = consumer._subscription.subscription.assignment.state_value(tp).position
            batches[tp] = Batch(TP(*tp), known[1], end, records)
            self._positions[tp] = (assignment, end)
        return batches

    async def reached(self, applied: Mapping[TP, int]) -> dict[TP, int]:
        """How far each partition is worked off: where all that was handed on is applied, past trailing markers."""
        assignment: Any = _assignment(self._ensure_consumer())
        found = dict(applied)
        for tp, offset in applied.items():
            if self._positions.get(tp) == (assignment, offset):
                found[tp] = max(offset, assignment.state_value(tp)._position or 0)
        return found

    async def bounds(self, tps: list[TP]) -> tuple[dict[TP, int], dict[TP, int]]:
        """First offset still in the log, and the end, of each partition."""
        consumer = self._ensure_consumer()
        first, end = await asyncio.gather(consumer.beginning_offsets(tps), consumer.end_offsets(tps))
        return {TP(*tp): offset for tp, offset in first.items()}, {TP(*tp): offset for tp, offset in end.items()}

    async def know_topics(self) -> None:
        """Ask for those of our topics that we know nothing of.

        Who leads the group shares out what it knows of, and anew once it knows more. But when nobody answers, as while
        a broker is away, aiokafka asks again after five minutes.
        """
        consumer = self._ensure_consumer()
        if not all(map(consumer.partitions_for_topic, consumer.subscription())):
            await consumer._client.force_metadata_update()

    async def ask(self, question: Callable[[AIOKafkaConsumer[Any, Any]], Awaitable[Answer]]) -> Answer:
        """What aiokafka's consumer answers."""
        return await question(self._ensure_consumer())

    async def tell_group(self, offsets: Mapping[TP, int]) -> bool:
        """Commit offsets to Kafka's group. False when the group no longer takes them from us."""
        consumer = self._ensure_consumer()
        ours = {tp: offset for tp, offset in offsets.items() if tp in consumer.assignment()}
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await consumer.commit({driver.ensure_aiokafka_TP(tp): offset for tp, offset in ours.items()})
        except (KafkaError, TimeoutError) as error:
            self.log.info("the group did not take offsets: %r", error)
            return False
        return len(ours) == len(offsets)


def _assignment(consumer: AIOKafkaConsumer[Any, Any]) -> object:
    subscription = consumer._subscription.subscription
    return subscription.assignment if subscription is not None else None


class BatchConsumer(driver.Consumer):
    """The consumer in the main thread: hands batches on, and asks the app where to start."""

    _thread: BatchConsumerThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._told: dict[TP, int] = {}
        self._room = asyncio.Event()

    def _new_consumer_thread(self) -> BatchConsumerThread:
        return BatchConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Start each assigned partition where its shard stands. Faust calls this wherever it starts reading."""
        offsets: dict[TP, int] = await self.app.take_partitions(self.assignment())  # type: ignore[attr-defined]
        self._told.clear()
        self._buffered_partitions.clear()  # their queues are new; one of somebody else's would never have room
        self._set_active_tps(self.assignment())
        await self.place(offsets)
        return {tp: offset for tp, offset in offsets.items() if offset}

    async def place(self, offsets: Mapping[TP, int]) -> None:
        """Read on from these offsets."""
        await self._thread.call_thread(self._thread.place, offsets)

    async def bounds(self, tps: list[TP]) -> tuple[dict[TP, int], dict[TP, int]]:
        """First offset still in the log, and the end, of each partition."""
        answer: tuple[dict[TP, int], dict[TP, int]] = await self._thread.call_thread(self._thread.bounds, tps)
        return answer

    async def reached(self, applied: Mapping[TP, int]) -> dict[TP, int]:
        """How far each partition is worked off, past trailing markers, by how far it is applied."""
        answer: dict[TP, int] = await self._thread.call_thread(self._thread.reached, applied)
        return answer

    async def know_topics(self) -> None:
        """Ask for those of our topics that we know nothing of."""
        await self._thread.call_thread(self._thread.know_topics)

    async def ask(self, question: Callable[[AIOKafkaConsumer[Any, Any]], Awaitable[Answer]]) -> Answer:
        """What aiokafka's consumer answers, in its own thread."""
        answer: Answer = await self._thread.call_thread(self._thread.ask, question)
        return answer

    async def confirm(self, tp: TP, offset: int) -> bool:
        """Whether the group still takes this partition to be ours: it answers by taking an offset."""
        return bool(await self._thread.call_thread(self._thread.tell_group, {tp: offset}))

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:  # noqa: ARG002 - as Faust has it
        """Tell Kafka's group the store's offsets: for lag tools, nothing rests on them."""
        offsets: dict[TP, int] = self.app.applied_offsets()  # type: ignore[attr-defined]
        news = {tp: offset for tp, offset in offsets.items() if self._told.get(tp) != offset}
        if news and await self._thread.call_thread(self._thread.tell_group, news):
            self._told |= news
        return bool(news)

    def verify_event_path(self, now: float, tp: TP) -> None:
        """The watchdog of ours looks after this."""

    def on_buffer_drop(self, tp: TP) -> None:
        """A partition's queue has room again."""
        super().on_buffer_drop(tp)
        self._room.set()

    async def _wait_next_records(self, timeout: float) -> Any:
        if not self.flow_active:
            await self.wait(self.can_resume_flow)  # type: ignore[arg-type]
        active = set(self._get_active_partitions())  # as they are now: were it emptied meanwhile, it would mean all
        if not active:
            self._room.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._room.wait(), timeout)
            return {}, active
        if self._buffered_partitions:
            timeout = _ROOM_SECONDS
        return await self._getmany(active_partitions=active, timeout=timeout), active

    async def _drain_messages(self, fetcher: Any) -> None:
        this: Service = self
        try:
            while not (this._stopped.is_set() or fetcher._stopped.is_set()):
                await self.sleep(0)
                fetched: Any = (await self._wait_next_records(_FETCH_SECONDS))[0]
                if fetched and not self.should_stop:
                    await self._hand_on(list(fetched.values()))
        except (ConsumerStoppedError, asyncio.CancelledError):
            if not self.app.should_stop:
                raise

    async def _hand_on(self, batches: list[Batch]) -> None:
        generation = self.app.consumer_generation_id
        for i, batch in enumerate(batches):
            if not self.flow_active or generation != self.app.consumer_generation_id:
                await self._thread.call_thread(self._thread.return_batches, batches[i:])
                return
            last, value = batch.records[-1], cast("Any", batch)
            message = ConsumerMessage(
                batch.tp.topic, batch.tp.partition, last.offset, last.timestamp / 1000, last.timestamp_type, [], None,
                value, None, 0, 0, batch.tp, generation_id=generation,
            )  # fmt: skip
            await self.wait_first(self.callback(message), self.suspend_flow.wait())


class BatchTransport(driver.Transport):
    """Faust's aiokafka transport with our consumer."""

    Consumer = BatchConsumer
