"""Half-hour cells, which the snapshot leaves out: looked up in Redis when somebody asks. Never writes.

Asked are only the shards that have ever counted something in a scope, field by field, in pieces of a bounded size.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from stream.core.measures import Cell, add
from stream.state.keys import shard_keys

if TYPE_CHECKING:
    from stream.state.reader import Reader
    from stream.state.snapshot import ShardId, Snapshot

MOST_FIELDS = 1_000_000
_PIECE, _AT_ONCE = 1000, 20

_cell = msgspec.msgpack.Decoder(dict[int, int])
Name = tuple[str, int]
HalfHours = dict[Name, Cell]
"""(scope, start in epoch seconds) -> cell, of all shards together; absent where nothing was counted."""


class TooMany(ValueError):
    """More fields than are looked up for one request: the message says how many."""


async def half_hours(reader: Reader, wanted: Mapping[str, Collection[int]]) -> HalfHours:
    """The cells of scopes -> starts (epoch seconds) as Redis has them now. Raises TooMany, RedisError, OSError."""
    places = {scope: _shards(reader.snapshot, scope) for scope in wanted}
    fields = sum(len(wanted[scope]) * len(shards) for scope, shards in places.items())
    if fields > MOST_FIELDS:
        raise TooMany(f"{fields:,} half-hours of queues and partitions to look up; at most {MOST_FIELDS:,} at a time")
    found: HalfHours = {}
    pieces = _pieces(wanted, places)
    while some := list(islice(pieces, _AT_ONCE)):
        async with reader.redis.pipeline(transaction=False) as pipeline:
            for shard, names in some:
                key = shard_keys(reader.key_prefix, *shard).read
                pipeline.hmget(key, [f"ch|{start}|{scope}" for scope, start in names])
            answers = await pipeline.execute()
        for (_, names), values in zip(some, answers, strict=True):
            for name, value in zip(names, values, strict=True):
                if value is not None:
                    add(found.setdefault(name, {}), _cell.decode(value))
    return found


def _shards(snapshot: Snapshot, scope: str) -> list[ShardId]:
    field = f"t|{scope}".encode()
    return [shard for shard, known in snapshot.shards.items() if field in known.others]


def _pieces(
    wanted: Mapping[str, Collection[int]], places: Mapping[str, list[ShardId]]
) -> Iterator[tuple[ShardId, list[Name]]]:
    """What to ask each shard for, in pieces."""
    for shard in {shard for shards in places.values() for shard in shards}:
        names = ((scope, start) for scope, shards in places.items() if shard in shards for start in wanted[scope])
        while piece := list(islice(names, _PIECE)):
            yield shard, piece
