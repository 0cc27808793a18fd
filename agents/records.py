"""Records as they are fetched: a partition's, in batches, between two positions of its consumer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from faust.types import TP

LONGEST_NAME_BYTES = 512
FILLED_BYTES = 8 * 1024 * 1024
"""Of keys and values, in a batch that was filled up: two fetches."""


class Record(Protocol):
    """What is read of a record. `timestamp` in ms, negative when it has none; `timestamp_type` is Kafka's."""

    @property
    def offset(self) -> int:
        """Its place in the log."""

    @property
    def timestamp(self) -> int:
        """When it was made, or written."""

    @property
    def timestamp_type(self) -> int:
        """Whether the producer or the broker has set it."""

    @property
    def key(self) -> bytes | None:
        """Its key."""

    @property
    def value(self) -> bytes | None:
        """Its value."""


class Batch(NamedTuple):
    """Records of one partition. `base`, `end`: the consumer's positions before and after them."""

    tp: TP
    base: int
    end: int
    records: list[Record]

    def filled(self, following: Batch, most: int) -> list[Batch]:
        """The same records, `most` of them in the first batch; both as they are when one does not follow the other.

        Nor is it filled beyond `FILLED_BYTES`: records may be long, and as much waits for each partition.
        """
        room = most - len(self.records)
        if room <= 0 or following.base != self.end:
            return [self, following]
        records, left = self.records + following.records[:room], following.records[room:]
        if _bytes(records) > FILLED_BYTES:
            return [self, following]
        if not left:
            return [Batch(self.tp, self.base, following.end, records)]
        cut = left[0].offset
        return [Batch(self.tp, self.base, cut, records), Batch(self.tp, cut, following.end, left)]


def keys(records: Iterable[Record]) -> list[str]:
    """The names that records go by, each once; a key that can be no name is left to the codec."""
    found = dict.fromkeys([record.key for record in records])
    return [key.decode(errors="replace") for key in found if key is not None and len(key) <= LONGEST_NAME_BYTES]


def about(records: Sequence[Record], most: int) -> tuple[Sequence[Record], int]:
    """The first of them, with so many different keys at most; how many these have."""
    found: set[bytes | None] = set()
    for number, record in enumerate(records):
        found.add(record.key)
        if len(found) > most:
            return records[:number], most
    return records, len(found)


def _bytes(records: Iterable[Record]) -> int:
    return sum([len(record.key or b"") + len(record.value or b"") for record in records])
