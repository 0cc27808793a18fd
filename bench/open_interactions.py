"""One worker with a million open interactions in its partitions: what it takes, and how fast it is when it must load.

E-mails that all wait in queues; then a stream of events of which most are about a random one of them, which the worker
no longer has at hand, and some about new ones. All of it is one log, which is read as fast as it goes.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Any

import orjson

from bench.load import START_MS
from bench.process import cpu_seconds, peak_bytes, python, resident_bytes, said
from bench.recount import Wrong
from stream.cli.feed import feeding
from stream.core.books.cells import decode_total
from stream.core.measures import NAMES
from stream.settings import Settings
from stream.state.keys import shard_keys
from tests.parts.topics import create_topics

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from redis import Redis

TOPIC, QUEUES, AGENTS = "interactions.email", 24, 300
PARTITIONS, OPEN, EVENTS = 16, 1_000_000, 200_000
_NEW = 0.2
_LOOK_SECONDS, _HANG_SECONDS = 0.25, 1800.0
_PREFIX = "open."

Line = tuple[bytes, bytes, int]
"""A record: key, value, timestamp in ms."""


@dataclass
class Phase:
    """Records of a part of the log, and what they cost: seconds of the clock, and of the CPU, of worker and store."""

    records: int
    seconds: float
    cpu: float
    redis_cpu: float


@dataclass
class Told:
    """What was measured: while they were opened, then with loads; the worker's memory, the store's for an open one."""

    open: int
    opening: Phase
    loading: Phase
    peak_bytes: int
    resident_bytes: int
    redis_bytes: float


def lines(opened: int, events: int, seed: int = 1) -> Iterator[Line]:
    """Two events of each that is opened, then so many of the stream. None is answered twice."""
    random, at = Random(seed), START_MS
    for number in range(opened):
        at += 2
        yield from _opened(number, at)
    waiting, told, new = random.sample(range(opened), min(opened, events)), 0, opened
    while told < events:
        at += 2
        if random.random() < _NEW or not waiting:
            yield from _opened(new, at)
            told, new = told + 2, new + 1
        else:
            number = waiting.pop()
            data = {"agent_id": f"agent-{random.randrange(AGENTS)}", "queue": _queue(number)}
            yield _line("answered", number, at, data)
            told += 1


def _opened(number: int, at: int) -> Iterator[Line]:
    yield _line("started", number, at, {"customer_id": f"customer-{number}"})
    yield _line("queued", number, at + 1, {"queue": _queue(number)})


def _queue(number: int) -> str:
    return f"queue-{number % QUEUES:02}"


def _line(kind: str, number: int, at: int, told: Mapping[str, str]) -> Line:
    name = f"email-{number:08}"
    data = {"interaction_id": name, "channel": "email", **told}
    time_ = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at // 1000)) + f".{at % 1000:03}Z"
    event = {
        "specversion": "1.0", "id": f"{kind}-{number}", "source": "/bench", "type": f"interaction.{kind}",
        "time": time_, "data": data,
    }  # fmt: skip
    return name.encode(), orjson.dumps(event), at


def measure(
    kafka: str, redis_url: str, redis: Redis, folder: Path, opened: int = OPEN, events: int = EVENTS,
    environment: Mapping[str, str] | None = None,
) -> Told:  # fmt: skip
    """Put the log into Kafka, and have one worker read it. Raises Wrong when its totals are not those of the log."""
    wanted = asyncio.run(_produce(kafka, opened, events))
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka, "REDIS_URL": redis_url, "CENTRALINO_TOPIC_PREFIX": _PREFIX,
        "CENTRALINO_KEY_PREFIX": _PREFIX, "CENTRALINO_GROUP": "open", "CENTRALINO_PARTITIONS": str(PARTITIONS),
        "CENTRALINO_ENRICHED": "false", "CENTRALINO_DELIVERY": "at_least_once", **(environment or {}),
    }  # fmt: skip
    empty = _info(redis, "memory")["used_memory"]
    with python(["-m", "stream.cli", "worker", "--processors", "email"], folder, environment) as worker:
        marks: list[tuple[int, float, float, float]] = []
        stored, deadline = 0.0, time.monotonic() + _HANG_SECONDS
        for total in (1, 2 * opened, wanted["records"]):
            while (applied := _applied(redis)) < total:
                if worker.poll() is not None or time.monotonic() > deadline:
                    raise Wrong(f"the worker stopped at {applied} of {wanted['records']} records:\n{said(folder)}")
                time.sleep(_LOOK_SECONDS)
            marks.append((applied, time.perf_counter(), cpu_seconds(worker.pid), _redis_cpu(redis)))
            if total == 2 * opened:
                stored = (_info(redis, "memory")["used_memory"] - empty) / opened
        peak, resident = peak_bytes(worker.pid), resident_bytes(worker.pid)
    _verify(redis, wanted)
    opening, loading = (
        Phase(then[0] - since[0], then[1] - since[1], then[2] - since[2], then[3] - since[3])
        for since, then in pairwise(marks)
    )
    return Told(opened, opening, loading, peak, resident, stored)


async def _produce(kafka: str, opened: int, events: int) -> Counter[str]:
    """Fill the topic; what its events must count."""
    wanted: Counter[str] = Counter()
    measures = {"started": "interactions_started", "queued": "offered", "answered": "answered"}
    await create_topics(kafka, PARTITIONS, _PREFIX + TOPIC, retention_ms="-1")
    async with feeding(Settings(kafka_bootstrap_servers=kafka, topic_prefix=_PREFIX)) as feed:
        for key, value, at in lines(opened, events):
            await feed.add(TOPIC, key, value, at)
            wanted[measures[orjson.loads(value)["type"].removeprefix("interaction.")]] += 1
            wanted["records"] += 1
    return wanted


def _verify(redis: Redis, wanted: Counter[str]) -> None:
    """Compare the totals of all shards with what went in. Raises Wrong."""
    found: Counter[str] = Counter()
    for partition in range(PARTITIONS):
        keys = shard_keys(_PREFIX, _PREFIX + TOPIC, partition)
        scopes = ["t|email|i|*"] + [f"t|email|i|q{_queue(number)}" for number in range(QUEUES)]
        for packed in _any(redis.hmget(keys.read, scopes)):
            gained, retracted = decode_total(packed) if packed else ({}, {})
            found.update({NAMES[code]: n for code, n in gained.items() if code < len(NAMES)})
            found.subtract({NAMES[code]: n for code, n in retracted.items() if code < len(NAMES)})
    for name in ("interactions_started", "offered", "answered"):
        if found[name] != wanted[name]:
            raise Wrong(f"of a million open interactions {name} is {found[name]}, it should be {wanted[name]}")


def _applied(redis: Redis) -> int:
    pipeline = redis.pipeline(transaction=False)
    for partition in range(PARTITIONS):
        pipeline.hget(shard_keys(_PREFIX, _PREFIX + TOPIC, partition).head, "offset")
    return sum(int(offset or 0) for offset in pipeline.execute())


def _info(redis: Redis, section: str) -> dict[str, Any]:
    told: dict[str, Any] = _any(redis.info(section))
    return told


def _redis_cpu(redis: Redis) -> float:
    told = _info(redis, "cpu")
    return float(told["used_cpu_user"] + told["used_cpu_sys"])


def _any(answer: Any) -> Any:
    """What the client's types leave open: we have not asked it to decode."""
    return answer
