"""An inbox with its route over real parts, and what it left in Kafka."""

from __future__ import annotations

from contextlib import asynccontextmanager

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition
from starlette.applications import Starlette
from starlette.routing import Route

from stream.serve.inbox.counts import Counts
from stream.serve.inbox.inbox import Inbox
from stream.serve.inbox.proof import CHECKS
from stream.settings import Settings
from tests.serve.signing import HOST, OTHER, SECRET

HANG_SECONDS = 20
"""Nobody who sends is kept waiting so long, however slow the machine."""
OPEN = {vendor: {"secrets": [OTHER, SECRET]} for vendor in CHECKS}


def settings_of(kafka, redis_server, topic_prefix, key_prefix, sources=None, **more):
    return Settings(
        kafka_bootstrap_servers=kafka.address, redis_url=redis_server.url, topic_prefix=topic_prefix,
        key_prefix=key_prefix, sources=OPEN if sources is None else sources, **more,
    )  # fmt: skip


@asynccontextmanager
async def opened(settings, redis, **more):
    """A client of an inbox; `.counts` of it and the inbox itself come along."""
    counts = Counts(settings.sources)
    inbox = Inbox(settings, redis, counts, **more)
    app = Starlette(routes=[Route("/in/{vendor}", inbox)])
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=HOST, timeout=30) as client:
            client.counts, client.inbox, client.app = counts, inbox, app
            yield client
    finally:
        await inbox.close()


async def post(client, signed, **changed):
    asked = {"content": signed.body, "headers": signed.headers} | changed
    return await client.post(signed.path, **asked)


async def records(kafka, topic):
    """All values of a topic, in no order."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.address, auto_offset_reset="earliest")
    await consumer.start()
    try:
        parts = [TopicPartition(topic, n) for n in await partitions(consumer, topic)]
        consumer.assign(parts)
        ends = await consumer.end_offsets(parts)
        begins = await consumer.beginning_offsets(parts)
        found, left = [], {part: ends[part] for part in parts if ends[part] > begins[part]}
        while left:
            for part, batch in (await consumer.getmany(timeout_ms=1000)).items():
                found += [record.value for record in batch]
                if part in left and batch[-1].offset + 1 >= left[part]:
                    del left[part]
        return found
    finally:
        await consumer.stop()


async def partitions(consumer, topic):
    await consumer._client._wait_on_metadata(topic)
    return sorted(consumer.partitions_for_topic(topic))
