"""What can be done to the demo's parts, one fault at a time, each made good again."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

from stream.cli.demo_parts import SecondWorker, Worker
from stream.cli.demo_tasks import in_thread
from stream.cli.feed import feeding
from stream.cli.problem import Problem

if TYPE_CHECKING:
    from stream.child import Child
    from stream.cli.chaos_compare import Comparison
    from stream.cli.demo_feed import Customers
    from stream.embedded import EmbeddedBroker, EmbeddedStore
    from stream.settings import Settings

SESSION_SECONDS = 6
HURRIED = {
    "CENTRALINO_SESSION_TIMEOUT_SECONDS": str(SESSION_SECONDS),
    "CENTRALINO_HEARTBEAT_INTERVAL_SECONDS": "1",
    "CENTRALINO_WATCHDOG_SECONDS": "20",
}
"""Settings of workers that are hurt all the time: sessions and patience are short."""
NEXT_SECONDS = 2.0
UNDER_WAY_SECONDS = 0.03
BESIDE_SECONDS = 3.0
CATCH_UP_SECONDS = 60.0


class Faults:
    """`done`: faults so far by kind; `now`: the last one and what it does now."""

    def __init__(
        self, worker: Worker, store: EmbeddedStore, broker: EmbeddedBroker, customers: Customers, settings: Settings,
        comparison: Comparison,
    ) -> None:  # fmt: skip
        self.done: Counter[str] = Counter()
        self.now = "nothing has been hurt yet"
        self._worker, self._store, self._broker = worker, store, broker
        self._second = SecondWorker(worker.folder, worker.settings)
        self._customers, self._settings, self._comparison = customers, settings, comparison
        self._one = asyncio.Lock()

    @property
    def busy(self) -> bool:
        """Whether a fault has not been made good yet."""
        return self._one.locked()

    async def do(self, kind: str) -> None:
        """One of KINDS, when no other is under way any more; returns when all of its records are counted."""
        async with self._one:
            self.done[kind] += 1
            began = time.monotonic()
            try:
                await KINDS[kind](self)
            except asyncio.CancelledError:
                self.now += " (cut short)"
                raise
            said = self.now
        with suppress(TimeoutError):
            await asyncio.wait_for(self._comparison.counts_what_is_read(), CATCH_UP_SECONDS)
            if self.now.startswith(said):
                self.now += f", caught up after {time.monotonic() - began:.1f} s"

    async def revive(self, part: Child) -> bool:
        """Whether a part that has ended is taken care of: by the fault, or by starting the worker again."""
        if self.busy:
            return True
        if part is not self._worker:
            return False
        async with self._one:
            self.done["ended"] += 1
            await in_thread(part.start)
            self.now += "; worker ended, started again"
        return True

    async def mend(self) -> None:
        """Everything runs again, and no second worker, whatever was under way."""
        self._worker.resume()
        for part in (self._broker, self._store, self._worker):
            await in_thread(part.start)
        await in_thread(self._second.stop)

    async def close(self) -> None:
        """No second worker is left."""
        with suppress(Problem):
            await in_thread(self._second.stop)

    async def _kill(self) -> None:
        await self._worst_moment()
        await self._restart(self._worker, "worker killed")

    async def _restart_store(self) -> None:
        await self._restart(self._store, "store killed")

    async def _restart_broker(self) -> None:
        await self._restart(self._broker, "broker killed")

    async def _restart(self, part: Child, what: str) -> None:
        began = time.monotonic()
        await in_thread(part.kill)
        self.now = f"{what}, starting again"
        await in_thread(part.start)
        self.now = f"{what}, back in {time.monotonic() - began:.1f} s"

    async def _freeze(self) -> None:
        await self._worst_moment()
        frozen_at = time.monotonic()
        self._worker.pause()
        self.now = "worker frozen, a second one starts"
        await in_thread(self._second.start)
        self.now = "worker frozen, the second one waits for its session to end"
        await asyncio.sleep(max(0.0, frozen_at + SESSION_SECONDS + 1 - time.monotonic()))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._comparison.counts_what_is_read(), CATCH_UP_SECONDS)
        self._worker.resume()
        frozen = f"{time.monotonic() - frozen_at:.1f} s"
        self.now = f"worker thawed after {frozen}, beside the second one"
        await asyncio.sleep(BESIDE_SECONDS)
        await in_thread(self._second.stop)
        self.now = f"worker frozen for {frozen}, a second one took over"

    async def _worst_moment(self) -> None:
        """Returns while records that were just sent are probably on their way through the worker."""
        sent, until = self._customers.sent, time.monotonic() + NEXT_SECONDS
        while self._customers.sent == sent and time.monotonic() < until:  # noqa: ASYNC110 - a tick is all it takes
            await asyncio.sleep(0.001)
        await asyncio.sleep(random.uniform(0, UNDER_WAY_SECONDS))  # noqa: S311 - no secret

    async def _double(self) -> None:
        again = [*self._customers.lately, *self._customers.lately]
        random.shuffle(again)
        self.now = f"sending {len(again) // 2} records twice, shuffled"
        async with feeding(self._settings) as feed:
            for record in again:
                await feed.add(record.topic, record.key, record.value, record.timestamp_ms)
        self.now = f"the last {len(again) // 2} records sent twice, shuffled"


KINDS = {
    "kill": Faults._kill,  # noqa: SLF001 - the table of faults names the class's own
    "freeze": Faults._freeze,  # noqa: SLF001
    "store": Faults._restart_store,  # noqa: SLF001
    "broker": Faults._restart_broker,  # noqa: SLF001
    "double": Faults._double,  # noqa: SLF001
}
"""Kind of fault → what does it."""
