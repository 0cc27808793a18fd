"""`centralino serve`: one reader of Redis, one HTTP server, until a signal stops them."""

from __future__ import annotations

import asyncio
import signal

import uvicorn

from stream.connections import redis_options
from stream.serve.app import app
from stream.serve.view import View
from stream.settings import Settings
from stream.state.client import client_of

_REDIS_TIMEOUT_SECONDS = 5.0
_LEAVE_SECONDS = 3
"""So long who is connected may take the rest of an answer when the service ends."""
KEEP_ALIVE_SECONDS = 75
"""So long a connection stays open for the next request: longer than proxies keep it (60), so that none is sent on one
that is closed at that moment."""


async def serve(settings: Settings) -> None:
    """Serve until the server is told to exit. Redis may be away; then the service is not ready.

    Raises what a part of the service failed with; that ends it.
    """
    failures: list[BaseException] = []

    def failed(error: BaseException) -> None:
        failures.append(error)
        server.should_exit = True

    redis = client_of(
        **redis_options(settings),
        socket_connect_timeout=_REDIS_TIMEOUT_SECONDS,
        socket_timeout=_REDIS_TIMEOUT_SECONDS,
    )
    try:
        view = View.over(redis, settings)
        config = uvicorn.Config(
            app(view, failed), host=settings.host, port=settings.port, access_log=False, log_level="warning",
            lifespan="on", timeout_graceful_shutdown=_LEAVE_SECONDS, timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )  # fmt: skip
        server = uvicorn.Server(config)
        await server.serve()
    finally:
        await redis.aclose()
    if failures:
        raise failures[0]


def _leave(*_: object) -> None:
    raise SystemExit(0)


def run(settings: Settings) -> None:
    """Serve, blocking, until SIGINT or SIGTERM; both end it with exit code 0."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)  # uvicorn shuts down first, then raises the signal again
    asyncio.run(serve(settings))
