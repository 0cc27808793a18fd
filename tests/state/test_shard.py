"""What a commit answers, on both stores."""

from __future__ import annotations

from collections.abc import AsyncIterator
from random import Random
from typing import Any

import pytest
from redis.exceptions import ResponseError

from stream.core.books.entry import field
from stream.core.books.writes import Writes
from stream.state.shard import COMMIT, TOMBSTONES, Outcome, Shard, ShardMoved, _packed
from stream.state.store import Store
from tests.core.memory_shard import MemoryShard
from tests.parts.redis import Redis
from tests.parts.redis import Store as StorePart

NOW = 1_772_463_610_123


@pytest.fixture
async def client(store: StorePart) -> AsyncIterator[Store]:
    client = Store({"url": store.url}, patience=20)
    yield client
    await client.aclose()


@pytest.fixture
async def shard(client: Store, key_prefix: str) -> Shard:
    shard = Shard(client, key_prefix, "interactions.phone", 0)
    await shard.open(100, "rules")
    return shard


def some(**parts: list[str | bytes | int]) -> Writes:
    return Writes(stream_time=5, counts=b"\x80", **parts)


async def test_a_new_shard_starts_where_the_log_does(client: Store, key_prefix: str) -> None:
    shard = Shard(client, key_prefix, "interactions.phone", 1)
    assert await shard.stored_offset() is None
    head = await shard.open(100, "rules")
    assert (head.offset, head.seq, head.epoch, head.counts, head.lost) == (100, 0, 1, None, 0)
    assert (await Shard(client, key_prefix, "interactions.phone", 1).open(0, "rules")).offset == 100


async def test_a_commit_at_the_base_is_applied_and_moves_the_offset(shard: Shard) -> None:
    writes = some(states=["a", b"1"], fields=["cf|0|s", b"2", "wa", b"3"], due=[7, "a"], expiry=[9, "sa"])
    assert await shard.commit(100, 150, writes) == Outcome("applied", 150, 1)
    loaded = await shard.load(["a", "b"], ["cf|0|s", "nothing"], due_by=7, expired_before=10, at_most=5)
    assert loaded.entities == [b"1", None]
    assert loaded.fields == [b"2", None]
    assert (loaded.due, loaded.expired) == (["a"], ["sa"])
    later = await shard.load([], [], due_by=6, expired_before=9, at_most=5)
    assert (later.due, later.expired) == ([], []), "due by its instant, expired only after it"


async def test_pieces_whose_names_are_no_text_are_stored_loaded_and_removed(shard: Shard) -> None:
    long = "\N{BOAR}" * 128
    pieces = [field(name, n) for name in ("anna", long) for n in (0, 7, 31, 65_567)]
    states = [each for n, piece in enumerate(pieces) for each in (piece, b"%d" % n)]
    assert await shard.commit(100, 101, some(states=["anna", b"a", *states])) == Outcome("applied", 101, 1)
    assert (await shard.load(["anna", *pieces], [])).entities == [b"a", *(b"%d" % n for n in range(len(pieces)))]
    gone = some(states=[pieces[0], b"new"], states_gone=["none", *pieces[1:-1]])
    assert await shard.commit(101, 102, gone) == Outcome("applied", 102, 2)
    left = [b"a", b"new", *[None] * (len(pieces) - 2), b"%d" % (len(pieces) - 1)]
    assert (await shard.load(["anna", *pieces], [])).entities == left


async def test_an_older_batch_is_a_duplicate_and_writes_nothing(shard: Shard) -> None:
    await shard.commit(100, 150, some())
    shard.offset = 150
    assert await shard.commit(100, 140, some(states=["a", b"1"])) == Outcome("duplicate", 150, 1)
    assert (await shard.load(["a"], [])).entities == [None]


async def test_a_batch_that_begins_before_the_offset_overlaps(shard: Shard) -> None:
    await shard.commit(100, 150, some())
    assert await shard.commit(120, 200, some()) == Outcome("overlap", 150, 1)


async def test_a_batch_that_begins_behind_the_offset_is_a_gap(shard: Shard) -> None:
    assert await shard.commit(120, 200, some()) == Outcome("gap", 100, 0)


async def test_a_shard_that_is_gone_is_a_gap(shard: Shard) -> None:
    await shard.store.command("DEL", shard.keys.head)
    assert await shard.commit(100, 200, some()) == Outcome("gap", None, 0)
    with pytest.raises(ShardMoved) as moved:
        await shard.load([], [])
    assert moved.value.outcome == Outcome("gap", None, 0)


