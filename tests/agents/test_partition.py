"""A partition's task beside a consumer that is late and a store that is put back or taken: each record counts once."""

from __future__ import annotations

import asyncio
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest
from faust.types import TP
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents import partition as module
from agents import waiting
from agents.deadletters import Brake
from agents.guard import Guard
from agents.partition import Partition
from agents.records import Batch
from agents.telling import TakenAway
from agents.waiting import Held
from stream.core.stage import Output
from stream.state.shard import Loaded, Outcome, ShardMoved

PLACE = TP("interactions.phone", 0)
MOST = 5


class Stored:
    """What the store has: an offset, and what was counted up to there."""

    def __init__(self) -> None:
        self.offset, self.run = 0, 0
        self.counted: list[int] = []
        self.copy: tuple[int, list[int]] = (0, [])


class FakeShard:
    """As `stream.state.shard`, in memory."""

    name = "phone:0"

    def __init__(self, stored: Stored, most: int) -> None:
        self.stored, self.most = stored, most
        self.open()

    def open(self) -> None:
        self.stored.run += 1
        self.offset, self.run = self.stored.offset, self.stored.run

    async def load(self, entities: Any, fields: Any, *_: int) -> Loaded:
        await asyncio.sleep(0)
        assert len(entities) <= waiting.LEAST_ENTITIES
        stored = self.stored
        if stored.offset < self.offset:
            raise ShardMoved(Outcome("gap", stored.offset, 0))
        if (stored.run, stored.offset) != (self.run, self.offset):
            raise ShardMoved(Outcome("fenced", stored.offset, 0))
        return Loaded([None] * len(entities), [None] * len(fields), [], [])

    async def commit(self, base: int, end: int, writes: list[int]) -> Outcome:
        assert len(writes) <= self.most
        await asyncio.sleep(0)
        stored = self.stored
        if stored.run != self.run:
            return Outcome("fenced", stored.offset, 0)
        if base != stored.offset:
            word = "gap" if base > stored.offset else "duplicate" if end <= stored.offset else "overlap"
            return Outcome(word, stored.offset, 0)  # type: ignore[arg-type]
        stored.counted, stored.offset, self.offset = [*stored.counted, *writes], end, end
        return Outcome("applied", end, 0)


class Told:
    """What Kafka has: outputs that were told, and the mark up to where; which owner may tell."""

    def __init__(self) -> None:
        self.outputs: list[int] = []
        self.mark, self.owner = 0, 0

    def transaction(self, outputs: list[int], upto: int) -> None:
        self.outputs, self.mark = self.outputs + outputs, upto


class FakeTeller:
    """As `agents.transactions`, in memory: it may fail before or after Kafka has ended the transaction."""

    def __init__(self, told: Told, random: Random) -> None:
        self.told, self.random, self.failing = told, random, True
        self.take()

    def take(self) -> None:
        self.told.owner += 1
        self.owner = self.told.owner

    async def tell(self, outputs: list[Any], upto: int) -> None:
        for _ in range(self.random.randint(0, 3)):
            await asyncio.sleep(0)
        luck = self.random.random() if self.failing else 1.0
        if self.owner != self.told.owner or luck < 0.02:
            raise TakenAway("nothing was told")
        self.told.transaction([each.key for each in outputs], upto)
        await asyncio.sleep(0)
        if luck < 0.04:
            raise TakenAway("it was told, and the answer was lost")


