"""What contacts are about, by reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from starlette.routing import Route

from stream.core.times.window import NotKept
from stream.serve import reasons
from stream.serve.query import BadRequest, channel_of, instant, only, window_of
from stream.serve.reply import age, bad_request, not_loaded, reply
from stream.serve.routes_past import redis_is_away
from stream.state.half_hours import TooMany, half_hours

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from stream.serve.view import View


def routes(view: View) -> list[Route]:
    """The routes of this module over one view."""

    async def answer(request: Request) -> Response:
        """Reasons, ranked by the repeats that they cause."""
        parameters = request.query_params
        try:
            only(parameters, "window", "channel", "at")
            window, channel = window_of(parameters, "7d"), channel_of(parameters)
            at = instant(parameters["at"]) if parameters.get("at") else view.now()
            if not view.loaded:
                return not_loaded(view)
            of = reasons.half_hour(view.snapshot, view.rules, at)
            found = await half_hours(view.reader, reasons.lookups(reasons.scopes_of(view.snapshot, channel), of))
            body = reasons.answer(view.snapshot, view.settings, view.rules, window, channel, at, of, found)
        except NotKept as error:
            return reply({"parameter": "at", "error": str(error), "hint": "ask for a later instant"}, 400)
        except TooMany as error:
            return reply({"parameter": "channel", "error": str(error), "hint": "ask for one channel"}, 400)
        except BadRequest as error:
            return bad_request(error)
        except (RedisError, OSError):
            return redis_is_away()
        return reply(body, headers=age(view))

    return [Route("/api/v1/reasons", answer)]
