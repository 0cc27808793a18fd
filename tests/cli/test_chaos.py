"""`demo --chaos` whole: every fault leaves the difference at 0, a wrong figure does not; keys come from a terminal."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from stream.cli.chaos_keys import pressed
from stream.embedded import EmbeddedBroker
from stream.state.keys import shard_keys
from tests.cli.conftest import Run, environment
from tests.serve.shards import cell, total

ZERO = r"difference to an independent recount: 0 · \d+ figures"
OUTCOMES = (
    "worker killed, back in .*",
    "worker frozen for .*, a second one took over",
    "store killed, back in .*",
    "broker killed, back in .*",
    "the last 300 records sent twice, shuffled",
)
LONG = "100000"


class Demo:
    """A demo that runs, and what it has said so far."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes], said: Path) -> None:
        self.data, self.process, self._said = folder / "data", process, said

    def said(self) -> str:
        return self._said.read_bytes().decode(errors="ignore")

    def until(self, pattern: str, seconds: float = 90, since: int = 0) -> int:
        """Wait until it has said this after a place in what it said; the place behind it."""
        deadline = time.monotonic() + seconds
        while not (found := re.compile(pattern).search(self.said(), since)):
            assert self.process.poll() is None, self.said()[-3000:]
            assert time.monotonic() < deadline, f"{pattern!r} in\n{self.said()[-3000:]}"
            time.sleep(0.2)
        return found.end()

    def process_of(self, part: str) -> int:
        return int((self.data / f"{part}.lock").read_text().split()[0])

    def left_running(self) -> list[str]:
        """Command lines of processes that work in the demo's folder."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if (process / "cwd").readlink() == self.data:
                    found.append((process / "cmdline").read_text())
            except OSError:
                continue
        return found


@contextmanager
def demo(folder: Path, *arguments: str, terminal: int | None = None) -> Iterator[Demo]:
    said = folder / "said.txt"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "stream.cli", "demo", "--data", str(folder / "data"), "--port", "0", *arguments],
            stdin=subprocess.DEVNULL if terminal is None else terminal,
            stdout=output if terminal is None else terminal,
            stderr=subprocess.STDOUT, env={**environment(), "TERM": "xterm"}, cwd=folder,
        )  # fmt: skip
    try:
        yield Demo(folder, process, said)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(90)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """Both ends of a terminal of 80 by 24; all that is shown goes to `said.txt`."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))

    def follow() -> None:
        while True:
            try:
                shown = os.read(ours, 4096)
            except OSError:
                return
            with (tmp_path / "said.txt").open("ab") as said:
                said.write(shown)

    following = threading.Thread(target=follow)
    following.start()
    yield ours, theirs
    os.close(theirs)
    following.join(10)
    os.close(ours)


def test_each_fault_by_itself_leaves_nothing_lost_and_nothing_counted_twice(
    kfake: EmbeddedBroker, tmp_path: Path
) -> None:
    with demo(tmp_path, "--chaos-every", "1", "--rate", "15") as running:
        running.until(ZERO)
        for outcome in OUTCOMES:
            running.until(rf"chaos: {outcome}.*, caught up after")
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(90) == 0
        end = running.said().partition("comparing at the end of the log")[2]
        assert re.search(ZERO, end), end
        duplicates = int(re.findall(r"duplicates dropped ([\d,]+)", end)[-1].replace(",", ""))
        assert duplicates > 300
        assert not running.left_running()


def test_a_wrong_total_is_shown_and_makes_the_exit_code_one(kfake: EmbeddedBroker, tmp_path: Path) -> None:
    with demo(tmp_path, "--chaos-every", LONG, "--rate", "10") as running:
        running.until(ZERO)
        write_wrong_total(running)
        running.until("difference to the recount: 3 · phone ghost offered 3, not 0")
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(90) == 1
        assert "phone ghost offered 3, not 0" in running.said().partition("comparing at the end of the log")[2]


def write_wrong_total(running: Demo) -> None:
    """Three segments that nobody ever offered, as a commit would have written them."""
    title = Path(f"/proc/{running.process_of('embedded-store')}/cmdline").read_text()
    port = int(title.replace("\0", " ").split()[1].rpartition(":")[2])
    keys = shard_keys("centralino:", "interactions.phone", 0)
    with redis.Redis(port=port) as store:
        later = int(store.hget(keys.head, "seq") or 0) + 100_000
        for field, value in total("phone|i|qghost", cell(offered=3)).items():
            store.hset(keys.read, field, value)
            store.zadd(keys.changed, {field: later})


def test_keys_of_a_terminal_kill_and_quit_and_the_terminal_is_given_back(
    kfake: EmbeddedBroker, terminal: tuple[int, int], tmp_path: Path
) -> None:
    ours, theirs = terminal
    before = termios.tcgetattr(theirs)
    with demo(tmp_path, "--chaos", "--rate", "10", terminal=theirs) as running:
        running.until(ZERO)
        assert termios.tcgetattr(theirs) != before
        os.write(ours, b"xk")
        at = running.until("worker killed, back in .* s, caught up after")
        running.until(ZERO, since=at)
        os.write(ours, b"q")
        assert running.process.wait(90) == 0
    assert termios.tcgetattr(theirs) == before


async def test_the_terminal_is_given_back_after_an_error_too(
    terminal: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, theirs = terminal
    before = termios.tcgetattr(theirs)
    with os.fdopen(os.dup(theirs)) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with pytest.raises(ZeroDivisionError), pressed(lambda _: None):
            assert 1 / (termios.tcgetattr(theirs) == before)
    assert termios.tcgetattr(theirs) == before


def test_without_a_terminal_it_says_what_to_do(run: Run) -> None:
    ended = run("demo", "--chaos")
    assert ended.returncode == 2
    assert "stdin is no terminal: give --chaos-every SECONDS" in ended.stderr
