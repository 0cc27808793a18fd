"""All boards, and where their files are."""

from __future__ import annotations

from pathlib import Path

from deploy.grafana import agents, channels, customers, pipeline, queues
from deploy.grafana.board import Board

FOLDER = Path(__file__).parent / "dashboards"


def boards() -> tuple[Board, ...]:
    """In the order in which they are read."""
    return (queues.board(), channels.board(), agents.board(), customers.board(), pipeline.board())


def file(board: Board) -> Path:
    """Where a board's JSON is committed."""
    return FOLDER / f"{board.uid}.json"
