"""What a batch adds to the figures: the cells of all rings, and the totals.

A contribution is tallied once, by ten seconds (see `tally`); five-minute, half-hour and day cells are sums of those.
What is written are absolute values of the cells touched. A bucket past its keep is unknown: increments for it are
discarded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from stream.core.books.room import Room, Shelf
from stream.core.books.tally import TEN_SECONDS, Buckets, Tally
from stream.core.scope import BY_DAY
from stream.core.times.window import RINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.core.books.writes import Writes
    from stream.core.measures import Cell

FIVE_MINUTES = 300_000
CELL_BYTES, CELL_WEIGHT, FINE_BYTES = 400, 16, 350
"""What a cell takes in memory: so many bytes, and so many for each that is stored; one of ten seconds beside that."""
_EMPTY = b"\x80"
_LEAST, _MOST = -(2**63), 2**64 - 1
_FINE, _MIDDLE, _HALF_HOURS, _DAYS = (RINGS[name] for name in "fmhd")

encode = msgspec.msgpack.Encoder().encode
decode_cell = msgspec.msgpack.Decoder(dict[int, int]).decode
decode_total = msgspec.msgpack.Decoder(tuple[dict[int, int], dict[int, int]]).decode


def cell_field(ring: str, start_s: int, scope: str) -> str:
    """The field that readers find a cell in.

    >>> cell_field("f", 1772463610, "phone|i|qsupport")
    'cf|1772463610|phone|i|qsupport'
    """
    return f"c{ring}|{start_s}|{scope}"


def total_field(scope: str) -> str:
    """The field of a scope's totals: [gained, retracted]."""
    return "t|" + scope


def merge(into: Cell, other: Cell) -> None:
    """Add `other` into `into`; what becomes 0 disappears.

    >>> cell = {1: 2, 3: 1}; merge(cell, {1: 1, 3: -1, 4: 0}); cell
    {1: 3}
    """
    if not into and 0 not in other.values():
        into.update(other)
        return
    for code, n in other.items():
        value = into.get(code, 0) + n
        if value:
            into[code] = value
        else:
            into.pop(code, None)


