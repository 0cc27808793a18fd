"""docs/cli.md, written from the command line itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import typer

from stream.cli import app

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
WIDTH = 100

HEAD = """\
# Command line

<!-- Written from stream/cli by `make docs-write`; not by hand. -->

Every command reads its settings from the environment and `centralino.toml` ([settings](settings.md)). It exits with 0
when it did its work, 1 when it could not, 2 when it was called wrongly, and says why in one line.
"""


def page() -> str:
    """The whole page: the help of each command."""
    os.environ["NO_COLOR"] = "1"
    return "\n".join([HEAD, *_section(typer.main.get_command(app), None, "centralino")])


def _section(command: Any, parent: Any, path: str) -> list[str]:
    context = typer.Context(
        command, parent=parent, info_name=path.rpartition(" ")[2], terminal_width=WIDTH, max_content_width=WIDTH
    )
    lines = [f"## {path}", "", "```text", command.get_help(context).rstrip(), "```", ""]
    for name, child in getattr(command, "commands", {}).items():
        if not child.hidden:
            lines += _section(child, context, f"{path} {name}")
    return lines
