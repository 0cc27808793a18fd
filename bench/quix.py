"""The peer Quix Streams: in an environment of its own, made once from `bench/requirements-quix.lock`."""

from __future__ import annotations

import fcntl
import hashlib
import itertools
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.process import Measured, command, said
from bench.recount import Wrong
from bench.straight import compare
from stream.embedded import cache_folder
from tests.parts.missing import PartMissing

if TYPE_CHECKING:
    from bench.surroundings import Surroundings, Topic

LOCK = Path(__file__).parent / "requirements-quix.lock"
LIMIT_SECONDS = 600.0
_numbers = itertools.count(1)


def build() -> Path:
    """The folder of its environment. Raises PartMissing."""
    digest = hashlib.sha256(sys.version.encode() + LOCK.read_bytes()).hexdigest()[:12]
    folder = cache_folder() / f"quix-{digest}"
    cache_folder().mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / ".complete"
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            try:
                subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True, text=True)
                subprocess.run(
                    [f"{folder}/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                     "--require-hashes", "-r", str(LOCK)],
                    check=True, capture_output=True, text=True,
                )  # fmt: skip
            except subprocess.CalledProcessError as error:
                raise PartMissing(f"Quix Streams could not be installed:\n{error.stderr[-2000:]}") from error
            done.touch()
    return folder


def window(where: Surroundings, topic: Topic, built: Path | None) -> Measured:
    """Figures in its tumbling window, by queue. Raises Wrong."""
    return _run(where, topic, built, "window")


def apply(where: Surroundings, topic: Topic, built: Path | None) -> Measured:
    """Interactions in its state, figures in memory only. Raises Wrong."""
    return _run(where, topic, built, "apply")


def _run(where: Surroundings, topic: Topic, built: Path | None, figures: str) -> Measured:
    folder = where.folder / f"quix-{next(_numbers)}"
    line = [
        f"{built}/bin/python", "-m", "bench.quix_program", where.kafka, topic.name, figures, str(topic.records),
        str(folder),
    ]  # fmt: skip
    path = {"PYTHONPATH": str(Path(__file__).parents[1])}
    with command(line, where.folder, path, subprocess.PIPE) as process:
        try:
            output, _ = process.communicate(timeout=LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            output = b""
    shutil.rmtree(folder, ignore_errors=True)
    if process.returncode or not output:
        raise Wrong(f"Quix Streams failed:\n{said(where.folder)}")
    told: dict[str, Any] = json.loads(output)
    compare(f"Quix Streams, {figures}", told["cells"], topic.cells)
    return Measured(topic.records, told["seconds"], told["cpu"], 0.0, told["peak_bytes"])