class Cells:
    """The cells and totals that a partition's owner remembers, and a batch's changes to them.

    Cells of ten seconds are remembered as they are stored: there are many, and few are changed by a second batch.
    `zone_of`: the zone in which a scope's days begin. `room`: for what is remembered between batches.
    """

    def __init__(self, zone_of: Callable[[str], str], room: Room) -> None:
        self._zone_of = zone_of
        self._zones: dict[str, str] = {}
        self._fine: Shelf[bytes] = Shelf(room)
        self._cells: Shelf[Cell] = Shelf(room)
        self._totals: Shelf[tuple[Cell, Cell]] = Shelf(room)
        self._expiries: dict[str, int] = {}
        self._fine_deltas: dict[str, Cell] = {}
        self._deltas: dict[str, Cell] = {}
        self._gained: dict[str, Cell] = {}
        self._retracted: dict[str, Cell] = {}

    def forget(self) -> None:
        """Remember nothing: a commit has failed."""
        self._fine.clear()
        self._cells.clear()
        self._totals.clear()
        self._expiries.clear()
        self._fine_deltas.clear()
        self._deltas.clear()

    def plan(self, tally: Tally, stream_time: int) -> list[str]:
        """Spread a batch's increments over the rings; returns the fields that must be learnt before `write`."""
        kept_from = {ring.name: stream_time - ring.keep_ms for ring in RINGS.values()}
        middle: Buckets = {}
        for (bucket, scope), cell in tally.buckets.items():
            start = bucket * TEN_SECONDS
            if start >= kept_from["f"] and not scope.startswith(BY_DAY):
                self._change("f", start, scope, cell, start + _FINE.keep_ms)
            _into(middle, (start // FIVE_MINUTES, scope), cell)
        half_hours: Buckets = {}
        for (bucket, scope), cell in middle.items():
            start = bucket * FIVE_MINUTES
            if start >= kept_from["m"] and not scope.startswith(BY_DAY):
                self._change("m", start, scope, cell, start + _MIDDLE.keep_ms)
            _into(half_hours, (_HALF_HOURS.start(start, self._zone(scope)), scope), cell)
        days: Buckets = {}
        for (start, scope), cell in half_hours.items():
            if start >= kept_from["h"] and not scope.startswith(BY_DAY):
                self._change("h", start, scope, cell, start + _HALF_HOURS.keep_ms)
            _into(days, (_DAYS.start(start, self._zone(scope)), scope), cell)
        for (start, scope), cell in days.items():
            if start >= kept_from["d"]:
                self._change("d", start, scope, cell, start + _DAYS.keep_ms)
        self._gained, self._retracted = tally.totals(days)
        totals = self._totals.take([total_field(scope) for scope in self._gained])
        return self._fine.take(self._fine_deltas) + self._cells.take(self._deltas) + totals

    def _zone(self, scope: str) -> str:
        zone = self._zones.get(scope)
        if zone is None:
            zone = self._zones[scope] = self._zone_of(scope)
        return zone

    def _change(self, ring: str, start: int, scope: str, delta: Cell, expires: int) -> None:
        name = f"c{ring}|{start // 1000}|{scope}"
        (self._fine_deltas if ring == "f" else self._deltas)[name] = delta
        self._expiries[name] = expires

    def learn(self, names: list[str], values: list[bytes | None], writes: Writes) -> None:
        """Remember fields as they are stored; an absent one is new."""
        for name, value in zip(names, values, strict=True):
            if name[0] == "t":
                self._totals.things[name] = ({}, {}) if value is None else decode_total(value)
                continue
            if name[1] == "f":
                self._fine.things[name] = value or _EMPTY
            else:
                self._cells.things[name] = {} if value is None else decode_cell(value)
            if value is None:
                writes.expiry += (self._expiries[name], "r" + name)

    def write(self, writes: Writes) -> None:
        """Apply the batch's changes to what is remembered, and write the fields touched."""
        fine, cells, totals, fields = self._fine.things, self._cells.things, self._totals.things, writes.fields
        sizes = []
        for name, delta in self._fine_deltas.items():
            stored = fine[name]
            cell = {} if stored == _EMPTY else decode_cell(stored)
            merge(cell, delta)
            packed = fine[name] = _packed(cell)
            fields += (name, packed)
            sizes.append(FINE_BYTES + len(packed))
        self._fine.weigh(list(self._fine_deltas), sizes)
        sizes = []
        for name, delta in self._deltas.items():
            cell = cells[name]
            merge(cell, delta)
            packed = _packed(cell)
            fields += (name, packed)
            sizes.append(CELL_BYTES + CELL_WEIGHT * len(packed))
        self._cells.weigh(list(self._deltas), sizes)
        names, sizes = [], []
        for scope, gained in self._gained.items():
            name = total_field(scope)
            total = totals[name]
            merge(total[0], gained)
            if scope in self._retracted:
                merge(total[1], self._retracted[scope])
            packed = _packed(total)
            fields += (name, packed)
            names.append(name)
            sizes.append(CELL_BYTES + CELL_WEIGHT * len(packed))
        self._totals.weigh(names, sizes)
        self._fine_deltas, self._deltas, self._expiries = {}, {}, {}

    def drop(self, name: str) -> None:
        """A field was pruned."""
        (self._fine if name[1] == "f" else self._cells).drop(name)

    def rest(self) -> None:
        """The batch is over."""
        self._fine.rest()
        self._cells.rest()
        self._totals.rest()


def _packed(sums: Cell | tuple[Cell, Cell]) -> bytes:
    """A cell or totals, as stored; what no 64 bits hold, absurd amounts of money say, is the most that they do."""
    try:
        return encode(sums)
    except OverflowError:
        for cell in (sums,) if isinstance(sums, dict) else sums:
            cell.update({code: max(_LEAST, min(n, _MOST)) for code, n in cell.items()})
        return encode(sums)


def _into(buckets: Buckets, key: tuple[int, str], cell: Cell) -> None:
    known = buckets.get(key)
    if known is None:
        buckets[key] = dict(cell)
    else:
        for code, n in cell.items():
            known[code] = known.get(code, 0) + n
