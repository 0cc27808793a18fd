"""`GET /events`: the wallboard as server-sent events, the whole of it first, then what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyio import Event
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.routing import Route

from stream.serve.board.changes import Board
from stream.serve.query import BadRequest, only
from stream.serve.reply import bad_request

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from stream.serve.view import View

PING_SECONDS = 5
_GRACE_SECONDS = 1.0


def routes(view: View) -> list[Route]:
    """The route over one view, whose viewers all have the same board."""
    board = Board(view)

    async def events(request: Request) -> Response:
        """All that is new, until the viewer goes or the service ends."""
        try:
            only(request.query_params)
        except BadRequest as error:
            return bad_request(error)
        ending = Event()

        async def end() -> None:
            await ending.wait()
            board.end()

        return EventSourceResponse(
            board.watch(), ping=PING_SECONDS, ping_message_factory=_ping, data_sender_callable=end,
            shutdown_event=ending, shutdown_grace_period=_GRACE_SECONDS,
        )  # fmt: skip

    return [Route("/events", events)]


def _ping() -> ServerSentEvent:
    return ServerSentEvent(comment="ping", sep="\n")
