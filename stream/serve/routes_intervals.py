"""Half-hours of up to 40 days, each beside the usual of that half-hour."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError
from starlette.responses import Response
from starlette.routing import Route

from schemas.events import CHANNELS
from stream.core.rules import HOUR, MINUTE
from stream.core.times.window import NotKept
from stream.serve import intervals
from stream.serve.query import BY, BadRequest, by_of, direction_of, instant, only
from stream.serve.reply import age, bad_request, not_loaded, reply
from stream.serve.table import table
from stream.state.half_hours import TooMany, half_hours

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from stream.serve.view import View

STEPS = {"30m": 30 * MINUTE, "1h": HOUR}
_NARROWER = "ask for a shorter span, or for one channel or queue: &channel=phone&queue=support"


def interval_query(parameters: Mapping[str, str]) -> intervals.IntervalQuery:
    """Read the parameters of `/api/v1/intervals`. Raises BadRequest.

    >>> interval_query({"step": "1h", "channel": "phone"}).only
    {'channel': 'phone'}
    """
    only(parameters, "from", "to", "step", "by", "direction", "channel", "queue", "format")
    step = parameters.get("step", "30m")
    if step not in STEPS:
        raise BadRequest("step", f"{step!r} is no step", "step=30m, or step=1h")
    channel = parameters.get("channel", CHANNELS[0])
    if channel not in CHANNELS:
        raise BadRequest("channel", f"{channel!r} is no channel", f"channel= one of {', '.join(CHANNELS)}")
    since, until = (instant(parameters[name], name) if parameters.get(name) else None for name in ("from", "to"))
    if since is not None and until is not None and since >= until:
        raise BadRequest("to", "is not after from", "from= the first instant, to= the one after the last")
    return intervals.IntervalQuery(
        since, until, STEPS[step], by_of(parameters, ""), direction_of(parameters),
        {label: parameters[label] for label in BY if parameters.get(label)},
    )  # fmt: skip


def wants_csv(request: Request) -> bool:
    """Whether the answer is CSV: by `format`, else by what the client accepts. Raises BadRequest."""
    asked = request.query_params.get("format")
    if asked not in (None, "csv", "json"):
        raise BadRequest("format", f"{asked!r} is no format", "format=json, or format=csv")
    return asked == "csv" or (asked is None and "text/csv" in request.headers.get("accept", ""))


def routes(view: View) -> list[Route]:
    """The routes of this module over one view."""

    async def rows(query: intervals.IntervalQuery) -> list[dict[str, Any]]:
        now = view.now()
        groups = intervals.plan(view.snapshot, view.rules, query, now)
        found = await half_hours(view.reader, intervals.lookups(groups, view.snapshot.stream_time))
        counted = {scope for scope, _ in found}
        answer: list[dict[str, Any]] = []
        for labels in sorted(groups, key=lambda names: tuple(name or "" for name in names)):
            group = groups[labels]
            if group.shown or counted & group.scopes.keys():
                named = dict(zip(query.by, labels, strict=True))
                for row in intervals.rows(group, named, found, view.snapshot, view.settings, now):
                    answer.append(row)
                    await asyncio.sleep(0)
        return answer

    async def answer(request: Request) -> Response:
        """Half-hours as JSON or CSV."""
        try:
            query, as_csv = interval_query(request.query_params), wants_csv(request)
            if not view.loaded:
                return not_loaded(view)
            found = await rows(query)
        except NotKept as error:
            return reply({"parameter": "from", "error": str(error), "hint": "ask for a later instant"}, 400)
        except (TooMany, intervals.TooLong) as error:
            return reply({"parameter": "from", "error": str(error), "hint": _NARROWER}, 400)
        except BadRequest as error:
            return bad_request(error)
        except (RedisError, OSError):
            hint = "half-hours are looked up when they are asked for; try again in a moment"
            return reply({"error": "redis does not answer", "hint": hint}, 503, {"retry-after": "1"})
        if as_csv:
            return Response(table(found), 200, {"content-type": "text/csv; charset=utf-8; header=present", **age(view)})
        return reply(found, headers=age(view))

    return [Route("/api/v1/intervals", answer)]
