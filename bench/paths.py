"""The paths that are compared, each in its own process: how it is started, timed, and checked before it counts."""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
from collections import Counter
from typing import TYPE_CHECKING, Any

from agents import topics
from bench import center, downstream, recount, straight
from bench.load import PARTITIONS, ends
from bench.process import Measured, python, said
from bench.recount import Wrong
from bench.workers import LIMIT_SECONDS, work
from stream.core.books.ledger import decode_counts
from stream.settings import Settings
from stream.state.keys import shard_keys

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bench.surroundings import Surroundings, Topic

STOCK_RECORDS = 40_000  # a sample: it goes as fast on all of them
NO_OUTPUTS = {"CENTRALINO_ENRICHED": "false", "CENTRALINO_DELIVERY": "at_least_once"}
OUTPUTS = {"CENTRALINO_ENRICHED": "true", "CENTRALINO_DELIVERY": "exactly_once"}

_numbers = itertools.count(1)


def raw(where: Surroundings, topic: Topic, _: Path | None = None) -> Measured:
    """`getmany` and decode."""
    told = _told(where, ["-m", "bench.raw", where.kafka, topic.name, str(topic.records)])
    return Measured(told["records"], told["seconds"], told["cpu"], 0.0, told["peak_bytes"])


def stock(where: Surroundings, topic: Topic, _: Path | None = None) -> Measured:
    """A stock Faust agent, on the first so many records that it gets. Raises Wrong."""
    where.redis.flushall()
    records = min(topic.records // 2, STOCK_RECORDS)
    told = _told(where, ["-m", "bench.stock", where.kafka, topic.name, where.redis_url, str(records)])
    read = {int(partition): upto for partition, upto in told["read"].items()}
    wanted = straight.fold(itertools.chain(*(topic.partitions[number][:upto] for number, upto in read.items())))
    found: straight.Cells = {}
    for key in where.redis.scan_iter("figures:*", 10_000):
        fields: dict[bytes, bytes] = _any(where.redis.hgetall(key))
        found[key.decode().removeprefix("figures:")] = {name.decode(): int(n) for name, n in fields.items()}
    straight.compare("stock Faust", found, wanted)
    return Measured(told["records"], told["seconds"], told["cpu"], told["redis_cpu"], told["peak_bytes"])


def ours(where: Surroundings, topic: Topic, program: Path | None = None) -> Measured:
    """One worker, one processor, from an empty store to the end of the topic. Raises Wrong.

    `program`: the folder of another copy of the packages, such as the compiled one.
    """
    measured, key_prefix = _worked(where, topic, "phone", program)
    recount.verify(where.redis, key_prefix, topic.name, topic.figures)
    return measured


def two(where: Surroundings, topic: Topic, program: Path | None = None) -> Measured:
    """As `ours`, by two workers of one group, each with half of the partitions. Raises Wrong."""
    measured, key_prefix = _worked(where, topic, "phone", program, workers=2)
    recount.verify(where.redis, key_prefix, topic.name, topic.figures)
    return measured


def with_outputs(where: Surroundings, topic: Topic, _: Path | None = None) -> Measured:
    """As `ours`, and every event is enriched, and told exactly once. Raises Wrong."""
    name = topic.prefix + downstream.TOPIC
    settings = Settings(kafka_bootstrap_servers=where.kafka, topic_prefix=topic.prefix, partitions=PARTITIONS)
    asyncio.run(topics.apply(settings))
    since = asyncio.run(ends(where.kafka, name))
    measured, key_prefix = _worked(where, topic, "phone", None, OUTPUTS)
    recount.verify(where.redis, key_prefix, topic.name, topic.figures)
    asyncio.run(downstream.verify(where.kafka, name, since, [*itertools.chain(*topic.partitions)]))
    return measured


def second(where: Surroundings, topic: Topic, _: Path | None = None) -> Measured:
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
    where: Surroundings, topic: Topic, processor: str, program: Path | None, outputs: Mapping[str, str] = NO_OUTPUTS,
    workers: int = 1,
) -> tuple[Measured, str]:  # fmt: skip
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
    measured = work(where, topic, processor, folder, environment, heads, workers)
    counts: Counter[str] = Counter()
    for head in heads:
        counts.update(decode_counts(_any(where.redis.hget(head, "counts"))))
    if counts["applied"] + counts["duplicate"] != topic.records:
        raise Wrong(f"of {topic.records} records some are neither applied nor duplicate: {dict(counts)}")
    return measured, key_prefix


def reading(where: Surroundings, size: str, rounds: int) -> dict[str, Any]:
    """How fast a service reads a big center; see `bench.reading`. Raises Wrong."""
    where.redis.flushall()
    asyncio.run(center.build(where.redis_url, "reading:", center.SIZES[size]))
    try:
        return _told(where, ["-m", "bench.reading", where.redis_url, "reading:", size, str(rounds)])
    finally:
        where.redis.flushall()


def latency(where: Surroundings, rate: float, seconds: float) -> dict[str, Any]:
    """How long an event takes until it is seen; see `bench.latency`. Raises Wrong."""
    where.redis.flushall()
    try:
        return _told(where, ["-m", "bench.latency", where.kafka, where.redis_url, str(rate), str(seconds)])
    finally:
        where.redis.flushall()


def viewers(where: Surroundings, seconds: float) -> dict[str, Any]:
    """How many viewers of the wallboard get on; see `bench.viewers`. Raises Wrong."""
    where.redis.flushall()
    try:
        return _told(where, ["-m", "bench.viewers", where.redis_url, "viewers:", str(seconds)])
    finally:
        where.redis.flushall()


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
