"""Slots that move, masters that die: what a worker and a reader notice of it, on a real cluster."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator

import pytest
import redis
from redis.exceptions import MovedError

from stream.core.books.writes import Writes
from stream.state import incarnation
from stream.state.client import client_of
from stream.state.reader import Reader
from stream.state.refused import Refused
from stream.state.shard import Shard
from stream.state.store import Store, passes
from tests.parts.redis import Redis, copied, put_back
from tests.parts.redis_cluster import MASTERS, RedisCluster, slot_of
from tests.serve.shards import WrittenShard, waiting

TOPIC = "interactions.phone"


@pytest.fixture
def retried() -> Counter[str]:
    """Why commands were asked again."""
    return Counter()


@pytest.fixture
async def store(own_cluster: RedisCluster, retried: Counter[str]) -> AsyncIterator[Store]:
    found = Store({"url": own_cluster.url}, patience=60, retried=lambda why: retried.update([why]))
    yield found
    await found.aclose()


async def until(true) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


def some(*states: str | bytes) -> Writes:
    """What leaves no key of a shard away but `gone`."""
    return Writes(
        stream_time=5, counts=b"\x80", states=list(states), fields=["wa", b"3"], due=[7, "a"], expiry=[9, "sa"]
    )


FIELDS_GONE = Writes(stream_time=5, counts=b"\x80", fields_gone=["wx"])


def elsewhere(cluster: RedisCluster, slot: int):
    """A master that does not have this slot."""
    source = cluster.owner(slot)
    return next(node for node in cluster.nodes[:MASTERS] if node is not source)


async def test_what_is_half_on_its_way_is_waited_for_and_then_gone_on_with(store, own_cluster, retried) -> None:
    shard = Shard(store, "c:", TOPIC, 0)
    await shard.open(0, "rules")
    assert (await shard.commit(0, 5, some("a", b"1"))).word == "applied"
    slot = slot_of(shard.keys.head)
    to = elsewhere(own_cluster, slot)
    source = own_cluster.begin_move(slot, to)
    assert own_cluster.move_keys(slot, source, to, at_most=3) == 3
    waiting = asyncio.create_task(shard.commit(5, 9, some("b", b"2")))
    await until(lambda: retried["tryagain"])
    assert not waiting.done()
    while own_cluster.move_keys(slot, source, to):
        pass
    own_cluster.end_move(slot, to)
    assert (await waiting).word == "applied"
    assert (await shard.load(["a", "b"], [])).entities == [b"1", b"2"]
    assert await shard.stored_offset() == 9


async def test_all_that_has_gone_ahead_is_asked_of_the_other_node_side_by_side(store, own_cluster, retried) -> None:
    """redis-py's own client may send ASKING on one connection and the command on another."""
    await store.command("HSET", "{far}:hash", "field", 1)
    slot = slot_of("{far}:hash")
    to = elsewhere(own_cluster, slot)
    source = own_cluster.begin_move(slot, to)
    own_cluster.move_keys(slot, source, to)
    asked = [store.command("HGET", "{far}:hash", "field") for _ in range(200)]
    assert await asyncio.gather(*asked) == [b"1"] * 200
    assert retried == {"ask": 200}
    own_cluster.end_move(slot, to)
    assert await store.command("HGET", "{far}:hash", "field") == b"1"
    assert retried["moved"] == 1
    async with store.client.pipeline(transaction=False) as pipeline:
        for n in range(50):
            pipeline.hset(f"key{n}", "field", n)
        pipeline.hget("{far}:hash", "field")
        assert await pipeline.execute() == [1] * 50 + [b"1"]


async def test_a_shard_that_has_all_its_keys_is_written_where_they_have_gone(store, own_cluster, retried) -> None:
    shard = Shard(store, "c:", TOPIC, 0)
    slot = slot_of(shard.keys.head)
    to = elsewhere(own_cluster, slot)
    source = own_cluster.begin_move(slot, to)
    await shard.open(0, "rules")  # made where the slot goes, by a script that is not known there
    own_cluster.end_move(slot, to)
    await shard.commit(0, 5, some("a", b"1"))
    await shard.commit(5, 6, FIELDS_GONE)
    own_cluster.begin_move(slot, source)
    assert own_cluster.move_keys(slot, to, source, at_most=100) == 7
    retried.clear()
    assert (await shard.commit(6, 9, some("b", b"2"))).word == "applied"
    assert (await shard.load(["a", "b"], [])).entities == [b"1", b"2"]
    assert set(retried) == {"ask"}
    own_cluster.end_move(slot, source)


async def test_a_master_that_dies_is_waited_for_until_it_is_back(store, own_cluster, retried) -> None:
    shards = [Shard(store, "c:", TOPIC, n) for n in range(9)]
    await asyncio.gather(*(shard.open(0, "rules") for shard in shards))
    master = own_cluster.owner(slot_of(shards[0].keys.head))
    master.kill()
    waiting = [asyncio.create_task(shard.commit(0, 5, some("a", b"1"))) for shard in shards]
    await until(lambda: retried["clusterdown"] and retried["connection"])
    master.restart()
    outcomes = [(await each).word for each in waiting]
    assert set(outcomes) <= {"applied", "gap"}, "what was not on disk yet is gone, and counted again"


