"""Half-hours of up to 40 days, each beside the usual of that half-hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.routing import Route

    from stream.serve.view import View


def routes(view: View) -> list[Route]:
    """The routes of this module over one view."""
    del view
    return []
