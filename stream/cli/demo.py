"""`centralino demo`: broker, store, worker, service and a simulated center, in one command."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stream.child import HOST, free_port
from stream.cli import options
from stream.cli.chaos import Chaos, check_keys
from stream.cli.chaos_faults import HURRIED
from stream.cli.console import err
from stream.cli.demo_feed import Customers
from stream.cli.demo_parts import SecondWorker, Service, Worker
from stream.cli.demo_screen import Screen
from stream.cli.demo_tasks import in_thread, together
from stream.cli.feed import feeding
from stream.cli.ports import free
from stream.cli.problem import Problem
from stream.cli.topics import ensure
from stream.core.times.window import UnknownWindow
from stream.core.times.window import window as window_named
from stream.embedded import EmbeddedBroker, EmbeddedStore

if TYPE_CHECKING:
    from stream.child import Child

QUICK = {"CENTRALINO_ALERT_WINDOW": "5m"}
"""In half an hour's window a breach outlasts a demo."""


def demo(
    data: Annotated[Path, typer.Option(help="Folder of the demo's data; the same folder goes on where it was.")] = Path(
        "data/demo"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the service; taken: another one.")] = 8000,
    rate: Annotated[float, typer.Option(min=0.1, max=500, help="Events a second, mean of a day.")] = 20.0,
    window: Annotated[str, typer.Option(help="Window of the figures: 5m, 30m, 1h, today.")] = "30m",
    story: Annotated[
        bool,
        typer.Option("--story", help="With a story: an abandoned chat, the call after it, a breach and its recovery."),
    ] = False,
    chaos: Annotated[
        bool, typer.Option("--chaos", help="Keys hurt it; a recount beside it shows that nothing is lost.")
    ] = False,
    chaos_every: Annotated[
        float | None, typer.Option(min=1, help="--chaos, with a fault every so many seconds, each kind in turn.")
    ] = None,
) -> None:
    """Show it all at work on this machine: no Docker, no Java. Ctrl-C stops it.

    Its settings are those of centralino.toml in the folder of its data, where what counts (thresholds, zones,
    calendars) stays as it was at the first start: for others take another folder.

    With --chaos the exit code is 1 when figures and recount differ at the end.
    """
    chaos = chaos or chaos_every is not None
    if chaos:
        check_keys(chaos_every)
    try:
        window_named(window)
    except UnknownWindow as error:
        raise Problem(str(error), 2) from error
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(f"{data}: {error.strerror or error}") from error
    code = asyncio.run(_Demo(data.resolve(), port, rate, window, chaos, chaos_every, story=story).run())
    if code:
        raise typer.Exit(code)


class _Demo:
    def __init__(
        self, data: Path, port: int, rate: float, window: str, chaos: bool, chaos_every: float | None, *, story: bool
    ) -> None:
        self._data = data
        self._port = port
        self._window = window
        self._customers = Customers(data / "demo.json", rate, story=story)
        self._wants_story = story
        self._wants_chaos, self._chaos_every = chaos, chaos_every
        self._chaos: Chaos | None = None
        self._parts: list[Child] = []
        self._stopped, self._hurry = asyncio.Event(), asyncio.Event()

    async def run(self) -> int:
        """Starts the parts in their order, shows the table, stops the parts in the reverse order; the exit code."""
        loop, code = asyncio.get_running_loop(), 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._asked_to_stop)
        life = asyncio.create_task(self._live())
        waiting = asyncio.create_task(self._stopped.wait())
        try:
            await asyncio.wait((life, waiting), return_when=asyncio.FIRST_COMPLETED)
            life.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await life
            if self._chaos:
                code = await self._chaos.conclude(self._hurry)
        finally:
            waiting.cancel()
            if self._chaos:
                await self._chaos.close()
            await self._stop()
        err.print(f"stopped; the data is in {self._data}, `centralino demo` goes on with it", soft_wrap=True)
        return code

    def _asked_to_stop(self) -> None:
        (self._hurry if self._stopped.is_set() else self._stopped).set()

    async def _live(self) -> None:
        broker, store = EmbeddedBroker(self._data), EmbeddedStore(self._data)
        for left in (Service(self._data, {}), Worker(self._data, {}), SecondWorker(self._data, {}), broker, store):
            await in_thread(left.reclaim)
        await self._start(broker)
        await self._start(store)
        settings = options.settings(kafka_bootstrap_servers=broker.address, redis_url=store.url)
        environment = {"KAFKA_BOOTSTRAP_SERVERS": broker.address, "REDIS_URL": store.url}
        worker = Worker(self._data, environment | (HURRIED if self._wants_chaos else {}))
        await ensure(settings)
        watched = environment | (QUICK if self._wants_story else {})
        service = Service(self._data, watched, self._port if self._port and free(HOST, self._port) else free_port())
        await together(self._start(worker), self._start(service))
        works = [self._watch()]
        if self._wants_chaos:
            self._chaos = Chaos(
                worker, store, broker, service, self._customers, settings, self._chaos_every, self._stopped
            )
            works.append(self._chaos.run())
        screen = Screen(service.url, self._window, self._customers, self._chaos, settings.credentials())
        async with feeding(settings) as feed:
            await together(self._customers.run(feed), screen.run(), *works)

    async def _watch(self) -> None:
        while True:
            for part in self._parts:
                if not part.running and not (self._chaos and await self._chaos.revive(part)):
                    raise Problem(f"the {part.name} has ended; the end of its log {part.log} says why")
            await asyncio.sleep(0.5)

    async def _start(self, part: Child) -> None:
        err.print(f"starting {part.name}…")
        self._parts.append(part)
        await in_thread(part.start)

    async def _stop(self) -> None:
        for part in reversed(self._parts):
            await asyncio.to_thread(part.stop)
