"""Journeys: one customer's, and those of all over whole days."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError
from starlette.routing import Route

from stream.core.customers.groups import BUILT_IN
from stream.core.rules import DAY
from stream.core.times.window import NotKept
from stream.serve import journeys
from stream.serve.customer_journey import journey
from stream.serve.find_customer import TOPIC, find
from stream.serve.query import BadRequest, instant, only
from stream.serve.reply import age, bad_request, not_loaded, reply
from stream.serve.routes_past import redis_is_away

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from stream.serve.view import View

PHASES = ("before", "during", "after", journeys.NO_PHASE)
LONGEST_DAYS = 400
_DAYS = re.compile(r"([1-9][0-9]{0,2})d")


def journey_query(parameters: Mapping[str, str], segments: Sequence[str]) -> journeys.JourneyQuery:
    """Read the parameters of routes over all journeys. `segments`: those that are told. Raises BadRequest.

    >>> journey_query({"window": "7d", "segment": "new"}, ())[:2]
    (7, 'new')
    """
    only(parameters, "window", "segment", "phase", "at")
    window, segment = parameters.get("window", "30d"), parameters.get("segment", journeys.ALL)
    days = _DAYS.fullmatch(window)
    if days is None or int(days[1]) > LONGEST_DAYS:
        hint = f"journeys are counted by day: window=7d, window=30d, up to {LONGEST_DAYS}d"
        raise BadRequest("window", f"{window!r} is no number of days", hint)
    known = (journeys.ALL, *BUILT_IN, *segments, "other")
    if segment not in known:
        raise BadRequest("segment", f"{segment!r} is no segment", f"segment= one of {', '.join(known)}")
    phase = parameters.get("phase")
    if phase is not None and phase not in PHASES:
        raise BadRequest("phase", f"{phase!r} is no phase", f"phase= one of {', '.join(PHASES)}")
    at = instant(parameters["at"]) if parameters.get("at") else None
    return journeys.JourneyQuery(int(days[1]), segment, phase, at)


def routes(view: View) -> list[Route]:
    """The routes of this module over one view."""

    def over_all(shape: Callable[[journeys.Both], dict[str, Any]]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            """Journeys of all customers."""
            try:
                query = journey_query(request.query_params, view.settings.customer_segments)
                if not view.loaded:
                    return not_loaded(view)
                at = view.now() if query.at_ms is None else query.at_ms
                body = shape(journeys.both(view.snapshot, view.rules, query, at))
            except NotKept as error:
                return reply({"parameter": "at", "error": str(error), "hint": "ask for a later instant"}, 400)
            except BadRequest as error:
                return bad_request(error)
            return reply(body, headers=age(view))

        return answer

    async def one(request: Request) -> Response:
        """One customer's journey."""
        asked = request.path_params["id"]
        try:
            only(request.query_params)
            if not view.loaded:
                return not_loaded(view)
            shards = [shard for shard in view.snapshot.shards if shard.topic == view.settings.topic(TOPIC)]
            redis, prefix = view.reader.redis, view.reader.key_prefix
            found = await find(redis, prefix, shards, view.rules, view.customer(asked))
        except BadRequest as error:
            return bad_request(error)
        except (RedisError, OSError):
            return redis_is_away()
        if found is None:
            return _unknown(asked, view.rules.keep_customers_ms // DAY)
        return reply(
            {"asked": asked, **journey(found.person, found.aliases, view.rules, view.now())}, headers=age(view)
        )

    return [
        Route("/api/v1/touchpoints", over_all(journeys.touchpoints)),
        Route("/api/v1/transitions", over_all(journeys.transitions)),
        Route("/api/v1/friction", over_all(journeys.friction)),
        Route("/api/v1/customers/{id:any_name}/journey", one),
    ]


def _unknown(asked: str, days: int) -> Response:
    hint = (
        f"an id or an alias as the source writes it; what a customer did is kept for {days} days, and gone once they"
        " are forgotten"
    )
    return reply({"error": f"nothing is known of customer {asked!r}", "hint": hint}, 404)
