"""Why the input is stale: Redis or Kafka away, counting behind, a live channel silent; and who says so."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from stream.child import free_port
from stream.serve.freshness import Freshness
from stream.serve.log_ends import LogEnds
from stream.state.keys import alert_keys
from tests.parts.topics import create_topics
from tests.serve.shards import WrittenShard

AT = 1_772_463_600_000  # Monday, 2026-03-02T15:00:00Z


class Clock:
    def __init__(self):
        self.at = 1000.0

    def __call__(self):
        return self.at


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def looked(view, redis, key_prefix, topic_prefix, kafka, clock):
    """A view over a broker, whose clock the test moves, and what makes it look."""
    made = view(kafka_bootstrap_servers=kafka.address, topic_prefix=topic_prefix)
    made.freshness = Freshness(made, clock)
    made.reader._monotonic = clock
    shard = WrittenShard(redis, key_prefix, f"{topic_prefix}interactions.phone", 0)

    async def look(log_ends, seconds=0.0):
        clock.at += seconds
        while not await made.reader.poll():
            pass
        await made.freshness.look(log_ends)
        return made.freshness.reasons()

    return made, shard, look


async def produce(kafka, topic, n, **options):
    producer = AIOKafkaProducer(bootstrap_servers=kafka.address, **options)
    await producer.start()
    try:
        for _ in range(n):
            await producer.send_and_wait(topic, b"{}", partition=0)
    finally:
        await producer.stop()


async def test_a_partition_that_nobody_counts_is_behind_until_it_is_counted(looked, kafka):
    view, shard, look = looked
    await create_topics(kafka.address, 2, shard.topic)
    await shard.declare(2)
    await shard.commit(offset=0)
    async with LogEnds.of(view.settings, view.topics) as log_ends:
        assert await look(log_ends) == ()
        await produce(kafka, shard.topic, 3)
        assert await look(log_ends, 2) == ()
        assert await look(log_ends, 10) == ("behind",)
        await shard.commit(offset=3)
        assert await look(log_ends, 2) == ()


async def ends_at(log_ends, end):
    """Markers may be written a little after the commit has been answered."""
    async with asyncio.timeout(30):
        while list((await log_ends.ask()).values()) != [end]:
            await asyncio.sleep(0.02)


async def test_surveys_that_nobody_counts_are_said_and_hide_no_queue(looked, kafka, topic_prefix):
    view, shard, look = looked
    surveys = f"{topic_prefix}sources.surveys"
    await create_topics(kafka.address, 1, shard.topic, surveys)
    await shard.declare(1)
    await shard.commit(offset=0)
    async with LogEnds.of(view.settings, view.topics) as log_ends:
        await look(log_ends)
        await produce(kafka, surveys, 3)
        await look(log_ends, 2)
        assert await look(log_ends, 10) == ("behind",)
        assert not view.freshness.old
        await produce(kafka, shard.topic, 3)
        await look(log_ends, 2)
        assert await look(log_ends, 10) == ("behind",)
        assert view.freshness.old


async def test_markers_of_transactions_are_no_records(looked, kafka):
    view, shard, look = looked
    await create_topics(kafka.address, 1, shard.topic)
    await shard.declare(1)
    producer = AIOKafkaProducer(bootstrap_servers=kafka.address, transactional_id=shard.topic)
    await producer.start()
    async with producer.transaction():
        await producer.send_and_wait(shard.topic, b"{}", partition=0)
    await shard.commit(offset=1)
    async with LogEnds.of(view.settings, view.topics) as log_ends:
        await ends_at(log_ends, 2)
        await look(log_ends)
        assert await look(log_ends, 60) == ()
        async with producer.transaction():
            await producer.send_and_wait(shard.topic, b"{}", partition=0)
        await ends_at(log_ends, 4)
        await look(log_ends, 2)
        assert await look(log_ends, 60) == ("behind",)
    await producer.stop()


async def test_without_topics_there_is_nothing_to_be_behind_of(looked):
    view, _, look = looked
    async with LogEnds.of(view.settings, view.topics) as log_ends:
        assert await log_ends.ask() == {}
        assert await look(log_ends, 60) == ()


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.02)


async def test_kafka_away_is_told_once_and_gone_when_it_answers(view, own_kfake, clock, capsys, monkeypatch):
    monkeypatch.setattr("stream.serve.freshness.LOOK_SECONDS", 0.05)
    made = view(kafka_bootstrap_servers=own_kfake.address)
    fresh = made.freshness = Freshness(made, clock)
    made.reader._complete_at, made.reader._monotonic = clock.at, lambda: clock.at
    running = asyncio.create_task(fresh.run())
    try:
        await until(lambda: fresh.lag._looks)
        made.reader._complete_at = clock.at = 2000.0
        await until(lambda: not fresh.reasons())
        own_kfake.kill()
        await until(lambda: fresh._away)
        clock.at += 9
        assert "broker" not in fresh.reasons()
        clock.at += 2
        assert "broker" in fresh.reasons()
        await asyncio.sleep(0.5)
        own_kfake.start()
        await until(lambda: "broker" not in fresh.reasons())
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    said = capsys.readouterr()
    assert (said.out + said.err).count("kafka is away") == 1
    assert (said.out + said.err).count("kafka answers again") == 1


async def test_nobody_answers_from_the_start_on(view, clock):
    made = view(kafka_bootstrap_servers=f"127.0.0.1:{free_port()}")
    with pytest.raises(KafkaError):
        async with LogEnds.of(made.settings, made.topics):
            pass


async def test_a_store_that_is_not_read_for_ten_seconds_is_stale(view, shard, clock):
    made = view()
    made.freshness, made.reader._monotonic = Freshness(made, clock), clock
    assert made.freshness.reasons() == ("store",)
    while not await made.reader.poll():
        pass
    clock.at += 10
    assert made.freshness.reasons() == ()
    clock.at += 1
    assert made.freshness.reasons() == ("store",)


async def test_metrics_readiness_and_the_board_say_why(view, shard, browse):
    made = view(AT)
    while not await made.reader.poll():
        pass
    made.freshness.silence.channels = ["phone"]
    client = browse(made)
    text = (await client.get("/metrics")).text
    assert 'stream_input_stale{reason="silent"} 1.0' in text
    assert 'stream_input_stale{reason="store"} 0.0' in text
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["stale"]) == (200, ["silent"])
    made.reader._complete_at -= 11
    text = (await client.get("/metrics")).text
    assert 'stream_input_stale{reason="store"} 1.0' in text


class _Store:
    """A client of Redis that has one beat to tell."""

    def __init__(self):
        self.beat = b"token/1"

    async def hmget(self, *_):
        return None, self.beat


async def test_that_nobody_decides_while_redis_is_away_says_nothing_of_kafka(view, shard, clock):
    made, store = view(), _Store()
    made.freshness, made.reader._monotonic = Freshness(made, clock), clock
    made.sla._monotonic = clock
    keys = alert_keys("any:")
    while not await made.reader.poll():
        pass
    await made.sla.poll(store, keys)
    clock.at += 60
    assert made.sla.undecided_seconds == 60
    assert made.freshness.reasons() == ("store",)
    while not await made.reader.poll():
        pass
    await made.sla.poll(store, keys)
    assert made.freshness.reasons() == (), "who decides has had no time to say so"
    for _ in range(4):
        clock.at += 8
        while not await made.reader.poll():
            pass
        await made.sla.poll(store, keys)
    assert made.freshness.reasons() == ("broker",)


async def test_what_a_store_that_was_put_back_says_is_not_known(looked, kafka):
    view, shard, look = looked
    await create_topics(kafka.address, 1, shard.topic)
    await shard.declare(1)
    await produce(kafka, shard.topic, 3)
    await shard.commit(offset=3)
    async with LogEnds.of(view.settings, view.topics) as log_ends:
        assert view.freshness.known, "before anybody has looked nothing is said"
        await look(log_ends)
        await look(log_ends, 40)
        assert (view.freshness.known, view.freshness.reasons()) == (True, ())
        await shard.commit(offset=1)
        while not await view.reader.poll():
            pass
        assert not view.freshness.known
        assert await look(log_ends, 2) == ("behind",)
