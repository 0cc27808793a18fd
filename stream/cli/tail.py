"""`centralino tail`: a log that grows, into Kafka, line by line, over rotations, restarts and a broker that is away."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.sources.asterisk_lines import wrapped
from stream.cli import options
from stream.cli.console import err
from stream.cli.problem import Problem
from stream.cli.tail_follow import Follower
from stream.cli.tail_send import Sender
from stream.cli.tail_state import Position, State

if TYPE_CHECKING:
    from stream.settings import Settings

FORMATS = {"queue_log": "asterisk"}
"""Logs that can be followed, and whose they are."""
LOOK_SECONDS = 0.3
DEFAULT_HOST = "asterisk"
MAX_NAME = 128


def tail(
    log: Annotated[str, typer.Argument(metavar="FORMAT", help=f"What kind of log it is: {', '.join(FORMATS)}.")],
    file: Annotated[Path, typer.Argument(help="The log, as it is called while it is written to.")],
    state: Annotated[Path, typer.Option(help="File that keeps how far it was sent; each log needs its own.")],
    host: Annotated[
        str | None,
        typer.Option(
            help="Which system writes it, part of the events' ids; as with replay, by default the setting"
            f" sources.asterisk.instance, else {DEFAULT_HOST}."
        ),
    ] = None,
) -> None:
    """Follow a log that is written to, and send each line into Kafka; SIGTERM or Ctrl-C ends it.

    Lines go to the topic sources.asterisk, where the worker's intake takes them. A file that is rotated is read to its
    end before the next one, also when that happened while nobody followed, if it lies beside it, plain or gzipped.
    While no broker answers, it waits. Nothing is lost or counted twice by stopping, killing and starting it again.
    """
    if log not in FORMATS:
        raise Problem(f"there is no format {log!r}: choose {', '.join(FORMATS)}", 2)
    settings = options.settings()
    vendor = FORMATS[log]
    name = host or settings.source(vendor).instance or DEFAULT_HOST
    if len(name) > MAX_NAME:
        raise Problem(f"--host has {len(name)} characters: at most {MAX_NAME}", 2)
    file, state = file.absolute(), state.absolute()
    if file.is_dir():
        raise Problem(f"{file}: Is a directory")
    kept = State(state, name, file)
    sent = asyncio.run(_follow(file, kept, name, settings, f"sources.{vendor}", state))
    _say(f"stopped: {sent:,} lines sent")


async def _follow(file: Path, kept: State, host: str, settings: Settings, topic: str, state: Path) -> int:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    position = kept.load()
    follower = Follower(file, position, _say, (state, state.with_name(f"{state.name}.new")))
    sender = Sender(settings, topic, host.encode(), _say, stopped)
    _say(f"{file}: following it as {host}, from byte {0 if position is None else position.offset:,}")
    sent = 0
    try:
        while not stopped.is_set():
            found = follower.read()
            if found is None:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopped.wait(), LOOK_SECONDS)
                continue
            values = [wrapped(host, found.head.file, offset, line) for offset, line in found.lines]
            if not await sender.send(values):
                break
            sent += len(values)
            kept.save(
                Position(
                    host=host, log=str(file), file=found.head.file, first_at=found.head.first_at, inode=found.inode,
                    offset=found.offset,
                )
            )  # fmt: skip
    finally:
        follower.close()
        await sender.close()
    return sent


def _say(line: str) -> None:
    err.print(line, markup=False, soft_wrap=True)
