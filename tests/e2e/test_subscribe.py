"""The examples of docs/subscribe.md, on Kafka: each event is worked off once, whatever comes twice or is killed."""

from __future__ import annotations

from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from tests.e2e.subscriber import Group, Subscriber
from tests.e2e.told_downstream import ALERTS, ENRICHED, Told, breached, closed, expected, history
from tests.parts.subscribers import LANGUAGES
from tests.parts.topics import create_topics
from tests.serve.alerting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

PARTITIONS, CALLS = 3, 200


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
            stored, printed, committed = held.done(), len(held.printed()), await group.committed()
            await until(lambda: len(held.printed()) > printed, f"{language} to go on: {held.errors()}", 30)
            held.kill()
        assert (held.done(), await group.committed()) == (stored, committed)
        await group.bury()

        with start() as third:
            await until(lambda: len(third.done()) > len(stored), f"{language} to store: {third.errors()}", 30)
            third.kill()
        await group.bury()

        await telling.tell(parts[2])
        with start() as last:
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
