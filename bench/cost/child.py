"""One measurement in a process of its own, so that what one has left in memory costs the next one nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

import msgspec
from redis import Redis

from bench.cost.size import Found
from bench.recount import Wrong
from tests.parts.redis import Redis as Server

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import ExitStack

    from bench.cost.drive import Task
    from bench.surroundings import Surroundings

ROOT = Path(__file__).parents[2]
Job = TypeVar("Job")
Answer = TypeVar("Answer")


class Stores:
    """Redis, one for each measurement that runs at a time: what Redis says that it did is then one's own."""

    def __init__(self, stack: ExitStack, where: Surroundings, abreast: int) -> None:
        more = [stack.enter_context(Server(where.folder / f"store{n}")) for n in range(abreast - 1)]
        self._free: SimpleQueue[str] = SimpleQueue()
        for url in [where.redis_url, *(each.url for each in more)]:
            self._free.put(url)
        self._pool = stack.enter_context(ThreadPoolExecutor(abreast))

    def map(self, jobs: Sequence[Job], work: Callable[[str, Job], Answer]) -> list[Answer]:
        """What becomes of each job, given a store."""

        def one(job: Job) -> Answer:
            url = self._free.get()
            try:
                return work(url, job)
            finally:
                self._free.put(url)

        return list(self._pool.map(one, jobs))


def driven(task: Task, program: Path | None = None) -> dict[str, Found]:
    """What was found, by topic. `program`: the folder of another copy of the packages. Raises Wrong."""
    with Redis.from_url(task.redis_url) as redis:
        redis.flushall()
    path = os.pathsep.join(str(each) for each in (program, ROOT) if each)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "bench.cost.drive"], input=msgspec.json.encode(task), capture_output=True,
        check=False, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    if done.returncode:
        raise Wrong(f"bench.cost.drive failed:\n{done.stderr.decode()[-2000:]}")
    return msgspec.json.decode(done.stdout, type=dict[str, Found])
