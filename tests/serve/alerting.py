"""Services that decide of states, over shards written by hand, a clock that tests set, and what they have told."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from stream.serve.alerts import decider, mirror, requests
from stream.serve.alerts.decider import Decider
from stream.serve.background import end
from stream.serve.view import View
from stream.settings import Settings
from stream.state import reader
from stream.state.client import client_of
from stream.state.keys import alert_keys
from tests.parts.topics import create_topics
from tests.serve.shards import WrittenShard, cell, cells, merged, total, waiting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import pytest
    from redis.asyncio import Redis

    from stream.serve.alerts.requests import Kind

AT = 1_772_463_600_000
SUPPORT, SALES = "phone|i|qsupport", "phone|i|qsales"
PARTITIONS = 4


async def until(condition: Callable[[], Any], what: str = "", seconds: float = 30) -> Any:
    """Wait until a condition holds and return what it gave; it may be a coroutine function."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        await asyncio.sleep(0.02)


async def told(address: str, topic: str, isolation: str = "read_committed") -> list[dict[str, Any]]:
    """All events of a topic of alerts, each queue's in order."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=address, group_id=None, isolation_level=isolation, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found = []
        while [place for place in places if await consumer.position(place) < ends[place]]:
            for records in (await consumer.getmany(timeout_ms=100)).values():
                found += [(record.key, orjson.loads(record.value)) for record in records]
    finally:
        await consumer.stop()
    for key, event in found:
        assert key == f"{event['data']['channel']}/{event['data']['queue']}".encode()
    return [event for _, event in found]


def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look, read and take over without waiting long."""
    monkeypatch.setattr(decider, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(decider, "RETRY_SECONDS", 0.1)
    monkeypatch.setattr(decider, "BEAT_LOOKS", 1)
    monkeypatch.setattr(mirror, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(reader, "POLL_SECONDS", 0.05)


class Center:
    """One shard of phone calls in two queues, the settings of its services, and their clock."""

    def __init__(self, redis: Redis, url: str, kafka: str, topic_prefix: str, key_prefix: str, **settings: Any) -> None:
        self.redis, self.kafka, self.topic = redis, kafka, topic_prefix + "queues.alerts"
        self.environment = {
            "redis_url": url, "kafka_bootstrap_servers": kafka, "key_prefix": key_prefix, "topic_prefix": topic_prefix,
            "group": topic_prefix + "group",
        }  # fmt: skip
        queues = [{"channel": "phone", "name": name} for name in ("sales", "support")]
        self.settings = Settings(**self.environment, queues=queues, **settings)
        self.shard = WrittenShard(redis, key_prefix, topic_prefix + "interactions.phone", 0)
        self.keys = alert_keys(key_prefix)
        self.now = AT

    async def prepare(self) -> None:
        """Make the topic, and the shard with nothing in it."""
        await create_topics(self.kafka, PARTITIONS, self.topic)
        await self.shard.declare(1)
        await self.shard.commit(stream_time=AT)

    async def answered(self, *queues: str, late: int = 0, in_time: int = 20, **more: dict[str, bytes]) -> None:
        """So many were answered just now: what was counted before is replaced."""
        counts = cell(offered=late + in_time, answered=late + in_time, in_threshold=in_time)
        fields = merged(*(cells(queue, self.now, counts) for queue in queues))
        for queue in queues:
            fields |= total(queue, counts)
        for each in more.values():
            fields |= each
        await self.shard.commit(fields, stream_time=self.now)

    async def waits(self, queue: str, since: int) -> None:
        """Somebody waits."""
        await self.shard.commit(waiting("i1", queue, since, None), stream_time=self.now)

    async def gone(self) -> None:
        """Nobody waits any more."""
        await self.shard.commit(gone=("wi1",), stream_time=self.now)

    async def ask(self, kind: Kind, queue: str, **more: Any) -> None:
        """What the command line does."""
        request = requests.Request(kind=kind, channel="phone", queue=queue, by="anna", at=self.now, **more)
        await self.redis.rpush(self.keys.requests, requests.encode(request))

    async def looked(self, looks: int = 10) -> None:
        """Wait until who decides has looked so many times; with `quick` each look is a beat."""

        async def beats() -> int:
            beat = await self.redis.hget(self.keys.mirror, "beat")
            return 0 if beat is None else int(beat.rpartition(b"/")[2])  # type: ignore[arg-type]

        last = await beats() + looks

        async def reached() -> bool:
            return await beats() >= last

        await until(reached, "looks")

    async def told(self, isolation: str = "read_committed") -> list[tuple[str, str, str | None]]:
        """(type, queue, state) of all that was told."""
        return [
            (each["type"].removeprefix("queue."), each["data"]["queue"], each["data"].get("state"))
            for each in await told(self.kafka, self.topic, isolation)
        ]

    @asynccontextmanager
    async def service(self) -> AsyncIterator[View]:
        """One service's reader, mirror and decider; its view."""
        redis = client_of(self.environment["redis_url"])
        view = View.over(redis, self.settings, lambda: self.now)
        stop = asyncio.Event()
        tasks = [
            asyncio.create_task(each)
            for each in (view.reader.run(stop), view.sla.watch(redis, self.keys), Decider(view).run())
        ]
        try:
            yield view
        finally:
            stop.set()
            await end(tasks[1:])
            await tasks[0]
            await redis.aclose()


def is_in(view: View, queue: str, state: int, now: int | None = None) -> Callable[[], bool]:
    """Whether a view shows a queue in a state, since then."""

    def found() -> bool:
        standing = view.sla.standing("phone", queue)
        return standing is not None and standing.state == state and now in (None, standing.since)

    return found
