"""The packed cells of one bucket of time of one scope, by shard: a dictionary while they change, else one string.

A center has millions of cells, most of which will never change again; a string of all shards' cells takes 6 bytes a
cell beside them, where an entry of a dictionary takes a hundred.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from struct import Struct

Cells = dict[int, bytes]
"""Number of a shard -> its packed cell."""
Bucket = bytes | Cells

_COUNT = Struct("<H")
_HEADS = [Struct(f"<{number}H{number}I") for number in range(64)]


def packed(cells: Cells) -> bytes:
    """Cells as one string: how many, the shards, how long each is, the cells.

    >>> unpacked(packed({3: b"ab", 1: b"c"}))
    {3: b'ab', 1: b'c'}
    """
    return b"".join(
        (_COUNT.pack(len(cells)), _head(len(cells)).pack(*cells, *map(len, cells.values())), *cells.values())
    )


def unpacked(string: bytes) -> Cells:
    """The cells of a string, in their order."""
    (number,) = _COUNT.unpack_from(string)
    head = _head(number)
    numbers = head.unpack_from(string, 2)
    ends = accumulate(numbers[number:], initial=2 + head.size)
    return {shard: string[at:end] for shard, (at, end) in zip(numbers, pairwise(ends), strict=False)}


def cell(bucket: Bucket, shard: int) -> bytes | None:
    """The cell of one shard; None: there is none.

    >>> cell(packed({3: b"ab", 1: b"c"}), 1), cell({1: b"c"}, 3)
    (b'c', None)
    """
    if isinstance(bucket, dict):
        return bucket.get(shard)
    (number,) = _COUNT.unpack_from(bucket)
    head = _head(number)
    numbers = head.unpack_from(bucket, 2)
    shards, lengths = numbers[:number], numbers[number:]
    if shard not in shards:
        return None
    place = shards.index(shard)
    at = 2 + head.size + sum(lengths[:place])
    return bucket[at : at + lengths[place]]


def cells(bucket: Bucket) -> list[bytes]:
    """The cells of all shards."""
    return list((bucket if isinstance(bucket, dict) else unpacked(bucket)).values())


def joined(string: bytes, shard: int, value: bytes) -> bytes:
    """A string with the cell of one more shard.

    >>> joined(packed({3: b"ab"}), 1, b"c") == packed({3: b"ab", 1: b"c"})
    True
    """
    (number,) = _COUNT.unpack_from(string)
    first, second = 2 + 2 * number, 2 + 6 * number
    return b"%b%b%b%b%b%b%b" % (
        _COUNT.pack(number + 1), string[2:first], _COUNT.pack(shard), string[first:second],
        len(value).to_bytes(4, "little"), string[second:], value,
    )  # fmt: skip


def _head(number: int) -> Struct:
    return _HEADS[number] if number < len(_HEADS) else Struct(f"<{number}H{number}I")
