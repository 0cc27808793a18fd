"""What is fetched and not committed yet: two batches a partition, and so many bytes over all partitions.

A partition is full, and handed no more, when two batches wait for its task; or when one waits or is worked on, and all
partitions together hold as much as they may. So one that holds nothing is never full: all of them get on.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faust.types import TP

    from agents.records import Batch
    from agents.source import Source

BATCHES = 2
HELD_BYTES = 12 * 1024 * 1024
"""Of values, over all partitions of a process. As Python's objects they take twice as much."""
ENTITIES, LEAST_ENTITIES = 12_000, 500
"""That all batches are about, over all partitions of a process, about; that each of them may be about nevertheless."""
_FETCHED, _LEAST_FETCH, _MOST_FETCH = 16 * 1024 * 1024, 64 * 1024, 2 * 1024 * 1024


def fetch_bytes(partitions: int) -> int:
    """What is fetched of one of so many partitions at once. A record batch that is longer comes nevertheless.

    >>> [fetch_bytes(n) // 1024 for n in (0, 1, 8, 64, 256, 1000)]
    [2048, 2048, 2048, 256, 64, 64]
    """
    return max(_LEAST_FETCH, min(_MOST_FETCH, _FETCHED // max(partitions, 1)))


class Held:
    """What the partitions of a process hold, in bytes of values. `most`: beyond that a partition holds one batch.

    And in how many entities their batches are about, whose objects are in use until the batch is committed.
    """

    def __init__(self, most: int = HELD_BYTES) -> None:
        self.bytes, self.most = 0, most
        self.entities = 0

    @property
    def spare(self) -> int:
        """Of how many entities one more batch may be."""
        return max(LEAST_ENTITIES, ENTITIES - self.entities)

    @contextmanager
    def using(self, entities: int) -> Iterator[None]:
        """A batch is worked on that is about so many."""
        self.entities += entities
        try:
            yield
        finally:
            self.entities -= entities


class Waiting:
    """The batches of one partition that wait for its task, and the one that it works on. `most`: records of a batch."""

    def __init__(self, tp: TP, source: Source, held: Held, most: int) -> None:
        self._tp, self._source, self._held, self._most = tp, source, held, most
        self._batches: deque[tuple[Batch, int]] = deque()
        self._worked_on = 0

    def __len__(self) -> int:
        return len(self._batches)

    def offer(self, batch: Batch) -> None:
        """Queue a batch; one that waits there is filled up first. Beyond the bounds no more are handed on."""
        size = _bytes(batch)
        self._held.bytes += size
        if self._batches:
            last, before = self._batches.pop()
            first, *more = last.filled(batch, self._most)
            after = _bytes(more[0]) if more else 0
            self._batches.append((first, before + size - after))
            self._batches.extend((each, after) for each in more)
        else:
            self._batches.append((batch, size))
        self._feed()

    def take(self) -> Batch:
        """The next batch, which is worked on until `done`."""
        batch, self._worked_on = self._batches.popleft()
        self._feed()
        return batch

    def done(self) -> None:
        """The batch that was taken is committed, or dropped."""
        self._held.bytes -= self._worked_on
        self._worked_on = 0
        self._feed()

    def clear(self) -> None:
        """Drop what waits."""
        self._held.bytes -= sum(size for _, size in self._batches)
        self._batches.clear()
        self._feed()

    def _feed(self) -> None:
        crowded = self._held.bytes >= self._held.most and (self._batches or self._worked_on)
        if crowded or len(self._batches) >= BATCHES:
            self._source.full(self._tp)
        else:
            self._source.hungry(self._tp)


def _bytes(batch: Batch) -> int:
    return sum([len(record.value or b"") for record in batch.records])
