"""Somebody who writes our output topics, and subscribers to the service that tells them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, NamedTuple

import httpx
import orjson
import pytest
import uvicorn
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from starlette.applications import Starlette

from stream.child import free_port
from stream.serve.subscription.catalogue import TOPICS
from stream.serve.subscription.counts import Counts
from stream.serve.subscription.hub import Hub
from stream.serve.subscription.routes import PATH, routes
from stream.settings import Settings
from tests.parts.topics import create_topics

PARTITIONS = 3
ENRICHED, INSIGHTS, ALERTS = TOPICS


def enriched(number: int, at: str | None = "support", channel: str = "phone", kind: str = "answered", **more: Any):
    data = {"interaction_id": f"i{number}", "channel": channel, "segment": 0, "revision": number} | more
    if at is not None:
        data["segment_queue"] = at
    return event(f"enriched.interaction.{kind}", number, data, origin="/test")


def closed(number: int, *queues: str, channel: str = "phone"):
    segments = [{"number": n, "outcome": "answered", "queue": queue} for n, queue in enumerate(queues)]
    data = {"interaction_id": f"i{number}", "channel": channel, "segments": segments}
    return event("enriched.interaction.closed", number, data)


def alert(number: int, queue: str = "support", channel: str = "phone", kind: str = "sla.breached"):
    return event(f"queue.{kind}", number, {"channel": channel, "queue": queue, "state": "breached"})


def insight(number: int, kind: str = "friction", **data: Any):
    return event(f"customer.{kind}", number, {"customer_id": "c-ü"} | data)


def event(kind: str, number: int, data: dict[str, Any], **more: Any) -> dict[str, Any]:
    envelope = {"type": kind, "id": f"{kind}/{number}", "source": "centralino", "specversion": "1.0"}
    return envelope | {"time": "2026-03-02T15:00:00Z", "revision": number, "data": data} | more


class Ended(Exception):
    """The service has ended the stream."""


class Message(NamedTuple):
    event: str
    data: bytes
    id: str

    @property
    def is_event(self) -> bool:
        return self.event not in ("position", "waiting", "gap")


async def messages(answer: httpx.Response) -> AsyncIterator[Message]:
    """As the standard reads a stream."""
    told: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line:
            name, _, value = line.partition(":")
            told[name] = value.removeprefix(" ")
        else:
            if "data" in told:
                yield Message(told["event"], told["data"].encode(), told.get("id", ""))
            told = {}


class Topics:
    """Our three output topics under a prefix, and who writes them."""

    def __init__(self, address: str, prefix: str) -> None:
        self.address, self.prefix = address, prefix
        self.committed = 0
        self._producer = AIOKafkaProducer(bootstrap_servers=address, transactional_id=f"{prefix}writer")

    async def prepare(self, *topics: str, partitions: int = PARTITIONS, **more: str) -> None:
        names = [self.prefix + topic for topic in topics or TOPICS]
        await create_topics(self.address, partitions, *names, **more)

    def another(self) -> Topics:
        """Another writer of the same topics, when the broker has forgotten the first."""
        return Topics(self.address, self.prefix)

    async def open(self) -> None:
        await self._producer.start()

    async def close(self) -> None:
        await self._producer.stop()

    async def write(self, topic: str, *events: Any, partition: int = 0, commit: bool = True) -> None:
        """Events in one transaction; `bytes` are written as they are."""
        await self._producer.begin_transaction()
        sent = [
            await self._producer.send(
                self.prefix + topic, each if isinstance(each, bytes) else orjson.dumps(each), partition=partition
            )
            for each in events
        ]
        await asyncio.gather(*sent)
        await (self._producer.commit_transaction() if commit else self._producer.abort_transaction())
        self.committed += len(events) * commit

    async def told(self) -> dict[tuple[str, int], list[bytes]]:
        """All that is committed, by topic and partition. The broker may take a moment to mark the last of it."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.address,
            group_id=None,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
        )
        await consumer.start()
        try:
            places = [TopicPartition(self.prefix + topic, n) for topic in TOPICS for n in range(PARTITIONS)]
            consumer.assign(places)
            found: dict[tuple[str, int], list[bytes]] = {}
            while sum(map(len, found.values())) < self.committed:
                for place, records in (await consumer.getmany(timeout_ms=100)).items():
                    name = place.topic.removeprefix(self.prefix)
                    found.setdefault((name, place.partition), []).extend(record.value for record in records)
        finally:
            await consumer.stop()
        return found


