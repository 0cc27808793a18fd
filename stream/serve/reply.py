"""Answers in JSON, the same everywhere: what was asked for, or what is wrong, where, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.types import Receive, Scope, Send

    from stream.serve.query import BadRequest
    from stream.serve.view import View

_PIECE_BYTES = 65_536
_HEADERS = {"content-type": "application/json", "cache-control": "no-store", "x-content-type-options": "nosniff"}


def reply(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """JSON, which nobody is to keep: some of it is of customers."""
    return Response(orjson.dumps(content), status, _HEADERS | (headers or {}))


def bad_request(error: BadRequest) -> Response:
    """HTTP 400: which parameter, what is wrong with it, what to write."""
    return reply({"parameter": error.parameter, "error": error.error, "hint": error.hint}, 400)


def not_loaded(view: View) -> Response:
    """HTTP 503 until every shard has been read once."""
    error = "the shards have not been read yet" if view.reader.reachable else "redis does not answer"
    return reply({"error": error, "hint": "try again in a moment; /readyz says when"}, 503, {"retry-after": "1"})


def age(view: View) -> dict[str, str]:
    """The header that says how old the snapshot is."""
    seconds = view.reader.age_seconds
    return {} if seconds is None else {"x-snapshot-age-seconds": f"{seconds:.3f}"}


class InParts(Response):
    """An answer that is sent as it is made up, a piece at a time: many MB are not there once more as a whole."""

    def __init__(self, parts: Sequence[bytes], headers: Mapping[str, str]) -> None:
        self.parts = parts
        super().__init__(headers={**headers, "content-length": str(sum(map(len, parts)))})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send all parts."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for part in self.parts:
            for at in range(0, len(part), _PIECE_BYTES):
                body = part[at : at + _PIECE_BYTES]
                await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
