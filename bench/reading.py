"""How fast the service reads a center of `bench.center`: `python -m bench.reading REDIS_URL KEY_PREFIX SIZE ROUNDS`.

In one process, as the service has it: the first snapshot, the following ones with a cell in a hundred touched, and
`/metrics` after each. Before a time counts, every running sum and every number exported is compared with a naive one.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter, defaultdict
from contextlib import asynccontextmanager
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import uvloop
from prometheus_client.parser import text_string_to_metric_families
from redis.asyncio import from_url
from starlette.requests import Request

from bench.center import SIZES, Size, Touching, names, shards
from bench.process import peak_bytes
from bench.recount import Wrong
from schemas.events import CHANNELS
from stream.connections import redis_options
from stream.core.figures.metrics import SEGMENT_OUTCOMES
from stream.core.figures.sketch import quantile
from stream.core.measures import CODES, HANDLE_BINS, WAIT_BINS, WAIT_BOUNDS, Cell
from stream.core.scope import scope
from stream.core.times.window import span, window
from stream.serve.app import Routes
from stream.serve.view import View
from stream.settings import Settings
from stream.state.keys import shard_keys

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.types import Message

_unpack = msgspec.msgpack.decode
_MEANS = (("asa_seconds", "wait_ms", "answered"), ("aht_seconds", "handle_ms", "handled"))
_QUANTILES = (("wait_quantile_seconds", WAIT_BINS), ("handle_quantile_seconds", HANDLE_BINS))


class Ticker:
    """How long the event loop did nothing else, at worst."""

    def __init__(self) -> None:
        self.longest = 0.0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Watch while the block runs."""
        task = asyncio.create_task(self._tick())
        await asyncio.sleep(0)
        try:
            yield
        finally:
            task.cancel()

    async def _tick(self) -> None:
        before = time.perf_counter()
        while True:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            self.longest, before = max(self.longest, now - before), now


class Naive:
    """Everything the store holds, summed in the plainest way."""

    def __init__(self, size: Size) -> None:
        self._size = size
        self.cells: dict[tuple[str, str], list[tuple[int, Cell]]] = defaultdict(list)
        self.totals: dict[str, tuple[Counter[int], Counter[int]]] = defaultdict(lambda: (Counter(), Counter()))
        self.waiting: Counter[str] = Counter()

    async def read(self, redis: Any, key_prefix: str) -> None:
        """All shards."""
        for shard in shards(self._size):
            for field, value in (await redis.hgetall(shard_keys(key_prefix, *shard).read)).items():
                kind, _, rest = field.decode().partition("|")
                if kind == "t":
                    for total, told in zip(self.totals[rest], _unpack(value, strict=False), strict=True):
                        total.update(told)
                elif kind[0] == "c":
                    start, _, of = rest.partition("|")
                    self.cells[kind[1], of].append((int(start), _unpack(value)))
                else:
                    of, queued_at, *_ = _unpack(value)
                    self.waiting[of] += queued_at is not None

    def sum(self, ring: str, of: str, first: int, last: int) -> Cell:
        """A scope between two buckets, both included."""
        found: Counter[int] = Counter()
        for start, cell in self.cells[ring, of]:
            if first <= start <= last:
                found.update(cell)
        return dict(found)


def settings_of(redis_url: str, key_prefix: str, size: Size) -> Settings:
    """All queues configured, and exported; everything else as it is by default."""
    queues = [{"channel": c, "name": name} for c in CHANNELS for name in names(size, c)]
    told = {"redis_url": redis_url, "key_prefix": key_prefix, "clock": "event", "max_queues": len(queues)}
    return Settings(**told, queues=queues)


class Took(NamedTuple):
    """Seconds by the clock, and of this process's CPU."""

    seconds: float
    cpu: float


