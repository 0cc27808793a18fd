"""The routes: each a view of one snapshot. Nobody waits between two figures, so all are of one state of all shards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from prometheus_client.exposition import choose_encoder
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stream.core.times.window import NotKept
from stream.serve import (
    agent_rows,
    kpis,
    routes_agents,
    routes_intervals,
    routes_journeys,
    routes_live,
    routes_past,
    routes_reasons,
    routes_trends,
)
from stream.serve.access import Access
from stream.serve.alerts import routes as routes_alerts
from stream.serve.alerts.decider import Decider
from stream.serve.background import Failed, nobody, running
from stream.serve.board import events, pages
from stream.serve.board.overall import input_ages
from stream.serve.exporter import Exporter
from stream.serve.forecasts import routes as routes_forecast
from stream.serve.inbox.inbox import UNDER, Inbox
from stream.serve.memory import keep_what_is_there
from stream.serve.outbox import Outbox
from stream.serve.query import BadRequest, kpi_query
from stream.serve.reply import InParts, age, bad_request, not_loaded, reply
from stream.serve.spikes import Spikes
from stream.serve.subscription import routes as routes_subscription
from stream.serve.subscription.hub import Hub
from stream.serve.text import Text
from stream.serve.view import View
from stream.state.keys import alert_keys

_FORMATS, _LOOK_SECONDS = 4, 0.1
_MODULES = (
    routes_live, routes_agents, routes_intervals, routes_past, routes_reasons, routes_trends, routes_journeys, events,
    pages, routes_alerts, routes_forecast,
)  # fmt: skip
AsOf = tuple[int, int, int, int, tuple[str, ...], int, tuple[int, int]]
"""What a scrape is of: it stays the same as long as this does."""


class Routes:
    """The handlers, over one view."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._exporter = Exporter(view)
        self._texts: dict[str, Text] = {}
        self._scraped: dict[str, tuple[AsOf, list[bytes]]] = {}

    def table(self) -> list[Route]:
        """All routes."""
        return [
            Route("/metrics", self.metrics),
            Route("/api/v1/kpis", self.kpis),
            Route("/healthz", self.healthz),
            Route("/readyz", self.readyz),
            *(route for module in _MODULES for route in module.routes(self._view)),
        ]

    async def metrics(self, request: Request) -> Response:
        """Prometheus or OpenMetrics text, as the scraper accepts; the same bytes until something changes."""
        if not self._view.loaded:
            return not_loaded(self._view)
        encoder, content_type = choose_encoder(request.headers.get("accept", ""))
        known = self._scraped.get(content_type)
        if known is None or known[0] != self._as_of():
            known = None
            self._scraped.pop(content_type, None)  # whose text is not to be there beside the new one
            if content_type not in self._texts and len(self._texts) == _FORMATS:
                self._texts, self._scraped = {}, {}
            text = self._texts.setdefault(content_type, Text(encoder))
            await self._exporter.prepare()
            as_of, samples = self._as_of(), self._exporter.samples()
            known = self._scraped[content_type] = (as_of, await text.of(samples))
        return InParts(known[1], {"content-type": content_type, **age(self._view)})

    async def warm(self, stop: asyncio.Event) -> None:
        """Once all is read, make the sums that the first scrape would wait for; what is there then, stays."""
        while not self._view.loaded:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _LOOK_SECONDS)
            if stop.is_set():
                return
        for _ in self._view.snapshot.sums.settle():
            await asyncio.sleep(0)
        await self._exporter.prepare()
        keep_what_is_there()

    def _as_of(self) -> AsOf:
        view = self._view
        now_s = view.now() // 1000
        versions = view.snapshot.version, view.sla.version, view.forecasts.version
        counts = view.webhooks.total(), view.subscriptions.total()
        return *versions, now_s, view.freshness.reasons(), *counts

    async def kpis(self, request: Request) -> Response:
        """Rows of measures and figures over a window."""
        try:
            query = kpi_query(request.query_params)
            if not self._view.loaded:
                return not_loaded(self._view)
            now = query.at_ms is None
            at = self._view.now() if query.at_ms is None else query.at_ms
            snapshot, rules = self._view.snapshot, self._view.rules
            if {"agent", "team"}.isdisjoint(query.by):
                rows = kpis.rows(snapshot, rules, query.window, query.by, at, query.direction, now=now)
            else:
                rows = agent_rows.rows(
                    snapshot, rules, self._view.settings.teams, query.window, query.by, at, query.direction,
                    self._view.now(),
                )  # fmt: skip
        except NotKept as error:
            hint = "ask for a later instant, or for a window that is summed from coarser buckets"
            return reply({"parameter": "at", "error": str(error), "hint": hint}, 400)
        except BadRequest as error:
            return bad_request(error)
        return reply(rows, headers=age(self._view))

    async def healthz(self, _: Request) -> Response:
        """The process lives."""
        return reply({"status": "ok"})

    async def readyz(self, _: Request) -> Response:
        """Whether Redis answers and the snapshot is fresh; how old the newest input of each topic is, and why stale."""
        view = self._view
        body = {
            "ready": view.ready,
            "redis": view.reader.reachable,
            "snapshot_age_seconds": view.reader.age_seconds,
            "input_age_seconds": input_ages(view, view.now()),
            "stale": view.freshness.reasons(),
        }
        return reply(body, 200 if view.ready else 503)


def app(view: View, failed: Failed = nobody) -> Starlette:
    """The service. Its lifespan runs the view's reader, and tells what only it can see.

    `failed` is told of a part that ends with an error.
    """
    routes = Routes(view)
    outbox = Outbox(view.settings)
    hub = Hub(view.settings, view.subscriptions)
    inbox = Inbox(view.settings, view.reader.redis, view.webhooks)

    @asynccontextmanager
    async def reading(_: Starlette) -> AsyncIterator[None]:
        stop = asyncio.Event()
        parts = {
            "reader": view.reader.run(stop),
            "first sums": routes.warm(stop),
            "reasons": Spikes(view, outbox.send).run(),
            "freshness": view.freshness.run(),
            "silence": view.freshness.silence.run(),
            "forecasts": view.forecasts.run(),
            "alerts": Decider(view).run(),
            "states": view.sla.watch(view.reader.redis, alert_keys(view.settings.key_prefix)),
        }
        try:
            async with running(parts, failed):
                yield
                stop.set()
        finally:
            await hub.close()
            await inbox.close()
            await outbox.close()

    nowhere: dict[Any, Any] = {404: _no_route, 405: _no_route}
    credentials = view.settings.credentials()
    access = [] if credentials is None else [Middleware(Access, credentials)]
    subscriptions = routes_subscription.routes(hub, view.settings.max_subscribers)
    table = [*routes.table(), *subscriptions, Route(f"{UNDER}{{vendor}}", inbox)]
    return Starlette(routes=table, lifespan=reading, exception_handlers=nowhere, middleware=access)


async def _no_route(request: Request, error: Exception) -> Response:
    """HTTP 404 or 405: what is asked for has no handler."""
    status, headers = (error.status_code, error.headers) if isinstance(error, HTTPException) else (404, None)
    missing = f"there is no {request.method} {request.url.path}"
    return reply(
        {"error": missing, "hint": "docs/api.md lists the routes; all are GET, but for webhooks"},
        status,
        dict(headers or {}),
    )
