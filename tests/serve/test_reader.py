"""The reader against a real Redis: what changed, what is gone, what is new altogether."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.msgpack import decode as unpack
from redis.exceptions import RedisError

from stream.core.measures import add
from stream.state.client import client_of
from stream.state.reader import Reader
from stream.state.snapshot import ShardId
from tests.serve.shards import WrittenShard, cell, cells, total, waiting

AT = 1_772_463_600_000
SCOPE = "phone|i|qsupport"
TOPICS = ("interactions.phone", "customers.timeline", "agents.timeline")


def reader_of(redis, key_prefix, **more):
    return Reader(redis, key_prefix=key_prefix, topics=TOPICS, **more)


async def until_complete(reader):
    for _ in range(500):
        if await reader.poll():
            return reader.snapshot
    raise AssertionError("never complete")


def archived(series):
    return () if series._archive is None else series._archive.between(0, series._archive.until)


def buckets_of(snapshot):
    """Ring and scope -> bucket start -> cell, over all shards."""
    found = {}
    for where, series in snapshot.sums._series.items():
        for start in {*series.buckets, *(start for start, _, _ in archived(series))}:
            for packed in series.cells(start):
                add(found.setdefault(where, {}).setdefault(start, {}), unpack(packed, type=dict[int, int]))
    return found


def state_of(snapshot):
    """What a snapshot says, however it came to say it."""
    return buckets_of(snapshot), dict(snapshot.totals), dict(snapshot.waiting)


async def test_a_store_without_topics_is_read_at_once(redis, key_prefix):
    reader = reader_of(redis, key_prefix)
    assert reader.age_seconds is None
    assert await reader.poll()
    assert reader.snapshot.stream_time is None


async def test_what_changed_is_read_and_merged_over_the_shards(redis, key_prefix, shard):
    first, second = shard(partition=0), shard(partition=1)
    await first.declare(2)
    await first.commit(cells(SCOPE, AT, cell(offered=1)) | total(SCOPE, cell(offered=1)), stream_time=AT, offset=5)
    await second.commit(cells(SCOPE, AT, cell(offered=2)) | total(SCOPE, cell(offered=2)), stream_time=AT + 9)
    reader = reader_of(redis, key_prefix)
    snapshot = await until_complete(reader)
    assert snapshot.totals == {SCOPE: (cell(offered=3), {})}
    assert snapshot.stream_time == AT + 9
    assert snapshot.shards[ShardId("interactions.phone", 0)].offset == 5
    version = snapshot.version
    assert await reader.poll()
    assert snapshot.version == version
    await first.commit(total(SCOPE, cell(offered=4), cell(offered=1)) | waiting("x", SCOPE, AT, None), stream_time=AT)
    await reader.poll()
    assert snapshot.totals == {SCOPE: (cell(offered=6), cell(offered=1))}
    assert snapshot.live(SCOPE, AT + 1000, 500) == (1, 1, 1000)
    await first.commit(gone=("wx", *cells(SCOPE, AT, {})), stream_time=AT)
    await reader.poll()
    assert snapshot.live(SCOPE, AT + 1000, 500).waiting == 0
    assert buckets_of(snapshot)["f", SCOPE] == {AT // 1000: cell(offered=2)}


async def test_rows_of_agents_are_kept_apart_as_they_are_stored(redis, key_prefix, shard):
    phone, agents = shard(), shard("agents.timeline")
    await phone.declare(1)
    await agents.declare(1)
    await phone.commit(waiting("x", SCOPE, AT, None))
    await agents.commit({"wanna": b"anything", "wbert|é": b"else"})
    reader = reader_of(redis, key_prefix)
    snapshot = await until_complete(reader)
    assert snapshot.agents == {"anna": b"anything", "bert|é": b"else"}
    assert [len(rows) for rows in snapshot.waiting.values()] == [1]
    await agents.commit({"wanna": b"other"}, gone=("wbert|é",))
    await reader.poll()
    assert snapshot.agents == {"anna": b"other"}


@pytest.mark.parametrize("limit", [1, 5000])
async def test_a_row_that_has_gone_and_come_again_stands(redis, key_prefix, shard, limit):
    one = shard()
    await one.declare(1)
    await one.commit(waiting("x", SCOPE, AT, None) | waiting("y", SCOPE, AT, None))
    reader = reader_of(redis, key_prefix, limit=limit)
    snapshot = await until_complete(reader)
    await one.commit(gone=("wx", "wy"))
    await one.commit(waiting("x", SCOPE, AT + 5, None))
    await until_complete(reader)
    assert [row.queued_at for row in snapshot.waiting[SCOPE].values()] == [AT + 5]
    assert [*snapshot.waiting[SCOPE]] == [*(await until_complete(reader_of(redis, key_prefix))).waiting[SCOPE]]


async def test_half_hours_are_left_to_those_who_ask_for_them(redis, key_prefix, shard):
    one = shard()
    await one.declare(1)
    await one.commit(cells(SCOPE, AT, cell(offered=1)))
    snapshot = await until_complete(reader_of(redis, key_prefix))
    assert {ring for ring, _ in buckets_of(snapshot)} == {"f", "m", "d"}


async def test_a_large_shard_comes_in_parts_and_shows_only_when_it_is_whole(redis, key_prefix, shard):
    one = shard()
    await one.declare(1)
    for number in range(30):
        await one.commit({**waiting(f"{number}", SCOPE, AT, None), **waiting(f"{number}b", SCOPE, AT, None)})
    await one.commit({f"w{n}": waiting("", SCOPE, AT, None)["w"] for n in range(100, 140)}, gone=("w3",))
    reader = reader_of(redis, key_prefix, limit=7)
    for _ in range(100):
        complete = await reader.poll()
        seen = len(reader.snapshot.waiting.get(SCOPE, {}))
        assert seen == (99 if complete else 0)
        if complete:
            break
    assert complete


@pytest.mark.parametrize("kept", [True, False])
async def test_a_large_shard_is_read_though_no_tombstones_reach_back_to_its_oldest_fields(
    redis, key_prefix, shard, kept
):
    one = shard()
    await one.declare(1)
    for number in range(12):
        await one.commit(waiting(f"{number}", SCOPE, AT, None))
    await redis.hset(one.keys.head, "floor", 9)
    reader = reader_of(redis, key_prefix, limit=5)
    await reader.poll()
    await reader.poll()
    await one.commit(gone=("w0", "w11"))
    if not kept:
        await redis.delete(one.keys.gone)
        await redis.hset(one.keys.head, "floor", one.seq)
    snapshot = await until_complete(reader)
    assert {entity for _, entity in snapshot.waiting[SCOPE]} == {f"w{number}".encode() for number in range(1, 11)}


async def test_a_new_run_an_older_copy_and_lost_tombstones_make_it_read_anew(redis, key_prefix, shard):
    one = shard()
    await one.declare(1)
    reader = reader_of(redis, key_prefix)
    await one.commit(total(SCOPE, cell(offered=1)) | waiting("a", SCOPE, AT, None))
    await one.commit(total(SCOPE, cell(offered=2)))
    await until_complete(reader)

    await redis.hdel(one.keys.read, "wa")  # behind the reader's back, as a restored copy would
    await redis.zrem(one.keys.changed, "wa")
    await reader.poll()
    assert reader.snapshot.waiting[SCOPE]
    await one.commit(run="run2")
    await reader.poll()
    assert SCOPE not in reader.snapshot.waiting, "a new run"

    one.seq = 0
    await redis.delete(one.keys.changed)
    await one.commit(total(SCOPE, cell(offered=1)), run="run2")
    await reader.poll()
    assert reader.snapshot.totals == {SCOPE: (cell(offered=1), {})}, "an older copy"

    await redis.hset(one.keys.head, "floor", 3)
    one.seq = 4
    await redis.delete(one.keys.changed)
    await one.commit(total(SCOPE, cell(offered=7)), run="run2")
    await reader.poll()
    assert reader.snapshot.totals == {SCOPE: (cell(offered=7), {})}, "tombstones no longer reach back"
    fresh = await until_complete(reader_of(redis, key_prefix))
    assert state_of(fresh) == state_of(reader.snapshot)


async def test_an_emptied_store_leaves_nothing_behind(redis, key_prefix, shard):
    one = shard()
    await one.declare(1)
    await one.commit(cells(SCOPE, AT, cell(offered=1)) | total(SCOPE, cell(offered=1)), stream_time=AT)
    reader = reader_of(redis, key_prefix)
    await until_complete(reader)
    await redis.delete(*one.keys)
    await reader.poll()
    assert state_of(reader.snapshot) == ({}, {}, {})
    await redis.delete(f"{key_prefix}topics")
    await reader.poll()
    assert not reader.snapshot.shards


async def test_a_store_that_forgot_the_script_is_told_again(redis, key_prefix, shard):
    one = shard()
    await one.declare(1)
    reader = reader_of(redis, key_prefix)
    await until_complete(reader)
    await redis.script_flush()
    await one.commit(total(SCOPE, cell(offered=1)))
    await reader.poll()
    assert SCOPE in reader.snapshot.totals


async def test_while_redis_is_away_the_last_snapshot_stands_and_then_goes_on(own_redis, key_prefix):
    client = client_of(own_redis.url, socket_timeout=1, socket_connect_timeout=1)
    one = WrittenShard(client, key_prefix, "interactions.phone", 0)
    await one.declare(1)
    await one.commit(total(SCOPE, cell(offered=1)))
    reader = reader_of(client, key_prefix)
    stop = asyncio.Event()
    task = asyncio.create_task(reader.run(stop))
    try:
        await eventually(lambda: SCOPE in reader.snapshot.totals and reader.reachable)
        own_redis.stop()
        await eventually(lambda: not reader.reachable)
        assert reader.snapshot.totals[SCOPE] == (cell(offered=1), {})
        with pytest.raises(RedisError):
            await reader.poll()
        own_redis.start()
        await eventually(lambda: reader.reachable, seconds=15)
    finally:
        stop.set()
        await task
        await client.aclose()


async def eventually(holds, seconds=10):
    for _ in range(seconds * 50):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came to be")
