"""The live state of queues and threads: who waits, since when, what is due; open or closed."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError
from starlette.routing import Route

from stream.core.times.window import NotKept
from stream.serve import live
from stream.serve.alerts.shown import shown
from stream.serve.query import BadRequest, by_of, direction_of, only, window_of
from stream.serve.reply import age, bad_request, not_loaded, reply
from stream.serve.waiting_customers import NOT_KNOWN, who

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from stream.serve.view import View


def routes(view: View) -> list[Route]:
    """The routes of this module over one view."""

    async def queues(request: Request) -> Response:
        """The live state of every queue."""
        try:
            only(request.query_params, "direction")
            direction = direction_of(request.query_params)
        except BadRequest as error:
            return bad_request(error)
        if not view.loaded:
            return not_loaded(view)
        rows = live.queues(view.snapshot, view.rules, view.now(), direction)
        return reply([row | shown(view.sla, row["channel"], row["queue"]) for row in rows], headers=age(view))

    async def waiting(request: Request) -> Response:
        """Who waits in one queue."""
        channel, queue = request.path_params["channel"], request.path_params["queue"]
        try:
            only(request.query_params, "direction")
            direction = direction_of(request.query_params)
        except BadRequest as error:
            return bad_request(error)
        if not view.loaded:
            return not_loaded(view)
        found = live.waiting(view.snapshot, view.rules, channel, queue, view.now(), direction)
        if found is None:
            missing = f"there is no queue {queue!r} on channel {channel!r}, neither configured nor ever used"
            return reply({"error": missing, "hint": "/api/v1/queues lists them"}, 404)
        known: dict[str, dict[str, Any]] = {}
        with suppress(RedisError, OSError):
            known = await who(view, channel, (row["interaction_id"] for row in found["waiting"]), view.now())
        found["waiting"] = [row | known.get(row["interaction_id"], NOT_KNOWN) for row in found["waiting"]]
        return reply(found, headers=age(view))

    async def threads(request: Request) -> Response:
        """Threads by channel and queue."""
        parameters = request.query_params
        try:
            only(parameters, "window", "by", "direction")
            window, by = window_of(parameters, "today"), by_of(parameters, "channel,queue")
            direction = direction_of(parameters)
            if not view.loaded:
                return not_loaded(view)
            bands = view.settings.age_bands_hours
            found = live.threads(view.snapshot, view.rules, window, by, view.now(), bands, direction)
        except NotKept as error:
            return reply({"parameter": "window", "error": str(error), "hint": "ask for a shorter window"}, 400)
        except BadRequest as error:
            return bad_request(error)
        return reply(found, headers=age(view))

    return [
        Route("/api/v1/queues", queues),
        Route("/api/v1/queues/{channel}/{queue:path}/waiting", waiting),
        Route("/api/v1/threads", threads),
    ]
