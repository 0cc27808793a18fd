"""A service that has just begun judges nothing before it knows whether what is stored is of now."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka import AIOKafkaProducer

from stream.core.rules import HOUR, SECOND
from stream.core.sla.state import OK
from stream.serve import freshness
from stream.serve.background import end
from stream.state.client import client_of
from tests.parts.topics import create_topics
from tests.serve.alerting import SUPPORT, Center, is_in, quick, until


@pytest.fixture
async def center(kafka, redis_server, topic_prefix, key_prefix):
    redis = client_of(redis_server.url)
    found = Center(redis, redis_server.url, kafka.address, topic_prefix, key_prefix)
    await found.prepare()
    yield found
    await redis.aclose()


async def test_who_waited_when_the_worker_went_is_no_alert_of_a_service_that_begins(center, monkeypatch):
    quick(monkeypatch)
    monkeypatch.setattr(freshness, "LOOK_SECONDS", 0.1)
    topic = f"{center.environment['topic_prefix']}interactions.phone"
    await create_topics(center.kafka, 1, topic)
    async with AIOKafkaProducer(bootstrap_servers=center.kafka) as producer:
        for _ in range(3):
            await producer.send_and_wait(topic, b"{}", partition=0)
    await center.waits(SUPPORT, center.now - HOUR)
    async with center.service() as view:
        asking = asyncio.create_task(view.freshness.run())
        try:
            await until(lambda: view.freshness.lag._looks, "a look")
            await center.looked()
            assert view.sla.standing("phone", "support") is None
            center.now += SECOND
            await center.gone()
            await center.shard.commit(offset=3, stream_time=center.now)
            await until(is_in(view, "support", OK, center.now))
        finally:
            await end([asking])
    assert await center.told() == []
