"""Compares the service with the recount, whenever both stand at the same positions of the log.

Three looks: a consumer of our own reads the interactions' topics from their beginning, the store says up to which
offset each partition is counted, and one page of `/metrics` gives figures together with the number of records that they
are made of. When the store has stood still for a moment at offsets that add up, topic by topic, to that number, the
page shows exactly these offsets (positions only grow); the recount is then taken up to them, and compared.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from contextlib import suppress
from http.client import HTTPException
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from stream.cli.ask import asked
from stream.cli.chaos_page import Compared, Page, compare, page_of, topics
from stream.cli.chaos_recount import Recount
from stream.connections import kafka_options, redis_options
from stream.state.keys import shard_keys

if TYPE_CHECKING:
    from stream.cli.chaos_recount import Place
    from stream.settings import Settings

Positions = tuple[int, ...]
LOOK_SECONDS = 0.2
STILL_SECONDS = 0.06
LOOKS_A_PAGE = 4
ANSWER_SECONDS = 3.0
REMEMBERED = 30
AT_ONCE = 2_000
FRESH_SECONDS = 3.0


class Comparison:
    """Compares without end. Of interactions: `read` records of the log, `counted` by the service; these by result."""

    def __init__(self, settings: Settings, service_url: str) -> None:
        self.last: Compared | None = None
        self.read = 0
        self.counted = 0
        self.results: Counter[str] = Counter()
        self._compared_at = 0.0
        self._goal, self._reached_at = 0, time.monotonic()
        self._compared_to: Positions = ()
        self._settings = settings
        self._url = service_url
        self._channels = topics(settings.topic_prefix)
        self._places: list[Place] = []
        self._to_count: dict[Place, deque[tuple[int, bytes]]] = {}
        self._ends: dict[Place, int] = {}
        self._at: dict[Place, int] = {}
        self._recount = Recount()
        self._still: deque[Positions] = deque(maxlen=REMEMBERED)
        self._suspect = False
        self._consumer: AIOKafkaConsumer | None = None
        self._news = asyncio.Event()

    @property
    def in_step(self) -> bool:
        """Whether a comparison, and the end that the log had by then, are but moments ago."""
        return time.monotonic() - min(self._compared_at, self._reached_at) < FRESH_SECONDS

    async def run(self) -> None:
        """Reads the log and compares, until cancelled."""
        consumer = AIOKafkaConsumer(
            **kafka_options(self._settings), group_id=None, enable_auto_commit=False, isolation_level="read_committed"
        )
        await consumer.start()
        store = Redis.from_url(**redis_options(self._settings), socket_timeout=ANSWER_SECONDS)
        try:
            await self._assign(consumer)
            reading = asyncio.create_task(self._follow(consumer))
            try:
                while not reading.done():
                    with suppress(RedisError, OSError, HTTPException, ValueError):
                        await self._look(store)
                    self._news.set()
                    await asyncio.sleep(LOOK_SECONDS)
                await reading
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
        finally:
            await consumer.stop()
            await store.aclose()

    async def at_the_end(self) -> None:
        """Returns when a comparison has been made at the end of the log. Nobody may write any more."""
        ends: Positions | None = None
        while ends is None:
            with suppress(KafkaError):
                ends = await self._log_ends()
            await self._any_news()
        while self._compared_to != ends:
            await self._any_news()

    async def counts_what_is_read(self) -> None:
        """Returns when the service has counted what has been read of the log by now, and one record more."""
        upto = self.read + 1
        while self.counted < upto:
            await self._any_news()

    async def _any_news(self) -> None:
        self._news.clear()
        await self._news.wait()

    async def _log_ends(self) -> Positions | None:
        if self._consumer is None:
            return None
        partitions = [TopicPartition(*place) for place in self._places]
        ends = await self._consumer.end_offsets(partitions)
        return tuple(ends[partition] for partition in partitions)

    async def _assign(self, consumer: AIOKafkaConsumer) -> None:
        for topic in self._channels:
            await consumer._client._wait_on_metadata(topic)  # noqa: SLF001 - an assignment needs the topic to be known
            self._places += [(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
        for place in self._places:
            self._to_count[place], self._ends[place], self._at[place] = deque(), 0, 0
        partitions = [TopicPartition(*place) for place in self._places]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        self._consumer = consumer

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            try:
                fetched = await consumer.getmany(timeout_ms=200, max_records=AT_ONCE)
            except KafkaError:
                await asyncio.sleep(LOOK_SECONDS)
                continue
            for tp, records in fetched.items():
                place = (tp.topic, tp.partition)
                self._to_count[place].extend((record.offset, record.value) for record in records)
                self._ends[place] = records[-1].offset + 1
            self.read = sum(self._ends.values())
            await asyncio.sleep(0)

    async def _look(self, store: Redis) -> None:
        for _ in range(LOOKS_A_PAGE):
            await self._remember(store)
        page = await asyncio.to_thread(self._page)
        self.results, by_topic = Counter[str](), Counter[str]()
        for (topic, result), number in page.records.items():
            self.results[result] += number
            by_topic[topic] += number
        self.counted = by_topic.total()
        if self.counted >= self._goal:
            self._goal, self._reached_at = self.read, time.monotonic()
        for positions in reversed(self._still):
            if self.counted and self._sums(positions) == +by_topic:
                if await self._recounted_to(positions):
                    self._judge(compare(page.figures, self._recount.figures()), positions)
                return

    async def _remember(self, store: Redis) -> None:
        """Where the shards stand, when that was the same for longer than the service takes to look at them."""
        first = await self._offsets(store)
        await asyncio.sleep(STILL_SECONDS)
        if self._still and any(now < then for now, then in zip(first, self._still[-1], strict=True)):
            self._still.clear()
        if first == await self._offsets(store) and (not self._still or self._still[-1] != first):
            self._still.append(first)

    async def _offsets(self, store: Redis) -> Positions:
        async with store.pipeline() as asked:
            for place in self._places:
                asked.hget(shard_keys(self._settings.key_prefix, *place).head, "offset")
            return tuple(int(offset or 0) for offset in await asked.execute())

    def _sums(self, positions: Positions) -> Counter[str]:
        sums: Counter[str] = Counter()
        for (topic, _), position in zip(self._places, positions, strict=True):
            sums[topic] += position
        return +sums

    def _page(self) -> Page:
        text = asked(f"{self._url}/metrics", self._settings.credentials(), ANSWER_SECONDS)
        return page_of(text.decode(), self._settings.topic_prefix)

    async def _recounted_to(self, positions: Positions) -> bool:
        """Takes the recount up to these positions. False when it is past them, or has not read so far."""
        target = dict(zip(self._places, positions, strict=True))
        if any(not self._at[place] <= target[place] <= self._ends[place] for place in self._places):
            return False
        done = 0
        for place, records in self._to_count.items():
            while records and records[0][0] < target[place]:
                self._recount.add(place, self._channels[place[0]], records.popleft()[1])
                done += 1
                if done % AT_ONCE == 0:
                    await asyncio.sleep(0)
            self._at[place] = target[place]
        return True

    def _judge(self, compared: Compared, positions: Positions) -> None:
        """What differs is said when the next comparison says so too: the store may have gone back in between."""
        if compared.difference and not self._suspect:
            self._suspect = True
            return
        self._suspect = bool(compared.difference)
        self.last, self._compared_at, self._compared_to = compared, time.monotonic(), positions
