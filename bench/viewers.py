"""Many viewers of the wallboard at once: `python -m bench.viewers REDIS_URL KEY_PREFIX SECONDS [VIEWERS]`.

A service of its own over a center of 100 queues in which something changes every second or so; viewers, and a scrape
each second. Nothing may fail, all must see the last change, and the service's memory must stay. When a change was made
is in the change itself: since then the one waits who waits in the queue `marked`.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import tempfile
import time
from contextlib import suppress
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import uvloop

from bench.process import cpu_seconds, python, resident_bytes, said
from bench.recount import Wrong
from bench.watched import Center
from stream.child import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

VIEWERS = 200
_HOST, _LIMIT = "127.0.0.1", 2**24
_AT = re.compile(rb'"at":"([^"]+)"')
_SINCE = re.compile(rb'"queue":"marked".*?"longest_since_at":"([^"]+)"')


class Viewer:
    """One who watches. `delivered`: seconds from the board's making, `seen`: from the change, of each change."""

    def __init__(self) -> None:
        self.boards, self.newest = 0, 0
        self.delivered: list[float] = []
        self.seen: list[float] = []

    async def watch(self, port: int) -> None:
        """Until cancelled. Raises Wrong when the service lets go."""
        reader, writer = await asyncio.open_connection(_HOST, port, limit=_LIMIT)
        try:
            writer.write(b"GET /events HTTP/1.1\r\nHost: service\r\n\r\n")
            if not (await reader.readline()).startswith(b"HTTP/1.1 200"):
                raise Wrong("viewers: the service does not let somebody watch")
            name = b""
            while line := await reader.readline():
                if line.startswith(b"event: "):
                    name = line[7:].strip()
                elif line.startswith(b"data: "):
                    self._take(name, line, time.time())
            raise Wrong("viewers: the service has let somebody go")
        finally:
            writer.close()

    def _take(self, name: bytes, data: bytes, now: float) -> None:
        at, since = _AT.search(data), _SINCE.search(data)
        if name == b"board":
            self.boards += 1
        elif at is not None:
            self.delivered.append(now - _seconds(at[1]))
        if since is not None:
            self.newest = round(_seconds(since[1]) * 1000)
            if name != b"board":
                self.seen.append(now - _seconds(since[1]))


_delivered, _seen = attrgetter("delivered"), attrgetter("seen")


def _seconds(instant: bytes) -> float:
    return datetime.fromisoformat(instant.decode()).timestamp()


class Told(NamedTuple):
    """Of one run: seconds of each delivery, of each change until it is seen, of each scrape; resident bytes by second.

    `boards`: how many whole boards were sent: one a viewer, or somebody was too slow. `cpu`: of the service, as a share
    of one core.
    """

    delivered: list[float]
    seen: list[float]
    scrapes: list[float]
    resident: list[tuple[float, int]]
    boards: int
    cpu: float

    @property
    def slope(self) -> float:
        """Bytes a minute by which the service grew, by least squares, the first third left out."""
        kept = self.resident[len(self.resident) // 3 :]
        middle = sum(at for at, _ in kept) / len(kept)
        mean = sum(n for _, n in kept) / len(kept)
        spread = sum((at - middle) ** 2 for at, _ in kept)
        return 60 * sum((at - middle) * (n - mean) for at, n in kept) / spread if spread else 0.0


async def measure(redis_url: str, key_prefix: str, seconds: float, viewers: int = VIEWERS) -> Told:
    """Run it. Raises Wrong when anything fails."""
    center = Center(redis_url, key_prefix)
    with tempfile.TemporaryDirectory(prefix="centralino-viewers-") as name:
        folder, port = Path(name), free_port()
        environment = {"REDIS_URL": redis_url, "CENTRALINO_KEY_PREFIX": key_prefix, "CENTRALINO_PORT": str(port),
                       "KAFKA_BOOTSTRAP_SERVERS": f"{_HOST}:{free_port()}"}  # fmt: skip
        try:
            await center.open()
            with python(["-m", "stream.cli", "serve"], folder, environment) as service:
                try:
                    return await _measured(center, port, service.pid, seconds, viewers)
                except (OSError, TimeoutError) as error:
                    raise Wrong(f"viewers: {error!r}\n{said(folder)}") from error
        finally:
            await center.aclose()


async def _measured(center: Center, port: int, process_id: int, seconds: float, viewers: int) -> Told:
    async with asyncio.timeout(60):
        while not await _answers(port):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)
    await _scrape(port)
    watching = [Viewer() for _ in range(viewers)]
    tasks = [asyncio.create_task(each.watch(port)) for each in watching]
    scrapes: list[float] = []
    resident: list[tuple[float, int]] = []
    try:
        async with asyncio.timeout(60):
            while not all(each.boards for each in watching):
                _check(tasks)
                await asyncio.sleep(0.05)
        changing = asyncio.create_task(_change(center))
        began, cpu = time.monotonic(), cpu_seconds(process_id)
        while time.monotonic() - began < seconds:
            at = time.monotonic()
            await _scrape(port)
            scrapes.append(time.monotonic() - at)
            resident.append((at - began, resident_bytes(process_id)))
            _check([*tasks, changing])
            await asyncio.sleep(max(at + 1 - time.monotonic(), 0))
        cpu = (cpu_seconds(process_id) - cpu) / (time.monotonic() - began)
        changing.cancel()
        with suppress(asyncio.CancelledError):
            await changing
        last = await center.touch()
        async with asyncio.timeout(60):
            while any(each.newest != last for each in watching):
                _check(tasks)
                await asyncio.sleep(0.05)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    delivered, seen = ([took for each in watching for took in of(each)] for of in (_delivered, _seen))
    return Told(delivered, seen, scrapes, resident, sum(each.boards for each in watching), cpu)


async def _change(center: Center) -> None:
    rng = random.Random(6)
    while True:
        await asyncio.sleep(rng.uniform(1.05, 1.6))
        await center.touch()


def _check(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        if task.done():
            task.result()


async def _answers(port: int) -> bool:
    with suppress(OSError):
        return (await _get(port, "/readyz")).startswith(b"HTTP/1.1 200")
    return False


async def _scrape(port: int) -> None:
    text = await _get(port, "/metrics")
    if not text.startswith(b"HTTP/1.1 200") or b"contact_center_segments_total" not in text:
        raise Wrong(f"viewers: a scrape got {text[:200]!r}")


async def _get(port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection(_HOST, port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: service\r\nConnection: close\r\n\r\n".encode())
        return await reader.read(-1)
    finally:
        writer.close()


def quantile(values: list[float], q: float) -> float:
    """Nearest rank.

    >>> quantile([3.0, 1.0, 2.0], 0.5)
    2.0
    """
    return sorted(values)[max(int(len(values) * q + 0.999999) - 1, 0)]


def _summary(told: Told) -> Iterator[tuple[str, Any]]:
    for name in ("delivered", "seen", "scrapes"):
        values = getattr(told, name)
        yield name, [quantile(values, 0.5), quantile(values, 0.99), max(values), len(values)]
    yield "boards", told.boards
    yield "bytes", told.resident[-1][1]
    yield "slope", told.slope
    yield "cpu", told.cpu


if __name__ == "__main__":
    url, prefix, told_seconds, *number = sys.argv[1:]
    done = uvloop.run(measure(url, prefix, float(told_seconds), *(int(each) for each in number)))
    print(json.dumps(dict(_summary(done))))
