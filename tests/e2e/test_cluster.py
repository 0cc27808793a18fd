"""The product on a Redis Cluster whose slots move, and whose masters die, while it counts."""

from __future__ import annotations

import asyncio
import os
import urllib.request
from typing import TYPE_CHECKING, Self

import pytest
from prometheus_client.parser import text_string_to_metric_families

from stream.child import free_port
from stream.serve.view import View
from stream.state.client import client_of
from tests.e2e.factory import PARTITIONS, PHONE, Factory, straight_fold, until
from tests.e2e.history import by_partition, history, last_calls
from tests.parts.redis_cluster import MASTERS, RedisCluster, slot_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from stream.embedded import EmbeddedBroker
    from tests.e2e.factory import Worker
    from tests.e2e.history import Line

EVENTS = int(os.environ.get("CENTRALINO_CLUSTER_EVENTS", "20000"))
PROCESSORS = ("phone", "forward", "customers", "agents")
PATIENCE = 120 + EVENTS / 500
LONGEST = 600 + EVENTS / 150
"""Of a wait and of a test, in seconds on a busy machine: the straight fold of all events is a part of it."""


class Watching:
    """A service's reader, which polls all the time; `back`: shards and figures that it has seen go back."""

    def __init__(self, factory: Factory) -> None:
        self.redis = client_of(factory.redis_url, socket_timeout=5, socket_connect_timeout=5)
        self.view = View.over(self.redis, factory.settings)
        self.back: list[str] = []
        self.changes = 0
        self._offsets: dict[object, int] = {}
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self.view.reader.run(self._stop)), asyncio.create_task(self._watch())]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        await asyncio.gather(*self._tasks)
        await self.redis.aclose()

    async def _watch(self) -> None:
        version, applied = -1, 0
        while not self._stop.is_set():
            snapshot = self.view.snapshot
            if snapshot.version != version:
                self.changes, version = self.changes + 1, snapshot.version
                now = {shard: told.offset for shard, told in snapshot.shards.items()}
                self.back += [f"{shard}: {was} -> {now.get(shard)}" for shard, was in self._offsets.items()
                              if now.get(shard, -1) < was]  # fmt: skip
                counted = sum(told.counts.get("applied", 0) for told in snapshot.shards.values())
                if counted < applied:
                    self.back.append(f"applied: {applied} -> {counted}")
                self._offsets, applied = now, counted
            await asyncio.sleep(0.01)

    async def reached(self, records: int) -> None:
        """Wait until all of the log is shown."""
        async with asyncio.timeout(PATIENCE):
            while sum(told.offset for shard, told in self.view.snapshot.shards.items() if _phone(shard)) < records:
                await asyncio.sleep(0.05)


def _phone(shard: object) -> bool:
    return str(getattr(shard, "topic", "")).endswith(PHONE.name)


def chunks(lines: list[Line], n: int) -> list[list[list[Line]]]:
    size = -(-len(lines) // n)
    return [by_partition(lines[first : first + size], PARTITIONS) for first in range(0, len(lines), size)]


def live_slots(factory: Factory) -> list[int]:
    """The slots of all shards that the worker writes."""
    topics = (PHONE.name, "customers.timeline", "agents.timeline", "customers.events")
    return sorted({slot_of(factory._keys(topic, n).head) for topic in topics for n in range(PARTITIONS)})


def assert_as_folded(factory: Factory, logs: Sequence[list[Line]]) -> None:
    folded = straight_fold([list(each) for each in logs])
    cells, balances, entities, counts = factory.stored()
    assert cells == folded.cells
    assert balances == folded.balances
    assert entities == folded.entities
    assert counts["applied"] == folded.counts["applied"]


def retries(port: int) -> dict[str, float]:
    """Why the worker has asked the store again, as its metrics say, and how often."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        families = text_string_to_metric_families(answer.read().decode())
        return {
            sample.labels["why"]: sample.value
            for family in families
            for sample in family.samples
            if sample.name == "stream_worker_store_retries_total"
        }


@pytest.fixture
async def factory(
    tmp_path: Path, kfake: EmbeddedBroker, own_cluster: RedisCluster, topic_prefix: str, key_prefix: str
) -> Factory:
    made = Factory(tmp_path, kfake.address, own_cluster.url, topic_prefix, key_prefix)
    await made.produce([[] for _ in range(PARTITIONS)])
    return made


def moved_while_it_counts(factory: Factory, cluster: RedisCluster, worker: Worker, records: int) -> int:
    """Move the slots of live shards to and fro until all is counted; how many moves there were."""
    moves = 0
    while factory.offsets() < records:
        for slot in live_slots(factory):
            source = cluster.owner(slot)
            cluster.move(slot, cluster.nodes[(cluster.nodes.index(source) + 1) % MASTERS])
            moves += 1
            assert worker.process.poll() is None, worker.log.read_text()[-3000:]
            if factory.offsets() >= records:
                break
    return moves


@pytest.mark.timeout(LONGEST)
async def test_slots_of_live_shards_move_while_a_worker_folds_and_a_reader_polls(
    factory: Factory, own_cluster: RedisCluster
) -> None:
    lines = history(EVENTS, 5) + last_calls(EVENTS)
    first, second = chunks(lines, 2)
    await factory.produce(first)
    port = free_port()
    async with Watching(factory) as watching:
        with factory.worker(*PROCESSORS, CENTRALINO_WORKER_PORT=str(port)) as worker:
            await asyncio.to_thread(
                until, lambda: factory.offsets() >= len(lines) * 0.05, PATIENCE, "the first records"
            )
            await factory.produce(second)
            moves = await asyncio.to_thread(moved_while_it_counts, factory, own_cluster, worker, len(lines))
            await watching.reached(len(lines))
            said = worker.log.read_text()
            assert said.count("partitions taken") == 1
            assert "shard moved" not in said, "nothing went back"
            retried = await asyncio.to_thread(retries, port)
            assert worker.stop() == 0
    assert moves >= 3
    assert retried["moved"] >= 1, "the worker has heard of it"
    assert watching.changes > 5
    assert not watching.back
    assert_as_folded(factory, by_partition(lines, PARTITIONS))


@pytest.mark.timeout(LONGEST)
async def test_masters_and_workers_that_are_killed_change_no_total(factory: Factory, own_cluster: RedisCluster) -> None:
    lines = history(EVENTS, 6) + last_calls(EVENTS)
    parts = chunks(lines, MASTERS)
    size = -(-len(lines) // MASTERS)
    async with Watching(factory) as watching:
        with factory.worker(*PROCESSORS) as first, factory.worker(*PROCESSORS) as second:
            for n, part in enumerate(parts):
                await factory.produce(part)
                begun = size * n + size * 0.1
                await asyncio.to_thread(until, lambda begun=begun: factory.offsets() >= begun, PATIENCE, f"part {n}")
                await asyncio.to_thread(own_cluster.nodes[n].kill)
                if n == 1:
                    first.kill()
                await asyncio.to_thread(own_cluster.nodes[n].restart)
                await asyncio.to_thread(own_cluster.agree)
            await asyncio.to_thread(until, lambda: factory.offsets() >= len(lines), PATIENCE, "all records")
            await watching.reached(len(lines))
            assert second.stop() == 0
    assert_as_folded(factory, by_partition(lines, PARTITIONS))
