"""What *now* is for commands: the clock, or the latest stream time of all shards."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from stream.state.keys import shard_keys, store_keys

if TYPE_CHECKING:
    from stream.cli.store import Store
    from stream.settings import Settings

_topic = msgspec.msgpack.Decoder(tuple[int, str]).decode


def wall_clock_ms() -> int:
    """The machine's clock, in ms since the epoch."""
    return time.time_ns() // 1_000_000


async def shards(settings: Settings, client: Store) -> list[tuple[str, int]]:
    """Topic, with its prefix, and partition of every shard that the store knows."""
    told = await client.command("HGETALL", store_keys(settings.store_prefix).topics)
    pairs = told.items() if isinstance(told, dict) else zip(told[::2], told[1::2], strict=True)
    return [(topic.decode(), number) for topic, packed in pairs for number in range(_topic(packed)[0])]


async def stream_time(settings: Settings, client: Store, of: list[tuple[str, int]]) -> int:
    """The latest event time (ms) that any of these shards has applied; 0 before the first."""
    heads = [shard_keys(settings.store_prefix, *shard).head for shard in of]
    told = [await client.command("HGET", head, "stream_time") for head in heads]
    return max((int(each) for each in told if each is not None), default=0)
