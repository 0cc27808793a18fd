"""Simulated time beside the clock's."""

from __future__ import annotations

import asyncio
import time


def now_ms() -> int:
    """The clock, epoch milliseconds."""
    return time.time_ns() // 1_000_000


class Pace:
    """Keeps simulated time to `speed` times the clock, from now on; speed 0 never waits."""

    def __init__(self, start_ms: int, speed: float) -> None:
        self._start_ms = start_ms
        self._speed = speed
        self._began = time.monotonic()

    def ahead(self, at_ms: int) -> float:
        """Seconds of the clock until a simulated instant; 0 when it is due."""
        if not self._speed:
            return 0.0
        due = self._began + (at_ms - self._start_ms) / 1000 / self._speed
        return max(0.0, due - time.monotonic())

    async def wait(self, at_ms: int) -> None:
        """Sleeps until a simulated instant is due; lets others go on even when it is."""
        await asyncio.sleep(self.ahead(at_ms))
