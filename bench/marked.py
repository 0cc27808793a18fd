"""A steady stream of events in which now and then somebody enters a queue that nobody leaves: when, and who saw it."""

from __future__ import annotations

import asyncio
import json
import re
import time
from datetime import UTC, datetime
from itertools import cycle, islice
from typing import TYPE_CHECKING

from bench.load import PARTITIONS
from bench.recount import Wrong
from stream.cli.feed import hash_of_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiokafka import AIOKafkaProducer

    from stream.simulator import Record

TICK_SECONDS, MARK_SECONDS = 0.01, 0.1
_TIME = re.compile(rb'"time":"[^"]*"')


def _partition(key: bytes) -> int:
    return int(hash_of_key(key) & 0x7FFFFFFF) % PARTITIONS


class Marks:
    """When each mark was sent, by partition, and how long each of those who look took to see it (s)."""

    def __init__(self) -> None:
        self.sent: list[list[tuple[bytes, float, bool]]] = [[] for _ in range(PARTITIONS)]
        self.seen: dict[str, list[int]] = {}
        self.took: dict[str, list[float]] = {}

    def see(self, who: str, told: Iterable[tuple[int, int]]) -> None:
        """Somebody sees so many of some partitions now. Raises Wrong when that cannot be."""
        now, seen = time.perf_counter(), self.seen.setdefault(who, [0] * PARTITIONS)
        for partition, number in told:
            sent = self.sent[partition]
            if not seen[partition] <= number <= len(sent):
                raise Wrong(f"latency: {who} tells {number} after {seen[partition]} of {len(sent)}")
            took = [now - at for _, at, counts in sent[seen[partition] : number] if counts]
            self.took.setdefault(who, []).extend(took)
            seen[partition] = number

    def all_seen(self, looking: int) -> bool:
        """Whether so many look, and all have seen all that was sent."""
        sent = [len(each) for each in self.sent]
        return len(self.seen) == looking and all(each == sent for each in self.seen.values())


class Sender:
    """Sends events at a steady rate, each with the time of its sending."""

    def __init__(self, producer: AIOKafkaProducer, topic: str, records: list[Record], marks: Marks) -> None:
        self._producer, self._topic, self._marks = producer, topic, marks
        self._next = cycle([(_partition(each.key), each.key, each.value) for each in records])
        self._number = 0

    async def run(self, rate: float, seconds: float, *, counts: bool) -> None:
        """Send for so long; `counts`: whether marks do. Raises Wrong when the rate is not kept then."""
        began, sent, marked = time.perf_counter(), 0, 0
        while (passed := time.perf_counter() - began) < seconds:
            due, marks_due = int(passed * rate), int(passed / MARK_SECONDS)
            await self._send(due - sent, marks_due - marked, counts=counts)
            sent, marked = due, marks_due
            await asyncio.sleep(max(began + passed + TICK_SECONDS - time.perf_counter(), 0))
        if counts and sent < 0.98 * rate * seconds:
            raise Wrong(f"latency: only {sent:,} events could be sent in {seconds:.0f} s")

    async def _send(self, number: int, marks: int, *, counts: bool) -> None:
        at = time.time_ns() // 1_000_000
        told = b'"time":"%b"' % datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").encode()
        batches = [self._producer.create_batch() for _ in range(PARTITIONS)]
        for partition, key, value in islice(self._next, number):
            batches[partition].append(timestamp=at, key=key, value=_TIME.sub(told, value, 1))
        for _ in range(marks):
            self._number += 1
            key = b"mark-%d" % self._number
            partition = _partition(key)
            batches[partition].append(timestamp=at, key=key, value=_TIME.sub(told, _mark(key, partition)))
            self._marks.sent[partition].append((key, time.perf_counter(), counts))
        for partition, batch in enumerate(batches):
            if batch.record_count():
                await self._producer.send_batch(batch, self._topic, partition=partition)


def _mark(key: bytes, partition: int) -> bytes:
    """Somebody enters the queue of a partition."""
    name = key.decode()
    return json.dumps({
        "specversion": "1.0", "id": name, "source": "/bench", "type": "interaction.queued", "time": "",
        "data": {"interaction_id": name, "channel": "phone", "queue": f"marked-{partition}"},
    }, separators=(",", ":")).encode()  # fmt: skip
