"""Counting a namespace beside the live one: how far it may go, how far it is, and when it has caught up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from stream.cli.rebuild_logs import Offsets, behind, name_of, names, stored
from stream.state.namespace_keys import beside_keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stream.cli.progress import Meter
    from stream.cli.rebuild_child import Worker
    from stream.serve.log_ends import LogEnds
    from stream.settings import Settings
    from stream.state.snapshot import ShardId
    from stream.state.store import Store

LOOK_SECONDS = 0.2


class Count:
    """Of one rebuild. `live`, `other`: the settings of the two namespaces; `logs`: of the topics of both."""

    def __init__(self, store: Store, logs: LogEnds, live: Settings, other: Settings) -> None:
        self.store, self.logs, self.live, self.other = store, logs, live, other
        self.inputs, self.sources = names(live, "in"), names(live, "source")

    async def ends(self, topics: Iterable[str]) -> Offsets:
        """Where the logs of topics end. Raises KafkaError."""
        wanted = frozenset(topics)
        return {shard: end for shard, end in (await self.logs.ask()).items() if shard.topic in wanted}

    async def counted(self) -> Offsets:
        """How far the inputs are counted live."""
        return await stored(self.store, self.live, await self.ends(self.inputs))

    async def bound(self, bounds: Offsets) -> None:
        """Let the inputs be counted so far."""
        parts = [part for shard, offset in bounds.items() for part in (name_of(shard), offset)]
        await self.store.command("HSET", beside_keys(self.other.store_prefix).bounds, *parts)

    async def starts(self) -> Offsets:
        """Where the inputs begin in the new figures; where it is not told, with the log."""
        told = await self.store.command("HGETALL", beside_keys(self.other.store_prefix).starts)
        pairs = told.items() if isinstance(told, dict) else zip(told[::2], told[1::2], strict=True)
        by_name = {name.decode(): int(offset) for name, offset in pairs}
        return {shard: by_name.get(name_of(shard), 0) for shard in await self.ends(self.inputs)}

    async def drained(self, of: Settings) -> int:
        """How much is left between the stages of a namespace: 0 when all is counted that came of the inputs."""
        inside = names(of, "internal")
        offsets = await stored(self.store, of, await self.ends(inside))
        return sum((await behind(self.logs, offsets, await self.ends(inside))).values())

    async def left(self, bounds: Offsets) -> int:
        """How much of the inputs is left up to the bounds."""
        return sum((await behind(self.logs, await stored(self.store, self.other, bounds), bounds)).values())

    async def caught_up(self, worker: Worker, bounds: Offsets, meter: Meter | None = None) -> None:
        """Count up to the bounds, and all that comes of it. Raises `Problem` when the worker ends."""
        await self.bound(bounds)
        starts = await self.starts()
        while True:
            worker.lives()
            at = await stored(self.store, self.other, bounds)
            if meter is not None:
                meter.records = done = sum(max(0, offset - starts.get(shard, 0)) for shard, offset in at.items())
                meter.show(done)
            if not await self.left(bounds) and not await self.drained(self.other):
                return
            await asyncio.sleep(LOOK_SECONDS)


def total(bounds: Offsets, starts: Offsets) -> int:
    """How many offsets there are to count."""
    return sum(max(0, bound - starts.get(shard, 0)) for shard, bound in bounds.items())


def all_shards(ends: Iterable[ShardId]) -> list[tuple[str, int]]:
    """As the store has them."""
    return [(shard.topic, shard.partition) for shard in ends]
