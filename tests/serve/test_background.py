"""A part of the service that fails ends the service, with the reason; one that is asked to stop does not."""

from __future__ import annotations

import asyncio

import pytest

from stream.serve import background, service
from stream.serve.background import end, running
from stream.serve.freshness import Freshness
from stream.settings import Settings


async def test_whoever_fails_is_told_and_whoever_is_stopped_is_not():
    told: list[BaseException] = []
    fault, heard = RuntimeError("broken"), asyncio.Event()

    async def fails():
        raise fault

    def failed(error):
        told.append(error)
        heard.set()

    async with running({"fails": fails(), "goes on": asyncio.sleep(3600)}, failed):
        await asyncio.wait_for(heard.wait(), 5)
    assert told == [fault]


async def test_the_service_ends_with_what_a_part_of_it_failed_with(monkeypatch, redis_server, key_prefix):
    async def broken(self):
        raise ValueError("no such thing as freshness")

    monkeypatch.setattr(Freshness, "run", broken)
    settings = Settings(redis_url=redis_server.url, key_prefix=key_prefix, port=0)
    with pytest.raises(ValueError, match="no such thing as freshness"):
        await asyncio.wait_for(service.serve(settings), 30)


async def test_a_task_that_takes_a_cancellation_for_an_error_ends_too(monkeypatch):
    monkeypatch.setattr(background, "_AGAIN_SECONDS", 0.01)
    taken: list[str] = []

    async def deaf():
        while len(taken) < 2:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                taken.append("an error of the client's")
        await asyncio.sleep(3600)

    task = asyncio.create_task(deaf())
    await asyncio.sleep(0)
    await asyncio.wait_for(end([task]), 5)
    assert task.cancelled()
