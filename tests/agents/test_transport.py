"""What the consumer's thread hands on of a real log: each record as it is, between the positions around it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import ConsumerStoppedError
from faust.types import TP

from agents.buffered import fetched
from agents.records import Batch
from agents.transport import BatchConsumer, BatchConsumerThread
from tests.parts.kafka import Kafka
from tests.parts.topics import create_topics

if TYPE_CHECKING:
    from agents.records import Record

CODECS = ["uncompressed", "gzip", "snappy", "lz4", "zstd"]
Told = tuple[int, int, int, bytes | None, bytes | None]


class Thread(BatchConsumerThread):
    """The thread without Faust: around a consumer of one partition."""

    def __init__(self, consumer: AIOKafkaConsumer[Any, Any]) -> None:
        self.consumer = SimpleNamespace(flow_active=True)  # type: ignore[assignment]
        self._reads = consumer
        self._positions = {}

    def _ensure_consumer(self) -> AIOKafkaConsumer[Any, Any]:
        return self._reads

    async def batch(self, tp: TP, most: int | None = None, seconds: float = 0.5) -> Batch | None:
        """The next batch; None when nothing comes."""
        return (await self._fetch_records(self._reads, {tp}, seconds, most)).get(tp)

    async def batches(self, tps: list[TP], most: int) -> dict[TP, Batch]:
        """The next batches of several partitions."""
        return await self._fetch_records(self._reads, set(tps), 10, most)

    async def until(self, tp: TP, end: int, most: int | None = None) -> list[Batch]:
        """Batches up to a position."""
        found: list[Batch] = []
        while not found or found[-1].end < end:
            batch = await self.batch(tp, most, 10)
            assert batch is not None
            found.append(batch)
        return found


@asynccontextmanager
async def consuming(address: str, tp: TP) -> AsyncIterator[AIOKafkaConsumer[bytes, bytes]]:
    consumer: AIOKafkaConsumer[bytes, bytes] = AIOKafkaConsumer(
        bootstrap_servers=address, enable_auto_commit=False, isolation_level="read_committed", auto_offset_reset="none"
    )
    await consumer.start()
    try:
        consumer.assign([tp])
        yield consumer
    finally:
        await consumer.stop()


@asynccontextmanager
async def reading(address: str, tp: TP, base: int = 0) -> AsyncIterator[Thread]:
    async with consuming(address, tp) as consumer:
        thread = Thread(consumer)
        await thread.place({tp: base})
        yield thread


@asynccontextmanager
async def writing(address: str, **options: Any) -> AsyncIterator[AIOKafkaProducer[bytes, bytes]]:
    producer: AIOKafkaProducer[bytes, bytes] = AIOKafkaProducer(bootstrap_servers=address, **options)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


def told(record: Record) -> Told:
    return record.offset, record.timestamp, record.timestamp_type, record.key, record.value


async def as_aiokafka_has_it(address: str, tp: TP, n: int) -> list[Told]:
    async with consuming(address, tp) as consumer:
        consumer.seek(tp, 0)
        found: list[Told] = []
        while len(found) < n:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += map(told, records)
        return found


@pytest.fixture
async def topic(kafka: Kafka, topic_prefix: str) -> Callable[..., Any]:
    async def made(**configuration: str) -> TP:
        tp = TP(f"{topic_prefix}-{len(configuration)}", 0)
        await create_topics(kafka.address, 1, tp.topic, **configuration)
        return tp

    return made


@pytest.mark.parametrize("codec", CODECS)
async def test_a_record_is_the_same_however_its_batch_is_compressed(
    kafka: Kafka, topic: Callable[..., Any], codec: str
) -> None:
    tp = await topic(compression_type=codec)
    async with writing(kafka.address) as producer:
        for n in range(50):
            key, value = (None if n % 5 == 0 else b"k%d" % n), (None if n % 7 == 1 else b"v" * n)
            await producer.send_and_wait(
                tp.topic, value if key or value else b"", key, 0, n or None, [("n", b"%d" % n)] if n % 3 else None
            )
    wanted = await as_aiokafka_has_it(kafka.address, tp, 50)
    async with reading(kafka.address, tp) as thread:
        batches = await thread.until(tp, 50, most=7)
    assert [told(record) for batch in batches for record in batch.records] == wanted
    assert [batch.base for batch in batches] == [0, *(batch.end for batch in batches[:-1])]
    assert max(len(batch.records) for batch in batches) <= 7


async def test_the_time_of_appending_stands_for_that_of_making(kafka: Kafka, topic: Callable[..., Any]) -> None:
    tp = await topic(message_timestamp_type="LogAppendTime")
    async with writing(kafka.address) as producer:
        for n in range(3):
            await producer.send_and_wait(tp.topic, b"v", b"k", 0, timestamp_ms=5 + n)
    wanted = await as_aiokafka_has_it(kafka.address, tp, 3)
    async with reading(kafka.address, tp) as thread:
        batches = await thread.until(tp, 3)
    assert [told(record) for batch in batches for record in batch.records] == wanted
    assert {record.timestamp_type for batch in batches for record in batch.records} == {1}
    assert min(one[1] for one in wanted) > 1_000_000_000_000


async def test_what_was_aborted_is_left_out_and_markers_are_passed(kafka: Kafka, topic: Callable[..., Any]) -> None:
    tp = await topic()
    async with writing(kafka.address, transactional_id=tp.topic) as producer:
        for commits in (True, False, True, False):
            await producer.begin_transaction()
            for n in range(3):
                await producer.send_and_wait(tp.topic, b"kept" if commits else b"lost", b"k%d" % n, 0)
            await (producer.commit_transaction if commits else producer.abort_transaction)()
    # three records and a marker, four times
    async with reading(kafka.address, tp) as thread:
        batches = await thread.until(tp, 11, most=4)
        assert await thread.batch(tp) is None
        assert await thread.reached({tp: batches[-1].end}) == {tp: 16}
        assert await thread.reached({tp: 5}) == {tp: 5}, "not all that was handed on is applied"
        async with writing(kafka.address) as producer:
            await producer.send_and_wait(tp.topic, b"after", b"k", 0)
        [last] = await thread.until(tp, 17)
    records = [record for batch in batches for record in batch.records]
    assert [(record.offset, record.value) for record in records] == [(n, b"kept") for n in (0, 1, 2, 8, 9, 10)]
    assert [batch.base for batch in batches] == [0, *(batch.end for batch in batches[:-1])]
    assert (last.base, last.end, [record.offset for record in last.records]) == (batches[-1].end, 17, [16])


async def test_a_seek_in_the_middle_of_a_fetch_goes_on_there(kafka: Kafka, topic: Callable[..., Any]) -> None:
    tp = await topic()
    async with writing(kafka.address) as producer:
        for n in range(30):
            await producer.send(tp.topic, b"%d" % n, b"k", 0)
        await producer.flush()
    async with reading(kafka.address, tp) as thread:
        assert [(one.base, one.end) for one in await thread.until(tp, 5, 5)] == [(0, 5)]
        for base in (20, 3):
            await thread.place({tp: base})
            [batch] = await thread.until(tp, base + 5, 5)
            assert (batch.base, batch.end, batch.records[0].value) == (base, base + 5, b"%d" % base)
        await thread.return_batches([batch])
        assert [one.base for one in await thread.until(tp, 13, 5)] == [3, 8]
        await thread.return_batches([batch])
        assert [one.base for one in await thread.until(tp, 18, 5)] == [13], "the position has been moved since"


async def test_each_partition_is_given_its_most_whatever_others_have(kafka: Kafka, topic_prefix: str) -> None:
    tps = [TP(f"{topic_prefix}-many", number) for number in range(3)]
    await create_topics(kafka.address, 3, tps[0].topic)
    async with writing(kafka.address) as producer:
        for tp in tps * 12:
            await producer.send(tp.topic, b"v", b"k", tp.partition)
        await producer.flush()
    async with consuming(kafka.address, tps[0]) as consumer:
        consumer.assign(tps)
        thread = Thread(consumer)
        await thread.place(dict.fromkeys(tps, 0))
        while len(consumer._fetcher._records) < len(tps):
            await fetched(consumer, 1)
        counts = [
            {tp.partition: len(batch.records) for tp, batch in (await thread.batches(tps, 5)).items()} for _ in range(3)
        ]
    assert counts == [{0: n, 1: n, 2: n} for n in (5, 5, 2)]


async def test_another_consumer_of_the_process_is_left_as_it_is(kafka: Kafka, topic: Callable[..., Any]) -> None:
    tp = await topic()
    async with writing(kafka.address) as producer:
        await producer.send_and_wait(tp.topic, b"v", b"k", 0, headers=[("h", b"1")])
    async with reading(kafka.address, tp) as thread, consuming(kafka.address, tp) as other:
        await thread.until(tp, 1)
        other.seek(tp, 0)
        record = await other.getone()
    assert (record.topic, record.partition, record.headers) == (tp.topic, 0, (("h", b"1"),))


async def test_a_consumer_that_is_closed_says_so(kafka: Kafka, topic: Callable[..., Any]) -> None:
    tp = await topic()
    async with reading(kafka.address, tp) as thread:
        assert await thread.batch(tp, seconds=0.1) is None
        await thread._ensure_consumer().stop()
        with pytest.raises(ConsumerStoppedError):
            await thread.batch(tp)


class Main(BatchConsumer):
    """The consumer in the main thread without Faust."""

    def __init__(self, assigned: set[TP], starts: dict[TP, int]) -> None:
        async def take_partitions(_: set[TP]) -> dict[TP, int]:
            return starts

        self.app = SimpleNamespace(take_partitions=take_partitions, in_recovery=False)  # type: ignore[assignment]
        self._assigned, self._told, self.placed = assigned, {}, dict[TP, int]()
        self._active_partitions, self._paused_partitions, self._buffered_partitions = set(assigned), set(), set()

    def assignment(self) -> set[TP]:
        return self._assigned

    async def place(self, offsets: Mapping[TP, int]) -> None:
        self.placed |= offsets


async def test_what_was_full_before_the_partitions_were_taken_anew_is_not_full_any_more() -> None:
    kept, gone = TP("interactions.phone", 0), TP("interactions.phone", 1)
    consumer = Main({kept, gone}, {kept: 7})
    consumer.on_buffer_full(kept)
    consumer.on_buffer_full(gone)
    consumer._assigned = {kept}
    assert await consumer.seek_to_committed() == consumer.placed == {kept: 7}
    assert (consumer._buffered_partitions, consumer._get_active_partitions()) == (set(), {kept})
