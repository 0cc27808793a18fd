"""Agents: who is there, doing what."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.routing import Route

    from stream.serve.view import View


def routes(view: View) -> list[Route]:
    """The routes of this module over one view."""
    del view
    return []
