"""A worker and a service at work on a center's day: what they take in memory stays.

Simulated time runs six hundred times as fast as the clock: after the warm-up the rings that readers hold for two and
for forty-nine hours are as full as they get, and as many threads are closed as begin. There are as many customers as
reach a center of as many events a second of the clock: fewer would have a year's contacts in a day, and more each day.
What agents did is kept for three days on every channel, and these are over by then: with the 35 days of e-mail a worker
would show, at this pace, what a month of their work takes.
What counts is how the mean of a simulated day differs from that of the next: within a day, busy hours take more.
Both have the allocator that they have in the image; `make soak` gives them its core, too.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import fmean, linear_regression

import pytest

from bench.process import resident_bytes
from stream.core.agents import state as agents
from stream.core.rules import DAY, Rules
from stream.core.times.window import RINGS
from tests.deploy import dockerfile
from tests.e2e.plant import Plant, Running, until

SECONDS = float(os.environ.get("CENTRALINO_GROWTH_MINUTES", "0.2")) * 60
"""`make soak` has twenty minutes."""
RATE = int(os.environ.get("CENTRALINO_GROWTH_RATE", "3000"))
"""Events a second on the mean of a day. `make soak` has a thousand: half of what two slow cores do at that pace."""
SPEED, LOOK_SECONDS, LEAST_SECONDS, ROWS = 600, 2.0, 300, 20
CUSTOMERS = 12_500 * RATE
CACHE_MB = 16
"""Full by the end of the warm-up: what is still being filled grows, and says nothing of what is not given back."""
KEEP_DAYS = agents.KEEP_MS // DAY
"""Of what is over, on every channel: as long as agents' calls are kept in any case."""
FULL_SECONDS = max(RINGS["m"].keep_ms, KEEP_DAYS * DAY) / 1000 / SPEED * 1.1
"""Until rings and agents are full. The short version, which says nothing of growth, waits for nothing."""
DAY_SECONDS = 86_400 / SPEED
MEGABYTE = 2**20


def behind(plant: Plant) -> int:
    """Records that are not counted yet: many, where other work leaves less of the machine than the load takes."""
    return sum(end - max(0, plant.offset(*place)) for place, end in asyncio.run(plant.ends()).items())


def growth(looks: list[tuple[float, int]]) -> float:
    """MB a minute, of (second, bytes), by the means of whole simulated days; nan of fewer than two."""
    days: dict[int, list[int]] = {}
    for at, size in looks:
        days.setdefault(int(at // DAY_SECONDS), []).append(size)
    whole = {day: fmean(sizes) for day, sizes in days.items() if (day + 1) * DAY_SECONDS <= looks[-1][0] + LOOK_SECONDS}
    if len(whole) < 2:
        return math.nan
    return linear_regression(list(whole), list(whole.values())).slope / MEGABYTE / DAY_SECONDS * 60


def megabytes(size: int) -> str:
    return f"{size / MEGABYTE:8.1f} MB"


@pytest.mark.timeout(300 + FULL_SECONDS + 2 * SECONDS)
def test_neither_a_worker_nor_a_service_grows_at_half_load(
    real_plant: Plant, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant = real_plant
    for name, value in dockerfile.allocator().items():
        monkeypatch.setenv(name, value)
    keeps = dict.fromkeys(Rules().channels, KEEP_DAYS)
    plant.settings |= {"cache_mb": CACHE_MB, "keep_closed_days": json.dumps(keeps)}
    plant.run("topics", "apply")
    warm = FULL_SECONDS if SECONDS >= LEAST_SECONDS else 0
    lasts = timedelta(seconds=(SECONDS + warm + 60) * SPEED * 1.5)
    start = (datetime.now(UTC) - lasts - timedelta(hours=1)).isoformat(timespec="seconds")
    source = ["--rate", str(RATE / SPEED), "--speed", str(SPEED), "--start", start, "--customers", str(CUSTOMERS)]
    with plant.worker() as worker, plant.service() as service:
        for each in (worker, service):
            assert "libjemalloc" in Path(f"/proc/{each.process.pid}/maps").read_text()
        feed = Running(plant, "simulate", *source)
        try:
            until(lambda: plant.results() > RATE, 180, "the first events")
            time.sleep(warm)
            looks, told, began = [], list[str](), time.monotonic()
            while (at := time.monotonic() - began) < SECONDS:
                service.get("/metrics")
                for each in (feed, worker, service):
                    each.lives()
                counted = plant.results()
                looks.append((at, resident_bytes(worker.process.pid), resident_bytes(service.process.pid)))
                if at >= len(told) * SECONDS / ROWS:
                    sizes = "".join(map(megabytes, looks[-1][1:]))
                    told.append(f"{at:6.0f} s {counted:12,} records {behind(plant):10,}{sizes}")
                time.sleep(LOOK_SECONDS)
            with plant.service() as late:
                until(lambda: late.records().total() >= counted, 60, "a service that starts now to read it all")
        finally:
            feed.kill()
        slopes = [growth([(look[0], look[which]) for look in looks]) for which in (1, 2)]
    told.append(f"MB a minute: worker {slopes[0]:+.2f}, service {slopes[1]:+.2f}")
    with capsys.disabled():
        sys.stdout.write("\n".join(["", "     at              records     behind      worker     service", *told, ""]))
    assert max(look[1] for look in looks) < 400 * MEGABYTE
    if SECONDS >= LEAST_SECONDS:
        assert max(slopes) <= 1
