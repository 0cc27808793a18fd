"""Agents: who is there, doing what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from stream.serve import agents_live
from stream.serve.query import BadRequest, only
from stream.serve.reply import age, bad_request, not_loaded, reply

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.requests import Request
    from starlette.responses import Response

    from stream.serve.view import View

_NAMED = 20


def routes(view: View) -> list[Route]:
    """The routes of this module over one view."""

    async def agents(request: Request) -> Response:
        """The live state of every agent, of a queue or a team where one is asked for."""
        parameters = request.query_params
        try:
            only(parameters, "queue", "team")
        except BadRequest as error:
            return bad_request(error)
        if not view.loaded:
            return not_loaded(view)
        now, teams = view.now(), view.settings.teams
        found = agents_live.agents(agents_live.rows(view.snapshot, now), teams, now)
        queue, team = parameters.get("queue"), parameters.get("team")
        served = {name for agent in found for name in agent["queues"] or ()}
        try:
            _known("queue", queue, agents_live.channels_of(view.snapshot, view.rules).keys() | served)
            _known("team", team, teams.keys())
        except BadRequest as error:
            return bad_request(error)
        shown = [
            agent
            for agent in found
            if (queue is None or queue in (agent["queues"] or ())) and (team is None or team in agent["teams"])
        ]
        return reply(shown, headers=age(view))

    return [Route("/api/v1/agents", agents)]


def _known(parameter: str, asked: str | None, names: Collection[str]) -> None:
    """Refuse a name that is none of these: nobody there would look like an answer. Raises BadRequest."""
    if asked is not None and asked not in names:
        known = f"one of {', '.join(sorted(names)[:_NAMED])}" if names else f"there is no {parameter} yet"
        raise BadRequest(parameter, f"there is no {parameter} {asked!r}", f"{parameter}= {known}")
