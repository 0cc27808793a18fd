"""`centralino replay`: a file of records into Kafka, as fast as it goes, with the records' own timestamps."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stream.cli import options
from stream.cli.console import err
from stream.cli.convert import HostOption, MapOption, SourceOption
from stream.cli.feed import feeding
from stream.cli.lines import opened, read_record
from stream.cli.problem import Problem
from stream.cli.progress import GLANCE, metered
from stream.cli.report import Report
from stream.cli.topics import ensure
from stream.cli.vendors import outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from schemas.sources.conversion import Sending
    from stream.cli.lines import Line, Source
    from stream.cli.progress import Meter

    Read = Callable[[Source], Iterator[Iterable[Line | Sending]]]


def replay(
    file: Annotated[Path, typer.Argument(help="JSON Lines, or what --source or --map says; gzipped too; - for stdin.")],
    source: SourceOption = None,
    map_: MapOption = None,
    host: HostOption = None,
    check: Annotated[bool, typer.Option("--check", help="Only read the file and count; send nothing.")] = False,
) -> None:
    """Send a file into Kafka: lines of {topic, key, timestamp_ms, value}, or bare events.

    A line that cannot be sent stops it, with file and line number; a wrong *event* is sent: the worker judges it.
    With --source or --map the file is converted first, as by `centralino convert`: what is rejected is told, and all
    else sent; then it exits with 1.
    """
    if source is None and map_ is None and host is None:
        with opened(file) as opened_file:
            asyncio.run((_count if check else _replay)(opened_file, _from_lines))
        return
    report, told = Report("payload" if map_ is None else "row"), outcomes(source, map_, host)
    with opened(file) as opened_file:
        asyncio.run((_count if check else _replay)(opened_file, lambda opened_file: report.take(told(opened_file))))
        report.close(opened_file.name)
    if report.rejected:
        raise typer.Exit(1)


async def _replay(source: Source, read: Read) -> None:
    settings = options.settings()
    await ensure(settings)
    interrupted = False
    async with feeding(settings) as feed:
        with metered("replaying", source.size) as meter:
            try:
                for number, lines in enumerate(read(source), 1):
                    for topic, key, value, timestamp_ms in lines:
                        await feed.add(topic, key, value, timestamp_ms)
                        meter.records += 1
                    if not number % GLANCE and meter.due():
                        meter.show(source.position)
                        await asyncio.sleep(0)
            except asyncio.CancelledError:
                interrupted = True
            finally:
                with contextlib.suppress(asyncio.CancelledError):
                    await feed.flush()
    _say(meter, source, f"to {settings.kafka_bootstrap_servers}")
    if interrupted:
        raise Problem("interrupted: send the file again when you like, what was sent twice counts once", 130)


async def _count(source: Source, read: Read) -> None:
    with metered("reading", source.size) as meter:
        for number, lines in enumerate(read(source), 1):
            meter.records += sum(1 for _ in lines)
            if not number % GLANCE and meter.due():
                meter.show(source.position)
                await asyncio.sleep(0)
    _say(meter, source, "read, none sent")


def _say(meter: Meter, source: Source, what: str) -> None:
    err.print(
        f"{meter.records:,} records of {source.name} {what} in {meter.seconds:.1f} s ({meter.rate:,.0f}/s)",
        soft_wrap=True,
    )


def _from_lines(source: Source) -> Iterator[tuple[Line]]:
    return ((line,) for line in source.records(read_record))
