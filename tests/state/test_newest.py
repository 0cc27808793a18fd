"""Walks down the expiries of shards, on both stores."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from stream.state import newest
from stream.state.client import client_of
from stream.state.keys import shard_keys
from stream.state.newest import Newest
from stream.state.snapshot import ShardId
from tests.parts.redis import Store as StorePart

ONE, OTHER = ShardId("interactions.phone", 0), ShardId("interactions.phone", 1)


@pytest.fixture
async def redis(store: StorePart) -> AsyncIterator[Redis]:
    client = client_of(store.url)
    yield client
    await client.aclose()


@pytest.fixture
def written(redis, key_prefix):
    async def write(shard: ShardId, expiries: dict[str, int]) -> None:
        keys = shard_keys(key_prefix, *shard)
        await redis.zadd(keys.expiry, expiries)
        entities = {member[1:]: b"packed " + member[1:].encode() for member in expiries if member[0] == "s"}
        if entities:
            await redis.hset(keys.state, mapping=entities)

    return write


async def pages(walk: Newest) -> list[list[tuple[ShardId, str]]]:
    return [[(entity.shard, entity.name) for entity in page] async for page in walk.pages()]


async def walked(walk: Newest) -> list[str]:
    return [name for page in await pages(walk) for _, name in page]


async def test_entities_come_newest_first_with_what_is_kept(redis, written, key_prefix):
    await written(ONE, {"sa": 10, "sb": 30, "sc": 20, "rcf|7|phone": 25})
    walk = Newest(redis, key_prefix, {ONE: None})
    (page,) = [page async for page in walk.pages()]
    assert [(e.name, e.expiry_at, e.blob) for e in page] == [
        ("b", 30, b"packed b"), ("c", 20, b"packed c"), ("a", 10, b"packed a"),
    ]  # fmt: skip
    assert (walk.complete, walk.looked_at) == (True, 3)


async def test_open_ones_do_not_stand_before_the_closed(redis, written, key_prefix, monkeypatch):
    monkeypatch.setattr(newest, "PAGE_ENTITIES", 4)
    await written(ONE, {f"sopen{i}": 1_000_000 + i for i in range(9)} | {f"sclosed{i}": 1000 + i for i in range(3)})
    found = await walked(Newest(redis, key_prefix, {ONE: 2000}))
    assert found[:4] == ["closed2", "closed1", "open8", "open7"]
    assert sorted(found) == sorted([f"open{i}" for i in range(9)] + [f"closed{i}" for i in range(3)])


async def test_pages_go_on_within_the_same_instant(redis, written, key_prefix, monkeypatch):
    monkeypatch.setattr(newest, "PAGE_ENTITIES", 7)
    names = [f"n{i}" for i in range(50)]
    await written(ONE, {f"s{name}": 10 if i % 5 else 20 for i, name in enumerate(names)})
    await written(OTHER, {f"s{name}": 10 for name in names})
    found = await pages(Newest(redis, key_prefix, {ONE: 15, OTHER: None}))
    assert sorted(each for page in found for each in page) == sorted(
        (shard, n) for shard in (ONE, OTHER) for n in names
    )
    assert max(map(len, found)) <= 7


async def test_what_is_no_entity_is_passed_over_in_bounded_looks(redis, written, key_prefix, monkeypatch):
    monkeypatch.setattr(newest, "PAGE_MEMBERS", 10)
    monkeypatch.setattr(newest, "PAGE_ENTITIES", 5)
    await written(ONE, {f"rcell{i}": 1000 + i for i in range(95)} | {"sa": 1050, "sb": 1})
    found = await pages(Newest(redis, key_prefix, {ONE: None}))
    assert [page for page in found if page] == [[(ONE, "a")], [(ONE, "b")]]
    assert len(found) == 10
    monkeypatch.setattr(newest, "MOST_MEMBERS", 30)
    walk = Newest(redis, key_prefix, {ONE: None})
    assert await walked(walk) == []
    assert not walk.complete


async def test_a_walk_ends_at_its_limit_and_says_so(redis, written, key_prefix):
    await written(ONE, {f"sn{i}": i for i in range(30)})
    await written(OTHER, {f"sn{i}": i for i in range(30)})
    walk = Newest(redis, key_prefix, {ONE: None, OTHER: None}, most=20)
    found = await walked(walk)
    assert sorted(found) == sorted(2 * [f"n{i}" for i in range(20, 30)])
    assert (walk.complete, walk.looked_at) == (False, 20)


async def test_one_that_is_pruned_meanwhile_is_left_out(redis, written, key_prefix):
    await written(ONE, {"sa": 10, "sb": 20})
    await redis.hdel(shard_keys(key_prefix, *ONE).state, "b")
    assert await walked(Newest(redis, key_prefix, {ONE: None, OTHER: None})) == ["a"]


async def test_a_store_that_forgot_the_script_is_sent_it(redis, written, key_prefix):
    await written(ONE, {"sa": 10})
    await redis.script_flush()
    assert await walked(Newest(redis, key_prefix, {ONE: None})) == ["a"]


async def test_no_shards_are_a_walk_that_is_over(redis, key_prefix):
    walk = Newest(redis, key_prefix, {})
    assert await walked(walk) == []
    assert walk.complete
