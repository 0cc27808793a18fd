"""The paths that are compared, each in its own process: how it is started, timed, and checked before it counts."""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents import topics
from bench import center, downstream, recount
from bench.load import PARTITIONS, TOPIC, Partitions, ends
from bench.process import Measured, cpu_seconds, peak_bytes, python, said
from bench.recount import Figures, Wrong
from stream.core.books.ledger import decode_counts
from stream.settings import Settings
from stream.state.keys import shard_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redis import Redis

LOOK_SECONDS = 0.02
LIMIT_SECONDS = 300.0
STOCK_MEASURES = (
    "offered", "answered", "in_threshold", "wait_ms", "abandoned", "short_abandoned", "flowed_out", "handled",
    "talk_ms", "hold_ms", "handle_ms", "wrap_up_ms",
)  # fmt: skip

NO_OUTPUTS = {"CENTRALINO_ENRICHED": "false", "CENTRALINO_DELIVERY": "at_least_once"}
OUTPUTS = {"CENTRALINO_ENRICHED": "true", "CENTRALINO_DELIVERY": "exactly_once"}

_numbers = itertools.count(1)


@dataclass
class Surroundings:
    """Where everything is: the broker, the store, a folder for what is written."""

    kafka: str
    redis_url: str
    redis: Redis
    folder: Path


@dataclass
class Topic:
    """A topic of the bench as it lies on the broker, and the figures that its partitions must yield."""

    prefix: str
    partitions: Partitions
    figures: list[Figures] = field(default_factory=list)
    plain_name: str = TOPIC

    @property
    def name(self) -> str:
        """With its prefix."""
        return self.prefix + self.plain_name

    @property
    def records(self) -> int:
        """Of all partitions."""
        return sum(map(len, self.partitions))


def raw(where: Surroundings, topic: Topic) -> Measured:
    """`getmany` and decode."""
    told = _told(where, ["-m", "bench.raw", where.kafka, topic.name, str(topic.records)])
    return Measured(told["records"], told["seconds"], told["cpu"], 0.0, told["peak_bytes"])


def stock(where: Surroundings, topic: Topic, records: int) -> Measured:
    """A stock Faust agent, on the first so many records that it gets. Raises Wrong."""
    where.redis.flushall()
    told = _told(where, ["-m", "bench.stock", where.kafka, topic.name, where.redis_url, str(records)])
    wanted: Counter[str] = Counter()
    for partition, upto in told["read"].items():
        for measures in recount.expected(topic.partitions[int(partition)][:upto]).values():
            wanted.update({name: n for name, n in measures.items() if name in STOCK_MEASURES})
    found: Counter[str] = Counter()
    fields: dict[bytes, bytes]
    for key in where.redis.scan_iter("figures:*", 10_000):
        fields = _any(where.redis.hgetall(key))
        found.update({name.decode(): int(n) for name, n in fields.items()})
    if +found != +wanted:
        raise Wrong(f"stock Faust counted {sorted(found.items())}, it should be {sorted(wanted.items())}")
    return Measured(told["records"], told["seconds"], told["cpu"], told["redis_cpu"], told["peak_bytes"])


def ours(where: Surroundings, topic: Topic, program: Path | None = None) -> Measured:
    """One worker, one processor, from an empty store to the end of the topic. Raises Wrong.

    `program`: the folder of another copy of the packages, such as the compiled one.
    """
    measured, key_prefix = _worked(where, topic, "phone", program)
    recount.verify(where.redis, key_prefix, topic.name, topic.figures)
    return measured


def with_outputs(where: Surroundings, topic: Topic) -> Measured:
    """As `ours`, and every event is enriched, and told exactly once. Raises Wrong."""
    name = topic.prefix + downstream.TOPIC
    settings = Settings(kafka_bootstrap_servers=where.kafka, topic_prefix=topic.prefix, partitions=PARTITIONS)
    asyncio.run(topics.apply(settings))
    since = asyncio.run(ends(where.kafka, name))
    measured, key_prefix = _worked(where, topic, "phone", None, OUTPUTS)
    recount.verify(where.redis, key_prefix, topic.name, topic.figures)
    asyncio.run(downstream.verify(where.kafka, name, since, [*itertools.chain(*topic.partitions)]))
    return measured


def second(where: Surroundings, topic: Topic) -> Measured:
    """One worker, the processor of customers, on their timeline. Raises Wrong."""
    measured, key_prefix = _worked(where, topic, "customers", None)
    recount.verify_customers(where.redis, key_prefix, topic.name, len(topic.partitions), topic.figures[0])
    return measured


