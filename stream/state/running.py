"""Sums of packed cells, what differs in two of them, and sums that are kept while their cells change."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import msgspec

from stream.core.measures import Cell
from stream.core.times.window import Span

_CODES = {code: code for code in range(8192)}
_versions = count()
_decode = msgspec.msgpack.Decoder(dict[int, int]).decode


def total_of(packed: list[bytes]) -> Cell:
    """The sum of packed cells.

    >>> total_of([msgspec.msgpack.encode(cell) for cell in ({1: 2, 3: 1}, {1: 1, 3: -1})])
    {1: 3}
    """
    if not packed:
        return {}
    total = _decode(packed[0])
    get = total.get
    for each in packed[1:]:
        for code, n in _decode(each).items():
            total[code] = get(code, 0) + n
    return {code: n for code, n in total.items() if n} if 0 in total.values() else total


def difference(before: bytes | None, after: bytes | None) -> Cell:
    """What one packed cell in place of another one adds; None is an empty one. Most of their codes are equal.

    >>> pack = msgspec.msgpack.encode
    >>> difference(pack({1: 3, 2: 7, 5: 1}), pack({1: 3, 2: 8, 4: 1}))
    {2: 1, 4: 1, 5: -1}
    """
    if before is None:
        return {} if after is None else _decode(after)
    return exchanged(_decode(before), {} if after is None else _decode(after))


def exchanged(before: Cell, after: Cell) -> Cell:
    """The same of two cells."""
    was = before.get
    found = {code: n - was(code, 0) for code, n in after.items() if was(code) != n}
    if len(before) + len(found.keys() - before.keys()) != len(after):
        found |= {code: -before[code] for code in before.keys() - after.keys()}
    return found


class Running:
    """`cell` begins with its codes in order, which they mostly keep: who sorts them again has little to do.

    `version`: another one whenever the cell is another one. `told`: what functions said of it, and of which versions.
    A code that is new is one of `_CODES`: decoding makes an integer for each.
    """

    __slots__ = ("cell", "span", "told", "version")

    def __init__(self, of: Span, cell: Cell) -> None:
        self.span, self.cell = of, {_CODES.get(code, code): n for code, n in sorted(cell.items())}
        self.version = next(_versions)
        self.told: dict[Callable[..., Any], tuple[list[int], Any]] = {}

    def add(self, other: Cell, sign: int = 1) -> None:
        """Add to the cell, or subtract."""
        if not other:
            return
        into = self.cell
        get = into.get
        for code, n in other.items():
            before = get(code)
            value = n * sign if before is None else before + n * sign
            if not value:
                into.pop(code, None)
            elif before is None:
                into[_CODES.get(code, code)] = value
            else:
                into[code] = value
        self.version = next(_versions)
