"""What a batch adds to the figures: the cells of all rings, and the totals.

A contribution is tallied once, by ten seconds (see `tally`); five-minute, half-hour and day cells are sums of those.
What is written are absolute values of the cells touched. A bucket past its keep is unknown: increments for it are
discarded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from stream.core.books.tally import TEN_SECONDS, Buckets, Tally
from stream.core.scope import BY_DAY
from stream.core.times.window import RINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.core.books.writes import Writes
    from stream.core.measures import Cell

FIVE_MINUTES = 300_000
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
    get = into.get
    for code, n in other.items():
        value = get(code, 0) + n
        if value:
            into[code] = value
        else:
            into.pop(code, None)


class Cells:
    """The cells and totals that a partition's owner remembers, and a batch's changes to them.

    `zone_of`: the zone in which a scope's days begin. At most `limit` fields are remembered between batches.
    """

    def __init__(self, zone_of: Callable[[str], str], limit: int = 20_000) -> None:
        self._zone_of = zone_of
        self._zones: dict[str, str] = {}
        self._limit = limit
        self._cells: dict[str, Cell] = {}
        self._totals: dict[str, tuple[Cell, Cell]] = {}
        self._expiries: dict[str, int] = {}
        self._deltas: dict[str, Cell] = {}
        self._gained: dict[str, Cell] = {}
        self._retracted: dict[str, Cell] = {}

    def forget(self) -> None:
        """Remember nothing: a commit has failed."""
        for known in (self._cells, self._totals, self._expiries, self._deltas):
            known.clear()

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
        missing = [name for name in self._deltas if name not in self._cells]
        return missing + [name for scope in self._gained if (name := total_field(scope)) not in self._totals]

    def _zone(self, scope: str) -> str:
        zone = self._zones.get(scope)
        if zone is None:
            zone = self._zones[scope] = self._zone_of(scope)
        return zone

    def _change(self, ring: str, start: int, scope: str, delta: Cell, expires: int) -> None:
        name = f"c{ring}|{start // 1000}|{scope}"
        self._deltas[name] = delta
        self._expiries[name] = expires

    def learn(self, names: list[str], values: list[bytes | None], writes: Writes) -> None:
        """Remember fields as they are stored; an absent one is new."""
        for name, value in zip(names, values, strict=True):
            if name[0] == "t":
                self._totals[name] = ({}, {}) if value is None else decode_total(value)
            else:
                self._cells[name] = {} if value is None else decode_cell(value)
                if value is None:
                    writes.expiry += (self._expiries[name], "r" + name)
            if value is None:
                writes.fields_new.append(name)

    def write(self, writes: Writes) -> None:
        """Apply the batch's changes to what is remembered, and write the fields touched."""
        cells, fields = self._cells, writes.fields
        for name, delta in self._deltas.items():
            cell = cells.pop(name)
            cells[name] = cell
            merge(cell, delta)
            fields += (name, _packed(cell))
        for scope, gained in self._gained.items():
            name = total_field(scope)
            total = self._totals[name]
            merge(total[0], gained)
            if scope in self._retracted:
                merge(total[1], self._retracted[scope])
            fields += (name, _packed(total))
        self._deltas, self._expiries = {}, {}

    def drop(self, name: str) -> None:
        """A field was pruned."""
        self._cells.pop(name, None)

    def trim(self) -> None:
        """Forget the fields longest untouched, down to the limit."""
        while len(self._cells) > self._limit:
            del self._cells[next(iter(self._cells))]


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
