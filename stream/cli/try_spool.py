"""Records of a file, put in the order of days: exports tell the newest first, by customer, or in no order at all.

Many days are many topics' partitions that are counted at their own pace. What is kept of an agent reaches back three
days, so nobody may be further ahead of the others than that.
"""

from __future__ import annotations

import shutil
from struct import Struct as Layout
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY_MS = 86_400_000
DAYS, RECORDS = 2, 1000
"""What is counted at once: two days, or what is so little that of everybody all is kept."""
BUFFERED = 16 * 1024 * 1024

_length = Layout("<I")


class Record(NamedTuple):
    """To send: topic without prefix, key, value."""

    topic: str
    key: bytes | None
    value: bytes | None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Record).decode


class Spool:
    """Keeps records in a folder of its own, a file a day. `records`: how many there are."""

    def __init__(self, folder: Path) -> None:
        self.records = 0
        self._folder = folder
        self._numbers: dict[int, int] = {}
        self._buffers: dict[int, bytearray] = {}
        self._buffered = self._last_day = 0
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    def add(self, record: Record, at_ms: int | None) -> None:
        """Keeps a record of an instant; one of none belongs to the record before it."""
        day = self._last_day = self._last_day if at_ms is None else at_ms // DAY_MS
        packed = _encode(record)
        self._buffers.setdefault(day, bytearray()).extend(_length.pack(len(packed)) + packed)
        self._numbers[day] = self._numbers.get(day, 0) + 1
        self._buffered += len(packed)
        self.records += 1
        if self._buffered >= BUFFERED:
            self._write()

    def turns(self) -> Iterator[Iterator[Record]]:
        """What is to be counted together, the oldest first."""
        self._write()
        for days in together(self._numbers):
            yield (record for day in days for record in self._of(day))

    def close(self) -> None:
        """Forgets all of it."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _write(self) -> None:
        for day, buffer in self._buffers.items():
            with self._file(day).open("ab") as file:
                file.write(buffer)
        self._buffers.clear()
        self._buffered = 0

    def _of(self, day: int) -> Iterator[Record]:
        with self._file(day).open("rb") as file:
            while head := file.read(_length.size):
                yield _decode(file.read(*_length.unpack(head)))

    def _file(self, day: int) -> Path:
        return self._folder / str(day)


def together(numbers: dict[int, int]) -> Iterator[list[int]]:
    """The days (of so many records each) that may be counted together, in their order.

    >>> list(together({4: 5000, 1: 600, 2: 300, 3: 5000, 5: 10, 90: 10}))
    [[1, 2], [3, 4], [5, 90]]
    """
    days: list[int] = []
    records = 0
    for day in sorted(numbers):
        if days and day - days[0] >= DAYS and records + numbers[day] > RECORDS:
            yield days
            days, records = [], 0
        days.append(day)
        records += numbers[day]
    if days:
        yield days
