"""Killed or paused wherever: who decides of states is followed by another one, and each alert is told once."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import AsyncExitStack, ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from stream.state.client import client_of
from tests.core.center import told as event
from tests.e2e.plant import Service as RunningService
from tests.parts import packages
from tests.serve.alerting import SUPPORT, Center, until

if TYPE_CHECKING:
    from tests.e2e.plant import Plant
    from tests.parts.kafka import Kafka
    from tests.parts.redis import Redis

STEPS = ("before", "inside", "committed", "mirrored")


class Service:
    """A process that decides when it is its turn. `step`, `number`: see `alerts_entry`."""

    def __init__(self, center: Center, log: Path, step: str = "", number: str = "") -> None:
        settings = {"KAFKA_BOOTSTRAP_SERVERS": center.kafka, "REDIS_URL": center.environment["redis_url"]}
        ours = ("key_prefix", "topic_prefix", "group")
        settings |= {f"CENTRALINO_{name.upper()}": center.environment[name] for name in ours}
        settings |= {"CENTRALINO_ALERT_HYSTERESIS_SECONDS": "1", "STEP": step, "SIGNAL": number or "SIGKILL"}
        self.log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.e2e.alerts_entry"], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                env={**os.environ, "PYTHONPATH": packages.path(), **settings}, cwd=log.parent,
            )  # fmt: skip

    def said(self) -> str:
        """All that it printed."""
        return self.log.read_text(errors="replace")

    def stopped(self) -> bool:
        """Whether it is dead or paused."""
        if self.process.poll() is not None:
            return True
        status = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8")
        return status.rpartition(") ")[2][0] == "T"

    def decides(self) -> bool:
        """Whether it has ever decided."""
        return "decided here" in self.said()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


async def hand_over(center: Center, folder: Path, step: str, number: str) -> None:
    """One holder that stops at a step, another one that goes on; what is told, and how soon."""
    name = f"{step}-{number}"
    with ExitStack() as services:
        first = services.enter_context(Service(center, folder / f"{name}-1.log", step, number))
        await until(first.decides, "the first to decide", 30)
        second = services.enter_context(Service(center, folder / f"{name}-2.log"))
        center.now = wall_ms()
        await center.answered(SUPPORT, late=15, in_time=5)
        await until(first.stopped, f"{name} to stop", 30)
        await until(second.decides, "the second to decide", 30)
        await until(lambda: _told(center, 1), f"{name}: the alert", 30)
        if number == "SIGSTOP":
            written = await center.told("read_uncommitted"), await center.redis.hget(center.keys.mirror, "body")
            first.process.send_signal(signal.SIGCONT)
            await until(lambda: "decided elsewhere" in first.said() or "cannot be told" in first.said(), name, 30)
            after = await center.told("read_uncommitted"), await center.redis.hget(center.keys.mirror, "body")
            assert after == written, f"{name}: who was woken has written"
        center.now = wall_ms()
        await center.answered(SUPPORT, in_time=400)
        await until(lambda: _told(center, 2), f"{name}: the recovery", 30)
        assert await center.told() == [("sla.breached", "support", "breached"), ("sla.recovered", "support", "ok")], (
            name
        )
        assert "Traceback" not in second.said(), second.said()
        assert "Traceback" not in first.said(), first.said()


async def _told(center: Center, n: int) -> bool:
    return len(await center.told()) >= n


@pytest.mark.timeout(180)
@pytest.mark.parametrize("number", ["SIGKILL", "SIGSTOP"])
async def test_whoever_decides_may_go_at_any_step_and_each_alert_is_told_once(
    kafka: Kafka, redis_server: Redis, topic_prefix: str, key_prefix: str, tmp_path: Path, number: str
) -> None:
    redis = client_of(redis_server.url)
    centers = []
    for step in STEPS:
        center = Center(redis, redis_server.url, kafka.address, f"{topic_prefix}{step}.", f"{key_prefix}{step}:")
        await center.prepare()
        centers.append(center)
    await asyncio.gather(
        *(hand_over(center, tmp_path, step, number) for center, step in zip(centers, STEPS, strict=True))
    )
    await redis.aclose()


def call(name: str, queued_at: int, answered_at: int) -> list[tuple[str, Any]]:
    """A phone call to the queue `support`."""
    common = {"interaction_id": name, "channel": "phone"}
    steps = (("started", queued_at, {}), ("queued", queued_at, {"queue": "support"}),
             ("answered", answered_at, {"agent_id": "ada"}))  # fmt: skip
    return [
        event("interactions.phone", name, f"interaction.{kind}", at, f"{name}-{kind}", **common, **more)
        for kind, at, more in steps
    ]


class Listener:
    """What `queues.alerts` carries, as it comes, and how long after something was sent.

    Not who is at risk: whether a queue is seen while calls that waited long are not answered yet is chance.
    """

    def __init__(self, plant: Plant) -> None:
        self._name = f"{plant.topic_prefix}queues.alerts"
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=plant.kafka, group_id=None, auto_offset_reset="earliest", isolation_level="read_committed"
        )
        self._sent = time.monotonic()
        self.heard: list[tuple[str, float]] = []

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        await self._consumer._client._wait_on_metadata(self._name)
        self._consumer.assign([TopicPartition(self._name, n) for n in self._consumer.partitions_for_topic(self._name)])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    def begin(self) -> None:
        """Something has been sent."""
        self._sent = time.monotonic()

    async def until(self, *kinds: str) -> float:
        """Wait until these were told, in this order, and nothing else; seconds since the beginning."""
        async with asyncio.timeout(30):
            while len(self.heard) < len(kinds):
                for records in (await self._consumer.getmany(timeout_ms=20)).values():
                    types = (json.loads(each.value)["type"] for each in records)
                    after = time.monotonic() - self._sent
                    self.heard += [(each, after) for each in types if each != "queue.sla.at_risk"]
        assert tuple(kind for kind, _ in self.heard) == kinds
        return self.heard[-1][1]


@pytest.mark.timeout(180)
async def test_an_alert_comes_and_another_service_takes_over(
    real_plant: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    real_plant.settings |= {"alert_hysteresis_seconds": 1, "alert_minimum_sample": 5}
    run = partial(asyncio.to_thread, real_plant.run)
    await run("topics", "apply")

    def services() -> list[RunningService]:
        return [RunningService(real_plant, "--clock", "wall") for _ in range(2)]

    async with AsyncExitStack() as parts:
        parts.enter_context(real_plant.worker())
        both = [parts.enter_context(each) for each in await asyncio.to_thread(services)]
        listener = await parts.enter_async_context(Listener(real_plant))
        producer = await parts.enter_async_context(AIOKafkaProducer(bootstrap_servers=real_plant.kafka))

        async def send(calls: list[list[tuple[str, Any]]]) -> None:
            listener.begin()
            for topic, (key, value) in (line for of in calls for line in of):
                await producer.send(real_plant.topic_prefix + topic, value, key=key)
            await producer.flush()

        def holder() -> RunningService | None:
            return next((each for each in both if "decided here" in each.said()), None)

        now = wall_ms()
        await send([call("first", now - 60_000, now - 59_000)])
        first = await until(holder, "somebody to decide", 30)
        (second,) = [each for each in both if each is not first]
        await until(lambda: '"ok"' in second.get("/api/v1/queues"), "the state", 30)
        now = wall_ms()
        await send([call(f"late{n}", now - 60_000, now - 1000) for n in range(10)])
        soon = await listener.until("queue.sla.breached")
        await run("ack", "support", "--by", "anna")
        await listener.until("queue.sla.breached", "queue.alerts.acknowledged")
        first.kill()
        killed = time.monotonic()
        await until(lambda: "decided here" in second.said(), "the other one to decide", 30)
        taken = time.monotonic() - killed
        now = wall_ms()
        await send([call(f"good{n}", now - 2000, now - 1000) for n in range(200)])
        await listener.until("queue.sla.breached", "queue.alerts.acknowledged", "queue.sla.recovered")
        assert '"by":"anna"' in second.get("/api/v1/alerts").replace(" ", "")
    with capsys.disabled():
        sys.stdout.write(f"\nan alert after its cause: {soon * 1000:.0f} ms; another service after {taken:.1f} s\n")
