"""Two namespaces at one point of the log."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from stream.cli.rebuild_count import LOOK_SECONDS
from stream.cli.rebuild_differences import Differences, Reading, differences

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from stream.cli.rebuild_child import Worker
    from stream.cli.rebuild_count import Count

_PATIENCE_SECONDS = 5.0
"""So long the live second stage may take to have counted what it was sent; its figures lag by what it has not."""


async def compared(count: Count, worker: Worker, redis: Redis, windows: tuple[str, ...]) -> Differences:
    """What differs where the live figures are now. Raises `Problem`, KafkaError, RedisError."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until and await count.drained(count.live):  # noqa: ASYNC110 - of another process
        await asyncio.sleep(LOOK_SECONDS)
    old, new = Reading(redis, count.live), Reading(redis, count.other)
    await old.read()
    inputs = set(count.inputs)
    at = {shard: known.offset for shard, known in old.follower.snapshot.shards.items() if shard.topic in inputs}
    await count.caught_up(worker, await count.counted() | at)
    await new.read()
    now = max(old.now(), new.now()) if count.live.clock == "event" else old.now()
    return differences(old.figures(windows, now), new.figures(windows, now))
