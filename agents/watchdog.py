"""Looks at the partitions from time to time: their lag for the metrics, and whether one with lag stands still.

A consumer can die slowly, with everything looking well. A partition that has lag and does not move for the limit ends
the process, so that its supervisor starts a new one; braked and waiting partitions are left out.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from faust.types import TP

    from agents.app import StreamApp
    from agents.metrics import Metrics
    from agents.owner import Partitions
    from agents.partition import Partition

log = structlog.get_logger()


class StoodStill(Exception):
    """A partition has lag and does not move."""


class Watchdog:
    """Watches the partitions of one process. `limit`: seconds."""

    def __init__(self, app: StreamApp, partitions: Partitions, metrics: Metrics, limit: float) -> None:
        self._app, self._partitions, self._metrics, self._limit = app, partitions, metrics, limit
        self._moved: dict[TP, tuple[int, float]] = {}
        self._answered = time.monotonic()

    async def run(self) -> None:
        """Watch until cancelled. Raises StoodStill."""
        while True:
            await asyncio.sleep(min(1.0, self._limit / 4))
            await self.look()

    async def look(self) -> None:
        """Look once. Raises StoodStill."""
        owned = dict(self._partitions.owned)
        if not owned:
            self._moved.clear()
            self._answered = time.monotonic()
        try:
            async with asyncio.timeout(self._limit / 2):
                await self._app.batches.know_topics()
                reached = await self._app.batches.reached({tp: each.shard.offset for tp, each in owned.items()})
                _, ends = await self._app.batches.bounds(list(owned))
            self._answered = time.monotonic()
        except TimeoutError:
            if time.monotonic() - self._answered > self._limit:
                raise StoodStill(f"Kafka has not answered for {self._limit} s") from None
            return
        self._partitions.let_go(reached)
        for tp, partition in owned.items():
            if self._partitions.owned.get(tp) is partition:
                lag = max(0, ends[tp] - max(reached[tp], partition.shard.offset))
                self._metrics.standing(tp, partition.standing, lag)
                self._judge(tp, partition, lag)

    def _judge(self, tp: TP, partition: Partition, lag: int) -> None:
        offset, now = partition.shard.offset, time.monotonic()
        before = self._moved.get(tp)
        if before is None or before[0] != offset or not lag or partition.standing != "reading":
            self._moved[tp] = (offset, now)
        elif now - before[1] > self._limit:
            raise StoodStill(f"{partition.shard.name} stands at {offset} with a lag of {lag} for {self._limit} s")
