"""The cells of one ring of one scope that have not changed for long, of all shards: compressed, in blocks of time.

A cell takes half of its bytes here, and a block some 50 µs to look into. So what moves with the present lies elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from struct import Struct

from cramjam import zstd

PART_BYTES, LEAST_BYTES = 8192, 512
"""So many bytes are compressed together; fewer than the second are left as they are."""
_LEVEL = 1
_HEAD = Struct("<qHI")

Record = tuple[int, int, bytes]
"""A bucket's start (epoch seconds), the number of a shard, its packed cell."""
_Block = tuple[bytes, ...]
"""Records one after the other: parts that are compressed, and one that is not."""


class Archive:
    """Cells by start and shard. `width`: of a block, in seconds. `until`: the latest start that it has ever held.

    No cell is put twice: who changes one takes its bucket out.
    """

    __slots__ = ("_blocks", "_marks", "_width", "until")

    def __init__(self, width: int) -> None:
        self._width, self.until = width, -1
        self._blocks: dict[int, _Block] = {}
        self._marks: dict[int, int] = {}

    def add(self, shard: int, start: int, value: bytes) -> None:
        """One cell more.

        >>> archive = Archive(3600)
        >>> archive.add(1, 300, b"a"); archive.add(2, 7200, b"b")
        >>> list(archive.between(0, 7199)), archive.take(7200), archive.until
        ([(300, 1, b'a')], {2: b'b'}, 7200)
        """
        number = start // self._width
        self._blocks[number] = _with(self._blocks.get(number, (b"",)), start, shard, value)
        self._marks[shard] = self._marks.get(shard, 0) ^ hash((start, value))
        self.until = max(self.until, start)

    def between(self, first: int, last: int) -> Iterator[Record]:
        """All cells of the buckets from `first` to `last`, both included."""
        until = min(last, self.until)
        numbers: Collection[int] = range(first // self._width, until // self._width + 1)
        if len(numbers) > len(self._blocks):
            numbers = [each for each in self._blocks if each in numbers]
        for number in numbers:
            if number in self._blocks:
                yield from (each for each in _records(self._blocks[number]) if first <= each[0] <= until)

    def first(self) -> int | None:
        """The start of the earliest bucket; None: there is none."""
        if not self._blocks:
            return None
        return min(start for start, _, _ in _records(self._blocks[min(self._blocks)]))

    def take(self, start: int) -> dict[int, bytes]:
        """Take a bucket out: its cells by shard; empty where there is none."""
        number = start // self._width
        if start > self.until or number not in self._blocks:
            return {}
        records = list(_records(self._blocks[number]))
        found = {shard: value for at, shard, value in records if at == start}
        if found:
            self._write(number, (each for each in records if each[0] != start))
            for shard, value in found.items():
                self._marks[shard] ^= hash((start, value))
        return found

    def replace(self, shard: int, cells: Mapping[int, bytes]) -> bool:
        """Hold of a shard these cells, by start, and no others. False: they were so before, as far as 64 bits tell."""
        mark = 0
        for each in cells.items():
            mark ^= hash(each)
        if mark == self._marks.get(shard, 0):
            return False
        if self._marks.pop(shard, None) is not None:
            for number, block in list(self._blocks.items()):
                records = list(_records(block))
                if any(each[1] == shard for each in records):
                    self._write(number, (each for each in records if each[1] != shard))
        for start, value in cells.items():
            self.add(shard, start, value)
        return True

    def settle(self) -> None:
        """Compress what has come together while a store was read."""
        for number, (*parts, rest) in self._blocks.items():
            if len(rest) >= LEAST_BYTES:
                self._blocks[number] = (*parts, _compressed(rest), b"")

    def _write(self, number: int, records: Iterable[Record]) -> None:
        block: _Block = (b"",)
        for start, shard, value in records:
            block = _with(block, start, shard, value)
        if block == (b"",):
            del self._blocks[number]
        else:
            self._blocks[number] = block


def _with(block: _Block, start: int, shard: int, value: bytes) -> _Block:
    *parts, rest = block
    rest = b"%b%b%b" % (rest, _HEAD.pack(start, shard, len(value)), value)
    return (*parts, rest) if len(rest) < PART_BYTES else (*parts, _compressed(rest), b"")


def _records(block: _Block) -> Iterator[Record]:
    *parts, rest = block
    unpack, size = _HEAD.unpack_from, _HEAD.size
    for string in (*(bytes(zstd.decompress(part)) for part in parts), rest):
        at = 0
        while at < len(string):
            start, shard, length = unpack(string, at)
            at += size + length
            yield start, shard, string[at - length : at]


def _compressed(string: bytes) -> bytes:
    return bytes(zstd.compress(string, _LEVEL))
