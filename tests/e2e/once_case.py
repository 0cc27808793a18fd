"""A log of phone calls and of what callers say, the workers that work on it, and what is to come of it."""

from __future__ import annotations

import asyncio
import signal
from functools import partial
from typing import TYPE_CHECKING

from agents import topics
from tests.e2e.factory import AGENTS, CUSTOMERS, PARTITIONS, PHONE, TIMELINE, Factory, straight_fold, until
from tests.e2e.history import by_partition, history, last_calls, last_words, of_customers
from tests.e2e.once import Told, as_told, read
from tests.parts.redis import blocking_client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from faust.types import TP

    from tests.e2e.factory import Folded, Worker

PROCESSORS = ("phone", "forward", "customers", "agents")
QUICKLY = {
    "CENTRALINO_SESSION_TIMEOUT_SECONDS": "2", "CENTRALINO_HEARTBEAT_INTERVAL_SECONDS": "0.4",
    "CENTRALINO_MAX_POLL_RECORDS": "60", "BATCH_BYTES": "4096",
}  # fmt: skip


PATIENCE = 90.0


class Case:
    """`seed`: of the history."""

    def __init__(self, factory: Factory, events: int, seed: int) -> None:
        self.factory = factory
        self.lines = history(events, seed) + last_calls(events)
        self.of_customers = of_customers(events, seed) + last_words(events)
        self.folded: Folded = straight_fold(by_partition(self.lines, PARTITIONS), self.of_customers, enriched=True)
        self.expected = as_told(self.folded.told)

    async def produce(self, part: int = 0, of: int = 1) -> None:
        """One of the parts that the whole is cut into."""
        for lines, spec in ((self.of_customers, CUSTOMERS), (self.lines, PHONE)):
            size = -(-len(lines) // of)
            await self.factory.produce(by_partition(lines[part * size : (part + 1) * size], PARTITIONS), spec)

    def worker(self, *options: str, **environment: str) -> Worker:
        """Start a worker of both stages."""
        return self.factory.worker(*PROCESSORS, *options, **QUICKLY | environment)

    def reached(self, share: float, *workers: Worker, tend: Callable[[], bool] | None = None) -> None:
        """Wait until so much of the calls is behind the stored offsets. `tend`: what looks after workers meanwhile."""
        well = tend or partial(lives, workers)
        until(lambda: well() and self.factory.offsets() >= share * len(self.lines), PATIENCE, f"{share:.0%}")

    def counted(self, *workers: Worker, tend: Callable[[], bool] | None = None) -> None:
        """Wait until all is counted, and counted as in a straight fold."""
        factory, folded, well = self.factory, self.folded, tend or partial(lives, workers)
        self.reached(1, *workers, tend=tend)
        until(lambda: well() and factory.offsets(CUSTOMERS.name) == len(self.of_customers), PATIENCE, "all words")
        until(lambda: well() and factory.stored(TIMELINE.name)[:2] == folded.customers, PATIENCE, "customers' figures")
        until(lambda: well() and factory.stored(AGENTS.name)[0] == folded.agents, PATIENCE, "agents' figures")
        assert factory.stored() == folded[:4]

    async def told(self, *topics: str) -> list[Told]:
        """What downstream was told."""
        return await read(self.factory.settings, *topics)

    async def killed_at(self, steps: Iterable[str], passes: int, **environment: str) -> None:
        """Start a worker for each step, that kills itself there."""
        for step in steps:
            with self.worker(STEP=f"{step}:{passes}", **environment) as worker:
                until(lambda: worker.process.poll() is not None, 60, f"the end at {step}: {worker.log}")
                assert worker.process.returncode == -signal.SIGKILL, worker.log.read_text()[-3000:]
                assert f"at the step {step}" in worker.log.read_text()

    async def offsets(self, group: str) -> dict[TP, int]:
        """What a group has committed."""
        async with topics.administration(self.factory.settings) as admin:
            return await topics.group_offsets(admin, group)

    async def until_offsets(self, group: str, wanted: dict[TP, int]) -> None:
        """Wait until a group has committed these."""
        async with asyncio.timeout(PATIENCE):
            while await self.offsets(group) != wanted:
                await asyncio.sleep(0.1)

    def forget(self) -> None:
        """Empty the store."""
        with blocking_client(self.factory.redis_url) as client:
            for key in client.scan_iter(f"*{self.factory.settings.key_prefix}*", 1000):
                client.delete(key)


def lives(workers: Iterable[Worker]) -> bool:
    """AssertionError when one has ended."""
    for worker in workers:
        assert worker.process.poll() is None, worker.log.read_text()[-3000:]
    return True
