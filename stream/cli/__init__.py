"""The command line: one file a command, thin over the rooms that do the work."""

from __future__ import annotations

import os
import sys

import typer

from stream.cli import dlq, logs, schema, topics
from stream.cli.capacity import capacity
from stream.cli.check import check
from stream.cli.console import err
from stream.cli.convert import convert
from stream.cli.demo import demo
from stream.cli.forget import forget
from stream.cli.journey import journey
from stream.cli.mute import ack, mute, unmute
from stream.cli.problem import Problem
from stream.cli.rebuild import rebuild
from stream.cli.rebuild_child import COMMAND, rebuild_worker
from stream.cli.replay import replay
from stream.cli.resume import resume
from stream.cli.serve import serve
from stream.cli.simulate import simulate
from stream.cli.tail import tail
from stream.cli.try_file import try_file
from stream.cli.worker import worker

__all__ = ["app", "main"]

app = typer.Typer(
    name="centralino",
    help="Contact-center events in, trustworthy key figures out.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(worker)
app.command()(serve)
app.command()(demo)
app.command("try")(try_file)
app.command()(simulate)
app.command()(replay)
app.command()(convert)
app.command()(tail)
app.add_typer(topics.app, name="topics")
app.add_typer(dlq.app, name="dlq")
app.add_typer(schema.app, name="schema")
app.command()(rebuild)
app.command(COMMAND, hidden=True)(rebuild_worker)
app.command()(resume)
app.command()(journey)
app.command()(forget)
app.command()(mute)
app.command()(unmute)
app.command()(ack)
app.command()(check)
app.command()(capacity)


def main(arguments: list[str] | None = None) -> None:
    """Runs one command and exits: 0 done, 1 could not, 2 called wrongly, 130 interrupted."""
    sys.exit(_run(arguments))


def _run(arguments: list[str] | None) -> int:
    logs.for_people()
    try:
        return app(arguments, prog_name="centralino", standalone_mode=False) or 0
    except typer.TyperException as error:
        return _called_wrongly(error)
    except Problem as problem:
        err.print(f"centralino: {problem}", soft_wrap=True, markup=False)
        return problem.code
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _called_wrongly(error: typer.TyperException) -> int:
    """One line, and where to read more; asking for nothing gives the whole help."""
    context = getattr(error, "ctx", None)
    message = error.format_message()
    if message.startswith("Usage:"):
        err.print(message, soft_wrap=True, markup=False)
    else:
        path = context.command_path if context is not None else "centralino"
        err.print(f"centralino: {message} ({path} --help)", soft_wrap=True, markup=False)
    return error.exit_code
