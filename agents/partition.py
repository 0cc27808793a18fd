"""A partition's task: batches in their order, one commit each. Nothing else touches its shard and its books."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Literal

import structlog

from agents.guard import FUTURE_MS, Bug, Guard, Reading
from agents.records import about, keys
from agents.source import opened
from agents.telling import TakenAway
from agents.waiting import Held, Waiting
from schemas.topics import TOPICS
from stream.state.refused import Refused
from stream.state.shard import Outcome, Shard, ShardMoved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faust.types import TP

    from agents.books import Books
    from agents.deadletters import Brake, DeadLetters
    from agents.metrics import Metrics
    from agents.records import Batch, Record
    from agents.source import Source
    from agents.telling import Teller
    from stream.core.books.writes import Writes

    Records = Sequence[Record]

log = structlog.get_logger()

PIECE, PRUNES = 200, 2000
IDLE_SECONDS, MARK_SECONDS = 2.0, 6 * 3600.0
_POLL_SECONDS = 0.5

Standing = Literal["reading", "braked", "waiting", "closed"]


class Partition:
    """One input partition while it is ours. `most`: records in a commit; `held`: what all partitions of ours hold.

    `told_to`: what records before it derive has been told, and is not told again; `forward_to`: what they derive for
    further stages of ours is, which know what they heard. `closed`: nobody may own the shard, for now.
    """

    def __init__(
        self, tp: TP, shard: Shard, books: Books, guard: Guard, brake: Brake, source: Source, teller: Teller,
        dead_letters: DeadLetters, metrics: Metrics, most: int, held: Held,
    ) -> None:  # fmt: skip
        self.tp, self.shard, self.books, self.brake = tp, shard, books, brake
        self.standing: Standing = "reading"
        self.closed = False
        self._guard, self._source, self._metrics = guard, source, metrics
        self.teller, self._dead_letters = teller, dead_letters
        self.told_to, self.forward_to, self._marked_at = 0, 0, -MARK_SECONDS
        self._held, self._waiting = held, Waiting(tp, source, held, most)
        self._news = asyncio.Event()

    def offer(self, batch: Batch) -> None:
        """Queue a batch."""
        self._waiting.offer(batch)
        self._news.set()

    async def run(self) -> None:
        """Work until cancelled. Raises what ends the process."""
        await opened(self, self._source)
        if await self._source.is_braked(self):
            await self._stand()
        while True:
            while not self._waiting:
                await self._idle()
            await self._work(self._waiting.take())
            self._waiting.done()

    async def _idle(self) -> None:
        """Wait for a batch, and see from time to time that the shard is still where we left it."""
        self._news.clear()
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                await self._news.wait()
        except TimeoutError:
            try:
                await self.shard.load((), ())
                await self._mark()
            except ShardMoved as moved:
                await self._recover(moved.outcome)
            except TakenAway as taken:
                await self._recover(Outcome("fenced", self.shard.offset, 0, str(taken)))

    async def _mark(self) -> None:
        """Tell from time to time that all was told: Kafka forgets offsets that nobody commits."""
        at = self.shard.offset
        if at and at >= self.told_to and time.monotonic() - self._marked_at > MARK_SECONDS:
            await self.teller.tell((), at)
            self._marked_at = time.monotonic()

    async def _work(self, batch: Batch) -> None:
        base, records = batch.base, batch.records
        if batch.end <= self.shard.offset:
            return
        if base > self.shard.offset:
            await self._source.place(self.tp, self.shard.offset)
            return
        if base < self.shard.offset:
            base, records = self.shard.offset, [each for each in records if each.offset >= self.shard.offset]
        while base < batch.end:
            began = time.perf_counter()
            reading, end, below = Reading(), batch.end, records
            if base < self.told_to < end:
                end = self.told_to
                below = [record for record in records if record.offset < end]
            taken, entities = about(below, self._held.spare)
            if len(taken) < len(below):
                end = below[len(taken)].offset
            with self._held.using(entities):
                committed = await self._commit(base, end, taken, reading)
            if not committed:
                return
            self._metrics.batch(self.tp, reading.taken, time.perf_counter() - began)
            self.brake.passed(reading.taken)
            records = records[reading.taken :]
            base = self.shard.offset
            if self.brake.tripped:
                await self._source.brake(self)
                await self._stand()
            if reading.future_at is not None:
                await self._wait_for(reading.future_at)

    async def _commit(self, base: int, end: int, records: Records, reading: Reading) -> bool:
        """Commit what can be taken of the records; the batch's `end` if all can. False: the shard has moved."""
        spared: set[str] = set()
        while True:
            try:
                writes = await self._fold(records, reading, spared)
            except Bug as bug:
                self.books.drop()
                reading.again()
                if isinstance(bug.culprit, str):
                    spared.add(bug.culprit)
                else:
                    reading.bugs[bug.culprit] = bug.detail
                    self.brake.rejected(0)
                continue
            except ShardMoved as moved:
                await self._recover(moved.outcome)
                return False
            break
        if reading.taken < len(records):
            end = records[reading.taken].offset
        if reading.taken == 0 and end <= base:
            self.books.drop()
            return True
        try:
            await self._tell(base, end, reading)
        except TakenAway as taken:
            await self._recover(Outcome("fenced", self.shard.offset, 0, str(taken)))
            return False
        began = time.perf_counter()
        outcome = await self.shard.commit(base, end, writes)
        self._metrics.commit(time.perf_counter() - began)
        if outcome.word != "applied":
            await self._recover(outcome)
            return False
        self.books.committed()
        self._metrics.rejected(self.tp, len(reading.letters))
        return True

    async def _tell(self, base: int, end: int, reading: Reading) -> None:
        """Dead letters first: once what is derived has been told, nothing of the batch is sent again."""
        outputs = self.books.outputs
        if base >= self.told_to:
            if reading.letters:
                await self._dead_letters.send(self.tp, reading.letters)
        else:
            outputs = [each for each in outputs if base < self.forward_to and TOPICS[each.topic].role == "internal"]
        if outputs:
            await self.teller.tell(outputs, max(end, self.told_to))
            self._marked_at = time.monotonic()

    async def _fold(self, records: Records, reading: Reading, spared: set[str]) -> Writes:
        """What the records change. Their keys name their entities, else they are rejected.

        They are read and applied piece by piece, so that a piece stays in the processor's cache.
        """
        books, shard, guard = self.books, self.shard, self._guard
        step = guard.step
        wanted = step(books, lambda: books.ask(keys(records)))
        if wanted:
            loaded = await shard.load(wanted, ())
            step(books, lambda: books.learn(wanted, loaded.entities))
        while reading.taken < len(records) and not reading.stopped and not books.crowded:
            events = guard.read(records[reading.taken : reading.taken + PIECE], reading)
            lacking = step(books, partial(books.lacking, events))
            if lacking:
                loaded = await shard.load(lacking, ())
                step(books, partial(books.bring, lacking, loaded.entities))
            step(books, partial(books.apply, events))
        if reading.skipped:
            books.count("skipped", reading.skipped)
        for letter in reading.letters:
            books.count("rejected")
            books.count(f"rejected.{letter.reason}")
        books.count("records", reading.taken)
        now = books.stream_time
        loaded = await shard.load((), (), now, now, PRUNES)
        more = books.take_in(loaded.due, loaded.expired)
        if more:
            loaded = await shard.load(more, ())
            step(books, lambda: books.learn(more, loaded.entities))
        fields = step(books, lambda: books.finish(spared))
        if fields:
            loaded = await shard.load((), fields)
            books.learn_fields(fields, loaded.fields)
        return step(books, books.writes)

    async def _recover(self, outcome: Outcome) -> None:
        ours = self.shard.offset
        log.warning("shard moved", partition=self.shard.name, outcome=outcome.word, stored=outcome.offset, ours=ours)
        self._metrics.outcome(outcome.word)
        self.books.drop()
        self._waiting.clear()
        if outcome.word == "refused":
            raise Refused(f"shard {self.shard.name}: {outcome.why}; the store holds something that is not ours.")
        if outcome.word == "fenced":
            while not await self._source.confirm(self.tp, ours):
                await asyncio.sleep(_POLL_SECONDS)
        await self._source.reopen(self)
        await opened(self, self._source)
        await self._source.place(self.tp, self.shard.offset)

    async def _stand(self) -> None:
        self.standing = "braked"
        log.error("partition braked", partition=self.shard.name, rejected=self.brake.count)
        while await self._source.is_braked(self):
            await asyncio.sleep(_POLL_SECONDS)
        self.brake.release()
        self.standing = "reading"
        log.warning("partition released", partition=self.shard.name)

    async def _wait_for(self, at: int) -> None:
        self.standing = "waiting"
        log.error("partition waits for an event of the future", partition=self.shard.name, time_ms=at)
        while at > time.time() * 1000 + FUTURE_MS:
            await asyncio.sleep(_POLL_SECONDS)
        self.standing = "reading"