async def test_an_owner_is_fenced_by_the_next_one(shard: Shard, client: Store, key_prefix: str) -> None:
    successor = Shard(client, key_prefix, "interactions.phone", 0)
    assert (await successor.open(0, "rules")).epoch == 2
    assert await shard.commit(100, 150, some(states=["a", b"1"])) == Outcome("fenced", 100, 0)
    with pytest.raises(ShardMoved, match="fenced"):
        await shard.load([], [])
    assert await successor.commit(100, 150, some()) == Outcome("applied", 150, 1)


async def test_a_commit_whose_answer_was_lost_is_ours_when_asked_again(shard: Shard) -> None:
    assert (await shard.commit(100, 150, some(states=["a", b"1"]))).word == "applied"
    shard.offset = 100  # what the owner still believes
    assert await shard.commit(100, 150, some(states=["a", b"1"])) == Outcome("applied", 150, 1)
    assert shard.offset == 150


@pytest.mark.parametrize("key", ["state", "read", "changed", "gone", "due", "expiry"])
async def test_what_is_not_ours_is_refused_before_the_first_write(shard: Shard, key: str) -> None:
    await shard.store.command("SET", getattr(shard.keys, key), "something else")
    outcome = await shard.commit(100, 150, some(states=["a", b"1"], fields=["f", b"1"], due=[1, "a"]))
    assert outcome.word == "refused"
    assert "string" in outcome.why
    assert await shard.store.command("HGET", shard.keys.head, "offset") == b"100"
    if key != "state":
        assert await shard.store.command("EXISTS", shard.keys.state) == 0


async def test_an_instant_that_is_no_number_is_refused_before_the_first_write(shard: Shard) -> None:
    assert (await shard.commit(100, 150, some(states=["a", b"1"], due=["soon", "a"]))).word == "refused"
    assert (await shard.load(["a"], [])).entities == [None]


async def test_a_head_that_is_no_hash_is_refused_at_opening(client: Store, key_prefix: str) -> None:
    shard = Shard(client, key_prefix, "interactions.phone", 2)
    await client.command("SET", shard.keys.head, "something else")
    with pytest.raises(ResponseError):
        await shard.open(0, "rules")


async def test_many_writes_go_in_one_commit(shard: Shard) -> None:
    names = [f"n{i}" for i in range(9001)]
    flat: list[str | bytes | int] = [part for name in names for part in (name, b"x")]
    due: list[str | bytes | int] = [part for i, name in enumerate(names) for part in (i, name)]
    assert (await shard.commit(100, 101, some(states=list(flat), fields=list(flat), due=due))).word == "applied"
    loaded = await shard.load(names, names, due_by=9000, expired_before=0, at_most=1)
    assert loaded.entities == loaded.fields == [b"x"] * 9001
    assert len(loaded.due) == 9001
    gone: list[str | bytes | int] = list(names)
    assert (await shard.commit(101, 102, some(states_gone=gone, fields_gone=gone, due_gone=gone))).word == "applied"
    assert await shard.store.command("ZCARD", shard.keys.changed) == 0
    assert await shard.store.command("ZCARD", shard.keys.gone) == 9001


def random_writes(random: Random) -> Writes:
    """Some of everything, as the ledger writes it: nothing is both written and gone."""
    names = random.sample([name for n in range(20) for name in (f"{n}", f"é{n}|x", f"n{n}\n\0")], 60)

    def some(n: int) -> list[Any]:
        return [names.pop() for _ in range(random.randint(0, n))]

    def blobs(found: list[Any]) -> list[Any]:
        return [part for name in found for part in (name, random.randbytes(random.choice((0, 1, 7, 300))))]

    def instants(found: list[Any]) -> list[Any]:
        return [part for name in found for part in (random.choice((-5, 0, NOW, 1 << 62)), name)]

    return Writes(
        stream_time=NOW, counts=random.randbytes(9), states=blobs(some(6)), states_gone=some(4), fields=blobs(some(6)),
        fields_gone=some(4), due=instants(some(6)), due_gone=some(4), expiry=instants(some(6)), expiry_gone=some(4),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(10))
