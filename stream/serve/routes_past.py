"""One interaction as it is kept, what each event did to the figures, and the interactions that make up a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.routing import Route

    from stream.serve.view import View


def routes(view: View) -> list[Route]:
    """The routes of this module over one view."""
    del view
    return []