async def measure(redis_url: str, key_prefix: str, size: Size, rounds: int) -> dict[str, Any]:
    """What the first snapshot took and what a service does once with it, the next ones, `/metrics`; stalls; memory."""
    settings = settings_of(redis_url, key_prefix, size)
    redis, worker = from_url(**redis_options(settings)), Touching(redis_url, key_prefix, size)
    view = View.over(redis, settings)
    routes, naive = Routes(view), Naive(size)
    told: dict[str, Any] = {"next": [], "metrics": []}
    spent: list[float] = []
    pieces: list[bytes] = []
    stalls = {name: Ticker() for name in ("first", "warm", "first_metrics", "next", "metrics")}
    try:
        await worker.open()
        told["first"] = await _timed(stalls["first"], _complete(view))
        told["warm"] = await _timed(stalls["warm"], routes.warm(asyncio.Event()))
        told["first_metrics"] = await _timed(stalls["first_metrics"], _scrape(routes))
        for _ in range(rounds):
            await worker.touch()
            before = await _redis_cpu(redis)
            told["next"].append(await _timed(stalls["next"], _complete(view)))
            spent.append(await _redis_cpu(redis) - before)
            told["metrics"].append(await _timed(stalls["metrics"], _scrape(routes)))
        before = await _redis_cpu(redis)
        told["idle"] = await _timed(Ticker(), _complete(view))
        told["redis"] = [median(spent), await _redis_cpu(redis) - before]
        told |= {"stalls": {name: each.longest for name, each in stalls.items()}, "peak_bytes": peak_bytes()}
        await _scrape(routes, pieces.append)
        text = b"".join(pieces).decode()
        await naive.read(redis, key_prefix)
    finally:
        await worker.aclose()
        await redis.aclose()
    verify(view, text, naive, size)
    cells = sum(len(each) for (ring, _), each in naive.cells.items() if ring != "h")
    return told | {"series": sum(not line.startswith("#") for line in text.splitlines()), "cells": cells}


async def _timed(ticker: Ticker, work: Awaitable[object]) -> Took:
    async with ticker.running():
        began, cpu = time.perf_counter(), time.process_time()
        await work
        return Took(time.perf_counter() - began, time.process_time() - cpu)


async def _redis_cpu(redis: Any) -> float:
    """Seconds of Redis's CPU until now."""
    told = await redis.info("cpu")
    return float(told["used_cpu_user"] + told["used_cpu_sys"])


async def _complete(view: View) -> None:
    while not await view.reader.poll():
        pass


async def _scrape(routes: Routes, take: Callable[[bytes], object] = len) -> None:
    """One scrape; `take` gets the body, piece by piece."""
    scope = {"type": "http", "method": "GET", "headers": []}

    async def receive() -> Message:
        raise NotImplementedError

    async def send(message: Message) -> None:
        take(message.get("body", b""))

    answer = await routes.metrics(Request(scope))
    await answer(scope, receive, send)


def verify(view: View, text: str, naive: Naive, size: Size) -> None:
    """Compare sums, totals and exported numbers with the naive ones. Raises Wrong."""
    now, snapshot = view.now(), view.snapshot
    cells = sum(len(each) for (ring, _), each in naive.cells.items() if ring != "h")
    _equal("cells", cells >= size.cells, True)
    exported = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    for of, (gained, retracted) in naive.totals.items():
        _equal(of, snapshot.totals[of], (dict(gained), dict(retracted)))
        for name in ("5m", "30m", "1h", "today", "7d"):
            to = span(window(name), now, "UTC")
            wanted = naive.sum(to.ring, of, to.first, to.last)
            _equal((of, name), dict(snapshot.running(of, window(name), now, "UTC")), wanted)
    for channel in CHANNELS:
        for queue in names(size, channel):
            of, labels = scope(channel, inbound=True, queue=queue), {"channel": channel, "queue": queue}

            def said(name: str, labels: dict[str, str] = labels, **more: str) -> float | None:
                return exported.get((f"contact_center_{name}", *sorted((labels | more).items())))

            gained = naive.totals[of][0]
            for outcome in SEGMENT_OUTCOMES:
                _equal((of, outcome), said("segments_total", outcome=outcome), gained[CODES[outcome]])
            counted = sum(n for code, n in gained.items() if WAIT_BOUNDS <= code < WAIT_BOUNDS + 100)
            _equal((of, "bucket"), said("wait_seconds_bucket", le="+Inf"), counted)
            _equal((of, "waiting"), said("queue_waiting"), naive.waiting[of])
            for name in view.settings.windows:
                to = span(window(name), now, "UTC")
                cell = naive.sum(to.ring, of, to.first, to.last)
                for figure, total, count in _MEANS:
                    counted = cell.get(CODES[count], 0)
                    wanted_ = cell[CODES[total]] / counted / 1000 if counted else None
                    _equal((of, name, figure), said(figure, window=name), wanted_)
                for figure, base in _QUANTILES:
                    bins = {code - base: n for code, n in cell.items() if base <= code < base + 1000}
                    for q in (0.5, 0.9, 0.95, 0.99):
                        value = quantile(bins, q)
                        wanted_ = None if value is None else value / 1000
                        _equal((of, name, figure, q), said(figure, window=name, quantile=str(q)), wanted_)


def _equal(what: Any, found: Any, wanted: Any) -> None:
    if found != wanted:
        raise Wrong(f"reading, {what}: {str(found)[:300]}, it should be {str(wanted)[:300]}")


if __name__ == "__main__":
    print(json.dumps(uvloop.run(measure(sys.argv[1], sys.argv[2], SIZES[sys.argv[3]], int(sys.argv[4])))))
