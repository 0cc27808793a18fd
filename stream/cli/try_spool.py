"""Records of a file, put in the order of time: exports tell the newest first, by customer, or in no order at all.

Many days are many topics' partitions that are counted at their own pace. What is kept of an agent reaches back three
days, so nobody may be further ahead of the others than that.
"""

from __future__ import annotations

import shutil
from operator import itemgetter
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
_at = itemgetter(0)


class Record(NamedTuple):
    """To send: its time (ms), topic without prefix, key, value."""

    at: int
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
        self._buffered = 0
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    def add(self, record: Record) -> None:
        """Keeps a record."""
        day = record.at // DAY_MS
        packed = _encode(record)
        self._buffers.setdefault(day, bytearray()).extend(_length.pack(len(packed)) + packed)
        self._numbers[day] = self._numbers.get(day, 0) + 1
        self._buffered += len(packed)
        self.records += 1
        if self._buffered >= BUFFERED:
            self._write()

    def turns(self) -> Iterator[list[Record]]:
        """What is to be counted together, the oldest first, in the order of time."""
        self._write()
        for days in together(self._numbers):
            yield [record for day in days for record in sorted(self._of(day), key=_at)]

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
