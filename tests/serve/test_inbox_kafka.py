"""Webhooks while Kafka comes and goes: what was answered with 2xx is in the topic, the rest is to be sent again."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from stream.child import free_port
from stream.serve.inbox.counts import Counts
from stream.serve.inbox.inbox import Inbox
from stream.serve.service import KEEP_ALIVE_SECONDS
from tests.parts.topics import create_topics
from tests.serve.inbox_parts import HANG_SECONDS, opened, post, records, settings_of
from tests.serve.signing import WAYS, chatwoot, payload

TOPIC = "sources.chatwoot"


@pytest.fixture
def settings(own_kafka, redis_server, key_prefix):
    return settings_of(own_kafka, redis_server, "", key_prefix)


@asynccontextmanager
async def served(settings, redis):
    """A client of the inbox behind the real server."""
    inbox = Inbox(settings, redis, Counts(settings.sources))
    app = Starlette(routes=[Route("/in/{vendor}", inbox)])
    kept = {"lifespan": "off", "timeout_keep_alive": KEEP_ALIVE_SECONDS}
    server = uvicorn.Server(uvicorn.Config(app, port=free_port(), log_level="warning", **kept))
    running = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        limits = httpx.Limits(max_connections=200)
        url = f"http://127.0.0.1:{server.config.port}"
        async with httpx.AsyncClient(base_url=url, timeout=30, limits=limits) as client:
            yield client
    finally:
        server.should_exit = True
        await running
        await inbox.close()


class Load:
    """Senders that go on until they are told to stop, and send again what was not answered with 2xx, as vendors do."""

    def __init__(self, client):
        self.client, self.numbers = client, iter(range(10_000_000))
        self.accepted, self.statuses, self.slowest = set(), Counter(), 0.0
        self.stop = asyncio.Event()

    async def sender(self):
        while not self.stop.is_set():
            n = next(self.numbers)
            while not self.stop.is_set():
                began = time.monotonic()
                status = (await post(self.client, chatwoot(n))).status_code
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.statuses[status] += 1
                if status in (200, 409):
                    self.accepted.add(payload(n))
                    break
                await asyncio.sleep(0.05)

    async def more(self, status, n, seconds=60):
        """Wait for so many more answers of that status."""
        before = self.statuses[status]
        async with asyncio.timeout(seconds):
            while self.statuses[status] < before + n:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def loaded(client, senders=30):
    load = Load(client)
    async with asyncio.TaskGroup() as group:
        for _ in range(senders):
            group.create_task(load.sender())
        yield load
        load.stop.set()


async def test_kafka_is_killed_and_started_again_and_nothing_that_was_answered_is_lost(settings, redis, own_kafka):
    await create_topics(own_kafka.address, 4, TOPIC)
    async with served(settings, redis) as client, loaded(client) as load:
        for _ in range(2):
            await load.more(200, 300)
            own_kafka.kill()
            await load.more(503, 60)
            await asyncio.to_thread(own_kafka.start)
        await load.more(200, 300)
    assert set(load.statuses) <= {200, 409, 503}
    assert load.slowest < HANG_SECONDS
    found = Counter(await records(own_kafka, TOPIC))
    assert load.accepted <= found.keys()
    assert len(load.accepted) >= 900


async def test_kafka_hangs_and_wakes_and_nothing_that_was_answered_is_lost(settings, redis, own_kafka):
    await create_topics(own_kafka.address, 4, TOPIC)
    async with served(settings, redis) as client, loaded(client) as load:
        await load.more(200, 300)
        own_kafka.pause()
        try:
            await load.more(503, 60)
        finally:
            own_kafka.resume()
        await load.more(200, 300)
    assert set(load.statuses) <= {200, 409, 503}
    assert load.slowest < HANG_SECONDS
    assert load.accepted <= set(await records(own_kafka, TOPIC))


async def test_without_kafka_it_is_said_in_time_and_the_same_request_is_taken_later(settings, redis, own_kafka):
    own_kafka.kill()
    signed = chatwoot(1)
    async with opened(settings, redis) as client:
        for _ in range(3):
            began = time.monotonic()
            answers = await asyncio.gather(*(post(client, each) for each in [signed, signed, WAYS["twilio"]()]))
            assert {answer.status_code for answer in answers} == {503}
            assert {answer.headers["retry-after"] for answer in answers} == {"5"}
            assert time.monotonic() - began < HANG_SECONDS
        assert dict(client.counts)["chatwoot", "unavailable"] == 6
        await asyncio.to_thread(own_kafka.start)
        await create_topics(own_kafka.address, 1, TOPIC)
        async with asyncio.timeout(30):
            while (answer := await post(client, signed)).status_code == 503:
                await asyncio.sleep(0.1)
        assert answer.status_code == 200
        assert (await post(client, signed)).status_code == 409
    assert signed.body in await records(own_kafka, TOPIC)


async def test_a_topic_that_is_not_there_yet_is_waited_for_by_who_sends(settings, redis, own_kafka):
    async with opened(settings, redis) as client:
        began = time.monotonic()
        assert (await post(client, chatwoot(1))).status_code == 503
        assert time.monotonic() - began < HANG_SECONDS
        await create_topics(own_kafka.address, 1, TOPIC)
        async with asyncio.timeout(30):
            while (await post(client, chatwoot(1))).status_code != 200:
                await asyncio.sleep(0.1)
    assert payload(1) in await records(own_kafka, TOPIC)


async def test_a_topic_that_takes_smaller_records_alone_says_so(settings, redis, own_kafka):
    await create_topics(own_kafka.address, 1, TOPIC, "sources.amazon_connect", max_message_bytes="1000")
    large = b'{"a": "' + b"x" * 5000 + b'"}'
    async with opened(settings, redis) as client:
        assert (await post(client, WAYS["amazon_connect"](), content=large)).status_code == 413
        assert (await post(client, WAYS["amazon_connect"]())).status_code == 200


async def test_many_at_once_go_in_batches(settings, redis, own_kafka):
    await create_topics(own_kafka.address, 4, TOPIC)
    async with opened(settings, redis) as client:
        await post(client, chatwoot(0))
        producer = client.inbox._sender._producer
        requests = count_requests(producer)
        answers = await asyncio.gather(*(post(client, chatwoot(n)) for n in range(1, 1001)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await records(own_kafka, TOPIC)) == 1001
    assert len(requests) < 300


def count_requests(producer):
    """The requests that a producer sends from now on."""
    sent, send = [], producer.client.send

    async def counted(node_id, request, **more):
        sent.append(request)
        return await send(node_id, request, **more)

    producer.client.send = counted
    return sent
