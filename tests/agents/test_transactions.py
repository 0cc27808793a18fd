"""Outputs in transactions, on both brokers: told whole or not at all, by one owner, with the mark."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from faust.types import TP

from agents import delivery, topics, transactions
from agents.outputs import new_producer
from agents.telling import AtLeastOnce, TakenAway
from agents.transactions import ExactlyOnce, Transactions
from schemas.envelope import HEADERS
from stream.core.stage import Output
from stream.settings import Settings
from stream.state.refused import Refused
from tests.parts.kafka import Kafka

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.parts.fixtures import Broker

TOPIC = "interactions.enriched"


@pytest.fixture
async def settings(broker: Broker, topic_prefix: str) -> Settings:
    made = Settings(
        kafka_bootstrap_servers=broker.address, topic_prefix=topic_prefix, group=f"{topic_prefix}group", partitions=4
    )
    await topics.apply(made)
    return made


@pytest.fixture
def place(settings: Settings) -> TP:
    return TP(f"{settings.topic_prefix}interactions.phone", 0)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[ExactlyOnce]:
    tellers = ExactlyOnce(settings)
    await tellers.open()
    try:
        yield tellers
    finally:
        await tellers.close()


def outputs(first: int, end: int) -> list[Output]:
    return [Output(TOPIC, b"k%d" % (n % 7), b"%d" % n) for n in range(first, end)]


async def read(settings: Settings) -> list[tuple[bytes, int]]:
    """All that is committed in the topic, by partition; fails when it does not end within ten seconds."""
    consumer: AIOKafkaConsumer[bytes, bytes] = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap_servers,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
    )
    whole: AIOKafkaConsumer[bytes, bytes] = AIOKafkaConsumer(bootstrap_servers=settings.kafka_bootstrap_servers)
    await consumer.start()
    await whole.start()
    try:
        places = [TopicPartition(settings.topic_prefix + TOPIC, n) for n in range(4)]
        consumer.assign(places)
        ends = await whole.end_offsets(places)
        found: list[tuple[bytes, int]] = []
        async with asyncio.timeout(10):
            while any([await consumer.position(place) < ends[place] for place in places]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += [(record.key, int(record.value)) for record in records]
                    assert {record.headers for record in records} == {HEADERS}
    finally:
        await consumer.stop()
        await whole.stop()
    return found


def by_key(found: list[tuple[bytes, int]]) -> dict[bytes, list[int]]:
    keys: dict[bytes, list[int]] = {}
    for key, value in found:
        keys.setdefault(key, []).append(value)
    return keys


async def test_what_is_told_is_there_in_order_per_key_and_the_mark_with_it(settings: Settings, place: TP) -> None:
    async with opened(settings) as tellers:
        teller = tellers.of(place)
        assert await tellers.told([place]) == {}
        await teller.take()
        await teller.tell(outputs(0, 5000), 4711)
        await teller.tell(outputs(5000, 5003), 4799)
        assert await tellers.told([place, place._replace(partition=3)]) == {place: 4799}
        found = await read(settings)
        await teller.close()
    assert sorted(n for _, n in found) == list(range(5003))
    assert all(numbers == sorted(numbers) for numbers in by_key(found).values())


async def test_who_takes_the_partition_is_the_only_one_who_tells(settings: Settings, place: TP) -> None:
    async with opened(settings) as first, opened(settings) as second:
        old, new = first.of(place), second.of(place)
        await old.take()
        await old.tell(outputs(0, 10), 10)
        await new.take()
        with pytest.raises(TakenAway):
            await old.tell(outputs(10, 20), 20)
        assert await second.told([place]) == {place: 10}
        await new.tell(outputs(10, 15), 15)
        await old.take()
        with pytest.raises(TakenAway):
            await new.tell(outputs(15, 30), 30)
        await old.tell(outputs(15, 20), 20)
        other = first.of(place._replace(partition=1))
        await other.take()
        await other.tell(outputs(20, 25), 5)
        assert await first.told([place, place._replace(partition=1)]) == {place: 20, place._replace(partition=1): 5}
        found = await read(settings)
        for teller in (old, new, other):
            await teller.close()
    assert sorted(n for _, n in found) == list(range(25))


async def begun(teller: Transactions, first: int, end: int) -> None:
    """A transaction in which everything is sent, the mark too, and which is not ended."""
    ended: asyncio.Future[None] = asyncio.Future()
    assert teller._producer is not None

    async def never() -> None:
        ended.set_result(None)
        await asyncio.Future()

    teller._producer.commit_transaction = never  # type: ignore[method-assign]
    telling = asyncio.create_task(teller.tell(outputs(first, end), end))
    await ended
    telling.cancel()
    await asyncio.wait([telling])


async def test_what_was_begun_and_not_ended_is_void_once_another_takes_over(settings: Settings, place: TP) -> None:
    async with opened(settings) as tellers:
        killed, next_one = tellers.of(place), tellers.of(place)
        await killed.take()
        await killed.tell(outputs(0, 3), 3)
        await begun(killed, 3, 2000)
        await next_one.take()
        assert await tellers.told([place]) == {place: 3}
        await next_one.tell(outputs(3, 6), 6)
        assert sorted(n for _, n in await read(settings)) == list(range(6))
        for teller in (killed, next_one):
            await teller.close()


async def test_a_teller_that_is_closed_gives_up_what_it_has_begun_and_readers_need_not_wait(
    settings: Settings, place: TP
) -> None:
    async with opened(settings) as tellers:
        left = tellers.of(place)
        await left.take()
        await begun(left, 0, 2000)
        await left.close()
        assert await read(settings) == []
        assert await tellers.told([place]) == {}


async def test_a_teller_that_is_left_while_it_is_taken_leaves_nothing_behind(settings: Settings, place: TP) -> None:
    async with opened(settings) as tellers:
        left = tellers.of(place)
        taking = asyncio.create_task(left.take())
        await asyncio.sleep(0)
        await left.close()
        await taking
        await left.close()
        assert not [task for task in asyncio.all_tasks() if "_sender_routine" in repr(task)]


async def test_a_teller_is_closed_as_soon_as_it_was_taken(settings: Settings, place: TP) -> None:
    async with opened(settings) as tellers:
        teller = tellers.of(place)
        for _ in range(3):
            await teller.take()
            await teller.close()
        await teller.take()
        await teller.tell(outputs(0, 3), 3)
        await teller.close()
    assert len(await read(settings)) == 3


async def test_without_transactions_on_the_broker_outputs_are_told_at_least_once_unless_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "_PATIENCE_SECONDS", 3.0)
    with Kafka(tmp_path, settings={"transaction.state.log.replication.factor": "3"}) as kafka:
        unset = Settings(kafka_bootstrap_servers=kafka.address)
        async with AsyncExitStack() as stack:
            producer = new_producer(unset)
            await producer.start()
            stack.push_async_callback(producer.stop)
            assert isinstance(await delivery.tellers(unset, producer, stack), AtLeastOnce)
            wanted = Settings(kafka_bootstrap_servers=kafka.address, delivery="exactly_once")
            with pytest.raises(Refused, match=r"delivery is exactly_once.*centralino/\*.*at_least_once"):
                await delivery.tellers(wanted, producer, stack)
            await topics.apply(unset)
            group = transactions.outputs_group(unset)
            async with AIOKafkaConsumer(bootstrap_servers=kafka.address, group_id=group) as marking:
                marking.assign([TopicPartition("interactions.phone", 0)])
                await marking.commit({TopicPartition("interactions.phone", 0): 7})
            with pytest.raises(Refused, match=r"exactly once until now.*at_least_once"):
                await delivery.tellers(unset, producer, stack)


async def test_the_way_that_is_set_is_the_way_and_unset_is_exactly_once(settings: Settings) -> None:
    async with AsyncExitStack() as stack:
        producer = new_producer(settings)
        await producer.start()
        stack.push_async_callback(producer.stop)
        assert isinstance(await delivery.tellers(settings, producer, stack), ExactlyOnce)
        simple = settings.model_copy(update={"delivery": "at_least_once"})
        assert isinstance(await delivery.tellers(simple, producer, stack), AtLeastOnce)
