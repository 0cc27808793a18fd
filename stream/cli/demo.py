"""`centralino demo`: broker, store, worker, service and a simulated center, in one command."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stream.child import HOST, PartFailed, free_port
from stream.cli import options
from stream.cli.console import err
from stream.cli.demo_feed import Customers
from stream.cli.demo_parts import Service, Worker
from stream.cli.demo_screen import Screen
from stream.cli.feed import feeding
from stream.cli.ports import free
from stream.cli.problem import Problem
from stream.cli.topics import ensure
from stream.core.window import UnknownWindow
from stream.core.window import window as window_named
from stream.embedded import EmbeddedBroker, EmbeddedStore

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from stream.child import Child


def demo(
    data: Annotated[Path, typer.Option(help="Folder of the demo's data; the same folder goes on where it was.")] = Path(
        "data/demo"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the service; taken: another one.")] = 8000,
    rate: Annotated[float, typer.Option(min=0.1, max=500, help="Events a second, mean of a day.")] = 20.0,
    window: Annotated[str, typer.Option(help="Window of the figures: 5m, 30m, 1h, today.")] = "30m",
) -> None:
    """Show it all at work on this machine: no Docker, no Java. Ctrl-C stops it."""
    try:
        window_named(window)
    except UnknownWindow as error:
        raise Problem(str(error), 2) from error
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(f"{data}: {error.strerror or error}") from error
    asyncio.run(_Demo(data.resolve(), port, rate, window).run())


class _Demo:
    def __init__(self, data: Path, port: int, rate: float, window: str) -> None:
        self._data = data
        self._port = port
        self._window = window
        self._customers = Customers(data / "demo.json", rate)
        self._parts: list[Child] = []

    async def run(self) -> None:
        """Starts the parts in their order, shows the table, stops the parts in the reverse order."""
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, stopped.set)
        life = asyncio.create_task(self._live())
        waiting = asyncio.create_task(stopped.wait())
        try:
            await asyncio.wait((life, waiting), return_when=asyncio.FIRST_COMPLETED)
            life.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await life
        finally:
            waiting.cancel()
            await self._stop()
        err.print(f"stopped; the data is in {self._data}, `centralino demo` goes on with it", soft_wrap=True)

    async def _live(self) -> None:
        broker, store = EmbeddedBroker(self._data), EmbeddedStore(self._data)
        for left in (Service(self._data, {}), Worker(self._data, {}), broker, store):
            await self._or_problem(left.reclaim)
        await self._start(broker)
        await self._start(store)
        settings = options.settings(kafka_bootstrap_servers=broker.address, redis_url=store.url)
        environment = {"KAFKA_BOOTSTRAP_SERVERS": broker.address, "REDIS_URL": store.url}
        await ensure(settings)
        service = Service(self._data, environment, self._port if self._port and free(HOST, self._port) else free_port())
        await self._together(self._start(Worker(self._data, environment)), self._start(service))
        screen = Screen(service.url, self._window, self._customers)
        async with feeding(settings) as feed:
            await self._together(self._customers.run(feed), screen.run(), self._watch())

    @staticmethod
    async def _together(*works: Coroutine[Any, Any, None]) -> None:
        """All of them at the same time; when one fails the others are cancelled, and waited for."""
        tasks = [asyncio.create_task(work) for work in works]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            for part in self._parts:
                if not part.running:
                    raise Problem(f"the {part.name} has ended; the end of its log {part.log} says why")
            await asyncio.sleep(0.5)

    async def _start(self, part: Child) -> None:
        err.print(f"starting {part.name}…")
        self._parts.append(part)
        await self._or_problem(part.start)

    @staticmethod
    async def _or_problem(act: Callable[[], object]) -> None:
        """Does it in a thread; when cancelled, not before the thread has ended."""
        acting = asyncio.ensure_future(asyncio.to_thread(act))
        try:
            await asyncio.shield(acting)
        except PartFailed as error:
            raise Problem(str(error)) from error
        except asyncio.CancelledError:
            await asyncio.wait([acting])
            raise

    async def _stop(self) -> None:
        for part in reversed(self._parts):
            await asyncio.to_thread(part.stop)
