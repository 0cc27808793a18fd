"""`centralino convert`: a vendor's payloads, or rows of any file, as our events, to look at or to send on."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.sources.vendors import VENDORS
from stream.cli.console import err
from stream.cli.lines import opened
from stream.cli.problem import Problem
from stream.cli.progress import GLANCE, metered
from stream.cli.report import Report
from stream.cli.vendors import outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemas.sources.conversion import Sending
    from stream.cli.lines import Source

SourceOption = Annotated[str | None, typer.Option(help=f"Whose payloads they are: {', '.join(VENDORS)}.")]
MapOption = Annotated[
    Path | None,
    typer.Option("--map", help="TOML file that says which columns become which fields (docs/mapping.md)."),
]
HostOption = Annotated[
    str | None,
    typer.Option(
        help="Of Asterisk: which system wrote it, part of the events' ids; by default the setting"
        " sources.asterisk.instance, else asterisk."
    ),
]


def convert(
    file: Annotated[Path, typer.Argument(help="JSON, JSON Lines, forms, CSV or a log; plain or gzipped; - for stdin.")],
    source: SourceOption = None,
    map_: MapOption = None,
    host: HostOption = None,
) -> None:
    """Print the events of a platform's payloads, or of any file's rows.

    One event a line, as Kafka would get it; what gives none is told on stderr, with file and line. Needs no Kafka.
    It exits with 1 when a payload is rejected; the others are converted all the same.
    """
    if source is None and map_ is None:
        raise Problem(f"say what the file is: --source ({', '.join(VENDORS)}) or --map", 2)
    if getattr(sys.stdout, "buffer", None) is None:
        raise Problem("stdout is closed: there is nowhere to write")
    read = outcomes(source, map_, host)
    report = Report("payload" if map_ is None else "row")
    try:
        with opened(file) as opened_file:
            _write(opened_file, report.take(read(opened_file)))
        sys.stdout.buffer.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # who reads has enough
            return
        raise Problem(f"stdout: cannot be written: {error.strerror or error}") from error
    report.close(opened_file.name)
    if report.rejected:
        raise typer.Exit(1)


def _write(source: Source, converted: Iterator[list[Sending]]) -> None:
    """The events, one a line; into a file with a bar, which would stand between them elsewhere."""
    write, out = sys.stdout.buffer.write, os.fstat(sys.stdout.fileno())
    bar = err.is_terminal and stat.S_ISREG(out.st_mode)
    with metered("converting", source.size) if bar else nullcontext() as meter:
        for number, sendings in enumerate(converted):
            write(b"".join([each.value + b"\n" for each in sendings]))
            if meter is not None:
                meter.records += len(sendings)
                if not number % GLANCE and meter.due():
                    meter.show(source.position)
