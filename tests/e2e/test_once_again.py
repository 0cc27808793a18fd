"""What Kafka forgets, what it gives up, and what is counted again from nothing: told once all the same."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from tests.e2e.factory import PARTITIONS, PHONE, Factory, until
from tests.e2e.history import by_partition, history
from tests.e2e.once import ENRICHED, INSIGHTS, assert_nothing_is_missing, assert_told_once
from tests.e2e.once_case import Case
from tests.parts.fixtures import skipping
from tests.parts.kafka import Kafka
from tests.parts.transactions import transactional_ids

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.parts.redis import Redis

EVENTS = 5000
TRANSACTION_SECONDS = 3
FORGETFUL = {
    "transactional.id.expiration.ms": "3000",
    "transaction.remove.expired.transaction.cleanup.interval.ms": "300",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "300",
}


@pytest.fixture
def forgetful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    with skipping():
        part = Kafka(tmp_path_factory.mktemp("part"), settings=FORGETFUL)
    with part:
        yield part


async def test_counted_again_from_nothing_only_our_own_stages_are_told_again(
    kafka: Kafka, redis_server: Redis, topic_prefix: str, key_prefix: str, tmp_path: Path
) -> None:
    case = Case(Factory(tmp_path, kafka.address, redis_server.url, topic_prefix, key_prefix), EVENTS, 6)
    await case.produce()
    with case.worker() as worker:
        case.counted(worker)
        assert worker.stop() == 0
    before = await case.told()
    assert_told_once(before, case.expected)
    case.forget()
    with case.worker("--rebuild", STEP="told:8") as worker:
        until(lambda: worker.process.poll() is not None, 60, "the kill")
    with case.worker("--rebuild") as worker:
        case.counted(worker)
        until(lambda: " rebuilt " in worker.log.read_text(), 30, "the end of the rebuild")
        assert worker.stop() == 0
    after = await case.told()
    public = (ENRICHED, INSIGHTS)
    assert [told for told in after if told.topic in public] == [told for told in before if told.topic in public]
    assert len(after) > len(before)
    assert_nothing_is_missing(after, case.expected)


@pytest.mark.timeout(180)
async def test_what_kafka_forgets_and_gives_up_is_told_once(
    forgetful: Kafka, redis_server: Redis, topic_prefix: str, key_prefix: str, tmp_path: Path
) -> None:
    case = Case(Factory(tmp_path, forgetful.address, redis_server.url, topic_prefix, key_prefix), EVENTS, 7)
    patiently = {"CENTRALINO_SESSION_TIMEOUT_SECONDS": "30", "TRANSACTION_MS": f"{TRANSACTION_SECONDS}000"}
    await case.produce(0, 3)
    with case.worker(**patiently, STEP="offsets:60:STOP") as worker:
        case.reached(1 / 3, worker)
        async with asyncio.timeout(30):
            while await transactional_ids(forgetful.address, case.factory.settings.group):
                await asyncio.sleep(0.1)
        await case.produce(1, 3)
        until(lambda: "at the step offsets" in worker.log.read_text(), 30, "the pause")
        worker.tell(signal.SIGCONT)
        await case.produce(2, 3)
        case.counted(worker)
        assert "InvalidProducerIdMapping" in worker.log.read_text()
        assert worker.stop() == 0
    assert_told_once(await case.told(), case.expected)


async def test_a_mark_that_kafka_forgets_is_set_again_and_what_was_told_without_is_marked(
    kafka: Kafka, redis_server: Redis, topic_prefix: str, key_prefix: str, tmp_path: Path
) -> None:
    case = Case(Factory(tmp_path, kafka.address, redis_server.url, topic_prefix, key_prefix), EVENTS, 9)
    await case.produce()
    with case.worker(CENTRALINO_DELIVERY="at_least_once") as worker:
        case.counted(worker)
        assert worker.stop() == 0
    before = await case.told()
    assert_told_once(before, case.expected)
    wanted = {tp: offset for tp, offset in (await case.offsets(case.factory.settings.group)).items() if offset}
    marks = f"{case.factory.settings.group}-outputs"
    assert not await case.offsets(marks)
    with case.worker(MARK_SECONDS="1") as worker:
        await case.until_offsets(marks, wanted)
        async with AIOKafkaConsumer(bootstrap_servers=kafka.address, group_id=marks) as consumer:
            consumer.assign([TopicPartition(*tp) for tp in wanted])
            await consumer.commit({TopicPartition(*tp): 1 for tp in wanted})
        await case.until_offsets(marks, wanted)
        worker.kill()
    case.forget()
    with case.worker("--rebuild") as worker:
        case.counted(worker)
    after = await case.told()
    public = (ENRICHED, INSIGHTS)
    assert [told for told in after if told.topic in public] == [told for told in before if told.topic in public]


async def test_a_rebuild_of_what_was_told_in_transactions_ends_though_the_log_ends_with_a_marker(
    kafka: Kafka, redis_server: Redis, topic_prefix: str, key_prefix: str, tmp_path: Path
) -> None:
    factory = Factory(tmp_path, kafka.address, redis_server.url, topic_prefix, key_prefix)
    lines = history(500, 8)
    await factory.produce([[] for _ in range(PARTITIONS)])
    async with (
        AIOKafkaProducer(bootstrap_servers=kafka.address, transactional_id=f"{topic_prefix}source") as producer,
        producer.transaction(),
    ):
        for partition, of in enumerate(by_partition(lines, PARTITIONS)):
            for line in of:
                await producer.send(PHONE.named(topic_prefix), line.value, line.key, partition=partition)
    with factory.worker("phone", "--rebuild") as worker:
        until(lambda: " rebuilt " in worker.log.read_text(), 30, "the end of the rebuild")
        assert factory.stored()[3]["records"] == len(lines)
