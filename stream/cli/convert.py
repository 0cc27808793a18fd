"""`centralino convert`: a vendor's payloads, or rows of any file, as our events, to look at or to send on."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from schemas.sources.vendors import VENDORS
from stream.cli.lines import opened
from stream.cli.problem import Problem
from stream.cli.report import Report
from stream.cli.vendors import outcomes

SourceOption = Annotated[str | None, typer.Option(help=f"Whose payloads they are: {', '.join(VENDORS)}.")]
MapOption = Annotated[
    Path | None,
    typer.Option("--map", help="TOML file that says which columns become which fields (docs/mapping.md)."),
]
HostOption = Annotated[
    str | None, typer.Option(help="Of Asterisk: which system wrote it; part of the events' ids. Default: asterisk.")
]


def convert(
    file: Annotated[Path, typer.Argument(help="JSON, JSON Lines, forms, CSV or a log; plain or gzipped; - for stdin.")],
    source: SourceOption = None,
    map_: MapOption = None,
    host: HostOption = None,
) -> None:
    """Print the events of a platform's payloads, one a line; what gives none is told on stderr. Needs no Kafka.

    It exits with 1 when a payload was rejected; the others are printed all the same.
    """
    if source is None and map_ is None:
        raise Problem(f"say what the file is: --source ({', '.join(VENDORS)}) or --map", 2)
    read = outcomes(source, map_, host)
    report = Report()
    out = sys.stdout.buffer
    try:
        with opened(file) as opened_file:
            for sendings in report.take(read(opened_file)):
                out.write(b"".join([each.value + b"\n" for each in sendings]))
        out.flush()
    except BrokenPipeError:  # who reads has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    report.close(opened_file.name)
    if report.rejected:
        raise typer.Exit(1)
