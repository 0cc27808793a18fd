"""Where figures of customers go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from stream.core.times.window import NotKept
from stream.serve import trends
from stream.serve.query import BadRequest, by_of, instant, only, window_of
from stream.serve.reply import age, bad_request, not_loaded, reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from stream.core.times.window import Window
    from stream.serve.view import View


def days_of(parameters: Mapping[str, str]) -> Window:
    """The parameter `window`, of whole days. Raises BadRequest.

    >>> days_of({}).name
    '30d'
    """
    found = window_of(parameters, "30d")
    if not trends.is_of_days(found):
        raise BadRequest("window", f"{found.name} is not of whole days", "window=7d, window=30d, window=90d")
    return found


def routes(view: View) -> list[Route]:
    """The routes of this module over one view."""

    async def answer(request: Request) -> Response:
        """Each figure of customers, against the window before."""
        parameters = request.query_params
        try:
            only(parameters, "window", "by", "at")
            window, by = days_of(parameters), by_of(parameters, "", ("channel",))
            at = instant(parameters["at"]) if parameters.get("at") else view.now()
            if not view.loaded:
                return not_loaded(view)
            found = trends.rows(view.snapshot, view.rules, window, by, at)
        except NotKept as error:
            hint = "ask for a later instant, or for a shorter window"
            return reply({"parameter": "at", "error": str(error), "hint": hint}, 400)
        except BadRequest as error:
            return bad_request(error)
        return reply(found, headers=age(view))

    return [Route("/api/v1/trends", answer)]