class Service:
    """The route alone, served on a port, over its own hub."""

    def __init__(self, address: str, prefix: str, most: int = 200, port: int | None = None) -> None:
        self.settings = Settings(kafka_bootstrap_servers=address, topic_prefix=prefix)
        self.counts = Counts()
        self.hub = Hub(self.settings, self.counts)
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}{PATH}"
        app = Starlette(routes=routes(self.hub, most))
        self.server = uvicorn.Server(uvicorn.Config(app, port=self.port, log_level="warning", lifespan="off"))
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._running = asyncio.create_task(self.server.serve())
        while not self.server.started:
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """End it; again does nothing."""
        self.server.should_exit = True
        assert self._running is not None
        await self._running
        await self.hub.close()

    async def ask(self, **parameters: Any) -> httpx.Response:
        """An answer that is no stream."""
        headers = parameters.pop("headers", None)
        async with httpx.AsyncClient() as client:
            return await client.get(self.url, params=parameters, headers=headers)

    @asynccontextmanager
    async def subscriber(self, **parameters: Any) -> AsyncIterator[AsyncIterator[Message]]:
        """The messages of one that has been let in."""
        headers = parameters.pop("headers", None)
        async with (
            httpx.AsyncClient(timeout=60) as client,
            client.stream("GET", self.url, params=parameters, headers=headers) as answer,
        ):
            assert answer.status_code == 200, await answer.aread()
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield messages(answer)

    @asynccontextmanager
    async def live(self, **parameters: Any) -> AsyncIterator[AsyncIterator[Message]]:
        """The same, once it is told what comes."""
        async with self.subscriber(**parameters) as found:
            while (message := await following(found)).event != "position":
                assert message.event == "waiting"
            yield found


async def following(found: AsyncIterator[Message], seconds: float = 30) -> Message:
    """The next message, of whatever kind."""
    async with asyncio.timeout(seconds):
        async for message in found:
            return message
    raise Ended


async def take(found: AsyncIterator[Message], n: int, seconds: float = 30) -> list[Message]:
    """The next `n` events; none of the service's own words."""
    got: list[Message] = []
    async with asyncio.timeout(seconds):
        while len(got) < n:
            message = await following(found)
            if message.is_event:
                got.append(message)
    return got


@asynccontextmanager
async def written_topics(address: str, prefix: str) -> AsyncIterator[Topics]:
    """The three topics, and their writer."""
    made = Topics(address, prefix)
    await made.prepare()
    await made.open()
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture
async def topics(kafka, topic_prefix) -> AsyncIterator[Topics]:
    async with written_topics(kafka.address, topic_prefix) as made:
        yield made


@pytest.fixture
async def own_topics(own_kafka, topic_prefix) -> AsyncIterator[Topics]:
    """Of a broker that may be broken."""
    async with written_topics(own_kafka.address, topic_prefix) as made:
        yield made


@asynccontextmanager
async def serving_of(topics: Topics, most: int = 200) -> AsyncIterator[Service]:
    """A service over these topics."""
    one = Service(topics.address, topics.prefix, most)
    await one.start()
    try:
        yield one
    finally:
        await one.stop()


@pytest.fixture
def serving(topics) -> Callable[..., AbstractAsyncContextManager[Service]]:
    return lambda **more: serving_of(topics, **more)


@pytest.fixture
async def service(serving) -> AsyncIterator[Service]:
    async with serving() as one:
        yield one
