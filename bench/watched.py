"""The center that viewers watch: 100 queues in Redis, as a worker writes them by the wall clock."""

from __future__ import annotations

import random
import time
from collections import Counter

import msgspec

from bench.recount import Wrong
from stream.core.books.cells import cell_field, total_field
from stream.core.books.writes import Part, Writes
from stream.core.measures import CODES
from stream.core.scope import scope
from stream.core.times.window import RINGS
from stream.state.keys import store_keys
from stream.state.shard import Shard
from stream.state.store import Store

QUEUES, PARTITIONS, TOUCHED = 100, 4, 20
TOPIC, MARKED = "interactions.phone", "marked"
_pack = msgspec.msgpack.encode


class Center:
    """Partitions in Redis, as their worker writes them, by the wall clock."""

    def __init__(self, redis_url: str, key_prefix: str) -> None:
        self._store, self._prefix, self._rng = Store({"url": redis_url}), key_prefix, random.Random(5)
        self._shards = [Shard(self._store, key_prefix, TOPIC, number) for number in range(PARTITIONS)]
        self._cells: dict[tuple[int, str], Counter[int]] = {}

    async def open(self) -> None:
        """Take the shards, and let something have happened in all queues."""
        await self._store.command("HSET", store_keys(self._prefix).topics, TOPIC, _pack((PARTITIONS, b"id")))
        for shard in self._shards:
            await shard.open(0, "bench")
        for number in range(QUEUES):
            await self._commit(number % PARTITIONS, [f"queue{number:02}"])

    async def touch(self) -> int:
        """An interaction more in some queues, and another one who waits in `marked`; since when (ms)."""
        names = self._rng.sample(range(QUEUES), TOUCHED)
        for shard in range(1, PARTITIONS):
            await self._commit(shard, [f"queue{number:02}" for number in names if number % PARTITIONS == shard])
        return await self._commit(0, [MARKED, *(f"queue{each:02}" for each in names if each % PARTITIONS == 0)])

    async def _commit(self, number: int, queues: list[str]) -> int:
        now = time.time_ns() // 1_000_000
        fields: dict[str, bytes] = {}
        for queue in queues:
            of = scope("phone", inbound=True, queue=queue)
            wait = self._rng.randrange(60_000)
            done = {"offered": 1, "answered": 1, "in_threshold": int(wait <= 20_000), "wait_ms": wait, "handled": 1}
            added = Counter({CODES[name]: n for name, n in done.items() if n})
            starts = {ring.name: ring.start(now, "UTC") // 1000 for ring in RINGS.values()}
            for field in (*(cell_field(ring, start, of) for ring, start in starts.items()), total_field(of)):
                cell = self._cells.setdefault((number, field), Counter())
                cell.update(added)
                fields[field] = _pack((dict(cell), {}) if field[0] == "t" else dict(cell))
        if MARKED in queues:
            fields["w" + MARKED] = _pack((scope("phone", inbound=True, queue=MARKED), now, None))
        shard = self._shards[number]
        flat: list[Part] = [part for item in fields.items() for part in item]
        counts = _pack({"applied": shard.offset, "records": shard.offset})
        writes = Writes(stream_time=now, counts=counts, fields=flat)
        outcome = await shard.commit(shard.offset, shard.offset + len(flat), writes)
        if outcome.word != "applied":
            raise Wrong(f"viewers: {outcome}")
        return now

    async def aclose(self) -> None:
        """Let go of the store."""
        await self._store.aclose()