def intake(where: Surroundings, topic: Topic, vendor: str) -> Measured:
    """One worker, the processor of a vendor's payloads, all of which become events. Raises Wrong."""
    return _worked(where, topic, f"intake-{vendor}", None)[0]


def adapters(where: Surroundings, seconds: float) -> list[list[Any]]:
    """How fast each adapter is by itself; see `bench.adapters`. Raises Wrong."""
    told: Any = _told(where, ["-m", "bench.adapters", str(seconds)])
    return list(told)


def _worked(
    where: Surroundings, topic: Topic, processor: str, program: Path | None, outputs: Mapping[str, str] = NO_OUTPUTS
) -> tuple[Measured, str]:
    """One processor's work on a topic, and the prefix of what it has stored."""
    where.redis.flushall()
    run = f"bench{next(_numbers)}"
    key_prefix = f"{run}:"
    folder = where.folder / run
    folder.mkdir()
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": where.kafka,
        "REDIS_URL": where.redis_url,
        "CENTRALINO_TOPIC_PREFIX": topic.prefix,
        "CENTRALINO_KEY_PREFIX": key_prefix,
        "CENTRALINO_GROUP": run,
        **outputs,
    } | ({"PYTHONPATH": str(program)} if program else {})
    heads = [shard_keys(key_prefix, topic.name, partition).head for partition in range(PARTITIONS)]
    with python(["-m", "stream.cli", "worker", "--processors", processor], folder, environment) as worker:
        measured = _watched(where, worker, heads, topic.records, folder)
    counts: Counter[str] = Counter()
    for head in heads:
        counts.update(decode_counts(_any(where.redis.hget(head, "counts"))))
    if counts["applied"] + counts["duplicate"] != topic.records:
        raise Wrong(f"of {topic.records} records some are neither applied nor duplicate: {dict(counts)}")
    return measured, key_prefix


def reading(where: Surroundings, rounds: int) -> dict[str, Any]:
    """How fast a service reads a big center; see `bench.reading`. Raises Wrong."""
    where.redis.flushall()
    asyncio.run(center.build(where.redis_url, "reading:"))
    try:
        return _told(where, ["-m", "bench.reading", where.redis_url, "reading:", str(rounds)])
    finally:
        where.redis.flushall()


def viewers(where: Surroundings, seconds: float) -> dict[str, Any]:
    """How many viewers of the wallboard get on; see `bench.viewers`. Raises Wrong."""
    where.redis.flushall()
    try:
        return _told(where, ["-m", "bench.viewers", where.redis_url, "viewers:", str(seconds)])
    finally:
        where.redis.flushall()


def _watched(
    where: Surroundings, worker: subprocess.Popen[bytes], heads: list[str], total: int, folder: Path
) -> Measured:
    """Watch the stored offsets: from the first look at which something was applied to the one at which all was."""
    deadline, first = time.perf_counter() + LIMIT_SECONDS, None
    while True:
        pipeline = where.redis.pipeline(transaction=False)
        for head in heads:
            pipeline.hget(head, "offset")
        applied = sum(int(offset or 0) for offset in pipeline.execute())
        if first is None and applied:
            first = (applied, time.perf_counter(), cpu_seconds(worker.pid), _redis_cpu(where.redis))
        if first is not None and applied >= total:
            done, since, cpu, redis_cpu = first
            return Measured(
                applied - done, time.perf_counter() - since, cpu_seconds(worker.pid) - cpu,
                _redis_cpu(where.redis) - redis_cpu, peak_bytes(worker.pid),
            )  # fmt: skip
        if worker.poll() is not None or time.perf_counter() > deadline:
            raise Wrong(f"the worker stopped at {applied} of {total} records:\n{said(folder)}")
        time.sleep(LOOK_SECONDS)


def _told(where: Surroundings, arguments: list[str]) -> dict[str, Any]:
    with python(arguments, where.folder, {}, subprocess.PIPE) as process:
        try:
            output, _ = process.communicate(timeout=LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            output = b""
    if process.returncode or not output:
        raise Wrong(f"{' '.join(arguments[:2])} failed:\n{said(where.folder)}")
    told: dict[str, Any] = json.loads(output)
    return told


def _any(answer: Any) -> Any:
    """What the client's types leave open: we have not asked it to decode."""
    return answer


def _redis_cpu(redis: Redis) -> float:
    told = redis.info("cpu")
    return float(told["used_cpu_user"] + told["used_cpu_sys"])
