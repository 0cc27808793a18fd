"""The demo: all of it on this machine, stopped cleanly, going on where it was; and its table at any size."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from stream.child import free_port
from stream.cli.demo_feed import Begun, Customers
from stream.cli.demo_table import Answers, Heading, line, table
from stream.cli.feed import feeding
from stream.cli.pace import now_ms
from stream.cli.topics import ensure
from stream.embedded import EmbeddedBroker, EmbeddedStore
from stream.settings import Settings
from stream.simulator import Simulation
from tests.cli.conftest import environment, everything

LIVE = re.compile(r"events/s · waiting")
START_SECONDS = 60


@contextmanager
def demo(folder: Path, port: int) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    said = folder / "said.txt"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "stream.cli", "demo", "--data", str(folder / "data"), "--port", str(port),
             "--rate", "15"],
            stdout=output, stderr=subprocess.STDOUT, env=environment(), cwd=folder,
        )  # fmt: skip
        try:
            yield process, said
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(30)


def until_live(process: subprocess.Popen[bytes], said: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not LIVE.search(said.read_text()):
        assert process.poll() is None, said.read_text()
        assert time.monotonic() < deadline, said.read_text()
        time.sleep(0.2)


def ask(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as reply:
        return json.load(reply)


def offered(port: int) -> int:
    total: int = ask(port, "/api/v1/kpis?window=24h&by=")[0]["offered"]
    return total


def queued(folder: Path, until_ms: int | None = None) -> int:
    """How many interactions the demo of a folder has queued until then, None: until its note of what it has sent."""
    begun = msgspec.json.decode((folder / "data" / "demo.json").read_bytes(), type=Begun)
    simulation, found = Simulation(begun.seed, begun.start_ms, begun.rate), 0
    until_ms = begun.sent_until_ms if until_ms is None else until_ms
    for batch in simulation.batches():
        found += sum(b'"interaction.queued"' in each.value and each.at_ms <= until_ms for each in batch)
        if simulation.now_ms > until_ms:
            return found
    raise AssertionError


def assert_counted_once(folder: Path, port: int) -> None:
    """All that was sent before is counted by and by, and none of it twice."""
    sent, deadline = queued(folder), time.monotonic() + 60
    while (counted := offered(port)) < sent:
        assert time.monotonic() < deadline, (counted, sent)
        time.sleep(0.5)
    assert counted <= queued(folder, now_ms())


def left_running(folder: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == folder / "data":
                found.append((process / "cmdline").read_text())
        except OSError:
            continue
    return found


def test_the_demo_moves_within_a_minute_stops_cleanly_and_goes_on(
    kfake: EmbeddedBroker, valkey: EmbeddedStore, tmp_path: Path
) -> None:
    port = free_port()
    with demo(tmp_path, port) as (process, said):
        until_live(process, said)
        deadline = time.monotonic() + 30
        while (before := offered(port)) <= 500:
            assert time.monotonic() < deadline
            time.sleep(0.5)
        while offered(port) == before:
            assert time.monotonic() < deadline
            time.sleep(0.5)
        while ask(port, "/api/v1/kpis?window=7d&by=channel")[0]["fcr"]["provisional"]["first_contacts"] <= 50:
            assert time.monotonic() < deadline
            time.sleep(0.5)
        customer, url = re.search(r"centralino journey (\S+) --url (\S+)", said.read_text()).groups()
        assert url == f"http://127.0.0.1:{port}"
        asking = [sys.executable, "-m", "stream.cli", "journey", customer, "--url", url]
        deadline = time.monotonic() + 30
        while (
            seen := subprocess.run(asking, capture_output=True, text=True, env=environment(), check=False)
        ).returncode:
            assert time.monotonic() < deadline, seen.stderr
        assert int(re.search(r"(\d+) touchpoint", seen.stdout)[1]) > 0
        while ask(port, "/api/v1/transitions?window=2d")["transitions_total"] < 50:
            assert time.monotonic() < deadline
            time.sleep(0.5)
        before = offered(port)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert "stopped; the data is in" in said.read_text()
        assert not left_running(tmp_path)
    with demo(tmp_path, port) as (process, said):
        until_live(process, said)
        assert offered(port) >= before
        assert_counted_once(tmp_path, port)
        before = offered(port)
        process.kill()
        process.wait()
    with demo(tmp_path, port) as (process, said):
        until_live(process, said)
        assert offered(port) >= before
        assert_counted_once(tmp_path, port)
        assert sum(row["waiting"] for row in ask(port, "/api/v1/queues")) < 100
    assert not left_running(tmp_path)


async def test_after_a_long_pause_a_demo_closes_what_was_open_and_begins_anew(
    kfake: EmbeddedBroker, topic_prefix: str, tmp_path: Path
) -> None:
    stopped_ms = now_ms() - 9 * 3_600_000
    known = Begun(1, 5.0, stopped_ms - 3_600_000, stopped_ms, {"p-1": ("phone", "support"), "c-1": ("chat", "")})
    path = tmp_path / "demo.json"
    path.write_bytes(msgspec.json.encode(known))
    settings = Settings(kafka_bootstrap_servers=kfake.address, topic_prefix=topic_prefix)
    await ensure(settings)
    customers = Customers(path, 5.0)
    async with feeding(settings) as feed:
        running = asyncio.create_task(customers.run(feed))
        while not customers.live:
            assert not running.done()
            await asyncio.sleep(0.05)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    arrived = await everything(kfake.address, topic_prefix)
    said = [json.loads(record.value) for records in arrived.values() for record in records]
    closing = [(each["data"]["interaction_id"], each["type"]) for each in said if each["source"] == "/demo"]
    assert sorted(closing) == [
        ("c-1", "interaction.ended"), ("p-1", "interaction.ended"), ("p-1", "interaction.flowed_out"),
    ]  # fmt: skip
    begun = msgspec.json.decode(path.read_bytes(), type=Begun)
    assert begun.start_ms > now_ms() - 2 * 3_600_000
    assert begun.sent_until_ms > now_ms() - 60_000
    assert 0 < len(begun.open) < 500


def row(channel: str, queue: str, waiting: int) -> dict[str, Any]:
    return {
        "channel": channel, "queue": queue, "offered": 1234, "answered": 1200, "waiting": waiting,
        "waiting_past_threshold": waiting // 2, "longest_wait_ms": 61_000 if waiting else None,
        "service_level_live": 0.81 if waiting else None, "asa_seconds": 12.4, "aht_seconds": 3700.0,
        "abandonment": None, "wait_quantile_seconds": {"p95": 33.0},
    }  # fmt: skip


ANSWERS = Answers(
    [row("phone", f"queue-{number}", number % 3) for number in range(12)] + [row("chat", "a-very-long-name" * 4, 1)],
    [{"channel": "phone", "fcr": {"provisional": {"ratio": 0.72}}}, {"channel": "chat", "fcr": None}],
    row("", "", 4),
    {},
)
HEADING = Heading("http://127.0.0.1:8000", "30m", "12:00:00", 12_345, 19.8, busiest="c-000042")


@pytest.mark.parametrize(("width", "height"), [(40, 10), (60, 16), (80, 24), (120, 40), (20, 5)])
def test_the_table_fits_any_terminal(width: int, height: int) -> None:
    console = Console(width=width, height=height, force_terminal=False)
    with console.capture() as captured:
        console.print(table(ANSWERS, HEADING, width, height))
    lines = captured.get().splitlines()
    assert all(len(each) <= width for each in lines)
    assert len(lines) <= max(height, 10)
    assert width < 80 or "centralino journey c-000042 --url http://127.0.0.1:8000" in captured.get()
    assert width < 40 or any("phone" in each for each in lines)


def test_the_line_says_it_all() -> None:
    assert line(ANSWERS, HEADING) == (
        "12:00:00 19.8 events/s · waiting 4, longest 1:01 · service level 81% · ASA 12 s · AHT 1:01:40 · abandoned - · "
        "FCR phone 72%"
    )
