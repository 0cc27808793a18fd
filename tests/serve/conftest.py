"""A client, and a view over it with a clock that tests set."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from redis.asyncio import Redis

from stream.child import free_port
from stream.serve.app import app
from stream.serve.view import View
from stream.settings import Settings
from stream.state.client import client_of
from tests.serve.shards import WrittenShard


@pytest.fixture
async def redis(redis_server) -> AsyncIterator[Redis]:
    client = client_of(redis_server.url)
    yield client
    await client.aclose()


@pytest.fixture
def shard(redis, key_prefix) -> Callable[..., WrittenShard]:
    return lambda topic="interactions.phone", partition=0: WrittenShard(redis, key_prefix, topic, partition)


@pytest.fixture
def view(redis, redis_server, key_prefix) -> Callable[..., View]:
    def make(now: int | None = None, **settings: Any) -> View:
        chosen = Settings(redis_url=redis_server.url, key_prefix=key_prefix, **settings)
        return View.over(redis, chosen, *([] if now is None else [lambda: now]))

    return make


@pytest.fixture
async def browse() -> AsyncIterator[Callable[[View], httpx.AsyncClient]]:
    clients = []

    def over(view: View) -> httpx.AsyncClient:
        clients.append(httpx.AsyncClient(transport=httpx.ASGITransport(app(view)), base_url="http://service"))
        return clients[-1]

    yield over
    for client in clients:
        await client.aclose()


@pytest.fixture
def serving() -> Callable[[View], AbstractAsyncContextManager[httpx.AsyncClient]]:
    """The service over a view on a port of its own, and a client of it; ended with the block."""

    @asynccontextmanager
    async def over(view: View) -> AsyncIterator[httpx.AsyncClient]:
        port = free_port()
        server = uvicorn.Server(uvicorn.Config(app(view), port=port, log_level="warning", lifespan="off"))
        running = asyncio.create_task(server.serve())
        try:
            while not server.started:
                await asyncio.sleep(0.01)
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
                yield client
        finally:
            server.should_exit = True
            await running

    return over
