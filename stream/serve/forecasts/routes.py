"""Where each live queue is going, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from stream.serve.query import BadRequest, only
from stream.serve.reply import age, bad_request, not_loaded, reply

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from stream.serve.view import View


def routes(view: View) -> list[Route]:
    """The routes of this module over one view."""

    async def answer(request: Request) -> Response:
        """The forecast of each live queue."""
        try:
            only(request.query_params, "channel", "queue")
        except BadRequest as error:
            return bad_request(error)
        if not view.loaded:
            return not_loaded(view)
        asked = request.query_params
        found = [
            {
                "channel": channel,
                "queue": queue,
                "forecast": forecast,
                "why_not": view.forecasts.why_not.get((channel, queue)),
            }
            for (channel, queue), forecast in sorted(view.forecasts.rows.items())
            if asked.get("channel", channel) == channel and asked.get("queue", queue) == queue
        ]
        return reply(found, headers=age(view))

    return [Route("/api/v1/forecast", answer)]
