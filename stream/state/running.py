"""Sums of packed cells, one cell in place of another one, and sums that are kept while their cells change."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import msgspec

from stream.core.books.cells import merge
from stream.core.measures import Cell
from stream.core.times.window import Span

_CODES = {code: code for code in range(8192)}
_versions = count()
decode = msgspec.msgpack.Decoder(dict[int, int]).decode


def total_of(packed: list[bytes]) -> Cell:
    """The sum of packed cells.

    >>> total_of([msgspec.msgpack.encode(cell) for cell in ({1: 2, 3: 1}, {1: 1, 3: -1})])
    {1: 3}
    """
    if not packed:
        return {}
    total = decode(packed[0])
    get = total.get
    for each in packed[1:]:
        for code, n in decode(each).items():
            total[code] = get(code, 0) + n
    return {code: n for code, n in total.items() if n} if 0 in total.values() else total


def exchange(into: Cell, before: Cell, after: Cell) -> None:
    """Take `before` out of a cell and put `after` in; what becomes 0 disappears. Most of their codes are equal.

    >>> total = {1: 3, 2: 9, 5: 1}
    >>> exchange(total, {1: 3, 2: 7, 5: 1}, {1: 3, 2: 8, 4: 1}); total
    {1: 3, 2: 10, 4: 1}
    """
    if not before:
        merge(into, after)
        return
    was, get = before.get, into.get
    for code, n in after.items():
        then = was(code, 0)
        if n != then:
            value = get(code, 0) + n - then
            if value:
                into[code] = value
            else:
                into.pop(code, None)
    if not before.keys() <= after.keys():
        merge(into, {code: -before[code] for code in before.keys() - after.keys()})


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
        """Add to the cell, or subtract. `other`: without zeros."""
        if not other:
            return
        into = self.cell
        get = into.get
        for code, n in other.items():
            before = get(code)
            if before is None:
                into[_CODES.get(code, code)] = n * sign
            else:
                value = before + n * sign
                if value:
                    into[code] = value
                else:
                    del into[code]
        self.version = next(_versions)
