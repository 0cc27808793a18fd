"""A log through the worker's own partition tasks into a real Redis, without Kafka: `python -m bench.cost.drive`.

Everything but the processor's time is the same each time: batches are cut at so many records, and one partition follows
the other. Reads from stdin what to do, says what was found on stdout.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter, defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import msgspec
import uvloop
from aiokafka.structs import ConsumerRecord
from faust.types import TP
from msgspec import Struct
from redis import Redis

from agents.deadletters import Brake
from agents.guard import Guard
from agents.metrics import Metrics
from agents.partition import Partition
from agents.records import Batch
from agents.waiting import Held
from bench.cost import shifts, workload
from bench.cost.meter import Meter, found
from bench.cost.shifts import Past
from bench.cost.size import Found, Size
from schemas.codec import decoder
from schemas.topics import TOPICS
from stream.core.agents.agent import Agents
from stream.core.books.ledger import Ledger
from stream.core.books.room import Room
from stream.core.customers.customer import Customers
from stream.core.interactions.interaction import Interactions
from stream.core.rules import Rules
from stream.core.times.window import zone_of
from stream.state.shard import Loaded, Outcome, Shard
from stream.state.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stream.core.books.writes import Writes
    from stream.core.stage import Output
    from stream.simulator import Record

KEY_PREFIX = "cost:"


class Task(Struct, frozen=True, kw_only=True):
    """What is folded: the log of `size`, or of so many customers with so many contacts each, or of agents' shifts."""

    redis_url: str
    size: Size
    customers: int = 0
    contacts: int = 0
    agents: int = 0
    past: Past | None = None
    then: bool = False
    """Whether what the first stage tells is folded by the second, too."""


class Counted(Shard):
    """A shard that counts what it is asked for and given."""

    def __init__(self, store: Store, key_prefix: str, topic: str, partition: int) -> None:
        super().__init__(store, key_prefix, topic, partition)
        self.commits = self.written = self.loaded = self.expired = 0
        self.touched: Counter[str] = Counter()

    async def load(
        self,
        entities: Sequence[str | bytes],
        fields: Sequence[str],
        due_by: int = 0,
        expired_before: int = 0,
        at_most: int = 0,
    ) -> Loaded:
        """As it is, and counted."""
        loaded = await super().load(entities, fields, due_by, expired_before, at_most)
        self.loaded += sum(each is not None for each in loaded.entities)
        self.expired += len(loaded.expired)
        return loaded

    async def commit(self, base: int, end: int, writes: Writes) -> Outcome:
        """As it is, and counted."""
        self.commits += 1
        self.written += len(writes.states) // 2
        self.touched.update([str(name)[: 2 if str(name)[0] == "c" else 1] for name in writes.fields[::2]])
        return await super().commit(base, end, writes)


def _forget(ledger: Ledger, most: int) -> None:
    """Of entities the longest unused, beyond so many: what the model's `cache` counts. The worker's bound is of bytes.

    Rooms are compiled, and nothing can take their place.
    """
    entities = ledger._entities  # noqa: SLF001 - see above
    known = [
        (turn, name, shelf)
        for shelf in (entities._objects, entities._blobs)  # noqa: SLF001
        for turn, names in shelf._turns  # noqa: SLF001
        for name in dict.fromkeys(reversed(names))
        if shelf._used.get(name) == turn  # noqa: SLF001
    ]
    known.sort(key=lambda each: each[0])
    for _, name, shelf in known[: max(len(known) - most, 0)]:
        shelf.drop(name)


class Told:
    """The teller of all partitions: nothing goes to Kafka, all is kept."""

    def __init__(self) -> None:
        self.records: dict[str, list[Output]] = defaultdict(list)

    async def take(self) -> None:
        """Nothing to take."""

    async def tell(self, outputs: Sequence[Output], upto: int) -> None:  # noqa: ARG002 - as Teller has it
        """Keep them."""
        for each in outputs:
            self.records[each.topic].append(each)

    async def close(self) -> None:
        """Nothing to close."""


class Unwatched:
    """What a partition's task asks of its surroundings; here there is nobody else."""

    def full(self, tp: TP) -> None:
        """The next batch comes when this one is committed."""

    def hungry(self, tp: TP) -> None:
        """The same."""

    async def is_braked(self, partition: Partition) -> bool:  # noqa: ARG002 - as Source has it
        """Never."""
        return False


