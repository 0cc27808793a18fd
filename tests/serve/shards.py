"""Shards written by hand, in the stored format, so that readers are tested without workers."""

from __future__ import annotations

from typing import Any

import msgspec
from redis.asyncio import Redis

from stream.core.figures.sketch import bin_of
from stream.core.measures import CODES, WAIT_BINS, Cell, add
from stream.core.times.window import RINGS, bucket_start
from stream.state.keys import shard_keys, store_keys

pack = msgspec.msgpack.encode


def cell(**measures: int) -> Cell:
    """A cell by the names of its measures."""
    return {CODES[name]: n for name, n in measures.items()}


def wait(ms: int) -> Cell:
    """An answered segment's wait, in time."""
    return cell(answered=1, in_threshold=1, wait_ms=ms) | {WAIT_BINS + bin_of(ms): 1}


def cells(scope: str, at_ms: int, content: Cell, zone: str = "UTC") -> dict[str, bytes]:
    """One contribution as the fields of all rings."""
    return {f"c{ring}|{bucket_start(ring, at_ms, zone)}|{scope}": pack(content) for ring in RINGS}


def merged(*contributions: dict[str, bytes]) -> dict[str, bytes]:
    """Several contributions as the fields that a worker would have written: what falls into one cell is added up."""
    found: dict[str, Cell] = {}
    for fields in contributions:
        for field, packed in fields.items():
            add(found.setdefault(field, {}), msgspec.msgpack.decode(packed, type=dict[int, int]))
    return {field: pack(content) for field, content in found.items()}


def total(scope: str, gained: Cell, retracted: Cell | None = None) -> dict[str, bytes]:
    """A scope's totals."""
    return {f"t|{scope}": pack((gained, retracted or {}))}


def waiting(entity: str, scope: str, queued_at: int | None, due_at: int | None, *more: Any) -> dict[str, bytes]:
    """One that waits."""
    return {f"w{entity}": pack((scope, queued_at, due_at, *more))}


class WrittenShard:
    """One shard of a test's own."""

    def __init__(self, redis: Redis, prefix: str, topic: str, partition: int) -> None:
        self.redis, self.prefix, self.topic, self.partition = redis, prefix, topic, partition
        self.keys = shard_keys(prefix, topic, partition)
        self.seq = 0

    async def declare(self, partitions: int) -> None:
        """Say that the topic is there."""
        await self.redis.hset(store_keys(self.prefix).topics, self.topic, pack((partitions, b"id")))

    async def commit(
        self,
        fields: dict[str, bytes] | None = None,
        gone: tuple[str, ...] = (),
        *,
        run: str = "run1",
        stream_time: int = 0,
        counts: dict[str, int] | None = None,
        offset: int = 0,
    ) -> None:
        """One commit, as a worker makes it."""
        self.seq += 1
        head, _, read, changed, tombs, *_ = self.keys
        async with self.redis.pipeline() as commit:
            if fields:
                commit.hset(read, mapping=fields)
                commit.zadd(changed, dict.fromkeys(fields, self.seq))
            if gone:
                commit.hdel(read, *gone)
                commit.zrem(changed, *gone)
                commit.zadd(tombs, dict.fromkeys(gone, self.seq))
            commit.hset(
                head,
                mapping={
                    "run": run, "seq": self.seq, "offset": offset, "stream_time": stream_time,
                    "counts": pack(counts or {}),
                },
            )  # fmt: skip
            await commit.execute()
