"""`centralino demo --chaos`: faults by key or by themselves, and a recount beside them that shows what they cost."""

from __future__ import annotations

import asyncio
import sys
from itertools import cycle
from typing import TYPE_CHECKING

from stream.cli.chaos_compare import Comparison
from stream.cli.chaos_faults import KINDS, Faults
from stream.cli.chaos_keys import pressed
from stream.cli.chaos_lines import KEYS, OFFERED, Known, lines, one_line
from stream.cli.console import err, out
from stream.cli.demo_tasks import together
from stream.cli.problem import Problem

if TYPE_CHECKING:
    from rich.text import Text

    from stream.child import Child
    from stream.cli.demo_feed import Customers
    from stream.cli.demo_parts import Service, Worker
    from stream.embedded import EmbeddedBroker, EmbeddedStore
    from stream.settings import Settings

END_SECONDS = 60.0


def check_keys(every: float | None) -> None:
    """Raises `Problem` when nothing could ever happen: no terminal to read keys from, and no faults by themselves."""
    if every is None and not sys.stdin.isatty():
        raise Problem(
            "--chaos reads keys, and stdin is no terminal: give --chaos-every SECONDS, and faults come by themselves", 2
        )


class Chaos:
    """The faults and the comparison of one demo. `every`: seconds between faults that come by themselves."""

    def __init__(
        self, worker: Worker, store: EmbeddedStore, broker: EmbeddedBroker, service: Service, customers: Customers,
        settings: Settings, every: float | None, stop: asyncio.Event,
    ) -> None:  # fmt: skip
        self._comparison = Comparison(settings, service.url)
        self._faults = Faults(worker, store, broker, customers, settings, self._comparison)
        self._customers = customers
        self._every = every
        self._stop = stop
        self._comparing = asyncio.create_task(self._comparison.run())
        self._wishes: asyncio.Queue[str] = asyncio.Queue()

    async def run(self) -> None:
        """Hurts, until cancelled."""
        await together(self._by_keys(), self._by_itself(), self._compare())

    async def revive(self, part: Child) -> bool:
        """Whether a part that has ended is taken care of."""
        return await self._faults.revive(part)

    def lines(self) -> list[Text]:
        """What stands below the table."""
        return lines(self._known())

    def line(self) -> str:
        """The same, for logs."""
        return one_line(self._known())

    async def conclude(self, hurry: asyncio.Event) -> int:
        """Nobody writes any more: compares at the end of the log, unless `hurry`; the exit code."""
        err.print("comparing at the end of the log… (Ctrl-C: not waiting for it)")
        await self._faults.mend()
        ends = asyncio.create_task(self._comparison.at_the_end())
        hurried = asyncio.create_task(hurry.wait())
        await asyncio.wait((ends, hurried, self._comparing), timeout=END_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        last, reached = self._comparison.last, ends.done()
        ends.cancel()
        hurried.cancel()
        if self._comparing.done():
            await self._comparing
        for line in self.lines()[:-1]:
            out.print(line, soft_wrap=True)
        if not reached and not hurry.is_set():
            err.print(f"no comparison at the end of the log within {END_SECONDS:.0f} s", soft_wrap=True)
            return 1
        return int(last is not None and last.difference != 0)

    async def close(self) -> None:
        """Ends the comparison, and what a fault has left."""
        self._comparing.cancel()
        await asyncio.gather(self._comparing, return_exceptions=True)
        await self._faults.close()

    def _known(self) -> Known:
        comparison = self._comparison
        footer = OFFERED if sys.stdin.isatty() else f"a fault every {self._every:g} s · Ctrl-C stops"
        return Known(
            comparison.results, self._faults.done, self._faults.now, comparison.last, comparison.in_step,
            max(0, comparison.read - comparison.counted), footer,
        )  # fmt: skip

    async def _compare(self) -> None:
        await asyncio.shield(self._comparing)

    async def _by_keys(self) -> None:
        if not sys.stdin.isatty():
            return
        with pressed(self._press):
            while True:
                await self._faults.do(await self._wishes.get())

    def _press(self, key: str) -> None:
        """A key that comes while a fault is under way is forgotten."""
        if key in "qQ":
            self._stop.set()
        elif key in KEYS and not self._faults.busy and self._wishes.empty():
            self._wishes.put_nowait(KEYS[key])

    async def _by_itself(self) -> None:
        if self._every is None:
            return
        kinds = cycle(KINDS)
        while True:
            await asyncio.sleep(self._every)
            if self._customers.live:
                await self._faults.do(next(kinds))
                if not out.is_terminal:
                    out.print(f"chaos: {self._faults.now}", soft_wrap=True)
