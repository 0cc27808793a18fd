"""A path in a process of its own: what it costs, from Linux's /proc."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_TICKS = os.sysconf("SC_CLK_TCK")


class Measured(NamedTuple):
    """One run of one path. CPU in seconds of user and system time, `peak_bytes` the largest resident size.

    `redis_cpu`: of the store, where that is a process of its own. `warm`: the same once more in the same process,
    where that is told. `busiest`: of several workers' CPU, that of the one which took most.
    """

    records: int
    seconds: float
    cpu: float
    redis_cpu: float
    peak_bytes: int
    warm: Measured | None = None
    busiest: float | None = None

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.records / self.seconds

    @property
    def per_cpu(self) -> float:
        """Records a CPU-second of the process alone."""
        return self.records / self.cpu

    @property
    def per_busiest(self) -> float:
        """Records for each CPU-second of the busiest process: a second of the clock where each has a core."""
        return self.records / (self.busiest or self.cpu)

    @property
    def per_cpu_with_redis(self) -> float:
        """Records a CPU-second of the process and of Redis."""
        return self.records / (self.cpu + self.redis_cpu)


def cpu_seconds(process_id: int) -> float:
    """User and system time of a process until now, all threads."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def peak_bytes(process_id: int | str = "self") -> int:
    """The largest resident size of a process until now."""
    lines = Path(f"/proc/{process_id}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def resident_bytes(process_id: int) -> int:
    """The resident size of a process now."""
    return int(Path(f"/proc/{process_id}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def command(
    line: Sequence[str], folder: Path, environment: Mapping[str, str], output: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A program, run in a folder; ended with the block. What it says goes to `<folder>/said.log`."""
    with (folder / "said.log").open("ab") as said:
        process = subprocess.Popen(
            line, cwd=folder, stdin=subprocess.DEVNULL, stdout=output or said, stderr=said,
            env={**os.environ, **environment},
        )  # fmt: skip
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def python(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str], output: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A Python of this environment, run as `command` does."""
    path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    with command([sys.executable, *arguments], folder, {"PYTHONPATH": path, **environment}, output) as process:
        yield process


def said(folder: Path) -> str:
    """The last that a process said."""
    return "\n".join((folder / "said.log").read_text(errors="replace").splitlines()[-15:])
