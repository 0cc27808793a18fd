"""The service follows the live namespace: all figures, and what they are held against, change in one look."""

from __future__ import annotations

import msgspec
import pytest
from redis.asyncio import Redis

from stream.serve.view import View
from stream.settings import Settings
from stream.state.namespace_keys import beside_keys, namespace_keys
from tests.serve.shards import WrittenShard, total

NEW = {"phone": {"threshold_seconds": 30}}
FIELDS = 40


@pytest.fixture
async def view(redis: Redis, redis_server, key_prefix: str) -> View:
    return View.over(redis, Settings(redis_url=redis_server.url, key_prefix=key_prefix))


async def write(redis: Redis, settings: Settings, totals: int) -> None:
    shard = WrittenShard(redis, settings.store_prefix, "interactions.phone", 0)
    await shard.declare(1)
    for n in range(FIELDS):
        await shard.commit(total(f"phone|i|q{n}", {1: totals}))
    definitions = beside_keys(settings.store_prefix).definitions
    await redis.set(definitions, msgspec.msgpack.encode(settings.rules()))


def seen(view: View) -> tuple[set[int], int]:
    totals = {gained[1] for gained, _ in (view.snapshot.totals[scope] for scope in view.snapshot.totals)}
    return totals, view.rules.queue("phone", None).threshold_ms


async def until_read(view: View) -> None:
    for _ in range(50):
        if await view.reader.poll():
            return
    raise AssertionError("the shards were not read")


async def test_figures_and_definitions_change_at_once_and_only_when_all_is_read(redis: Redis, view: View) -> None:
    first = view.settings.within("first")
    other = Settings(key_prefix=view.settings.key_prefix, channels=NEW).within("v2")
    await write(redis, first, 1)
    await write(redis, other, 2)
    await until_read(view)
    assert seen(view) == ({1}, 20_000)
    version, reader = view.snapshot.version, view.reader
    reader._limit = 5
    await redis.set(namespace_keys(view.settings.key_prefix).live, "v2")
    looks = []
    while view.settings.namespace != "v2":
        await reader.poll()
        looks.append(seen(view))
        if reader._next is not None:
            reader._next._limit = 5
    assert set(map(str, looks)) == {str(({1}, 20_000)), str(({2}, 30_000))}
    assert view.snapshot.version > version
    assert view.settings.topic("customers.timeline") in view.topics
    assert view.ready


async def test_one_that_is_named_stays(redis: Redis, redis_server, key_prefix: str) -> None:
    settings = Settings(redis_url=redis_server.url, key_prefix=key_prefix, namespace="v2")
    await write(redis, settings.within("first"), 1)
    await write(redis, settings, 2)
    view = View.over(redis, settings)
    await until_read(view)
    assert seen(view) == ({2}, 20_000)
    await redis.set(namespace_keys(key_prefix).live, "v3")
    await until_read(view)
    assert seen(view) == ({2}, 20_000)


async def test_definitions_of_another_release_are_left_alone(redis: Redis, view: View) -> None:
    await write(redis, view.settings.within("first"), 1)
    await redis.set(beside_keys(view.settings.store_prefix).definitions, b"\x93\x01")
    await until_read(view)
    assert seen(view) == ({1}, 20_000)
