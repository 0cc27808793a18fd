"""`centralino try`: a history of one's own, counted on this machine in one command, and told in the terminal."""

from __future__ import annotations

import asyncio
import importlib
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from schemas.sources.detect import OURS, detect
from schemas.sources.vendors import VENDORS
from stream.cli import options
from stream.cli.console import err
from stream.cli.convert import HostOption, MapOption, SourceOption
from stream.cli.lines import STDIO, opened
from stream.cli.payloads import payloads, pieces
from stream.cli.problem import Problem
from stream.cli.try_life import Life, Wanted
from stream.cli.vendors import outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemas.sources.about import About
    from stream.cli.lines import Source
    from stream.cli.vendors import Outcome

LOOKED_AT = 200
"""Payloads that are looked at to find out whose they are."""
LISTED = 4
"""Of what was seen, when that says nothing."""


def try_file(
    file: Annotated[Path, typer.Argument(help="A platform's own payloads or log, plain or gzipped; or a table.")],
    source: SourceOption = None,
    map_: MapOption = None,
    host: HostOption = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder to keep what was counted in; without: a temporary one.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the service; taken: another one.")] = 8000,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Whether the wallboard stays until Ctrl-C, after the report.")
    ] = True,
) -> None:
    """Count a history of your own on this machine: no Kafka, Redis or Docker. Ctrl-C stops it.

    Whose the file is follows from its content. It is read as by `centralino replay`, with the settings of
    centralino.toml (zone, thresholds, queues, [sources.<platform>]), and counted as of its last instant.
    """
    if file == STDIO:
        raise Problem("try needs a file, it is read twice: save what comes on stdin first", 2)
    options.settings()
    read, title, about = _reading(file, source, map_, host)
    if data is not None:
        try:
            data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Problem(f"{data}: {error.strerror or error}") from error
    asyncio.run(Life(Wanted(file, read, title, about, data, port, wait)).run())


def _reading(
    file: Path, source: str | None, mapping: Path | None, host: str | None
) -> tuple[Callable[[Source], Iterator[Outcome]] | None, str, About | None]:
    """How the file is read (None: it has our own events), what it is, and what its platform can tell."""
    if mapping is not None:
        return outcomes(source, mapping, host), f"by {mapping}", None
    if source is None:
        source, why = _detected(file)
        err.print(f"{file}: {why}; if not, say --source", markup=False, soft_wrap=True)
    if source == OURS:
        return None, "events of Centralino", None
    read = outcomes(source, None, host)
    return read, VENDORS[source].title, _about(source)


def _detected(file: Path) -> tuple[str, str]:
    """Whose it is, and what says so. Raises `Problem`."""
    with opened(file) as opened_file:
        verdict = detect(
            each.content for each in islice(chain.from_iterable(map(pieces, payloads(opened_file))), LOOKED_AT)
        )
    if not verdict.seen:
        raise Problem(f"{file} is empty")
    if verdict.vendor is not None:
        reason = next(guess.reason for guess, _ in verdict.seen if guess.vendor == verdict.vendor)
        return verdict.vendor, reason
    seen = ", ".join(f"{guess.reason} ({number})" for guess, number in verdict.seen[:LISTED])
    more = ", …" if len(verdict.seen) > LISTED else ""
    unsure = (
        "payloads of several platforms"
        if any(guess.vendor for guess, _ in verdict.seen)
        else "of no platform that we know"
    )
    raise Problem(
        f"{file}: {unsure}. Seen: {seen}{more}. Say whose it is with --source ({', '.join(VENDORS)}), or what its"
        " columns or fields mean with --map FILE (docs/mapping.md)",
        2,
    )


def _about(vendor: str) -> About | None:
    try:
        found: About = importlib.import_module(f"schemas.sources.tables.{vendor}").ABOUT
    except ModuleNotFoundError:
        return None
    return msgspec.structs.replace(found, vendor=vendor)
