"""`centralino worker`: reads topics, keeps the figures."""

from __future__ import annotations

from typing import Annotated

import typer

from stream.cli import options
from stream.cli.problem import explaining


def worker(
    processors: Annotated[
        str | None,
        typer.Option(help="Only these, with commas: phone,email,chat,social,video,forward,customers. Default: all."),
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Redis is empty or was lost: count everything again from the log.")
    ] = False,
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="Go on although the log no longer has records that were not counted.")
    ] = False,
) -> None:
    """Process events: one process; start as many as you like, they share the partitions."""
    from agents.worker import run  # noqa: PLC0415 - Faust takes a second to import

    settings = options.settings()
    with explaining(settings):
        run(
            settings,
            processors=_names(processors),
            rebuild=rebuild,
            accept_loss=accept_loss,
        )


def _names(processors: str | None) -> list[str] | None:
    return None if processors is None else [name.strip() for name in processors.split(",") if name.strip()]
