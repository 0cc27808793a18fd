"""The worker that counts a namespace beside the live one, in a process of its own; and its hidden command."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.topics import TOPICS
from stream.cli import logs, options
from stream.cli.problem import Problem, explaining

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream.settings import Settings

COMMAND = "rebuild-worker"
_STOP_SECONDS = 20.0
_LAST_LINES = 3


def rebuild_worker() -> None:
    """Count the namespace that is set beside the live one, as far as `centralino rebuild` says. For that alone."""
    from agents.worker import PROCESSORS, run_processors  # noqa: PLC0415 - Faust takes a second to import

    settings = options.settings(delivery="at_least_once").model_copy(update={"worker_port": None})
    if settings.namespace is None:
        raise Problem("this is a part of `centralino rebuild`: call that", 2)
    logs.for_machines()
    chosen = [each for each in PROCESSORS.values() if TOPICS[each.topic].role != "source"]
    with explaining(settings):
        code = run_processors(settings, chosen, beside=True)
    if code:
        raise Problem("the worker failed: the log above says why", code)


class Worker:
    """That process. Ends with the block, and with this process."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process, self._log = process, log

    def lives(self) -> None:
        """Raises `Problem` when it has ended."""
        code = self._process.poll()
        if code is not None:
            said = self._log.read_text(errors="replace").strip().splitlines()[-_LAST_LINES:]
            raise Problem(f"the worker of the rebuild has ended with {code}: {' '.join(said) or 'it said nothing'}")

    def stop(self) -> None:
        """Have it end, and wait."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextlib.contextmanager
def worker(settings: Settings) -> Iterator[Worker]:
    """Started, for the time of the block. `settings`: of its namespace; all others it reads as we do."""
    with tempfile.TemporaryDirectory(prefix="centralino-rebuild-") as folder:
        path = Path(folder) / "worker.log"
        with path.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "stream.cli", COMMAND], stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, env={**os.environ, "CENTRALINO_NAMESPACE": str(settings.namespace)},
            )  # fmt: skip
        found = Worker(process, path)
        try:
            yield found
        finally:
            found.stop()
