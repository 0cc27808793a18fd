"""The live state of queues and threads: who waits, since when, what is due; open or closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.routing import Route

    from stream.serve.view import View


def routes(view: View) -> list[Route]:
    """The routes of this module over one view."""
    del view
    return []
