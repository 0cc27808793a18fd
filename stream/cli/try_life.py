"""The life of a `centralino try`: parts up, the file in, everything counted, the report, parts down."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from stream.child import HOST, free_port
from stream.cli import options, try_report
from stream.cli.clock import shards, stream_time
from stream.cli.console import err, out
from stream.cli.demo_tasks import in_thread, together
from stream.cli.feed import feeding
from stream.cli.lines import opened, read_record
from stream.cli.ports import free
from stream.cli.problem import Problem
from stream.cli.progress import metered
from stream.cli.store import store
from stream.cli.topics import ensure
from stream.cli.try_answers import Answers, answers
from stream.cli.try_customers import customers
from stream.cli.try_parts import OurService, Recount
from stream.cli.try_reading import Tally
from stream.cli.try_report import Report
from stream.cli.try_settled import counting
from stream.cli.try_spool import Record, Spool
from stream.embedded import EmbeddedBroker, EmbeddedStore

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Coroutine, Iterator, Sequence

    from schemas.sources.about import About
    from schemas.sources.conversion import Sending
    from stream.child import Child
    from stream.cli.lines import Line, Source
    from stream.cli.try_settled import Counting
    from stream.cli.vendors import Outcome
    from stream.settings import Settings

T = TypeVar("T")
NOBODY = "nobody"
"""Redis may be told any password of a user without one; so one that is set for another Redis does no harm."""
TURN = 256
OWN = {
    "kafka_security_protocol": "PLAINTEXT", "apply_topics": True, "replication_factor": 1, "clock": "event",
    "host": HOST, "delivery": "at_least_once", "enriched": False,
}  # fmt: skip
"""Settings that are not those of this folder."""


class Wanted(NamedTuple):
    """What is to be done. `read`: how, None for our own events; `title`, `about`: whose it is, what they can tell.

    `folder`: of the data; None: a temporary one.
    """

    file: Path
    read: Callable[[Source], Iterator[Outcome]] | None
    title: str
    about: About | None
    folder: Path | None
    port: int
    wait: bool


class Life:
    """One run."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._parts: list[Child] = []
        self._stopped = asyncio.Event()
        self._tally = Tally()
        self._told = False

    async def run(self) -> None:
        """All of it. Raises `Problem`; with code 130 when it was interrupted before the report."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._stopped.set)
        stopped = asyncio.create_task(self._stopped.wait())
        living = asyncio.create_task(self._in_a_folder())
        try:
            await asyncio.wait((living, stopped), return_when=asyncio.FIRST_COMPLETED)
            living.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await living
        finally:
            stopped.cancel()
        if not self._told:
            raise Problem("interrupted before all was counted", 130)
        if self._wanted.folder is not None:
            err.print(f"what was counted is in {self._wanted.folder}", markup=False, soft_wrap=True)

    async def _in_a_folder(self) -> None:
        with contextlib.ExitStack() as stack:
            folder = self._wanted.folder
            if folder is None:
                temporary = tempfile.TemporaryDirectory(prefix="centralino-", ignore_cleanup_errors=True)
                folder = Path(stack.enter_context(temporary))
            try:
                await self._live(folder.resolve())
            finally:
                await self._stop()

    async def _live(self, folder: Path) -> None:
        wanted = self._wanted
        known = (folder / "broker").exists()
        broker, redis = EmbeddedBroker(folder), EmbeddedStore(folder)
        for left in (OurService(folder, {}), Recount(folder, {}), broker, redis):
            await in_thread(left.reclaim)
        await together(self._start(broker), self._start(redis))
        addresses = {
            "KAFKA_BOOTSTRAP_SERVERS": broker.address,
            "REDIS_URL": f"redis://default:{NOBODY}@{redis.address}/0",
        }
        settings = options.settings(kafka_bootstrap_servers=broker.address, redis_url=addresses["REDIS_URL"], **OWN)
        environment = addresses | {f"CENTRALINO_{name.upper()}": str(value) for name, value in OWN.items()}
        await ensure(settings)
        spool = await self._read(folder / "spool")
        port = wanted.port if wanted.port and free(HOST, wanted.port) else free_port()
        service, worker = OurService(folder, environment, port), Recount(folder, environment)
        if known:
            await self._feed(settings, spool, None)
        await together(self._start(worker), self._start(service))
        async with counting(settings) as progress:
            await self._beside(self._feed(settings, None if known else spool, progress))
            records = await self._beside(progress.shown(service.url))
        spool.close()
        await self._beside(self._tell(settings, service.url, records))
        if wanted.wait:
            err.print("all of this stays until Ctrl-C")
            await self._watch()

    async def _read(self, folder: Path) -> Spool:
        """The records of the file, and what became of its payloads."""
        wanted, tally, spool = self._wanted, self._tally, Spool(folder)
        with opened(wanted.file) as source, metered("reading", source.size) as meter:
            latest = 0
            for number, records in enumerate(self._records(source), 1):
                for topic, key, value, at_ms in records:
                    latest = latest if at_ms is None else at_ms
                    spool.add(Record(latest, topic, key, value))
                if not number % TURN and meter.due():
                    meter.records = number
                    meter.show(source.position)
                    await asyncio.sleep(0)
        if not tally.payloads:
            raise Problem(f"{wanted.file} is empty")
        if not tally.events:
            try_report.show_unmapped(wanted.file, wanted.title, tally)
            raise Problem(f"nothing of {wanted.file} could be mapped: is it of another platform, or of other columns?")
        return spool

    async def _feed(self, settings: Settings, spool: Spool | None, progress: Counting | None) -> None:
        """Sends the records, and waits after each turn until they are counted, where anybody counts.

        Each is of now: how long a broker keeps it goes by that, and history is old.
        """
        with metered("counting", self._tally.events) as meter:

            def said(counted: int) -> None:
                meter.records = counted
                meter.show(min(counted, self._tally.events))

            async with feeding(settings) as feed:
                for records in spool.turns() if spool is not None else ():
                    for number, (_, topic, key, value) in enumerate(records, 1):
                        await feed.add(topic, key, value, None)
                        if not number % TURN:
                            await asyncio.sleep(0)
                    await feed.flush()
                    if progress is not None:
                        await progress.caught_up(said)
            if progress is not None:
                await progress.caught_up(said)

    def _records(self, source: Source) -> Iterator[Sequence[Line | Sending]]:
        """Of each payload the records to send."""
        if self._wanted.read is None:
            for line in source.records(read_record):
                self._tally.take_record(line)
                yield (line,)
        else:
            for place, told in self._wanted.read(source):
                yield self._tally.take(place, told)

    async def _tell(self, settings: Settings, url: str, records: Counter[str]) -> None:
        wanted, tally = self._wanted, self._tally
        async with store(settings) as client:
            now_ms = await stream_time(settings, client, await shards(settings, client))
        told = await asyncio.to_thread(self._answers, settings, url, now_ms)
        people = await customers(settings)
        report = Report(wanted.file, wanted.title, settings.zone, tally, told, people, records, wanted.about)
        try_report.show(report)
        for line in try_report.where(url, told, settings.alert_window) if wanted.wait else ():
            out.print(line, markup=False, soft_wrap=True)
        self._told = True

    def _answers(self, settings: Settings, url: str, now_ms: int) -> Answers:
        first_at = now_ms if self._tally.first_at is None else self._tally.first_at
        try:
            return answers(url, settings, first_at, now_ms)
        except (OSError, ValueError) as error:
            raise Problem(f"the service does not say its figures: {error}") from error

    async def _beside(self, work: Coroutine[Any, Any, T]) -> T:
        """Does it, as long as all parts run."""
        working, watching = asyncio.create_task(work), asyncio.create_task(self._watch())
        try:
            await asyncio.wait((working, watching), return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                watching.result()
            return working.result()
        finally:
            for task in (working, watching):
                task.cancel()
            await asyncio.gather(working, watching, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            for part in self._parts:
                if not part.running and not (isinstance(part, Recount) and await part.goes_on()):
                    raise Problem(f"the {part.name} has ended. End of its log:\n{part.log_end()}")
            await asyncio.sleep(0.5)

    async def _start(self, part: Child) -> None:
        err.print(f"starting {part.name}…")
        self._parts.append(part)
        await in_thread(part.start)

    async def _stop(self) -> None:
        for part in reversed(self._parts):
            await asyncio.to_thread(part.stop)
