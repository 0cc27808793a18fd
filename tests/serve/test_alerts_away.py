"""States of queues outlive the parts: Kafka may be away, Redis may be emptied, the topic may be another one."""

from __future__ import annotations

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from msgspec.structs import replace
from structlog.testing import capture_logs

from stream.core.rules import MINUTE, SECOND
from stream.core.sla.state import BREACHED, OK
from stream.serve.alerts.mirror import decode
from stream.state.client import client_of
from tests.serve.alerting import PARTITIONS, SALES, SUPPORT, Center, is_in, quick, until


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    quick(monkeypatch)


@pytest.fixture
async def center_at(topic_prefix, key_prefix):
    clients = []

    async def made(broker, store):
        clients.append(client_of(store.url))
        found = Center(clients[-1], store.url, broker.address, topic_prefix, key_prefix)
        await found.prepare()
        return found

    yield made
    for client in clients:
        await client.aclose()


async def test_on_either_broker_and_store_states_come_back_from_the_topic(broker, store, center_at):
    center = await center_at(broker, store)
    async with center.service() as view:
        await until(is_in(view, "support", OK))
        center.now += SECOND
        since = center.now
        await center.answered(SUPPORT, SALES, late=15, in_time=5)
        await until(is_in(view, "support", BREACHED, since))
        await until(is_in(view, "sales", BREACHED, since))
        await center.ask("ack", "sales")
        await until(lambda: view.sla.acknowledged("phone", "sales"))
        center.now += SECOND
        await center.redis.delete(*center.keys)
        await center.looked()
        for queue in ("support", "sales"):
            assert is_in(view, queue, BREACHED, since)()
    async with center.service() as view:
        await until(is_in(view, "support", BREACHED, since))
        assert view.sla.acknowledged("phone", "sales") == "anna"
        await center.looked()
        assert is_in(view, "sales", BREACHED, since)()
    assert sorted(await center.told()) == [
        ("alerts.acknowledged", "sales", None), ("sla.breached", "sales", "breached"),
        ("sla.breached", "support", "breached"),
    ]  # fmt: skip


async def test_while_kafka_is_away_states_stay_and_what_is_still_so_is_told_afterwards(
    own_kafka, redis_server, center_at
):
    center = await center_at(own_kafka, redis_server)
    with capture_logs() as logs:
        async with center.service() as view, center.service() as other:
            await until(is_in(view, "support", OK))
            since = center.now
            own_kafka.kill()
            await until(lambda: view.sla.undecided_seconds > 2, "that nobody decides")
            center.now += SECOND
            await center.answered(SUPPORT, late=15, in_time=5)
            await center.waits(SALES, center.now - 16 * SECOND)
            undecided = view.sla.undecided_seconds + 1
            await until(lambda: view.sla.undecided_seconds > undecided, "that nobody decides")
            assert is_in(view, "support", OK, since)()
            assert is_in(other, "sales", OK, since)()
            center.now += SECOND
            await center.gone()
            own_kafka.restart()
            await until(is_in(view, "support", BREACHED, center.now), "the alert", 30)
            await until(is_in(other, "support", BREACHED, center.now))
            await until(lambda: view.sla.undecided_seconds < 2)
            await center.looked()
        assert await center.told() == [("sla.breached", "support", "breached")]
    away = [each for each in logs if "cannot be told" in each["event"]]
    assert len(away) <= 2, "each says so once"


async def test_what_is_no_alert_among_the_alerts_is_passed_over(kafka, redis_server, center_at):
    center = await center_at(kafka, redis_server)
    async with center.service() as view:
        await center.answered(SUPPORT, late=15, in_time=5)
        await until(is_in(view, "support", BREACHED))
    async with AIOKafkaProducer(bootstrap_servers=kafka.address) as producer:
        for partition in range(PARTITIONS):
            await producer.send_and_wait(center.topic, b"nonsense", key=b"phone/support", partition=partition)
            await producer.send_and_wait(center.topic, b'{"type":"queue.sla.unheard_of"}', partition=partition)
    body = await center.redis.hget(center.keys.mirror, "body")
    async with center.service() as view:
        await until(is_in(view, "support", BREACHED))
        await center.looked()
    assert await center.redis.hget(center.keys.mirror, "body") == body


async def test_a_topic_that_ends_before_what_we_know_of_it_was_made_anew_and_is_read_from_its_start(
    kafka, redis_server, center_at
):
    center = await center_at(kafka, redis_server)
    async with center.service() as view:
        await center.answered(SUPPORT, late=15, in_time=5)
        await until(is_in(view, "support", BREACHED))
    body = decode(await center.redis.hget(center.keys.mirror, "body"))
    far = dict.fromkeys(range(PARTITIONS), 10**6)
    await center.redis.hset(center.keys.mirror, "body", msgspec.msgpack.encode(replace(body, queues=[], positions=far)))
    async with center.service() as view:
        await until(is_in(view, "support", BREACHED, body.known["phone", "support"].standing.since))
        await center.looked()
    assert len(await center.told()) == 1


async def test_a_mirror_that_cannot_be_read_is_made_anew_from_the_topic(kafka, redis_server, center_at):
    center = await center_at(kafka, redis_server)
    async with center.service() as view:
        await center.answered(SUPPORT, late=15, in_time=5)
        await until(is_in(view, "support", BREACHED))
        since = view.sla.standing("phone", "support").since
        center.now += SECOND
    nonsense = {"version": "of another format", "body": msgspec.msgpack.encode({"queues": {"support": "breached"}})}
    await center.redis.hset(center.keys.mirror, mapping=nonsense)
    async with center.service() as view:
        await until(is_in(view, "support", BREACHED, since))
        await center.looked()
        await center.redis.hset(center.keys.mirror, mapping=nonsense | {"version": "while one decides"})
        await center.answered(SALES, late=15, in_time=5)
        await until(is_in(view, "sales", BREACHED))
    assert sorted(await center.told()) == [
        ("sla.breached", "sales", "breached"), ("sla.breached", "support", "breached"),
    ]  # fmt: skip


async def test_a_queue_that_is_there_no_more_recovers(kafka, redis_server, center_at):
    center = await center_at(kafka, redis_server)
    async with center.service() as view:
        await center.answered("phone|i|qcampaign", late=15, in_time=5)
        await until(is_in(view, "campaign", BREACHED))
        await center.redis.delete(*center.shard.keys)
        center.shard.seq = 0
        await center.shard.commit(stream_time=center.now, run="run2")
        await until(lambda: not view.snapshot.scopes(), "an empty snapshot")
        await center.looked()
        assert is_in(view, "campaign", BREACHED)()
        center.now += MINUTE + SECOND
        await until(is_in(view, "campaign", OK, center.now))
    assert await center.told() == [("sla.breached", "campaign", "breached"), ("sla.recovered", "campaign", "ok")]
