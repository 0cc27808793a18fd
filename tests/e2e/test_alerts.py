"""Killed or paused wherever: who decides of states is followed by another one, and each alert is told once."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest
from redis.asyncio import from_url

from tests.serve.alerting import SUPPORT, Center, until

if TYPE_CHECKING:
    from tests.parts.kafka import Kafka
    from tests.parts.redis import Redis

ROOT = Path(__file__).parents[2]
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
                env={**os.environ, "PYTHONPATH": str(ROOT), **settings}, cwd=log.parent,
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
    redis = from_url(redis_server.url)
    centers = []
    for step in STEPS:
        center = Center(redis, redis_server.url, kafka.address, f"{topic_prefix}{step}.", f"{key_prefix}{step}:")
        await center.prepare()
        centers.append(center)
    await asyncio.gather(
        *(hand_over(center, tmp_path, step, number) for center, step in zip(centers, STEPS, strict=True))
    )
    await redis.aclose()
