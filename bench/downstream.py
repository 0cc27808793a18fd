"""What a worker has told downstream: each event of the log enriched once, and each interaction that ended, closed."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.load import ends
from bench.recount import Wrong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.simulator import Record

TOPIC, CLOSED = "interactions.enriched", "enriched.interaction.closed"
_PATIENCE_SECONDS = 120


class _Data(msgspec.Struct, gc=False):
    interaction_id: str


class _Event(msgspec.Struct, gc=False):
    type: str
    data: _Data


_event = msgspec.json.Decoder(_Event).decode


async def verify(address: str, topic: str, since: Sequence[int], records: Sequence[Record]) -> int:
    """Read what is committed behind these offsets; how many there are. Raises Wrong when it is not what it must be."""
    kinds: Counter[str] = Counter()
    closed: set[str] = set()
    places = [TopicPartition(topic, number) for number in range(len(since))]
    upto = dict(zip(places, await ends(address, topic), strict=True))
    consumer: AIOKafkaConsumer[bytes, bytes] = AIOKafkaConsumer(
        bootstrap_servers=address, isolation_level="read_committed", enable_auto_commit=False,
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )  # fmt: skip
    await consumer.start()
    try:
        consumer.assign(places)
        for place, offset in zip(places, since, strict=True):
            consumer.seek(place, offset)
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while behind := [place for place in places if await consumer.position(place) < upto[place]]:
                for found in (await consumer.getmany(*behind, timeout_ms=1000)).values():
                    events = [_event(record.value) for record in found]
                    kinds.update([event.type for event in events])
                    closed.update([event.data.interaction_id for event in events if event.type == CLOSED])
    finally:
        await consumer.stop()
    told = kinds.total()
    del kinds[CLOSED]
    wanted = [_event(record.value) for record in records]
    if kinds != Counter("enriched." + event.type for event in wanted):
        raise Wrong(f"{topic}: told {sorted(kinds.items())}, which are not the events of the log")
    missing = {event.data.interaction_id for event in wanted if event.type == "interaction.ended"} - closed
    if missing:
        raise Wrong(f"{topic}: {len(missing)} interactions have ended and were not told as closed")
    return told