async def test_a_replica_takes_over_and_a_write_that_it_lacks_is_a_gap(tmp_path) -> None:
    retried = Counter[str]()
    with RedisCluster(tmp_path, replicas=True) as cluster:
        store = Store({"url": cluster.url}, patience=60, retried=lambda why: retried.update([why]))
        shard = Shard(store, "c:", TOPIC, 0)
        await shard.open(0, "rules")
        await shard.commit(0, 5, some("a", b"1"))
        master = cluster.owner(slot_of(shard.keys.head))
        replica = cluster.nodes[cluster.nodes.index(master) + MASTERS]
        await until(lambda: _copied(replica, shard) == "5")
        replica.pause()
        master.ask("CLIENT", "KILL", "TYPE", "replica")
        assert (await shard.commit(5, 9, some("b", b"2"))).word == "applied"
        master.kill()
        replica.resume()
        outcome = await shard.commit(9, 12, some("c", b"3"))
        assert (outcome.word, outcome.offset) == ("gap", 5), "it was acknowledged, and is counted again"
        assert retried["connection"] + retried["clusterdown"] > 0
        assert cluster.owner(slot_of(shard.keys.head)) is replica
        await store.aclose()


def _copied(replica, shard: Shard) -> str | None:
    with redis.Redis(port=replica.port, decode_responses=True) as client:
        client.readonly()
        return client.hget(shard.keys.head, "offset")


async def test_a_node_that_comes_back_empty_is_noticed_shard_by_shard(store, own_cluster) -> None:
    await incarnation.admit(store, "c:", rules="r", topics={}, group_has_commits=False, rebuild=False)
    shards = [Shard(store, "c:", TOPIC, n) for n in range(9)]
    for shard in shards:
        await incarnation.began(store, "c:", shard.name, None, 3)
        await shard.open(3, "rules")
    kept = own_cluster.owner(slot_of("c:began"))
    lost = next(node for node in own_cluster.nodes if node is not kept)
    empty = [shard for shard in shards if own_cluster.owner(slot_of(shard.keys.head)) is lost]
    assert empty
    lost.kill()
    shutil.rmtree(lost.folder / "appendonlydir")
    lost.restart()
    own_cluster.agree()
    for shard in shards:
        stored = await shard.stored_offset()
        assert (stored is None) == (shard in empty)
        await incarnation.began(store, "c:", shard.name, stored, 3)  # the log has all of it
        if stored is None:
            with pytest.raises(Refused, match="has lost all that was counted, and the log begins at 8 now"):
                await incarnation.began(store, "c:", shard.name, stored, 8)


async def test_a_shard_that_moves_stands_for_readers_while_the_others_go_on(own_cluster) -> None:
    client = client_of(own_cluster.url)
    shards = [WrittenShard(client, "c:", TOPIC, n) for n in range(6)]
    await shards[0].declare(len(shards))
    for shard in shards:
        await shard.commit(waiting("a", "s", 1, 2), ("wz",), offset=10)
    reader = Reader(client, key_prefix="c:", topics=(TOPIC,))
    await reader.poll()
    assert await reader.poll()
    slot = slot_of(shards[2].keys.head)
    others = [shard for shard in shards if slot_of(shard.keys.head) != slot]
    to = elsewhere(own_cluster, slot)
    source = own_cluster.begin_move(slot, to)
    own_cluster.move_keys(slot, source, to, at_most=2)
    for shard in others:
        await shard.commit(waiting("a", "s", 1, 2), offset=20)
    assert not await reader.poll()
    assert [reader.snapshot.shards[shard].offset for shard in sorted(reader.snapshot.shards)] == [
        10 if shard not in others else 20 for shard in shards
    ]
    while own_cluster.move_keys(slot, source, to):
        pass
    own_cluster.end_move(slot, to)
    await shards[2].commit(waiting("a", "s", 1, 2), offset=20)
    await reader.poll()
    assert await reader.poll()
    assert {told.offset for told in reader.snapshot.shards.values()} == {20}
    await client.aclose()


@pytest.mark.one_redis
async def test_a_replica_says_that_it_only_reads_and_is_waited_for(own_redis: Redis, retried) -> None:
    store = Store({"url": own_redis.url}, patience=60, retried=lambda why: retried.update([why]))
    await store.command("REPLICAOF", "127.0.0.1", 1)
    waiting = asyncio.create_task(store.command("SET", "c:key", "1"))
    await until(lambda: retried["readonly"])
    await store.command("REPLICAOF", "NO", "ONE")
    await waiting
    assert set(retried) == {"readonly"}
    await store.aclose()


async def test_a_cluster_that_is_taken_for_one_redis_is_named_at_once(own_cluster) -> None:
    store = Store({"url": f"redis://{own_cluster.nodes[0].address}/0"}, patience=60)
    key = next(key for n in range(99) if own_cluster.owner(slot_of(key := f"k{n}")) is not own_cluster.nodes[0])
    with pytest.raises(MovedError) as moved:
        await store.command("GET", key)
    assert passes(moved.value) is None
    await store.aclose()


async def test_a_cluster_that_was_put_back_is_as_it_was(store, own_cluster, tmp_path) -> None:
    await asyncio.gather(*(store.command("SET", f"k{n}", "1") for n in range(30)))
    copied(own_cluster, tmp_path / "copy")
    await asyncio.gather(*(store.command("SET", f"k{n}", "2") for n in range(30)))
    put_back(own_cluster, tmp_path / "copy")
    assert {await store.command("GET", f"k{n}") for n in range(30)} == {b"1"}
