"""One input partition's place in Redis: taken at assignment, loaded in parts, moved forward by compare-and-set.

A shard's writes and the offset of the next record are one script. What that script answers decides what the owner does:

| outcome | the stored offset | the owner |
|---|---|---|
| applied | was the batch's base | goes on |
| duplicate | is at or behind the batch's end | drops the batch |
| overlap | lies inside the batch | drops the prefix |
| gap | lies before the base, or is gone: Redis went back | drops its cache, opens again, seeks |
| fenced | belongs to another run | drops its cache; opens again if the partition is still its own |
| refused | is of no matter: the store holds something that is not ours | ends |
"""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec
from redis.exceptions import ResponseError

from stream.state.keys import ShardKeys, partition_name, shard_keys
from stream.state.store import Script, Store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.core.books.writes import Part, Writes

Word = Literal["applied", "duplicate", "overlap", "gap", "fenced", "refused"]
TOMBSTONES = 20_000

_pack = msgspec.msgpack.Encoder().encode
OPEN, LOAD, COMMIT = Script("open"), Script("load"), Script("commit")


class Head(NamedTuple):
    """Where a shard stands. `stream_time` in ms; `counts` packed; `lost`: records given up by --accept-loss."""

    offset: int
    seq: int
    epoch: int
    run: str
    stream_time: int
    counts: bytes | None
    lost: int


class Loaded(NamedTuple):
    """Parts of a shard: packed entities and fields as asked for (None: absent), entities due, expired members."""

    entities: list[bytes | None]
    fields: list[bytes | None]
    due: list[str]
    expired: list[str]


class Outcome(NamedTuple):
    """What became of a commit. `offset` is the stored one (None: the shard is gone)."""

    word: Word
    offset: int | None
    seq: int
    why: str = ""


class ShardMoved(Exception):
    """A load found the shard at another offset or under another run than its owner believes."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(f"{outcome.word} at {outcome.offset}")
        self.outcome = outcome


class Closed(Exception):
    """Another namespace is taking this one's place: nobody owns the shard."""


class Shard:
    """One shard and the run under which this process owns it. Not for concurrent use: one task a partition."""

    def __init__(self, store: Store, key_prefix: str, topic: str, partition: int, script: Script = COMMIT) -> None:
        self.store = store
        self.name = partition_name(topic, partition)
        self.keys: ShardKeys = shard_keys(key_prefix, topic, partition)
        self.offset = -1
        self.epoch = b""
        self.run = ""
        self._script = script

    async def stored_offset(self) -> int | None:
        """The offset of the next record; None for a shard that nobody has ever opened."""
        stored = await self.store.command("HGET", self.keys.head, "offset")
        return None if stored is None else int(stored)

    async def open(self, start: int, rules: str, lost_to: int | None = None) -> Head:
        """Take the shard: a new run and the next epoch, so that every other owner is fenced.

        A new shard starts at `start`. `lost_to`: the range from the stored offset up to there is gone from the log
        and given up. Raises Closed, and ResponseError where the store holds something that is no shard.
        """
        run = token_hex(8)
        give_up = "" if lost_to is None else str(await self.stored_offset())
        try:
            answer = await self.store.run(OPEN, [self.keys.head], [run, start, rules, give_up, lost_to or 0])
        except ResponseError as error:
            if str(error).startswith("CLOSED"):
                raise Closed(self.name) from None
            raise
        offset, seq, epoch, _, stream_time, counts, lost = answer
        self.offset, self.epoch, self.run = int(offset), epoch, run
        return Head(int(offset), int(seq or 0), int(epoch), run, int(stream_time or 0), counts, int(lost or 0))

    async def load(
        self,
        entities: Sequence[str | bytes],
        fields: Sequence[str],
        due_by: int = 0,
        expired_before: int = 0,
        at_most: int = 0,
    ) -> Loaded:
        """Parts of the shard at its offset, in one look; with `at_most` also who is due and what has expired.

        Raises ShardMoved when the shard is no longer where and whose this process believes.
        """
        keys = [self.keys.head, self.keys.state, self.keys.read, self.keys.due, self.keys.expiry]
        args: list[Part] = [due_by, at_most and 50_000, expired_before, at_most, len(entities), *entities, *fields]
        head, blobs, values, due, expired = await self.store.run(LOAD, keys, args)
        self._verify(head)
        return Loaded(blobs, values, [name.decode() for name in due], [name.decode() for name in expired])

    def _verify(self, head: list[bytes | None]) -> None:
        offset, seq, epoch, run = head
        if offset is None or int(offset) < self.offset:
            raise ShardMoved(Outcome("gap", None if offset is None else int(offset), int(seq or 0)))
        if epoch != self.epoch or run != self.run.encode() or int(offset) != self.offset:
            raise ShardMoved(Outcome("fenced", int(offset), int(seq or 0)))

    async def commit(self, base: int, end: int, writes: Writes) -> Outcome:
        """Write everything and move the offset from `base` to `end`, or nothing.

        An answer that was lost is asked for again: "duplicate" at our own end and under our own run is then our commit.
        """
        lists, values = _packed(writes)
        args: list[Part] = [
            base, end, self.epoch, self.run, writes.stream_time, writes.counts, TOMBSTONES, lists, values,
            *writes.states,
        ]  # fmt: skip
        word, offset, seq, _, run, why = await self.store.run(self._script, self.keys, args)
        outcome = Outcome(word.decode(), int(offset) if offset else None, int(seq or 0), why.decode())
        ours = outcome.offset == end and run == self.run.encode() and self.offset == base
        if outcome.word == "duplicate" and ours:
            outcome = outcome._replace(word="applied")
        if outcome.word == "applied":
            self.offset = end
        return outcome


def _packed(writes: Writes) -> tuple[bytes, bytes]:
    """Lists and fields' values, as `commit.lua` takes them: two arguments instead of thousands."""
    fields: list[Any] = writes.fields
    values = fields[1::2]
    lists = (
        [*map(_name, writes.states_gone)], fields[::2], [*map(len, values)], writes.fields_gone,
        writes.due, writes.due_gone, writes.expiry, writes.expiry_gone,
    )  # fmt: skip
    return _pack(lists), b"".join(values)


def _name(field: Part) -> Part | msgspec.Raw:
    """A name that is no UTF-8 as a string of MessagePack nevertheless: Redis reads no binaries."""
    return msgspec.Raw(b"\xda" + len(field).to_bytes(2, "big") + field) if isinstance(field, bytes) else field
