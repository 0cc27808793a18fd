"""A partition's books: decoded events in, the writes of one commit out. Pure; the stage says what an event means.

The order of calls for a batch: `ask` what to load, `learn` it, `apply` the events, in as many parts as one likes (for
each of them `bring` first what it is `lacking`), `take_in` who is due or expired by then, `learn` those, `finish` (it
says which fields to load), `learn_fields`, `writes`, then `committed`, or `drop` when anything went wrong: states are
changed in place, so that a failed commit leaves nothing worth keeping.

Nothing here depends on where the log is cut into batches. Stream time moves with each event; an entity that was due
before an event elapses before it; one past its keep is unknown, whether pruned or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from stream.core.books.cells import Cells, encode
from stream.core.books.entities import Entities
from stream.core.books.entry import Entry
from stream.core.books.room import MEGABYTE, Room
from stream.core.books.tally import Tally
from stream.core.books.writes import Writes
from stream.core.times.window import RINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from stream.core.books.entry import Field
    from stream.core.stage import Change, Output, Stage

Offset = int
Events = list[tuple[Offset, Any]]
Counts = dict[str, int]

LATE_MS = RINGS["f"].keep_ms
BUCKET_BYTES, OUTPUT_BYTES = 3000, 1200
"""Of ten seconds of a scope in memory, until written; of what is told, until it is."""
decode_counts = msgspec.msgpack.Decoder(dict[str, int]).decode


class Ledger:
    """The books of one shard. `room`: for what is remembered between batches. `hold`: no entity expires (a rebuild).

    `told_from`: what is told has an offset and this as its revision, since those of another log were told before.
    """

    def __init__(self, stage: Stage, zone_of: Callable[[str], str], room: Room | None = None) -> None:
        self.stage = stage
        self.hold = False
        self.told_from = 0
        self.counts: Counts = {}
        self.stream_time = 0
        self.handling: Offset | str | None = None
        self.outputs: list[Output] = []
        self._room = room = room or Room(256 * MEGABYTE)
        self._saved: tuple[int, bytes] = (0, encode({}))
        self._entities = Entities(stage, room)
        self._entries = self._entities.known
        self._cells = Cells(zone_of, room)
        self._begin()

    def _begin(self) -> None:
        self._touched: dict[str, Entry] = {}
        self._due: list[str] = []
        self._expired: list[str] = []
        self._tally = Tally()
        self._writes = Writes()
        self.outputs = []

    def open(self, stream_time: int, counts: bytes | None) -> None:
        """Start from a shard's head: its stream time (ms) and packed counts."""
        self._saved = (stream_time, counts or encode({}))
        self.drop()

    def drop(self) -> None:
        """Forget everything since, and around, the last commit."""
        self._entities.clear()
        self._cells.forget()
        self.stream_time = self._saved[0]
        self.counts = decode_counts(self._saved[1])
        self._begin()

    def ask(self, names: Iterable[str]) -> list[Field]:
        """What to load, of the entities that a batch is about, before `apply`."""
        return self._entities.take(dict.fromkeys(names))

    def learn(self, fields: Sequence[Field], blobs: Sequence[bytes | None]) -> None:
        """Remember entities as they are stored."""
        self._entities.learn(fields, blobs)

    def lacking(self, events: Events) -> list[Field]:
        """What else to load before these events are applied."""
        return self._entities.lacking(events)

    def bring(self, fields: Sequence[Field], blobs: Sequence[bytes | None]) -> None:
        """What was lacking, as it is stored. ValueError: it is not."""
        self._entities.bring(fields, blobs)

    def take_in(self, due: list[str], expired: list[str]) -> list[Field]:
        """What the shard says is due or expired at `stream_time`; returns what to load before `finish`."""
        self._due, self._expired = due, [member for member in expired if member[0] == "r" or not self.hold]
        wanted = dict.fromkeys([*due, *(member[1:] for member in self._expired if member[0] == "s")])
        return self._entities.take(wanted)

    def apply(self, events: Events) -> None:
        """Take in the batch's events in their order. `handling` is the offset of the one that raised."""
        key, step, take = self.stage.key, self.stage.apply, self._tally.take
        entries, touched, now = self._entries, self._touched, self.stream_time
        applied = duplicate = out_of_order = late = 0
        quiet_ms = self.stage.quiet_ms
        for offset, event in events:
            self.handling = offset
            before, at = now, event.at
            if at > now:
                now = at
            elif at < now - LATE_MS:
                late += 1
            name = key(event)
            entry = entries.get(name)
            if entry is None or (now >= entry.quiet_until and not self._alive(name, entry, before, now)):
                if not self.hold and at < self.stage.horizon(now):
                    self._count("skipped", "anomaly.expired")
                    continue
                if entry is None:
                    entry = Entry(self.stage.new(name))
                else:
                    if name in touched:
                        self.outputs += entry.outputs(self.stage)
                    entry.renew(self.stage, name)
            change = step(entry.state, event, now)
            if change.result == "applied":
                applied += 1
                if entry.time is None:
                    entries[name] = touched[name] = entry
                entry.stale, entry.quiet_until = True, at + quiet_ms
                entry.time, entry.offset = event.time, offset
                if change.added or change.removed:
                    take(change)
                if change.out_of_order:
                    out_of_order += 1
                if change.tell is not None:
                    self.outputs += change.tell(offset + self.told_from)
            elif change.result == "duplicate":
                duplicate += 1
            else:
                self._count("skipped")
            if change.anomalies:
                self._count(*(f"anomaly.{kind}" for kind in change.anomalies))
        self.handling, self.stream_time = None, now
        for kind, n in (("applied", applied), ("duplicate", duplicate), ("out_of_order", out_of_order), ("late", late)):
            if n:
                self.count(kind, n)

    @property
    def crowded(self) -> bool:
        """Whether the rest should wait for a commit: cells are in use, many where little happens; outputs wait."""
        return self._entities.use(BUCKET_BYTES * len(self._tally.buckets) + OUTPUT_BYTES * len(self.outputs))

    def _alive(self, name: str, entry: Entry, before: int, now: int) -> bool:
        if entry.stale:
            entry.refresh(self.stage)
        if entry.due is not None and entry.due <= before:
            self._elapse(name, entry, before)
        return self.hold or entry.keep >= now

    def _elapse(self, name: str, entry: Entry, now: int) -> None:
        change: Change = self.stage.elapse(entry.state, now)
        self._tally.take(change)
        self._count(*(f"anomaly.{kind}" for kind in change.anomalies))
        self._touched[name] = entry
        entry.refresh(self.stage)

    def count(self, kind: str, n: int = 1) -> None:
        """Count what never reached the stage: skipped, rejected, rejected.<reason>."""
        self.counts[kind] = self.counts.get(kind, 0) + n

    def _count(self, *kinds: str) -> None:
        for kind in kinds:
            self.count(kind)

    def finish(self, spared: Iterable[str] = ()) -> list[str]:
        """Let elapse what is due by now, ask what to send; returns the fields to load before `writes`.

        `handling` is what raised: the entity, when silence did it, else the offset of its last record. Entities
        `spared` raised before and are left as they are.
        """
        for name in dict.fromkeys([*self._due, *self._touched]):
            entry = self._entries.get(name)
            if entry is None or name in spared:
                self._writes.due_gone.append(name)
                continue
            if entry.stale:
                entry.refresh(self.stage)
            if entry.due is not None and entry.due <= self.stream_time:
                self.handling = name
                self._elapse(name, entry, self.stream_time)
        for name, entry in self._touched.items():
            self.handling = name if entry.time is None else entry.offset
            if entry.time is not None or name not in spared:
                self.outputs += entry.outputs(self.stage)
        self.handling = None
        return self._cells.plan(self._tally, self.stream_time)

    def learn_fields(self, names: list[str], values: list[bytes | None]) -> None:
        """Remember fields as they are stored."""
        self._cells.learn(names, values, self._writes)

    def writes(self) -> Writes:
        """All that the batch changes."""
        out = self._writes
        self._prune(out)
        due = set(self._due)
        for name in due:
            entry = self._entries.get(name)
            if entry is not None and name not in self._touched:
                entry.write_due(out, name, listed=True)
        now = self.stream_time
        look_at = 2 * now - self.stage.horizon(now)
        for name, entry in self._touched.items():
            entry.write(out, self.stage, name, look_at, listed=name in due)
        self._cells.write(out)
        out.stream_time, out.counts = now, encode(self.counts)
        return out

    def _prune(self, out: Writes) -> None:
        for member in self._expired:
            name = member[1:]
            if member[0] == "r":
                out.fields_gone.append(name)
                self._cells.drop(name)
            else:
                entry, stored = self._entries.get(name), self._entities.stored(name)
                if entry is not None:
                    if entry.stale:
                        entry.refresh(self.stage)
                    if entry.keep >= self.stream_time:
                        entry.write_expiry(out, name, entry.keep)
                        continue
                    self._entities.drop(name)
                    self._touched.pop(name, None)
                    entry.write_view(out, name, None)
                    out.due_gone.append(name)
                out.states_gone += stored
            out.expiry_gone.append(member)

    def committed(self) -> None:
        """The writes are in Redis: nothing is in use any more, and what is beyond the room's bound is forgotten."""
        states: list[Any] = self._writes.states
        self._entities.rest(states)
        self._cells.rest()
        self._room.settle()
        self._saved = (self.stream_time, self._writes.counts)
        self._begin()
