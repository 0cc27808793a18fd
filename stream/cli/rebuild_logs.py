"""Where a rebuild is: offsets that the store has, of both namespaces, and the ends of the logs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.topics import TOPICS
from stream.connections import kafka_options
from stream.state.keys import partition_name, shard_keys
from stream.state.snapshot import ShardId

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stream.serve.log_ends import LogEnds
    from stream.settings import Settings
    from stream.state.store import Store

Offsets = dict[ShardId, int]


def names(settings: Settings, *roles: str) -> list[str]:
    """The topics of these roles, as the broker calls them."""
    return [settings.topic(spec.name) for spec in TOPICS.values() if spec.role in roles]


def name_of(shard: ShardId) -> str:
    """How a partition is called in the store."""
    return partition_name(*shard)


async def stored(store: Store, settings: Settings, shards: Iterable[ShardId]) -> Offsets:
    """How far the shards of a namespace are; one that nobody has opened stands at 0."""
    asked = list(shards)
    heads = [shard_keys(settings.store_prefix, *shard).head for shard in asked]
    told = await asyncio.gather(*(store.command("HGET", head, "offset") for head in heads))
    return {shard: int(offset or 0) for shard, offset in zip(asked, told, strict=True)}


async def behind(logs: LogEnds, offsets: Mapping[ShardId, int], to: Mapping[ShardId, int]) -> Offsets:
    """Partitions with a record between their offset and `to`: how much is between. Raises KafkaError.

    An end alone proves no record: markers of transactions stand there too.
    """
    short = {shard: (offsets.get(shard, 0), end) for shard, end in to.items() if offsets.get(shard, 0) < end}
    if not short:
        return {}
    found = await logs.have_records(short)
    return {shard: end - at for shard, (at, end) in short.items() if found.get(shard, True)}


async def since(settings: Settings, shards: Iterable[ShardId], at_ms: int, bounds: Mapping[ShardId, int]) -> Offsets:
    """Where the records begin that have this timestamp (ms) or a later one, at most at the bound. Raises KafkaError."""
    places = {TopicPartition(*shard): shard for shard in shards}
    consumer = AIOKafkaConsumer(**kafka_options(settings), enable_auto_commit=False)
    await consumer.start()
    try:
        told = await consumer.offsets_for_times(dict.fromkeys(places, at_ms))
    finally:
        await consumer.stop()
    return {
        shard: bounds[shard] if (found := told.get(place)) is None else min(found.offset, bounds[shard])
        for place, shard in places.items()
    }