async def test_whatever_a_commit_writes_is_what_stands(shard: Shard, seed: int) -> None:
    random, memory, command = Random(seed), MemoryShard(), shard.store.command
    for at in range(100, 120):
        writes = random_writes(random)
        memory.commit(writes)
        assert (await shard.commit(at, at + 1, writes)).word == "applied"
        for key, known in ((shard.keys.state, memory.states), (shard.keys.read, memory.fields)):
            flat = await command("HGETALL", key)
            stored = flat if isinstance(flat, dict) else dict(zip(flat[::2], flat[1::2], strict=True))
            assert stored == {name.encode(): blob for name, blob in known.items()}
        for key, due in ((shard.keys.due, memory.due), (shard.keys.expiry, memory.expiry)):
            scores = await command("ZRANGE", key, 0, -1, "WITHSCORES")
            assert {name: float(score) for name, score in scores} == {n.encode(): float(t) for n, t in due.items()}
        assert set(await command("ZRANGE", shard.keys.changed, 0, -1)) == {name.encode() for name in memory.fields}
        assert await command("HGET", shard.keys.head, "counts") == writes.counts


async def test_bytes_that_do_not_add_up_are_refused_before_the_first_write(
    shard: Shard, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists, values = _packed(some(fields=["a", b"12"]))
    for wrong in ((lists, values + b"3"), (lists, b""), (b"\x90", b"")):
        monkeypatch.setattr("stream.state.shard._packed", lambda _, wrong=wrong: wrong)
        assert (await shard.commit(100, 101, some(states=["a", b"1"]))).word == "refused"
    monkeypatch.undo()
    assert (await shard.commit(100, 101, some(states=["a"]))).word == "refused", "an id without its blob"
    assert await shard.store.command("EXISTS", shard.keys.state) == 0


async def test_a_field_that_comes_again_is_newer_in_what_changed_than_in_what_is_gone(shard: Shard) -> None:
    await shard.commit(100, 101, some(fields=["f", b"1"]))
    await shard.commit(101, 102, some(fields_gone=["f"]))
    assert await shard.store.command("ZSCORE", shard.keys.changed, "f") is None
    await shard.commit(102, 103, some(fields=["f", b"2"]))
    assert float(await shard.store.command("ZSCORE", shard.keys.gone, "f")) == 2
    assert float(await shard.store.command("ZSCORE", shard.keys.changed, "f")) == 3


async def test_only_the_newest_tombstones_are_kept_and_readers_are_told(shard: Shard) -> None:
    many: list[str | bytes | int] = [f"n{i}" for i in range(TOMBSTONES)]
    await shard.commit(100, 101, some(fields_gone=["first"]))
    await shard.commit(101, 102, some(fields_gone=many))
    assert await shard.store.command("ZCARD", shard.keys.gone) == TOMBSTONES
    assert await shard.store.command("ZSCORE", shard.keys.gone, "first") is None
    assert await shard.store.command("HGET", shard.keys.head, "floor") == b"1"


async def test_scripts_that_the_store_forgot_are_sent_again(shard: Shard) -> None:
    await shard.store.command("SCRIPT", "FLUSH")
    assert (await shard.commit(100, 150, some())).word == "applied"


async def test_what_is_lost_can_be_given_up_and_is_counted(client: Store, key_prefix: str) -> None:
    head = await Shard(client, key_prefix, "interactions.phone", 3).open(10, "rules")
    assert head.offset == 10
    head = await Shard(client, key_prefix, "interactions.phone", 3).open(60, "rules", lost_to=60)
    assert (head.offset, head.lost) == (60, 50)


async def test_a_store_that_dies_and_comes_back_is_waited_for(own_store: StorePart, key_prefix: str) -> None:
    client = Store({"url": own_store.url}, patience=30)
    await client.of_each_node("CONFIG", "SET", "appendfsync", "always")  # else a busy disk may lose what was written
    shard = Shard(client, key_prefix, "interactions.phone", 0)
    await shard.open(0, "rules")
    assert (await shard.commit(0, 5, some(states=["a", b"1"]))).word == "applied"
    own_store.kill()
    own_store.restart()
    assert (await shard.commit(5, 9, some())).word == "applied"
    assert (await shard.load(["a"], [])).entities == [b"1"]
    await client.aclose()


async def test_a_store_that_stays_away_is_given_up(own_redis: Redis) -> None:
    client = Store({"url": own_redis.url}, patience=1)
    own_redis.kill()
    with pytest.raises((ConnectionError, OSError, Exception), match="onnect"):
        await client.run(COMMIT, ["a"], [])
    await client.aclose()
