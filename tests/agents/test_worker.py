"""A worker among real parts: what it rejects, where it stops, what it refuses, how it recovers."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import TopicPartition

from schemas.contract.types import HEADERS
from stream.embedded import EmbeddedBroker
from stream.state.keys import decode_braked, store_keys
from tests.agents.desk import Desk, event
from tests.e2e.factory import PARTITIONS, Factory, until
from tests.parts.fixtures import Broker
from tests.parts.kafka import Kafka
from tests.parts.redis import Redis, Store, blocking_client, copied, put_back
from tests.schemas.contract_checks import faults


@pytest.fixture
def factory(tmp_path: Path, broker: Broker, valkey: Store, topic_prefix: str, key_prefix: str) -> Factory:
    return Factory(tmp_path, broker.address, valkey.url, topic_prefix, key_prefix)


@pytest.fixture
def alone(tmp_path: Path, kfake: EmbeddedBroker, own_redis: Redis, topic_prefix: str, key_prefix: str) -> Factory:
    return Factory(tmp_path, kfake.address, own_redis.url, topic_prefix, key_prefix)


def counts(factory: Factory) -> Counter[str]:
    return factory.stored()[3]


async def test_what_cannot_be_understood_is_a_dead_letter_bytes_unchanged(factory: Factory) -> None:
    key, good = event(1)
    bad = [
        (b"i2", b"{not json \xff"),
        (b"i3", b"[]"),
        (b"wrong", event(4)[1]),
        (None, event(5)[1]),
        (b"i6", b"x" * 300_000),
    ]
    async with Desk(factory.settings) as desk:
        await desk.send(key, good)
        for at, (bad_key, value) in enumerate(bad):
            await desk.send(bad_key, value, partition=at % PARTITIONS)
        await desk.send(key, good)
        await desk.flush()
        with factory.worker("phone") as worker:
            until(lambda: factory.offsets() == 7, 30, "all records")
            letters = await desk.read("dead-letters", len(bad))
            assert worker.stop() == 0
    found = {letter.value: (letter.key, dict(letter.headers)) for letter in letters}
    assert set(found) == {value for _, value in bad}
    assert [found[value][0] for _, value in bad] == [bad_key for bad_key, _ in bad]
    assert [found[value][1]["reason"].decode() for _, value in bad] == [
        "not_json", "not_an_event", "invalid_field", "invalid_field", "too_large",
    ]  # fmt: skip
    for _, told_beside in found.values():
        assert faults(HEADERS, {name: value.decode() for name, value in told_beside.items()}) == []
    headers = found[bad[1][1]][1]
    assert headers["topic"].decode() == f"{factory.settings.topic_prefix}interactions.phone"
    assert (headers["partition"], headers["offset"]) == (b"1", b"0")
    assert headers["detail"]
    told = counts(factory)
    assert (told["applied"], told["duplicate"], told["rejected"], told["rejected.not_json"]) == (1, 1, 5, 1)


async def test_a_record_that_brings_out_a_bug_is_a_dead_letter_and_its_entity_goes_on(factory: Factory) -> None:
    async with Desk(factory.settings) as desk:
        for number, queue in ((1, "a"), (2, "bug"), (2, "a"), (3, "a")):
            key, value = event(number, queue=queue)
            await desk.send(key, value.replace(b'"e2"', f'"e2-{queue}"'.encode()))
        await desk.flush()
        with factory.worker("faulty") as worker:
            until(lambda: factory.offsets() == 4, 30, "all records")
            assert "ZeroDivisionError" in worker.log.read_text()
        [letter] = await desk.read("dead-letters", 1)
    assert dict(letter.headers)["reason"] == b"bug"
    assert b"a bug of ours" in dict(letter.headers)["detail"]
    told = counts(factory)
    assert (told["applied"], told["rejected.bug"]) == (3, 1)
    assert set(factory.stored()[2]) == {"i1", "i2", "i3"}


async def test_too_many_rejected_stop_their_partition_until_it_is_released(factory: Factory) -> None:
    braked = store_keys(factory.settings.key_prefix).braked
    name = f"{factory.settings.topic_prefix}interactions.phone:0"
    store = blocking_client(factory.redis_url)
    async with Desk(factory.settings) as desk:
        for number in range(900):
            await desk.send(b"k", b"bad")
            await desk.send(*event(number), partition=1)
        await desk.flush()
        with factory.worker("phone") as worker:
            until(lambda: bool(store.hexists(braked, name)), 30, "the brake")
            until(lambda: factory.offsets() == 900 + 501, 30, "the other partition")
            time.sleep(0.5)
            assert factory.offsets() == 900 + 501
            sign = decode_braked(store.hget(braked, name) or b"")  # type: ignore[arg-type]
            assert (sign.rejected, sign.records) == (501, 1000)
            assert worker.stop() == 0
        with factory.worker("phone") as worker:
            until(lambda: "partition braked" in worker.log.read_text(), 30, "the brake, found again")
            assert factory.offsets() == 900 + 501
            store.hdel(braked, name)
            until(lambda: factory.offsets() == 1800, 30, "the rest")
        letters = await desk.read("dead-letters", 900)
    store.close()
    assert len({dict(letter.headers)["offset"] for letter in letters}) == len(letters) == 900


async def test_an_event_of_the_future_is_waited_for_and_the_other_partitions_go_on(factory: Factory) -> None:
    async with Desk(factory.settings) as desk:
        with factory.worker("phone") as worker:
            until(lambda: "partitions taken" in worker.log.read_text(), 30, "the worker")
            ahead = time.time_ns() // 1_000_000 + 300_000 + 10_000
            await desk.send(*event(1))
            await desk.send(*event(2, at_ms=ahead), timestamp_ms=ahead)
            await desk.send(*event(3))
            await desk.send(*event(4), partition=1)
            await desk.flush()
            until(lambda: factory.offsets() == 2, 10, "what is not of the future")
            until(lambda: "waits for an event of the future" in worker.log.read_text(), 10, "the log")
            assert factory.offsets() == 2
            until(lambda: factory.offsets() == 4, 30, "the future")
    assert counts(factory)["applied"] == 4


async def test_an_event_of_the_future_is_rejected_where_that_is_the_setting(factory: Factory) -> None:
    ahead = time.time_ns() // 1_000_000 + 3_600_000
    async with Desk(factory.settings) as desk:
        await desk.send(*event(2, at_ms=ahead), timestamp_ms=ahead)
        await desk.send(*event(3))
        await desk.flush()
        with factory.worker("phone", CENTRALINO_ON_FUTURE="reject"):
            until(lambda: factory.offsets() == 2, 30, "both records")
    assert counts(factory)["rejected.time_in_future"] == 1


async def test_partitions_are_shared_and_taken_over(factory: Factory) -> None:
    async with Desk(factory.settings) as desk:
        with factory.worker("phone") as first, factory.worker("phone") as second:
            until(lambda: "partitions taken" in first.log.read_text(), 30, "the first worker")
            until(lambda: "partitions taken" in second.log.read_text(), 30, "the second worker")
            for number in range(400):
                await desk.send(*event(number), partition=number % PARTITIONS)
            await desk.flush()
            until(lambda: factory.offsets() == 400, 30, "all records")
            assert first.stop() == 0
            for number in range(400, 800):
                await desk.send(*event(number), partition=number % PARTITIONS)
            await desk.flush()
            until(lambda: factory.offsets() == 800, 30, "all records with one worker")
            assert second.stop() == 0
    assert counts(factory) == {"records": 800, "applied": 800}


async def test_nothing_is_held_of_what_was_handed_on(factory: Factory) -> None:
    rounds = 30
    async with Desk(factory.settings) as desk:
        with factory.worker("phone", SAYS_HELD="1") as worker:
            for turn in range(rounds):
                for number in range(turn * PARTITIONS, (turn + 1) * PARTITIONS):
                    await desk.send(*event(number), partition=number % PARTITIONS)
                await desk.flush()
                until(lambda: factory.offsets() == (turn + 1) * PARTITIONS, 30, "the records of a round")  # noqa: B023 - at once
            assert worker.stop() == 0
    held = [int(line.split()[1]) for line in worker.log.read_text().splitlines() if line.startswith("held: ")]
    assert 0 < held[-1] < rounds * PARTITIONS, held


async def test_whatever_goes_wrong_as_it_is_told_to_stop_it_ends(factory: Factory) -> None:
    async with Desk(factory.settings) as desk:
        await desk.send(*event(1))
        await desk.flush()
        with factory.worker("phone", WITHOUT="close", CENTRALINO_DELIVERY="at_least_once") as worker:
            until(lambda: factory.offsets() == 1, 30, "the record")
            assert worker.stop() == 1
            assert "the fault of a test" in worker.log.read_text()


async def test_a_store_that_went_back_while_nothing_came_is_caught_up_with(alone: Factory, own_redis: Redis) -> None:
    copy = alone.folder / "copy"
    async with Desk(alone.settings) as desk:
        with alone.worker("phone") as worker:
            for number in range(50):
                await desk.send(*event(number), partition=number % PARTITIONS)
            await desk.flush()
            until(lambda: alone.offsets() == 50, 30, "the first records")
            copied(own_redis, copy)
            for number in range(50, 100):
                await desk.send(*event(number), partition=number % PARTITIONS)
            await desk.flush()
            until(lambda: alone.offsets() == 100, 30, "the other records")
            put_back(own_redis, copy)
            until(lambda: alone.offsets() == 100, 30, "all records again")
            assert "outcome=gap" in worker.log.read_text()
    assert counts(alone) == {"records": 100, "applied": 100}
    assert len(alone.stored()[2]) == 100


async def test_an_emptied_store_ends_the_worker_and_is_only_rebuilt_when_told(alone: Factory) -> None:
    async with Desk(alone.settings) as desk:
        for number in range(50):
            await desk.send(*event(number), partition=number % PARTITIONS)
        await desk.flush()
        with alone.worker("phone") as worker:
            until(lambda: alone.offsets() == 50, 30, "all records")
            time.sleep(1.5)  # for the group to be told
            with blocking_client(alone.redis_url) as store:
                store.flushall()
            until(lambda: worker.process.poll() is not None, 30, "the worker's end")
            assert worker.process.returncode != 0
            assert "emptied" in worker.log.read_text()
        with alone.worker("phone") as worker:
            until(lambda: worker.process.poll() is not None, 30, "the refusal")
            assert "--rebuild" in worker.log.read_text()
        with alone.worker("phone", "--rebuild"):
            until(lambda: alone.offsets() == 50, 30, "all records again")
    assert counts(alone) == {"records": 50, "applied": 50}


async def test_a_range_that_the_log_has_lost_is_named_and_given_up_only_when_told(
    tmp_path: Path, kafka: Kafka, valkey: Store, topic_prefix: str, key_prefix: str
) -> None:
    factory = Factory(tmp_path, kafka.address, valkey.url, topic_prefix, key_prefix)
    async with Desk(factory.settings) as desk:
        for number in range(10):
            await desk.send(*event(number))
        await desk.flush()
        with factory.worker("phone") as worker:
            until(lambda: factory.offsets() == 10, 30, "the first records")
            assert worker.stop() == 0
        for number in range(10, 30):
            await desk.send(*event(number))
        await desk.flush()
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka.address)
        await admin.start()
        await admin.delete_records({TopicPartition(f"{topic_prefix}interactions.phone", 0): RecordsToDelete(17)})
        await admin.close()
        with factory.worker("phone") as worker:
            until(lambda: worker.process.poll() is not None, 30, "the refusal")
            assert "records 10 to 16 are no longer in the log (7 lost)" in worker.log.read_text()
        with factory.worker("phone", "--accept-loss"):
            until(lambda: factory.offsets() == 30, 30, "what is left")
    with blocking_client(factory.redis_url) as store:
        assert store.hget(f"{key_prefix}{{{topic_prefix}interactions.phone:0}}:head", "lost") == b"7"
    assert counts(factory) == {"records": 23, "applied": 23}


async def test_a_topic_that_was_created_anew_is_refused(
    tmp_path: Path, kafka: Kafka, valkey: Store, topic_prefix: str, key_prefix: str
) -> None:
    factory = Factory(tmp_path, kafka.address, valkey.url, topic_prefix, key_prefix)
    async with Desk(factory.settings) as desk:
        await desk.send(*event(1))
        await desk.flush()
        with factory.worker("phone") as worker:
            until(lambda: factory.offsets() == 1, 30, "the record")
            assert worker.stop() == 0
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.address)
    await admin.start()
    await admin.delete_topics([f"{topic_prefix}interactions.phone"])
    await admin.close()
    with factory.worker("phone") as worker:
        until(lambda: worker.process.poll() is not None, 30, "the refusal")
        assert "created anew" in worker.log.read_text()
