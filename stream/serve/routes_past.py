"""One interaction as it is kept, what each event did to the figures, and the interactions that make up a figure."""

from __future__ import annotations

import asyncio
from typing import Any

from redis.exceptions import RedisError
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schemas.events import CHANNELS
from stream.core.interactions.history import history
from stream.core.interactions.interaction import Interactions
from stream.core.rules import DAY
from stream.core.times.window import NotKept
from stream.serve import past
from stream.serve.explain import explain
from stream.serve.explain_query import explain_query
from stream.serve.find_customer import TOPIC, holder
from stream.serve.past_customer import of_customer
from stream.serve.query import BadRequest
from stream.serve.reply import age, bad_request, not_loaded, reply
from stream.serve.view import View
from stream.state.lookup import Found, lookup
from stream.state.snapshot import ShardId

_ARRIVALS_AT_ONCE = 5


class AnyName(StringConvertor):
    """An id in a path, whatever it holds: slashes and line breaks too."""

    regex = r"[\s\S]+"


register_url_convertor("any_name", AnyName())


def routes(view: View) -> list[Route]:
    """The routes of this module over one view."""
    return Past(view).table()


class Past:
    """The handlers, over one view. They ask Redis, so they wait, and what they show may be newer than the snapshot."""

    def __init__(self, view: View) -> None:
        self._view = view

    def table(self) -> list[Route]:
        """All routes."""
        return [
            Route("/api/v1/interactions/{channel}/{id:any_name}", self.interaction),
            Route("/api/v1/explain", self.explain),
        ]

    async def interaction(self, request: Request) -> Response:
        """One interaction, and why it counts what it counts."""
        view, channel, name = self._view, request.path_params["channel"], request.path_params["id"]
        if channel not in CHANNELS:
            hint = f"/api/v1/interactions/<channel>/<id> with a channel of {', '.join(CHANNELS)}"
            return reply({"error": f"there is no channel {channel!r}", "hint": hint}, 404)
        if not view.loaded:
            return not_loaded(view)
        stage = Interactions(view.rules, channel)
        try:
            found = await self._lookup(f"interactions.{channel}", name)
        except (RedisError, OSError):
            return redis_is_away()
        known = [each for each in found if stage.keep_until(stage.load(name, each.blob)) >= each.stream_time]
        if not known:
            return _unknown(view, channel, name)
        at = known[0]
        body = past.interaction(stage, name, at.blob, view.now())
        body["partition"] = at.shard.partition
        body["also_in_partitions"] = [each.shard.partition for each in known[1:]]
        body["history"] = await _history(stage, name, at.blob)
        body["of_customer"] = None
        if body["customer_id"] is not None:
            try:
                body["of_customer"] = await self._of_customer(body["customer_id"], (channel, name))
            except (RedisError, OSError):
                return redis_is_away()
        return reply(body)

    def _shards(self, topic: str) -> list[ShardId]:
        wanted = self._view.settings.topic(topic)
        return [shard for shard in self._view.snapshot.shards if shard.topic == wanted]

    async def _lookup(self, topic: str, name: str) -> list[Found]:
        reader = self._view.reader
        return await lookup(reader.redis, reader.key_prefix, self._shards(topic), name)

    async def _of_customer(self, customer_id: str, key: tuple[str, str]) -> dict[str, Any] | None:
        """By the customer's id, or by an alias: then as the one who holds it has it."""
        reader, rules = self._view.reader, self._view.rules
        found = await holder(reader.redis, reader.key_prefix, self._shards(TOPIC), rules, customer_id)
        return None if found is None else of_customer(found[0], rules, key)

    async def explain(self, request: Request) -> Response:
        """What a figure is made of."""
        view = self._view
        try:
            query = explain_query(request.query_params, view.settings.variant)
            if not view.loaded:
                return not_loaded(view)
            return reply(await explain(view, query), headers=age(view))
        except NotKept as error:
            hint = "ask for a later instant, or for a window that is summed from coarser buckets"
            return reply({"parameter": "at", "error": str(error), "hint": hint}, 400)
        except BadRequest as error:
            return bad_request(error)
        except (RedisError, OSError):
            return redis_is_away()


def redis_is_away() -> Response:
    """HTTP 503: these routes ask Redis itself."""
    return reply({"error": "redis does not answer", "hint": "try again in a moment"}, 503, {"retry-after": "1"})


def _unknown(view: View, channel: str, name: str) -> Response:
    closed = view.rules.channels[channel].keep_closed_ms // DAY
    hint = (
        f"closed ones of {channel} are kept for {closed} days after their last event,"
        f" open ones for {view.rules.keep_open_ms // DAY}; an id is the source's own, letter by letter"
    )
    return reply({"error": f"no interaction {name!r} of {channel} is kept", "hint": hint}, 404)


async def _history(stage: Interactions, name: str, blob: bytes) -> list[dict[str, Any]]:
    told = []
    for did in history(stage, name, blob):
        told.append(past.arrival(did))
        if len(told) % _ARRIVALS_AT_ONCE == 0:
            await asyncio.sleep(0)
    return told
