"""Workers of one group on one topic: started, watched until all is applied, and what each of them took for it."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment

from bench.process import Measured, cpu_seconds, peak_bytes, python, said
from bench.recount import Wrong

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from redis import Redis

    from bench.surroundings import Surroundings, Topic

LOOK_SECONDS, LOOK_AT_GROUP_SECONDS = 0.02, 0.2
LIMIT_SECONDS = 600.0

Began = tuple[int, float, list[float], float]
"""Records applied, the clock, the CPU-seconds of each worker and of the store."""


def work(
    where: Surroundings, topic: Topic, processor: str, folder: Path, environment: Mapping[str, str], heads: list[str],
    workers: int = 1,
) -> Measured:  # fmt: skip
    """From the first look at which something was applied (of several workers: at which they shared the partitions).

    To the one at which all was. `heads`: keys of the shards' heads. Raises Wrong when a worker ends before.
    """
    with ExitStack() as stack:
        processes = [
            stack.enter_context(python(["-m", "stream.cli", "worker", "--processors", processor], folder, environment))
            for _ in range(workers)
        ]
        return _watched(where, topic, processes, heads, folder, environment["CENTRALINO_GROUP"])


def _watched(
    where: Surroundings, topic: Topic, workers: Sequence[subprocess.Popen[bytes]], heads: list[str], folder: Path,
    group: str,
) -> Measured:  # fmt: skip
    deadline, began, total = time.perf_counter() + LIMIT_SECONDS, None, topic.records
    share = len(heads) // len(workers)
    while True:
        applied = _applied(where.redis, heads)
        if began is None and applied and (len(workers) == 1 or asyncio.run(shares(where.kafka, group, topic.name)) ==
                                          [share] * len(workers)):  # fmt: skip
            began = _now(where.redis, heads, workers)
        if began is not None and applied >= total:
            break
        if applied >= total:
            raise Wrong("one worker had applied everything before the others had their share: it takes more events")
        if any(worker.poll() is not None for worker in workers) or time.perf_counter() > deadline:
            raise Wrong(f"the worker stopped at {applied} of {total} records:\n{said(folder)}")
        time.sleep(LOOK_SECONDS if began or len(workers) == 1 else LOOK_AT_GROUP_SECONDS)
    ended = _now(where.redis, heads, workers)
    cpu = [until - since for since, until in zip(began[2], ended[2], strict=True)]
    return Measured(
        ended[0] - began[0], ended[1] - began[1], sum(cpu), ended[3] - began[3],
        sum(peak_bytes(worker.pid) for worker in workers), busiest=max(cpu),
    )  # fmt: skip


def _now(redis: Redis, heads: list[str], workers: Sequence[subprocess.Popen[bytes]]) -> Began:
    cpu = [cpu_seconds(worker.pid) for worker in workers]
    return _applied(redis, heads), time.perf_counter(), cpu, _redis_cpu(redis)


def _applied(redis: Redis, heads: list[str]) -> int:
    pipeline = redis.pipeline(transaction=False)
    for head in heads:
        pipeline.hget(head, "offset")
    return sum(int(offset or 0) for offset in pipeline.execute())


async def shares(address: str, group: str, topic: str) -> list[int]:
    """How many of the topic's partitions each member of the group has."""
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        answers: Any = await admin.describe_consumer_groups([group])
    finally:
        await admin.close()
    members = answers[0].groups[0][5]
    return [sum(len(numbers) for name, numbers in _assigned(each[4]) if name == topic) for each in members]


def _assigned(assignment: bytes) -> list[tuple[str, list[int]]]:
    """Topics and partitions, as the group's leader has told a member; nothing before that."""
    if not assignment:
        return []
    told: list[tuple[str, list[int]]] = ConsumerProtocolMemberAssignment.decode(assignment).assignment
    return told


def _redis_cpu(redis: Redis) -> float:
    told: Any = redis.info("cpu")
    return float(told["used_cpu_user"] + told["used_cpu_sys"])
