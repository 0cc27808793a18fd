"""What aiokafka's consumer has fetched and parsed, taken from its buffer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiokafka.consumer.fetcher import FetchResult

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from collections.abc import Set as AbstractSet

    from aiokafka import AIOKafkaConsumer

    from agents.records import Record


async def buffered(
    take: Callable[..., Awaitable[Mapping[Any, Any]]], consumer: AIOKafkaConsumer[Any, Any], tps: AbstractSet[Any],
    most: int | None,
) -> dict[Any, list[Record]]:  # fmt: skip
    """What is buffered of each of these partitions, at most so many, as it was parsed: aiokafka would copy each record.

    `take` is Faust's `_fetch_records`. Its bound is of all partitions together, so whichever came last were given
    scraps. Raises what the broker answered in the place of records, before anything is taken: `take` waits for a new
    assignment, the first time if at all, so each answer is looked at just before it is taken.
    """
    found: dict[Any, list[Record]] = {}
    for tp in tps & consumer._fetcher._records.keys():
        result = consumer._fetcher._records.get(tp)
        if type(result) is FetchResult:
            if result.has_more():
                result._partition_records._consumer_record = _itself
        elif found:
            continue
        found |= await take(consumer, {tp}, 0, most)
    return found or dict(await take(consumer, tps, 0, most))


async def fetched(consumer: AIOKafkaConsumer[Any, Any], seconds: float) -> None:
    """Wait until more is buffered, at most so long. Raises what the group or the broker refused."""
    waiter = consumer._fetcher._create_fetch_waiter()
    done, _ = await asyncio.wait([waiter], timeout=seconds)
    if done:
        waiter.result()
    else:
        waiter.cancel()


def _itself(_: object, record: Record) -> Record:
    return record
