"""`centralino worker`: reads topics, keeps the figures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from stream.cli import logs, options
from stream.cli.problem import Problem, explaining
from stream.state.refused import Switched

AGAIN = 75
"""Exit code of a worker whose figures were switched over: it is to be started again, as supervisors do."""


def worker(
    processors: Annotated[
        str | None,
        typer.Option(
            help="Only these, with commas: phone,email,chat,social,video,forward,customers,presence,agents,"
            " intake or intake-<vendor>. Default: all."
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

    chosen = None if processors is None else _chosen(processors.replace(",", " ").split(), PROCESSORS)
    strange = sorted(set(chosen or ()) - set(PROCESSORS))
    if strange or chosen == []:
        raise Problem(f"there is no processor {', '.join(strange) or 'named'}: choose of {', '.join(PROCESSORS)}", 2)
    settings = options.settings()
    logs.for_machines()
    with explaining(settings):
        try:
            code = run(settings, chosen, rebuild=rebuild, accept_loss=accept_loss)
        except Switched as switched:
            raise Problem(str(switched), AGAIN) from switched
    if code:
        raise Problem("the worker failed: the log above says why", code)


def _chosen(told: Iterable[str], all_of_them: Iterable[str]) -> list[str]:
    """The names, with `intake` for the processors of all vendors."""
    intake = [name for name in all_of_them if name.startswith("intake-")]
    return [name for each in told for name in (intake if each == "intake" else [each])]
