"""`GET /api/v1/alerts`: of what state queues are and why, and what was told last."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import orjson
from redis.exceptions import RedisError
from starlette.routing import Route

from stream.core.sla.known import milliseconds
from stream.core.times.window import window
from stream.serve.alerts.drivers import Why
from stream.serve.alerts.mirror import Queue
from stream.serve.alerts.seen import Sight, Sights
from stream.serve.alerts.shown import shown
from stream.serve.past import text
from stream.serve.query import BadRequest, channel_of, only
from stream.serve.reply import age, bad_request, not_loaded, reply
from stream.state.half_hours import TooMany

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from schemas.alerts import Drivers
    from stream.serve.view import View


def routes(view: View) -> list[Route]:
    """The route over one view."""
    sights, why = Sights(lambda: view.rules, window(view.settings.alert_window)), Why(view)

    async def alerts(request: Request) -> Response:
        """The states of queues now, and the newest events told."""
        parameters = request.query_params
        try:
            only(parameters, "channel", "queue")
            channel, queue = channel_of(parameters), parameters.get("queue") or None
        except BadRequest as error:
            return bad_request(error)
        if not view.loaded:
            return not_loaded(view)

        def asked_for(of: Queue) -> bool:
            return channel in (None, of[0]) and queue in (None, of[1])

        now = view.now()
        found = {of: sight for of, sight in sights.all(view.snapshot, now) if asked_for(of)}
        with suppress(RedisError, OSError, TooMany):
            await why.look_up(found, now)
        drivers = why.of(found, now)
        told = [orjson.loads(each) for each in reversed(view.sla.newest)]
        body = {
            "at": text(now),
            "window": view.settings.alert_window,
            "minimum_sample": view.settings.alert_minimum_sample,
            "queues": [_row(view, of, sight, drivers[of]) for of, sight in found.items()],
            "told": [each for each in told if asked_for((each["data"]["channel"], each["data"]["queue"]))],
        }
        return reply(body, headers=age(view))

    return [Route("/api/v1/alerts", alerts)]


def _row(view: View, queue: Queue, sight: Sight, drivers: Drivers) -> dict[str, Any]:
    seen = sight.seen
    return {
        "channel": queue[0],
        "queue": queue[1],
        **shown(view.sla, *queue),
        "figure": seen.figure,
        "value": seen.level,
        "numerator": seen.numerator,
        "denominator": seen.denominator,
        "target": seen.target,
        "threshold_ms": sight.own.threshold_ms,
        "waiting": sight.waiting,
        "waiting_past_threshold": sight.past_threshold,
        "longest_since_at": text(sight.oldest_at),
        "drivers": {
            "arrivals": drivers.arrivals,
            "arrivals_usual": drivers.arrivals_usual,
            "aht_seconds": _seconds(drivers.aht_ms),
            "aht_usual_seconds": _seconds(drivers.aht_usual_ms),
            "agents_staffed": drivers.agents_staffed,
            "agents_available": drivers.agents_available,
            "longest_waiting": [
                {"interaction_id": each.interaction_id, "since_at": text(milliseconds(each.since))}
                for each in drivers.longest_waiting
            ],
        },
    }


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000
