"""`centralino worker`: reads topics, keeps the figures."""

from __future__ import annotations

from typing import Annotated

import typer

from stream.cli import logs, options
from stream.cli.problem import Problem, explaining


def worker(
    processors: Annotated[
        str | None,
        typer.Option(
            help="Only these, with commas: phone,email,chat,social,video,forward,customers,presence,agents."
            " Default: all."
        ),
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Redis is empty or was lost: count everything again from the log.")
    ] = False,
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="Go on although the log no longer has records that were not counted.")
    ] = False,
) -> None:
    """Process events: one process; start as many as you like, they share the partitions."""
    from agents.worker import PROCESSORS, run  # noqa: PLC0415 - Faust takes a second to import

    chosen = None if processors is None else [name for name in processors.replace(",", " ").split() if name]
    strange = sorted(set(chosen or ()) - set(PROCESSORS))
    if strange or chosen == []:
        raise Problem(f"there is no processor {', '.join(strange) or 'named'}: choose of {', '.join(PROCESSORS)}", 2)
    settings = options.settings()
    logs.for_machines()
    with explaining(settings):
        code = run(settings, chosen, rebuild=rebuild, accept_loss=accept_loss)
    if code:
        raise Problem("the worker failed: the log above says why", code)
