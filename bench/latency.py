"""How long an event takes from Kafka to who looks: `python -m bench.latency KAFKA REDIS_URL RATE SECONDS`.

A steady stream of a phone center's events, one worker, one service. Ten times a second somebody enters the queue of one
partition, which nobody leaves: what waits in Redis, on `/metrics` and on `/events` tells how many have come so far. The
clock runs from before one is sent, and where a number falls, or is beyond what was sent, the run is wrong.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import uvloop
from aiokafka import AIOKafkaProducer
from redis.asyncio import Redis

from bench.load import PARTITIONS, TOPIC, events
from bench.marked import Marks, Sender
from bench.paths import NO_OUTPUTS
from bench.process import cpu_seconds, python, said
from bench.recount import Wrong
from bench.viewers import quantile
from stream.child import free_port
from stream.cli.feed import BATCH_BYTES
from stream.state.keys import shard_keys
from tests.parts.topics import create_topics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from stream.simulator import Record

RATE, EVENTS = 10_000, 100_000
WARM_SECONDS = 8.0
LOOK_SECONDS = 0.01
_HOST, _LINE_LIMIT, _LIMIT_SECONDS = "127.0.0.1", 2**24, 60.0
_WAITING = re.compile(rb'contact_center_queue_waiting\{channel="phone",queue="marked-(\d+)"\} (\d+)')
_ROW = re.compile(rb'"queue":"marked-(\d+)".*?"waiting":(\d+)')
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


async def _store(marks: Marks, redis_url: str, heads: list[str]) -> None:
    """Look at Redis: who waits. `heads`: by partition, the keys of what readers see."""
    async with Redis.from_url(redis_url) as redis:
        while True:
            pipeline, found = redis.pipeline(transaction=False), marks.seen.get("store", [0] * PARTITIONS)
            coming = [(p, sent[found[p]][0]) for p, sent in enumerate(marks.sent) if found[p] < len(sent)]
            for partition, key in coming:
                pipeline.hexists(heads[partition], b"w" + key)
            there = await pipeline.execute()
            marks.see("store", [(p, found[p] + 1) for (p, _), seen in zip(coming, there, strict=True) if seen])
            await asyncio.sleep(0 if any(there) else LOOK_SECONDS)


async def _metrics(marks: Marks, port: int) -> None:
    """Scrape over one connection."""
    reader, writer = await asyncio.open_connection(_HOST, port, limit=_LINE_LIMIT)
    try:
        while True:
            writer.write(b"GET /metrics HTTP/1.1\r\nHost: service\r\n\r\n")
            length = _LENGTH.search(await reader.readuntil(b"\r\n\r\n"))
            assert length is not None
            text = await reader.readexactly(int(length[1]))
            marks.see("/metrics", [(int(p), int(n)) for p, n in _WAITING.findall(text)])
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        writer.close()


async def _events(marks: Marks, port: int) -> None:
    """Watch the wallboard's stream."""
    reader, writer = await asyncio.open_connection(_HOST, port, limit=_LINE_LIMIT)
    try:
        writer.write(b"GET /events HTTP/1.1\r\nHost: service\r\n\r\n")
        while line := await reader.readline():
            if line.startswith(b"data: "):
                marks.see("/events", [(int(p), int(n)) for p, n in _ROW.findall(line)])
        raise Wrong("latency: the service has let its viewer go")
    finally:
        writer.close()


class Told(NamedTuple):
    """Seconds from before each mark was sent until it was seen, by who looks; CPU by process, as shares of a core."""

    took: dict[str, list[float]]
    cpu: dict[str, float]


async def measure(kafka: str, redis_url: str, rate: float, seconds: float) -> Told:
    """Run it. Raises Wrong."""
    prefix, key_prefix, port = "latency.", f"latency{free_port()}:", free_port()
    await create_topics(kafka, PARTITIONS, prefix + TOPIC)
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka, "REDIS_URL": redis_url, "CENTRALINO_TOPIC_PREFIX": prefix,
        "CENTRALINO_KEY_PREFIX": key_prefix, "CENTRALINO_GROUP": key_prefix, "CENTRALINO_PORT": str(port), **NO_OUTPUTS,
    }  # fmt: skip
    marks, records = Marks(), events(EVENTS)
    with tempfile.TemporaryDirectory(prefix="centralino-latency-") as name:
        folders = {each: Path(name) / each for each in ("worker", "service")}
        for folder in folders.values():
            folder.mkdir()
        with (
            python(["-m", "stream.cli", "worker", "--processors", "phone"], folders["worker"], environment) as worker,
            python(["-m", "stream.cli", "serve"], folders["service"], environment) as service,
        ):
            processes = {"worker": worker.pid, "service": service.pid}
            heads = [shard_keys(key_prefix, prefix + TOPIC, number).read for number in range(PARTITIONS)]
            try:
                async with _sender(kafka, prefix + TOPIC, records, marks) as sender:
                    return await _measured(sender, marks, processes, redis_url, heads, port, rate, seconds)
            except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                raise Wrong(f"latency: {error!r}\n{said(folders['worker'])}\n{said(folders['service'])}") from error


@asynccontextmanager
async def _sender(kafka: str, topic: str, records: list[Record], marks: Marks) -> AsyncIterator[Sender]:
    async with AIOKafkaProducer(bootstrap_servers=kafka, max_batch_size=BATCH_BYTES) as producer:
        yield Sender(producer, topic, records, marks)


async def _measured(
    sender: Sender, marks: Marks, processes: dict[str, int], redis_url: str, heads: list[str], port: int,
    rate: float, seconds: float,
) -> Told:  # fmt: skip
    await _until(lambda: _answers(port))
    looking = [
        asyncio.create_task(each)
        for each in (_store(marks, redis_url, heads), _metrics(marks, port), _events(marks, port))
    ]
    try:
        await sender.run(rate / 10, 2.0, counts=False)
        await _until(lambda: _seen(marks, looking))
        await sender.run(rate, WARM_SECONDS, counts=False)
        before = {name: cpu_seconds(process) for name, process in processes.items()}
        await sender.run(rate, seconds, counts=True)
        cpu = {name: (cpu_seconds(process) - before[name]) / seconds for name, process in processes.items()}
        await _until(lambda: _seen(marks, looking))
    finally:
        for each in looking:
            each.cancel()
        await asyncio.gather(*looking, return_exceptions=True)
    return Told(marks.took, cpu)


async def _until(done: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(_LIMIT_SECONDS):
        while not await done():  # noqa: ASYNC110 - other processes
            await asyncio.sleep(LOOK_SECONDS)


async def _seen(marks: Marks, looking: list[asyncio.Task[None]]) -> bool:
    for each in looking:
        if each.done():
            each.result()
    return marks.all_seen(len(looking))


async def _answers(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection(_HOST, port)
    except OSError:
        return False
    try:
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: service\r\nConnection: close\r\n\r\n")
        return (await reader.read(-1)).startswith(b"HTTP/1.1 200")
    finally:
        writer.close()


def summary(told: Told) -> dict[str, Any]:
    """Median, 99 of 100, most and how many, by who looks; CPU."""
    found = {who: [*(quantile(took, q) for q in (0.5, 0.99, 1.0)), len(took)] for who, took in told.took.items()}
    return {**found, "cpu": told.cpu}


if __name__ == "__main__":
    address, url, per_second, duration = sys.argv[1:]
    print(json.dumps(summary(uvloop.run(measure(address, url, float(per_second), float(duration))))))
