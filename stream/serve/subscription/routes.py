"""`GET /api/v1/stream`: events of our output topics as server-sent events, for who has no Kafka."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anyio import Event
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.responses import Response
from starlette.routing import Route

from stream.serve.query import BadRequest
from stream.serve.reply import bad_request, reply
from stream.serve.subscription.selection import asked
from stream.serve.subscription.subscriber import messages

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from stream.serve.subscription.hub import Hub

PATH = "/api/v1/stream"
PING_SECONDS = 10
STUCK_SECONDS = 30.0
"""Who has not taken what was sent for so long is let go."""
_GRACE_SECONDS = 1.0
_HEADERS = {"x-content-type-options": "nosniff"}


class _Stream(EventSourceResponse):
    """Counted while it lasts."""

    def __init__(self, hub: Hub, *content: Any, **more: Any) -> None:
        super().__init__(*content, **more)
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        counts = self._hub.counts
        counts.subscribers += 1
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            counts.ends["stuck"] += 1
        finally:
            counts.subscribers -= 1


def routes(hub: Hub, most: int) -> list[Route]:
    """The route. `most`: so many subscribers at once."""

    async def stream(request: Request) -> Response:
        """Events, until the subscriber goes, is cut off, or the service ends."""
        try:
            wanted = asked(request, hub.tokens)
        except BadRequest as error:
            return bad_request(error)
        if request.method == "HEAD":
            return Response(headers={"cache-control": "no-store"}, media_type="text/event-stream")
        if hub.counts.subscribers >= most:
            hub.counts.ends["refused"] += 1
            hint = "come back later, or read the topics from Kafka; `max_subscribers` is a setting"
            return reply({"error": f"there are {most} subscribers already", "hint": hint}, 503, {"retry-after": "10"})
        ending = Event()

        async def end() -> None:
            await ending.wait()
            hub.leave()

        return _Stream(
            hub, messages(hub, wanted), ping=PING_SECONDS, ping_message_factory=_ping, data_sender_callable=end,
            shutdown_event=ending, shutdown_grace_period=_GRACE_SECONDS, send_timeout=STUCK_SECONDS, headers=_HEADERS,
        )  # fmt: skip

    return [Route(PATH, stream)]


def _ping() -> ServerSentEvent:
    return ServerSentEvent(comment="ping", sep="\n")
