"""A rebuilt namespace takes the live one's place, at an exact point. `docs/decisions/rebuild.md` says why so.

| step | then |
|---|---|
| close | nothing is counted live of inputs and payloads; what they gave to the second stage still is |
| settle | what was told up to there is final, and the second stage has told all that came of it |
| catch up | the new figures are at that very point |
| flip | they are live; workers end, and begin again with them |
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from stream.cli.problem import Problem
from stream.cli.rebuild_count import LOOK_SECONDS, Count, all_shards
from stream.cli.rebuild_logs import names, stored
from stream.state.keys import store_keys
from stream.state.namespace_keys import beside_keys
from stream.state.namespaces import SWITCH_MS, Switch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from stream.cli.rebuild_child import Worker
    from stream.cli.rebuild_logs import Offsets
    from stream.state.snapshot import ShardId

PATIENCE_SECONDS = 30.0
"""So long the live workers may take to count one more record of what is between their stages."""


async def switch(count: Count, worker: Worker, said: Callable[[str], None]) -> None:
    """Switch over, or leave all as it is. Raises `Problem`, KafkaError, RedisError."""
    of = Switch(count.store, count.live)
    if not await of.take():
        raise Problem("somebody else switches now, or did a moment ago and was ended: call again in 15 seconds")
    holding = asyncio.create_task(_hold(of))
    try:
        await _switch(count, of, worker, said)
    except BaseException:
        with suppress(RedisError, OSError):
            await asyncio.shield(of.leave())
        raise
    finally:
        holding.cancel()
        with suppress(asyncio.CancelledError):
            await holding


async def _switch(count: Count, of: Switch, worker: Worker, said: Callable[[str], None]) -> None:
    name, live = str(count.other.namespace), count.live
    inputs, sources = await count.ends(count.inputs), await count.ends(count.sources)
    said("closing the live figures")
    closed = await of.close(all_shards([*inputs, *sources]))
    told = await final_marks(count, [*inputs, *sources])
    bounds = {shard: max(closed.get((shard.topic, shard.partition), 0), told.get(shard, 0)) for shard in inputs}
    await count.bound(bounds)
    said("waiting for what they still have to tell")
    await _settled(count)
    inside = await count.ends(names(live, "internal"))
    await of.close(all_shards(inside))
    await final_marks(count, inside)
    said("counting up to that point")
    await count.caught_up(worker, bounds)
    await asyncio.to_thread(worker.stop)
    await _take_sources(count, of, sources)
    await _revise(count, inside)
    if not await of.flip(name):
        raise Problem("the switch took so long that the live workers went on: nothing has changed, call again")


async def _hold(of: Switch) -> None:
    while await of.renew():  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(SWITCH_MS / 5000)


async def final_marks(count: Count, shards: Collection[ShardId]) -> Offsets:
    """Up to where what comes of these has been told, from now on for good: nobody who told it before can any more."""
    from faust.types import TP  # noqa: PLC0415

    from agents.delivery import tellers  # noqa: PLC0415 - Faust takes a second to import
    from agents.outputs import new_producer  # noqa: PLC0415

    async with AsyncExitStack() as stack:
        producer = new_producer(count.live)
        await producer.start()
        stack.push_async_callback(producer.stop)
        telling = await tellers(count.live, producer, stack)
        places = {TP(*shard): shard for shard in shards}
        each = [telling.of(place) for place in places]
        try:
            await asyncio.gather(*(one.take() for one in each))
            told = await telling.told(places)
        finally:
            await asyncio.gather(*(one.close() for one in each))
    return {places[place]: offset for place, offset in told.items()}


async def _settled(count: Count) -> None:
    """Wait until the live second stage has counted all. Raises `Problem` when nobody counts it."""
    inside, since = names(count.live, "internal"), time.monotonic()
    before: Offsets = {}
    while left := await count.drained(count.live):
        now = await stored(count.store, count.live, await count.ends(inside))
        if now != before:
            before, since = now, time.monotonic()
        elif time.monotonic() - since > PATIENCE_SECONDS:
            raise Problem(
                f"nobody counts what the live figures still have to tell ({left:,} records of {', '.join(inside)}):"
                " is a worker running? Nothing has changed: start one, and call again"
            )
        await asyncio.sleep(LOOK_SECONDS)


async def _revise(count: Count, inside: Mapping[ShardId, int]) -> None:
    """What is told from now on has higher revisions than all that was told: it is told of records of other topics."""
    live, other = (beside_keys(of.store_prefix).revisions for of in (count.live, count.other))
    for before, after in zip(names(count.live, "internal"), names(count.other, "internal"), strict=True):
        ends = [end for shard, end in inside.items() if shard.topic == before]
        told = int(await count.store.command("HGET", live, before) or 0) + max(ends, default=0)
        await count.store.command("HSET", other, after, told)


async def _take_sources(count: Count, of: Switch, sources: Collection[ShardId]) -> None:
    """How far payloads were taken in is no figure, and goes over as it is."""
    live, other = store_keys(count.live.store_prefix).topics, store_keys(count.other.store_prefix).topics
    await of.take_over(all_shards(sources), count.other)
    for topic in count.sources:
        packed = await count.store.command("HGET", live, topic)
        if packed is not None:
            await count.store.command("HSET", other, topic, packed)
