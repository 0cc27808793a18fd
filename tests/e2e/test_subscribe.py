"""The examples of docs/subscribe.md, on Kafka: each event is worked off once, whatever comes twice or is killed."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from tests.core.center import told as event
from tests.e2e.subscriber import Group, Subscriber
from tests.e2e.told_downstream import ALERTS, ENRICHED, Told, breached, closed, expected, history
from tests.parts.subscribers import LANGUAGES
from tests.parts.topics import create_topics
from tests.serve.alerting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from tests.core.center import Record

PARTITIONS, CALLS = 3, 120
MONDAY = 1_772_438_400_000


class Center:
    """Who tells: transactions of ten records, each third taken back and begun again."""

    def __init__(self, producer: AIOKafkaProducer, prefix: str) -> None:
        self._producer, self._prefix = producer, prefix
        self.ends: dict[TopicPartition, int] = {}
        """Behind the last record of each partition that was not taken back."""

    async def tell(self, told: list[Told]) -> None:
        for first in range(0, len(told), 10):
            if first % 30 == 0:
                await self._producer.begin_transaction()
                await self._send([closed("aborted", first), breached("aborted", first), *told[first : first + 5]])
                await self._producer.abort_transaction()
            async with self._producer.transaction():
                await self._send(told[first : first + 10], self.ends)

    async def _send(self, told: Iterable[Told], ends: dict[TopicPartition, int] | None = None) -> None:
        sent = [await self._producer.send(self._prefix + of.topic, of.value, key=of.key.encode()) for of in told]
        await self._producer.flush()
        if ends is not None:
            for record in [await each for each in sent]:
                ends[record.topic_partition] = record.offset + 1


@asynccontextmanager
async def center(kafka, prefix: str) -> AsyncIterator[Center]:
    await create_topics(kafka.address, PARTITIONS, prefix + ALERTS, prefix + ENRICHED)
    async with AIOKafkaProducer(bootstrap_servers=kafka.address, transactional_id=f"{prefix}center") as producer:
        yield Center(producer, prefix)


async def worked_off(subscriber: Subscriber, group: Group, ends: dict[TopicPartition, int]) -> None:
    """Wait until everything is behind the group's offsets."""

    async def reached() -> bool:
        subscriber.lives()
        at = await group.committed()
        return all(at.get(place, 0) >= end for place, end in ends.items())

    await until(reached, f"{subscriber.language} to commit: {subscriber.errors()}", 30)


async def two_are_in(group: Group) -> bool:
    return len(await group.members()) == 2


@pytest.mark.parametrize("language", LANGUAGES)
async def test_each_event_is_worked_off_once_whatever_is_killed(language, kafka, topic_prefix, tmp_path):
    def start() -> Subscriber:
        return Subscriber(language, kafka.address, topic_prefix, tmp_path)

    parts = [history(part, CALLS) for part in range(3)]
    everything = expected([each for part in parts for each in part])
    async with center(kafka, topic_prefix) as telling:
        await telling.tell(parts[0])
        with start() as first:
            group = Group(kafka.address, first.group)
            await until(first.printed, f"{language} to begin: {first.errors()}", 30)
            first.kill()
        await group.bury()

        await telling.tell(parts[1])
        with start() as held, held.held_back_from_storing():
            stored, printed = held.done(), len(held.printed())
            await until(lambda: len(held.printed()) > printed, f"{language} to go on: {held.errors()}", 30)
            held.kill()
        assert held.done() == stored
        await group.bury()

        with start() as third:
            await until(lambda: len(third.done()) > len(stored), f"{language} to store: {third.errors()}", 30)
            third.kill()
        await group.bury()

        with start() as leaving, start() as last:
            await until(partial(two_are_in, group), f"two in the group: {last.errors()}", 30)
            await telling.tell(parts[2])
            leaving.stop()
            await worked_off(last, group, telling.ends)
            done = last.done()
            last.stop()
        assert Counter(done) == everything
        assert set(last.printed()) == set(everything)
        assert await group.members() == []

        await group.rewind()
        with start() as again:
            await worked_off(again, group, telling.ends)
            again.stop()
        assert again.done() == done


def call(name: str, at: int) -> list[tuple[str, Record]]:
    """A phone call that waits for 2.5 s, is answered, and is over after a minute."""
    common = {"interaction_id": name, "channel": "phone"}
    steps = (("started", 0, {}), ("queued", 0, {"queue": "support"}), ("answered", 2500, {"agent_id": "ada"}),
             ("ended", 62_500, {"by": "customer"}))  # fmt: skip
    return [
        event("interactions.phone", name, f"interaction.{kind}", at + after, f"{name}-{kind}", **common, **more)
        for kind, after, more in steps
    ]


async def test_what_a_worker_tells_of_calls_is_worked_off(real_plant, tmp_path):
    async def send(lines: list[tuple[str, Record]]) -> None:
        async with AIOKafkaProducer(bootstrap_servers=real_plant.kafka) as producer:
            for topic, (key, value) in lines:
                await producer.send_and_wait(real_plant.topic_prefix + topic, value, key=key)

    await asyncio.to_thread(real_plant.run, "topics", "apply")
    with real_plant.worker(), Subscriber("python", real_plant.kafka, real_plant.topic_prefix, tmp_path) as example:
        await send([*call("first", MONDAY), *call("second", MONDAY + 1000)])
        told = {f"phone {name} answered: wait 2500 ms, handle 60000 ms" for name in ("first", "second")}
        await until(lambda: set(example.done()) == told, f"the calls: {example.errors()}", 60)
        late = {"interaction_id": "first", "channel": "phone", "agent_id": "ada", "wrap_up_ms": 5000}
        wrapped_up = event("interactions.phone", "first", "interaction.wrapped_up", MONDAY + 67_500, "late", **late)
        await send([wrapped_up, wrapped_up])
        again = "phone first answered: wait 2500 ms, handle 65000 ms"
        await until(lambda: again in example.done(), f"what came late: {example.errors()}", 30)
        example.stop()
    assert Counter(example.done()) == Counter({*told, again})
