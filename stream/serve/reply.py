"""Answers in JSON, the same everywhere: what was asked for, or what is wrong, where, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response

if TYPE_CHECKING:
    from stream.serve.query import BadRequest
    from stream.serve.view import View


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
