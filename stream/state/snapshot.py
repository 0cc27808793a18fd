"""What all shards say, in memory: cells, totals, who waits, how far each is. Pure: fed by `reader`, read by `serve`.

Everything is kept per shard as it was read, so that a shard that is read anew changes only what differs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from stream.core.measures import Cell, add
from stream.core.row import Live
from stream.core.stage import Open
from stream.core.window import Span, Window
from stream.state.open_rows import OpenRows, Rows
from stream.state.sums import Sums

_cell = msgspec.msgpack.Decoder(dict[int, int])
_total = msgspec.msgpack.Decoder(tuple[dict[int, int], dict[int, int]])
_open = msgspec.msgpack.Decoder(Open)
_EMPTY = msgspec.msgpack.encode({})
_EMPTY_TOTAL = msgspec.msgpack.encode(({}, {}))
AGENTS = "agents.timeline"


class ShardId(NamedTuple):
    """One input partition. `topic` with its prefix."""

    topic: str
    partition: int


class Shard:
    """One shard as it was last read: fields as bytes, and how far it is."""

    __slots__ = ("counts", "fields", "offset", "stream_time")

    def __init__(self) -> None:
        self.fields: dict[bytes, bytes] = {}
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
        self.totals: dict[str, tuple[Cell, Cell]] = {}
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
        for field in gone:
            before = known.fields.pop(field, None)
            if before is not None:
                self._apply(shard, field, before, None)
        for field, value in fields:
            before = known.fields.get(field)
            if before != value:
                known.fields[field] = value
                self._apply(shard, field, before, value)
        self.version += 1

    def replace(self, shard: ShardId, fields: dict[bytes, bytes]) -> None:
        """Take in a shard as a whole: what is not in `fields` is gone."""
        known = self.shards.setdefault(shard, Shard())
        self.feed(shard, [field for field in known.fields if field not in fields], fields.items())

    def forget(self, shard: ShardId) -> None:
        """A shard that is no longer there."""
        self.replace(shard, {})
        del self.shards[shard]

    def _apply(self, shard: ShardId, field: bytes, before: bytes | None, after: bytes | None) -> None:
        kind = field[:1]
        if kind == b"c":
            ring, start, scope = field[1:].decode().split("|", 2)
            difference = _cell.decode(after or _EMPTY)
            add(difference, _cell.decode(before or _EMPTY), -1)
            self.sums.change(ring, int(start), scope, difference)
        elif kind == b"t":
            scope = field[2:].decode()
            totals = self.totals.setdefault(scope, ({}, {}))
            for total, new, old in zip(
                totals, _total.decode(after or _EMPTY_TOTAL), _total.decode(before or _EMPTY_TOTAL), strict=True
            ):
                add(total, new)
                add(total, old, -1)
            if not totals[0] and not totals[1]:
                del self.totals[scope]
        elif kind == b"w":
            if shard.topic.endswith(AGENTS):
                self._agent(field[1:].decode(), after)
            else:
                self.open.put((shard, field), None if after is None else _open.decode(after))

    def _agent(self, agent_id: str, row: bytes | None) -> None:
        if row is None:
            self.agents.pop(agent_id, None)
        else:
            self.agents[agent_id] = row

    def cell(self, scope: str, span: Span, zone: str) -> Cell:
        """The sum of a scope over a span, with the time-outs that no worker has written yet left out."""
        return self.sums.total(scope, span, zone)

    def running(self, scope: str, window: Window, at_ms: int, zone: str, day_starts_ms: int = 0) -> Cell:
        """The same over a window that moves with the present; a running sum, not to be changed."""
        return self.sums.running(scope, window, at_ms, zone, day_starts_ms)

    def time_outs(self, at_ms: int, firsts: dict[str, int]) -> dict[str, Cell]:
        """What silence has ended by `at` and no worker has written yet, by scope.

        `firsts`: where (epoch seconds) the window of each scope begins; what was due before it is left out.
        """
        return self.open.time_outs(at_ms, firsts)

    def live(self, scope: str, at_ms: int, threshold_ms: int) -> Live:
        """What waits in a queue at `at`, which must not lie before the stream time. Past: wait > threshold."""
        return self.open.live(scope, at_ms, threshold_ms)