def _stage(topic: str, size: Size) -> Any:
    rules = Rules()
    if topic == workload.CUSTOMERS:
        return Customers(rules)
    if topic == workload.AGENTS:
        return Agents(rules)
    phone = msgspec.structs.replace(rules.channels["phone"], keep_closed_ms=int(size.keep_s * 1000))
    return Interactions(msgspec.structs.replace(rules, channels={**rules.channels, "phone": phone}), "phone")


def _batches(tp: TP, records: Sequence[Record], size: int) -> Iterator[Batch]:
    for first in range(0, len(records), size):
        part: list[Any] = [
            ConsumerRecord(
                tp.topic, tp.partition, first + n, each.timestamp_ms, 0, each.key, each.value, None, 0, 0, ()
            )
            for n, each in enumerate(records[first : first + size])
        ]
        yield Batch(tp, first, first + len(part), part)


async def fold(redis_url: str, topic: str, logs: list[list[Record]], size: Size) -> tuple[Found, Told]:
    """Each partition's records, and what that cost from `warm_s` of stream time on."""
    store, told, metrics = Store({"url": redis_url}), Told(), Metrics()
    redis: Any = Redis.from_url(redis_url)
    shards, before, spent = [], Meter(redis), Counter[str]()
    record_bytes = records = 0
    start = min(log[0].at_ms for log in logs) + size.warm_s * 1000
    try:
        for number, log in enumerate(logs):
            tp = TP(topic, number)
            shard = Counted(store, KEY_PREFIX, topic, number)
            ledger = Ledger(_stage(topic, size), partial(zone_of, Rules()), Room(2**60))
            head = await shard.open(0, "bench")
            ledger.open(head.stream_time, head.counts)
            brake = Brake()
            task = Partition(
                tp, shard, ledger, Guard(decoder(TOPICS[topic]), brake, reject_future=True), brake,
                cast("Any", Unwatched()), told, cast("Any", None), metrics, size.batch, Held(),
            )  # fmt: skip
            cold = [each for each in log if each.at_ms < start]
            batches = [*_batches(tp, log, size.batch)]
            warm = len(cold) // size.batch
            running = asyncio.create_task(task.run())
            await _offer(task, batches[:warm], running, partial(_forget, ledger, size.cache))
            since = {name: len(each) for name, each in told.records.items()}
            counted = Counter(_counts(shard, told))
            before.begin()
            await _offer(task, batches[warm:], running, partial(_forget, ledger, size.cache))
            spent.update(before.spent())
            spent.update(_counts(shard, told))
            spent.subtract(counted)
            spent.update({f"told bytes {name}": sum(len(o.key) + len(o.value) for o in each[since.get(name, 0) :])
                          for name, each in told.records.items()})  # fmt: skip
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            counts = log[warm * size.batch :]
            records += len(counts)
            record_bytes += sum(len(each.key) + len(each.value) for each in counts)
            shards.append(shard.keys)
        seconds = (max(log[-1].at_ms for log in logs) - start) / 1000
        return found(redis, shards, spent, records, record_bytes, seconds), told
    finally:
        await store.aclose()
        redis.close()


async def _offer(
    task: Partition, batches: list[Batch], running: asyncio.Task[None], committed: Callable[[], None]
) -> None:  # fmt: skip
    for batch in batches:
        task.offer(batch)
        while task.shard.offset < batch.end:
            if running.done():
                running.result()
            await asyncio.sleep(0)
        committed()


def _counts(shard: Counted, told: Told) -> dict[str, int]:
    counts = {"commits": shard.commits, "written": shard.written, "loaded": shard.loaded, "expired": shard.expired}
    counts |= {f"touched {name}": n for name, n in shard.touched.items()}
    return counts | {f"told {name}": len(each) for name, each in told.records.items()}


async def run(task: Task) -> dict[str, Found]:
    """By topic: of the log, or of customers, or of agents; with `then` of both second stages, too."""
    if task.customers:
        logs = [workload.customers(task.customers, task.contacts)]
        return {workload.CUSTOMERS: (await fold(task.redis_url, workload.CUSTOMERS, logs, task.size))[0]}
    if task.past is not None:
        logs = [shifts.log(task.agents, task.past)]
        return {workload.AGENTS: (await fold(task.redis_url, workload.AGENTS, logs, task.size))[0]}
    first, told = await fold(task.redis_url, workload.TOPIC, workload.log(task.size), task.size)
    answer = {workload.TOPIC: first}
    if task.then:
        for topic in (workload.CUSTOMERS, workload.AGENTS):
            answer[topic] = (
                await fold(task.redis_url, topic, [workload.heard(topic, told.records[topic])], task.size)
            )[0]
    return answer


if __name__ == "__main__":
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(run(asked))))
