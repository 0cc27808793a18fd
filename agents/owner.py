"""The partitions that this process owns: taken at assignment, worked on by a task each, left at revocation."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from aiokafka.errors import KafkaError

from agents.beside import FAR, BesidePartition, Unbraked
from agents.deadletters import Brake, DeadLetters
from agents.guard import Guard
from agents.intake import Intake
from agents.partition import Partition
from agents.waiting import Held
from schemas.codec import decoder
from schemas.topics import TOPICS
from stream.core.books.room import MEGABYTE, Room
from stream.state import incarnation, namespaces
from stream.state.keys import Braked, encode_braked, store_keys
from stream.state.namespace_keys import beside_keys
from stream.state.refused import Refused, Switched
from stream.state.shard import Closed, Shard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from aiokafka import AIOKafkaProducer
    from faust.types import TP

    from agents.app import StreamApp
    from agents.beside import Beside
    from agents.metrics import Metrics
    from agents.processor import Processor
    from agents.records import Batch
    from agents.telling import Tellers
    from stream.settings import Settings
    from stream.state.store import Store

log = structlog.get_logger()

_CANCEL_SECONDS = 0.1


async def cancelled(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks until they are done: a client's own time-out may swallow a cancellation, so once is not enough."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_CANCEL_SECONDS)


class Partitions:
    """All partitions of this process, and what their tasks ask of their surroundings."""

    def __init__(
        self, app: StreamApp, settings: Settings, store: Store, producer: AIOKafkaProducer[bytes, bytes],
        tellers: Tellers, processors: Sequence[Processor], admitted: str, metrics: Metrics, *, accept_loss: bool,
        rebuild: bool = False, beside: Beside | None = None, taken_in: Mapping[TP, int] | None = None,
        new_shard: Callable[[Store, str, str, int], Shard] = Shard,
    ) -> None:  # fmt: skip
        self.owned: dict[TP, Partition] = {}
        self._app, self._settings, self._store, self._metrics = app, settings, store, metrics
        self._processors = {settings.topic(each.topic): each for each in processors}
        self._tellers, self._dead_letters = tellers, DeadLetters(producer, settings.topic_prefix)
        self._admitted, self._accept_loss = admitted, accept_loss
        self._hold_to: dict[TP, int] | None = {} if rebuild else None
        self._taken_in, self._new_shard = dict(taken_in or {}), new_shard
        self._rules, self._pseudonyms = settings.rules().fingerprint(), settings.pseudonyms()
        self._keys, self._beside = store_keys(settings.store_prefix), beside
        self._revisions = beside_keys(settings.store_prefix).revisions
        self._tasks: list[asyncio.Task[None]] = []
        self._opened: list[Partition] = []
        self._turn = 0

    async def take(self, tps: AbstractSet[TP]) -> dict[TP, int]:
        """Own exactly these partitions; where each starts."""
        await self.leave()
        turn, room, held = self._turn, Room(self._settings.cache_mb * MEGABYTE), Held()
        try:
            self._opened = opened = [
                self._partition(tp, room, held) for tp in sorted(tps) if tp.topic in self._processors
            ]
            await self._open(opened)
        except (Refused, KafkaError) as error:
            await self._end(error)
            raise
        if turn != self._turn:
            await asyncio.gather(*(partition.teller.close() for partition in opened))
            return {}
        self.owned = {partition.tp: partition for partition in opened}
        self._tasks = [asyncio.create_task(self._run(partition)) for partition in opened]
        log.info("partitions taken", partitions=[partition.shard.name for partition in opened])
        return {partition.tp: partition.shard.offset for partition in opened}

    async def leave(self) -> None:
        """Stop all work on all partitions."""
        self._turn += 1
        tasks, self._tasks, opened, self._opened = self._tasks, [], self._opened, []
        self.owned = {}
        await cancelled(tasks)
        await asyncio.gather(*(partition.teller.close() for partition in opened))
        self._metrics.left()

    def applied(self) -> dict[TP, int]:
        """The stored offset of each partition; of payloads that are read again, where that ends."""
        return {tp: max(p.shard.offset, self._taken_in.get(tp, 0)) for tp, p in self.owned.items()}

    def offer(self, batch: Batch) -> None:
        """Give a batch to its partition's task; what is not ours is left to its owner."""
        partition = self.owned.get(batch.tp)
        if partition is not None:
            partition.offer(batch)

    def _partition(self, tp: TP, room: Room, held: Held) -> Partition:
        settings, processor = self._settings, self._processors[tp.topic]
        brake = Brake() if self._beside is None else Unbraked()
        spec = TOPICS[processor.topic]
        decode = decoder(spec) if processor.decode is None else processor.decode(settings)
        if self._pseudonyms is not None:
            decode = self._pseudonyms.decoder(spec, decode)
        guard = Guard(decode, brake, reject_future=settings.on_future == "reject")
        shard = self._new_shard(self._store, settings.store_prefix, *tp)
        kind = Partition if self._beside is None else partial(BesidePartition, self._beside, spec.role == "internal")
        return kind(
            tp, shard, processor.books(settings, room), guard, brake, self, self._tellers.of(tp), self._dead_letters,
            self._metrics, settings.max_poll_records, held,
        )  # fmt: skip

    async def _run(self, partition: Partition) -> None:
        try:
            await partition.run()
        except BaseException as error:
            if not isinstance(error, asyncio.CancelledError):
                await self._end(error)
            raise

    async def _end(self, error: BaseException) -> None:
        log.error("the worker ends", error=f"{type(error).__name__}: {error}")
        await self._app.crash(error)

    async def reopen(self, partition: Partition) -> None:
        """Take the shard anew, after it moved."""
        await self._open([partition])

    async def _open(self, partitions: list[Partition]) -> None:
        if not partitions:
            return
        await incarnation.still(self._store, self._settings.store_prefix, self._admitted)
        await self._still_live()
        await asyncio.gather(*(partition.teller.take() for partition in partitions))
        tps = [partition.tp for partition in partitions]
        told, (first, end) = await asyncio.gather(self._tellers.told(tps), self._app.batches.bounds(tps))
        for partition in partitions:
            partition.told_to = told.get(partition.tp, 0) if self._beside is None else FAR
        await asyncio.gather(*(self._open_one(p, first[p.tp], end[p.tp]) for p in partitions))

    async def _open_one(self, partition: Partition, first: int, end: int) -> None:
        shard, stored, lost_to = partition.shard, await partition.shard.stored_offset(), None
        if stored is not None and stored > end:
            raise Refused(
                f"{shard.name}: the store is at {stored}, the log ends at {end}: the topic was recreated, or Kafka"
                " lost data. Count again from the log with --rebuild."
            )
        if stored is not None and stored < first:
            if not self._accept_loss:
                raise Refused(
                    f"{shard.name}: records {stored} to {first - 1} are no longer in the log ({first - stored} lost)."
                    " Start with --accept-loss to go on without them."
                )
            log.error("records lost", partition=shard.name, first=stored, last=first - 1)
            lost_to = first
        await incarnation.began(self._store, self._settings.store_prefix, shard.name, stored, first)
        if partition.told_to > end and self._beside is None:
            log.warning("outputs were told of a former log", partition=shard.name, told_to=partition.told_to, end=end)
            partition.told_to = 0
        if self._hold_to is not None:
            self._hold_to.setdefault(partition.tp, end if self._beside is None else FAR)
            partition.books.hold = True
            if partition.told_to and self._beside is None:
                await self._store.command("HSETNX", self._keys.rebuilt, shard.name, partition.told_to)
        partition.forward_to = int(await self._store.command("HGET", self._keys.rebuilt, shard.name) or 0)
        if self._beside is not None:
            first, partition.forward_to = self._beside.start(shard.name, first), FAR
        taken_in = self._taken_in.get(partition.tp, 0)
        if taken_in > end:
            del self._taken_in[partition.tp]
        elif isinstance(partition.books, Intake) and first <= taken_in:
            first = partition.books.go_on(first, taken_in)
        try:
            head = await shard.open(first, self._rules, lost_to)
        except Closed:
            partition.closed, shard.offset = True, first if stored is None else stored
            return
        partition.closed = False
        told_from = await self._store.command("HGET", self._revisions, partition.tp.topic)
        partition.books.told_from = int(told_from or 0)
        partition.books.open(head.stream_time, head.counts)

    async def _still_live(self) -> None:
        """Raises Switched when another namespace is live."""
        ours = self._settings.namespace
        if self._beside is None and ours is not None:
            live = await namespaces.live(self._store, self._settings.key_prefix)
            if live != ours:
                raise Switched(f"the figures were switched over from {ours} to {live}: start again, to count that one")

    async def may_open(self, partition: Partition) -> bool:
        """Whether a partition that was closed for a switch may be opened, since that switch came to nothing."""
        await self._still_live()
        return await namespaces.opened_again(self._store, self._settings, [partition.tp])

    def let_go(self, reached: Mapping[TP, int]) -> None:
        """In a rebuild nothing is dropped before all inputs have reached the ends that they had when it began."""
        held = self._hold_to
        if held is not None and self.owned and all(reached.get(tp, 0) >= held.get(tp, 0) for tp in self.owned):
            self._hold_to = None
            for partition in self.owned.values():
                partition.books.hold = False
            log.info("rebuilt", partitions=len(self.owned))

    def full(self, tp: TP) -> None:
        """Hand on no more batches of this partition."""
        self._app.consumer.on_buffer_full(tp)

    def hungry(self, tp: TP) -> None:
        """Hand on batches again."""
        self._app.consumer.on_buffer_drop(tp)

    async def place(self, tp: TP, offset: int) -> None:
        """Read on from here."""
        await self._app.batches.place({tp: offset})

    async def confirm(self, tp: TP, offset: int) -> bool:
        """Whether the group still takes this partition to be ours."""
        return await self._app.batches.confirm(tp, offset)

    async def brake(self, partition: Partition) -> None:
        """Put up the sign: a field that `centralino resume` removes."""
        braked = Braked(rejected=partition.brake.count, records=1000, since=int(time.time() * 1000))
        await self._store.command("HSET", self._keys.braked, partition.shard.name, encode_braked(braked))

    async def is_braked(self, partition: Partition) -> bool:
        """Whether the sign is still there."""
        return bool(await self._store.command("HEXISTS", self._keys.braked, partition.shard.name))
