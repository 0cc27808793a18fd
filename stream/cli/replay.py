"""`centralino replay`: a file of records into Kafka, as fast as it goes, with the records' own timestamps."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stream.cli import options
from stream.cli.console import err
from stream.cli.feed import feeding
from stream.cli.lines import Line, Source, opened, read_record
from stream.cli.problem import Problem
from stream.cli.progress import metered
from stream.cli.topics import ensure
from stream.cli.vendors import asterisk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stream.cli.progress import Meter

SOURCES = ("asterisk",)


def replay(
    file: Annotated[Path, typer.Argument(help="JSON Lines, plain or gzipped; - reads stdin.")],
    source: Annotated[
        str | None, typer.Option(help=f"The file is a vendor's own log: {', '.join(SOURCES)} (queue_log).")
    ] = None,
    host: Annotated[
        str, typer.Option(help="With --source: which system wrote it; part of the events' ids.")
    ] = "asterisk",
    check: Annotated[bool, typer.Option("--check", help="Only read the file and count; send nothing.")] = False,
) -> None:
    """Send a file into Kafka: lines of {topic, key, timestamp_ms, value}, or bare events.

    A line that cannot be sent stops it, with file and line number; a wrong *event* is sent: the worker judges it.
    """
    if source is not None and source not in SOURCES:
        raise Problem(f"there is no source {source!r}: choose {', '.join(SOURCES)}", 2)
    read = partial(asterisk, host=host, said=_note) if source == "asterisk" else _from_lines
    with opened(file) as opened_file:
        asyncio.run(_count(opened_file, read) if check else _replay(opened_file, read))


async def _replay(source: Source, read: Callable[[Source], Iterator[Line]]) -> None:
    settings = options.settings()
    await ensure(settings)
    interrupted = False
    async with feeding(settings) as feed:
        with metered("replaying", source.size) as meter:
            try:
                for line in read(source):
                    await feed.add(line.topic, line.key, line.value, line.timestamp_ms)
                    meter.records += 1
                    if not meter.records % 256 and meter.due():
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


async def _count(source: Source, read: Callable[[Source], Iterator[Line]]) -> None:
    with metered("reading", source.size) as meter:
        for _ in read(source):
            meter.records += 1
            if not meter.records % 256 and meter.due():
                meter.show(source.position)
                await asyncio.sleep(0)
    _say(meter, source, "read, none sent")


def _say(meter: Meter, source: Source, what: str) -> None:
    err.print(
        f"{meter.records:,} records of {source.name} {what} in {meter.seconds:.1f} s ({meter.rate:,.0f}/s)",
        soft_wrap=True,
    )


def _note(line: str) -> None:
    err.print(line, markup=False, soft_wrap=True)


def _from_lines(source: Source) -> Iterator[Line]:
    return source.records(read_record)
