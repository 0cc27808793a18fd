"""What all shards say, in memory: cells, totals, who waits, how far each is. Pure: fed by `reader`, read by `serve`.

Everything is kept per shard as it was read, so that a shard that is read anew changes only what differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

import msgspec

from stream.core.figures.row import Live
from stream.core.measures import Cell
from stream.core.stage import Open
from stream.core.times.window import Span, Window
from stream.state.open_rows import OpenRows, Rows
from stream.state.sums import Part, Series, Sums
from stream.state.totals import Totals

_open = msgspec.msgpack.Decoder(Open)
T = TypeVar("T")
AGENTS = "agents.timeline"


class ShardId(NamedTuple):
    """One input partition. `topic` with its prefix."""

    topic: str
    partition: int


class Shard:
    """One shard as it was last read: cells by ring and scope, the other fields as bytes, and how far it is."""

    __slots__ = ("cells", "counts", "offset", "others", "stream_time")

    def __init__(self) -> None:
        self.cells: dict[tuple[bytes, bytes], tuple[Part, Series]] = {}
        self.others: dict[bytes, bytes] = {}
        self.offset = 0
        self.stream_time = 0
        self.counts: dict[str, int] = {}

    def fields(self) -> Iterator[bytes]:
        """The names of all fields."""
        yield from self.others
        for (ring, scope), (part, _) in self.cells.items():
            for start in part:
                yield b"%b|%d|%b" % (ring, start, scope)


class Snapshot:
    """All shards added up. `version` rises with every change, `stream_time` (ms) is the latest of all shards.

    `open`: the rows of live interactions. `agents`: agent id -> packed row of the stage that knows agents.
    """

    def __init__(self) -> None:
        self.shards: dict[ShardId, Shard] = {}
        self.sums = Sums()
        self.totals = Totals()
        self.open = OpenRows()
        self.agents: dict[str, bytes] = {}
        self.version = 0

    @property
    def waiting(self) -> dict[str, Rows]:
        """The rows of all live interactions by scope, also of those that wait for nothing."""
        return self.open.all

    @property
    def stream_time(self) -> int | None:
        """The latest event time (ms) that any shard has applied; None before the first."""
        return max((shard.stream_time for shard in self.shards.values() if shard.stream_time), default=None)

    def scopes(self) -> set[str]:
        """Every scope that has ever counted something, or in which something waits."""
        return {*self.totals, *self.open.scopes()}

    def progress(self, shard: ShardId, offset: int, stream_time: int, counts: dict[str, int]) -> None:
        """How far a shard is. A new shard is empty until it is fed."""
        known = self.shards.setdefault(shard, Shard())
        known.offset, known.stream_time, known.counts = offset, stream_time, counts
        self.version += 1

    def feed(self, shard: ShardId, gone: Iterable[bytes], fields: Iterable[tuple[bytes, bytes]]) -> None:
        """Take in fields of a shard: the removed first, then the written."""
        known = self.shards.setdefault(shard, Shard())
        others = known.others
        for field in gone:
            if field[:1] == b"c":
                self._drop(known, field)
            elif others.pop(field, None) is not None:
                self._apply(shard, field, None)
        for field, value in fields:
            if field[:1] == b"c":
                ring, start, scope = field.split(b"|", 2)
                place = known.cells.get((ring, scope)) or self._place(known, ring, scope)
                part, series = place
                at = int(start)
                before = part.get(at)
                if before != value:
                    part[at] = value
                    series.change(part, at, before)
            elif others.get(field) != value:
                others[field] = value
                self._apply(shard, field, value)
        self.version += 1

    def replace(self, shard: ShardId, fields: dict[bytes, bytes]) -> None:
        """Take in a shard as a whole: what is not in `fields` is gone."""
        known = self.shards.setdefault(shard, Shard())
        self.feed(shard, [field for field in known.fields() if field not in fields], fields.items())

    def forget(self, shard: ShardId) -> None:
        """A shard that is no longer there."""
        self.replace(shard, {})
        del self.shards[shard]

    def _place(self, shard: Shard, ring: bytes, scope: bytes) -> tuple[Part, Series]:
        """Where the cells of one ring and scope of a shard are."""
        series = self.sums.series(ring[1:].decode(), scope.decode())
        place = shard.cells[ring, scope] = ({}, series)
        series.parts.append(place[0])
        return place

    def _drop(self, shard: Shard, field: bytes) -> None:
        ring, start, scope = field.split(b"|", 2)
        place = shard.cells.get((ring, scope))
        if place is None:
            return
        part, series = place
        before = part.pop(int(start), None)
        if before is not None:
            series.change(part, int(start), before)
        if not part:
            del shard.cells[ring, scope]
            series.parts = [each for each in series.parts if each is not part]

    def _apply(self, shard: ShardId, field: bytes, value: bytes | None) -> None:
        if field[:1] == b"t":
            self.totals.put(field[2:].decode(), shard, value)
        elif field[:1] == b"w":
            if not shard.topic.endswith(AGENTS):
                self.open.put((shard, field), None if value is None else _open.decode(value))
            elif value is None:
                self.agents.pop(field[1:].decode(), None)
            else:
                self.agents[field[1:].decode()] = value

    def cell(self, scope: str, span: Span, zone: str) -> Cell:  # noqa: ARG002
        """The sum of a scope over a span, with the time-outs that no worker has written yet left out."""
        return self.sums.total(scope, span)

    def since(self, scope: str, ring: str, first: int) -> Cell:
        """The sum of all of a scope's buckets of a ring that start at `first` (epoch seconds) or later."""
        return self.sums.since(scope, ring, first)

    def running(self, scope: str, window: Window, at_ms: int, zone: str, day_starts_ms: int = 0) -> Cell:
        """The same over a window that moves with the present; a running sum, not to be changed."""
        return self.sums.running(scope, window, at_ms, zone, day_starts_ms)

    def told(
        self, tell: Callable[..., T], scope: str, windows: Sequence[Window], at_ms: int, zone: str, starts_ms: int = 0
    ) -> T:
        """What a function says of such sums, one for each window, remembered while these stay as they are."""
        return self.sums.told(tell, scope, windows, at_ms, zone, starts_ms)

    def time_outs(self, at_ms: int, firsts: dict[str, int]) -> dict[str, Cell]:
        """What silence has ended by `at` and no worker has written yet, by scope.

        `firsts`: where (epoch seconds) the window of each scope begins; what was due before it is left out.
        """
        return self.open.time_outs(at_ms, firsts)

    def live(self, scope: str, at_ms: int, threshold_ms: int) -> Live:
        """What waits in a queue at `at`, which must not lie before the stream time. Past: wait > threshold."""
        return self.open.live(scope, at_ms, threshold_ms)
