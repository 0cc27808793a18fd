"""`centralino topics apply`: the topics as the table of `schemas.topics` says, made where they are missing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import typer

from schemas.topics import TOPICS
from stream.cli import options
from stream.cli.console import out
from stream.cli.problem import explaining

if TYPE_CHECKING:
    from stream.settings import Settings

app = typer.Typer(help="The topics.", no_args_is_help=True)


@app.callback()
def _topics() -> None:
    """The topics."""


@app.command()
def apply() -> None:
    """Create the topics that are missing; change none that are there. May be run at any time, any number of times."""
    settings = options.settings()
    created = asyncio.run(_apply(settings))
    for name in created:
        out.print(f"created  {name}")
    out.print(f"{len(created)} created, {len(TOPICS) - len(created)} were there")


async def ensure(settings: Settings) -> None:
    """Creates missing topics, unless the settings say not to."""
    if settings.apply_topics:
        await _apply(settings)


async def _apply(settings: Settings) -> list[str]:
    from agents import topics  # noqa: PLC0415 - other commands need no Faust

    with explaining(settings):
        return await topics.apply(settings)
