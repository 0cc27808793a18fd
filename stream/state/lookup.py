"""One entity of a topic, wherever it is: producers choose the partition, so all shards are asked in one pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from redis.asyncio import Redis

from stream.state.keys import shard_keys
from stream.state.snapshot import ShardId


class Found(NamedTuple):
    """A packed entity in its shard, whose stream time is in ms."""

    shard: ShardId
    stream_time: int
    blob: bytes


async def lookup(redis: Redis, key_prefix: str, shards: Iterable[ShardId], name: str) -> list[Found]:
    """The entity in every shard that has it; more than one is a producer's fault. Raises RedisError, OSError."""
    asked = sorted(shards)
    async with redis.pipeline(transaction=False) as pipeline:
        for shard in asked:
            keys = shard_keys(key_prefix, *shard)
            pipeline.hget(keys.state, name)
            pipeline.hget(keys.head, "stream_time")
        answers = await pipeline.execute()
    return [
        Found(shard, int(stream_time or 0), blob)
        for shard, blob, stream_time in zip(asked, answers[::2], answers[1::2], strict=True)
        if blob is not None
    ]


async def lookup_all(
    redis: Redis, key_prefix: str, shards: Iterable[ShardId], names: Sequence[str]
) -> dict[str, bytes]:
    """Those of several packed entities that any shard has, by name. Raises RedisError, OSError."""
    if not names:
        return {}
    async with redis.pipeline(transaction=False) as pipeline:
        for shard in sorted(shards):
            pipeline.hmget(shard_keys(key_prefix, *shard).state, names)
        answers = await pipeline.execute()
    return {name: blob for blobs in answers for name, blob in zip(names, blobs, strict=True) if blob is not None}
