"""docs/boards.md, written from Grafana's boards: which one answers which question."""

from __future__ import annotations

import json
from pathlib import Path

from deploy.grafana.board import WALLBOARD, Board
from deploy.grafana.boards import boards, file

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "boards.md"

HEAD = f"""\
# Grafana's boards

<!-- Written from deploy/grafana by `make docs-write`; not by hand. -->

`docker compose up` shows them on http://localhost:3000. Elsewhere: mount `deploy/grafana/provisioning` at
`/etc/grafana/provisioning` and `deploy/grafana/dashboards` at `/etc/centralino/dashboards`, and set `PROMETHEUS_URL`.
Links lead to the wallboard on {WALLBOARD}; for another add `&var-wallboard=https://…` to a board's address.

Each panel says by its *i* which formula it shows, and what to do with it. Channels, queues and windows are chosen
at the top and stay chosen from board to board. Colours are told apart by colour-blind people too, and never stand
alone. Any number of services may be scraped: figures are the greatest over them, never their sum. Agents are never
added up over queues, since one of several queues counts in each.
"""


def page() -> str:
    """The whole page."""
    lines = [HEAD, "| board | answers |", "| --- | --- |"]
    lines += [f"| [{board.title}](#{board.title.lower().replace(' ', '-')}) | {board.question} |" for board in boards()]
    for board in boards():
        lines += ["", f"## {board.title}", "", f"`{file(board).relative_to(ROOT)}`", ""]
        lines += [f"- {row}: {', '.join(titles)}." for row, titles in _rows(board)]
    return "\n".join(lines) + "\n"


def _rows(board: Board) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for panel in json.loads(board.text())["panels"]:
        if panel["type"] == "row":
            found.append((panel["title"], []))
        else:
            found[-1][1].append(panel["title"])
    return found
