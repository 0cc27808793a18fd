"""`centralino serve`: figures for people and machines over HTTP."""

from __future__ import annotations

import logging
from typing import Annotated

import structlog
import typer

from stream.cli import logs, options
from stream.cli.ports import free
from stream.cli.problem import Problem, explaining
from stream.settings_access import open_to_all

_log = structlog.get_logger()


def serve(
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; 0.0.0.0 is every network.")] = None,
    clock: Annotated[
        str | None, typer.Option(help="What now is: wall (the clock) or event (the latest event, for replayed days).")
    ] = None,
) -> None:
    """Serve /metrics, /api/v1/kpis, /api/v1/queues, /healthz and /readyz out of Redis."""
    from stream.serve.service import run  # noqa: PLC0415 - other commands need no web server

    settings = options.settings(port=port, host=host, clock=clock)
    if settings.port and not free(settings.host, settings.port):
        raise Problem(f"port {settings.port} of {settings.host} cannot be listened on: take another one with --port")
    logs.for_machines(kafka_level=logging.CRITICAL)  # that Kafka is away is said once, by us
    if open_to_all(settings.host, settings.credentials()):
        _log.warning("everybody who reaches this port may read: see docs/security.md", host=settings.host)
    with explaining(settings):
        run(settings)
