"""How many customers came on which channels: asked of what the store keeps of each, aliases taken into account."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from stream.cli.clock import shards
from stream.cli.store import store
from stream.core.customers.state import Customer
from stream.state.keys import shard_keys

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from stream.cli.store import Store
    from stream.settings import Settings

TOPIC = "customers.timeline"
AT_ONCE = 500

Channels = tuple[str, ...]


async def customers(settings: Settings) -> Counter[Channels]:
    """Customers with an inbound interaction, by the channels of these."""
    found: Counter[Channels] = Counter()
    async with store(settings) as client:
        for topic, partition in await shards(settings, client):
            if topic != settings.topic_prefix + TOPIC:
                continue
            async for name, blob in _states(client, shard_keys(settings.key_prefix, topic, partition).state):
                if channels := _channels(name, blob):
                    found[channels] += 1
    return found


def several(found: Counter[Channels]) -> int:
    """How many came on more than one channel."""
    return sum(number for channels, number in found.items() if len(channels) > 1)


async def _states(client: Store, key: str) -> AsyncIterator[tuple[bytes, bytes]]:
    """Names and packed states of a shard, each once: a scan may tell one again."""
    known: set[bytes] = set()
    cursor: bytes | int | None = None
    while cursor is None or int(cursor):
        cursor, told = await client.command("HSCAN", key, cursor or 0, "COUNT", AT_ONCE)
        for name, blob in told.items() if isinstance(told, dict) else zip(told[::2], told[1::2], strict=True):
            if name not in known:
                known.add(name)
                yield name, blob
        await asyncio.sleep(0)


def _channels(name: bytes, blob: bytes) -> Channels:
    customer = Customer(name.decode())
    customer.load(blob)
    return tuple(sorted({digest.channel for digest in customer.digests().values() if digest.inbound}))