class FakeBooks:
    """Counts offsets, and derives an output from each of them but every third. `most`: of them, in a commit."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.handling: int | str | None = None
        self.outputs: list[Any] = []
        self.stream_time = 0
        self.applied: list[int] = []
        self.asked: list[str] = []

    @property
    def crowded(self) -> bool:
        return len(self.applied) >= self.most

    def apply(self, events: list[tuple[int, Any]]) -> None:
        assert self.asked == []
        self.applied += [offset for offset, _ in events]
        self.outputs += [
            Output("interactions.enriched", cast("Any", offset), b"") for offset, _ in events if offset % 3
        ]

    def drop(self) -> None:
        self.applied, self.outputs, self.asked = [], [], []

    committed = drop

    def writes(self) -> list[int]:
        return self.applied

    def ask(self, names: Any) -> list[str]:
        return list(names)

    def lacking(self, events: list[tuple[int, Any]]) -> list[str]:
        self.asked = [f"piece {offset}" for offset, _ in events if offset % 5 == 0]
        return self.asked

    def bring(self, fields: list[str], blobs: list[bytes | None]) -> None:
        assert (fields, len(blobs)) == (self.asked, len(self.asked))
        self.asked = []

    def nothing(self, *_: Any) -> list[str]:
        return []

    learn = learn_fields = count = take_in = finish = nothing


class Consumer:
    """Hands on what it has fetched, in order, some time after it was fetched."""

    def __init__(self, log: list[int], end: int, random: Random, shard: FakeShard, teller: FakeTeller) -> None:
        self.log, self.end, self.random, self.shard, self.teller = log, end, random, shard, teller
        self.position, self.is_full = 0, False
        self.fetched: list[Batch] = []

    def fetch(self) -> None:
        """Up to MOST records from the position; the last of the log ends where the log does."""
        ahead = [offset for offset in self.log if offset >= self.position]
        taken, left = ahead[: (n := self.random.randint(1, MOST))], ahead[n:]
        if taken:
            records: Any = [
                SimpleNamespace(offset=each, key=b"%d" % (each // 2), value=b"v", timestamp=0, timestamp_type=0)
                for each in taken
            ]
            end = self.end if not left else self.random.randint(taken[-1] + 1, left[0])
            self.fetched.append(Batch(PLACE, self.position, end, records))
            self.position = end

    def full(self, _: TP) -> None:
        self.is_full = True

    def hungry(self, _: TP) -> None:
        self.is_full = False

    async def place(self, _: TP, offset: int) -> None:
        await asyncio.sleep(0)
        self.position = offset

    async def confirm(self, _: TP, offset: int) -> bool:
        return offset >= 0

    async def reopen(self, partition: Partition) -> None:
        await asyncio.sleep(0)
        self.teller.take()
        await asyncio.sleep(0)
        partition.told_to = self.teller.told.mark
        await asyncio.sleep(0)
        self.shard.open()

    async def is_braked(self, _: Partition) -> bool:
        return False


def other_owner(random: Random, log: list[int], stored: Stored, told: Told) -> None:
    """Takes the partition, tells some records, and counts them unless it is killed before."""
    told.owner += 1
    more = [each for each in log if each >= stored.offset][: random.randint(0, 3)]
    if more and random.random() < 0.7:
        upto = more[-1] + 1
        if upto > told.mark:
            told.transaction([each for each in more if each >= told.mark and each % 3], upto)
        stored.run += 1
        if random.random() < 0.7:
            stored.counted, stored.offset = stored.counted + more, upto
    else:
        stored.run += 1


async def counted(seed: int, steps: int) -> tuple[list[int], list[int], list[int]]:
    """The offsets of a log, what of it was counted in the end, and told, after so many steps of anything."""
    random = Random(seed)
    log, at = list[int](), 0
    for _ in range(random.randint(1, 60)):
        at += random.choice((0, 0, 0, 1, 4))
        log.append(at)
        at += 1
    end, stored = at + random.choice((0, 2)), Stored()
    books = FakeBooks(random.choice((1, 3, 1000)))
    shard = FakeShard(stored, books.most)
    told = Told()
    teller = FakeTeller(told, random)
    consumer = Consumer(log, end, random, shard, teller)
    brake, metrics = Brake(), SimpleNamespace(**dict.fromkeys(("batch", "commit", "rejected", "outcome"), unmeasured))
    guard = Guard(lambda *_: cast("Any", SimpleNamespace(at=0)), brake, reject_future=False)
    one = Partition(
        PLACE, cast("Any", shard), cast("Any", books), guard, brake, cast("Any", consumer), cast("Any", teller),
        cast("Any", None), cast("Any", metrics), MOST, Held(random.choice((0, 3, 1000))),
    )  # fmt: skip
    task = asyncio.create_task(one.run())
    for step in range(10_000):
        over = step >= steps
        teller.failing = not over
        if not over and random.random() < 0.02:
            stored.copy = stored.offset, stored.counted
        if not over and random.random() < 0.02:
            stored.offset, stored.counted = stored.copy
        if not over and random.random() < 0.02:
            other_owner(random, log, stored, told)
        if not consumer.is_full or random.random() < 0.1:
            consumer.fetch()
        if consumer.fetched and (over or random.random() < 0.6):
            one.offer(consumer.fetched.pop(0))
        for _ in range(random.randint(0, 6)):
            await asyncio.sleep(0)
        if over and stored.offset > log[-1] and not consumer.fetched:
            break
        if over:
            await asyncio.sleep(0.0005)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled(), task.exception()
    return log, stored.counted, told.outputs


def unmeasured(*_: Any) -> None:
    """Nothing is measured."""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(seed=st.integers(0, 1_000_000), steps=st.integers(0, 200))
def test_late_batches_a_store_put_back_other_owners_and_lost_answers_change_nothing(
    monkeypatch: pytest.MonkeyPatch, seed: int, steps: int
) -> None:
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.001)
    monkeypatch.setattr(module, "PIECE", 1)
    monkeypatch.setattr(waiting, "ENTITIES", 0)
    monkeypatch.setattr(waiting, "LEAST_ENTITIES", 2)
    log, found, told = asyncio.run(counted(seed, steps))
    assert found == log
    assert told == [offset for offset in log if offset % 3]
