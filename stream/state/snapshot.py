"""What all shards say, in memory: cells, totals, who waits, how far each is. Pure: fed by `reader`, read by `serve`.

What a shard said is known, so that a shard that is read anew changes only what differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from sys import intern
from typing import NamedTuple, TypeVar

import msgspec

from stream.core.agents.row import AgentRow, decode
from stream.core.figures.row import Live
from stream.core.measures import Cell
from stream.core.open_row import Open
from stream.core.times.window import Span, Window
from stream.state.open_rows import OpenRows, Rows
from stream.state.series import Series
from stream.state.sums import Sums
from stream.state.totals import Totals

_open = msgspec.msgpack.Decoder(Open)
T = TypeVar("T")
AGENTS = "agents.timeline"
_MOST_STARTS = 10_000


def _row(packed: bytes) -> Open:
    """A row, of whose scopes there is one string each for all rows."""
    row = _open.decode(packed)
    return row._replace(scope=intern(row.scope), connected=row.connected and intern(row.connected))


class ShardId(NamedTuple):
    """One input partition. `topic` with its prefix."""

    topic: str
    partition: int


class Shard:
    """One shard as it was last read: its number, the fields that are no cells, how far it is.

    `others`: fields as bytes, but for open rows.
    """

    __slots__ = ("counts", "number", "offset", "others", "stream_time")

    def __init__(self, number: int) -> None:
        self.number = number
        self.others: dict[bytes, bytes | Open] = {}
        self.offset = 0
        self.stream_time = 0
        self.counts: dict[str, int] = {}


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
        self._agent_rows: dict[str, tuple[bytes, AgentRow]] = {}
        self.version = 0
        self._free: list[int] = []
        self._starts: dict[bytes, int] = {}

    @property
    def waiting(self) -> dict[str, Rows]:
        """The rows of all live interactions by scope, also of those that wait for nothing."""
        return self.open.all

    @property
    def stream_time(self) -> int | None:
        """The latest event time (ms) that any shard has applied; None before the first."""
        return max((shard.stream_time for shard in self.shards.values() if shard.stream_time), default=None)

    def agent_rows(self) -> dict[str, AgentRow]:
        """What `agents` say, not to be changed. It is remembered as long as it stays so, by agent."""
        known, rows = self._agent_rows, {}
        for agent_id, packed in self.agents.items():
            row = known.get(agent_id)
            rows[agent_id] = row if row is not None and row[0] is packed else (packed, decode(packed))
        self._agent_rows = rows
        return {agent_id: row for agent_id, (_, row) in rows.items()}

    def scopes(self) -> set[str]:
        """Every scope that has ever counted something, or in which something waits."""
        return {*self.totals, *self.open.scopes()}

    def progress(self, shard: ShardId, offset: int, stream_time: int, counts: dict[str, int]) -> None:
        """How far a shard is. A new shard is empty until it is fed."""
        known = self._known(shard)
        known.offset, known.stream_time, known.counts = offset, stream_time, counts
        self.version += 1

    def feed(self, shard: ShardId, gone: Iterable[bytes], fields: Iterable[tuple[bytes, bytes]]) -> None:
        """Take in fields of a shard: the removed first, then the written."""
        known = self._known(shard)
        others, number = known.others, known.number
        for field in gone:
            if field[:1] == b"c":
                ring, start, scope = field.split(b"|", 2)
                self.sums.packed(ring, scope).put(number, int(start), None)
            elif others.pop(field, None) is not None:
                self._apply(shard, field, None)
        for field, value in fields:
            if field[:1] == b"c":
                ring, start, scope = field.split(b"|", 2)
                self.sums.packed(ring, scope).put(number, self._start(start), value)
            else:
                known_as = _row(value) if self._is_row(shard, field) else value
                if others.get(field) != known_as:
                    others[field] = known_as
                    self._apply(shard, field, known_as)
        self.version += 1

    def replace(self, shard: ShardId, fields: dict[bytes, bytes]) -> None:
        """Take in a shard as a whole: what is not in `fields` is gone."""
        known = self._known(shard)
        cells: dict[Series, dict[int, bytes]] = {}
        rest = []
        for field, value in fields.items():
            if field[:1] == b"c":
                ring, start, scope = field.split(b"|", 2)
                cells.setdefault(self.sums.packed(ring, scope), {})[self._start(start)] = value
            else:
                rest.append((field, value))
        self.feed(shard, [field for field in known.others if field not in fields], rest)
        self.sums.replace(known.number, cells)

    def forget(self, shard: ShardId) -> None:
        """A shard that is no longer there."""
        self.replace(shard, {})
        self._free.append(self.shards.pop(shard).number)

    def _known(self, shard: ShardId) -> Shard:
        known = self.shards.get(shard)
        if known is None:
            known = self.shards[shard] = Shard(self._free.pop() if self._free else len(self.shards))
        return known

    def _start(self, told: bytes) -> int:
        """A bucket's start: one number for all who begin then."""
        start = self._starts.get(told)
        if start is None:
            if len(self._starts) == _MOST_STARTS:
                self._starts.clear()
            start = self._starts[told] = int(told)
        return start

    def _apply(self, shard: ShardId, field: bytes, value: bytes | Open | None) -> None:
        if isinstance(value, Open) or (value is None and self._is_row(shard, field)):
            self.open.put((shard, field), value)
        elif field[:1] == b"t":
            self.totals.put(field[2:].decode(), shard, value)
        elif field[:1] == b"w":
            if value is None:
                self.agents.pop(field[1:].decode(), None)
            else:
                self.agents[field[1:].decode()] = value

    def _is_row(self, shard: ShardId, field: bytes) -> bool:
        return field[:1] == b"w" and not shard.topic.endswith(AGENTS)

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
