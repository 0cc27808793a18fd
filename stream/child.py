"""A server of somebody else's as a child process: a free port, a data folder, a log; started, stopped, broken.

Knows nothing of what the server does: a subclass says how it is called and when it answers. The folder is locked for as
long as the server lives, even past the death of its parent, so that two servers never write the same data.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Self

from stream.folder_lock import PartFailed, locked, until_released

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["HOST", "Child", "PartFailed", "answers", "free_port"]

HOST = "127.0.0.1"
_ATTEMPTS = 3
_LOG_TAIL = 15


def free_port() -> int:
    """A TCP port on loopback that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def answers(port: int, request: bytes, timeout_seconds: float = 1.0) -> bytes:
    """The first bytes that a server on loopback replies to `request`; empty while it does not."""
    try:
        with socket.create_connection((HOST, port), timeout_seconds) as connection:
            connection.settimeout(timeout_seconds)
            connection.sendall(request)
            return connection.recv(512)
    except OSError:
        return b""


class Child(ABC):
    """A server in a process of its own, with its data in `folder` (kept when it stops).

    `port` None takes a free one, and another one when that is taken meanwhile. A restart keeps the port and the data.
    """

    name: str
    start_seconds = 30.0
    stop_seconds = 10.0

    def __init__(self, folder: Path | str, port: int | None = None) -> None:
        self.folder = Path(folder)
        self.port = port or 0
        self._fixed_port = port is not None
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> Sequence[str]:
        """The command line, once `port` is known."""

    @abstractmethod
    def ready(self) -> bool:
        """Whether it serves requests now."""

    def prepare(self) -> None:  # noqa: B027 - most servers need nothing
        """What must be done in the folder before the first start."""

    def environment(self) -> Mapping[str, str]:
        """Variables on top of this process's own."""
        return {}

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"{HOST}:{self.port}"

    @property
    def works_in(self) -> Path:
        """Its working folder: that of its data, unless a subclass has another one."""
        return self.folder

    @property
    def log(self) -> Path:
        """What the server printed."""
        return self.folder / f"{self.name}.log"

    @property
    def running(self) -> bool:
        """Whether the process is there (paused counts as there)."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> str:
        """Start it and wait until it answers. Returns its address; raises `PartFailed`."""
        if self.running:
            return self.address
        self.folder.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, _ATTEMPTS + 1):
            if not self._fixed_port:
                self.port = free_port()
            elif _taken(self.port):
                raise PartFailed(f"{self.name} cannot listen on port {self.port}: something else does")
            self.prepare()
            self._spawn()
            if self._came_up():
                self._fixed_port = True
                return self.address
            died = not self.running
            self.kill()
            if not died or self._fixed_port or attempt == _ATTEMPTS:
                break
        raise PartFailed(f"{self.name} did not start on port {self.port}. End of {self.log}:\n{self.log_end()}")

    def reclaim(self) -> None:
        """End what a parent that died left running in the folder; raises `PartFailed` while somebody else uses it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        os.close(locked(self.folder, self.name, self.stop_seconds))

    def stop(self) -> None:
        """Ask it to end, and wait; after `stop_seconds` it is killed."""
        if self._process is None:
            return
        self.resume()
        self._process.terminate()
        try:
            self._process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """Kill -9, and its own children with it: whatever was not on disk is lost."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            until_released(self.folder, self.name, self.stop_seconds)

    def restart(self) -> str:
        """Stop if running, and start again on the same port with the same data."""
        self.stop()
        return self.start()

    def pause(self) -> None:
        """SIGSTOP: connections stay open and nobody answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.stop)

    def _signal(self, number: signal.Signals) -> None:
        if self.running and self._process is not None:
            self._process.send_signal(number)

    def _spawn(self) -> None:
        lock = locked(self.folder, self.name, self.stop_seconds)
        try:
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    self.command(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=self.works_in,
                    env={**os.environ, **self.environment()},
                    pass_fds=(lock,),
                    start_new_session=True,
                )
            os.pwrite(lock, f"{self._process.pid} {os.getpid()}\n".encode(), 0)
        finally:
            os.close(lock)

    def _came_up(self) -> bool:
        deadline = time.monotonic() + self.start_seconds
        while time.monotonic() < deadline and self.running:
            if self.ready():
                return self.running
            time.sleep(0.02)
        return False

    def log_end(self) -> str:
        """The last lines of what it printed."""
        try:
            lines = self.log.read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return "(no log)"
        return "\n".join(lines[-_LOG_TAIL:])
