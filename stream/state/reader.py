"""Shards → snapshot: asks every shard, in one pipeline, what changed since the last look. Never writes.

While any is behind, it asks a few at a time, and takes these in while Redis makes the answer of the next ones.

A shard that has a new run, an older seq than ours, or no tombstones back to ours is read anew as a whole, while the old
content stays in the snapshot. What comes in parts is put aside until it is complete, so the snapshot always holds each
shard as it was at one commit. When Redis is away the reader keeps trying, and the last snapshot stands with its age.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha1
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

from stream.state.keys import shard_keys, store_keys
from stream.state.snapshot import ShardId, Snapshot

SCRIPT = Path(__file__).with_suffix(".lua").read_text(encoding="utf-8")
_SHA = sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()
LEFT_OUT_RING = "h"
BEHIND_TOGETHER = 4
POLL_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 5.0

_counts = msgspec.msgpack.Decoder(dict[str, int])
_topic = msgspec.msgpack.Decoder(tuple[int, Any])
_log = structlog.get_logger()


class _Cursor:
    """How far we are in one shard, and what we have put aside of it (None: removed)."""

    __slots__ = ("aside", "behind", "run", "seq", "whole")

    def __init__(self) -> None:
        self.run, self.seq = b"", -1
        self.aside: dict[bytes, bytes | None] = {}
        self.whole = False
        self.behind = True


class Reader:
    """Keeps `snapshot` up to date. `topics`: those whose shards are read, with their prefix; `limit`: fields a look."""

    def __init__(
        self,
        redis: Redis,
        *,
        key_prefix: str,
        topics: Sequence[str],
        limit: int = 5000,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.snapshot = Snapshot()
        self.redis = redis
        self.key_prefix = key_prefix
        self._topics = frozenset(topics)
        self._limit = limit
        self._monotonic = monotonic
        self._cursors: dict[ShardId, _Cursor] = {}
        self._complete_at: float | None = None
        self._reachable = False

    @property
    def age_seconds(self) -> float | None:
        """Seconds since the snapshot was last known to be complete and current; None: never."""
        return None if self._complete_at is None else self._monotonic() - self._complete_at

    @property
    def reachable(self) -> bool:
        """Whether the last look at Redis got an answer."""
        return self._reachable

    async def poll(self) -> bool:
        """One look at all shards; True when the snapshot is complete. Raises RedisError, OSError when Redis is away."""
        shards = list(self._cursors)
        size = BEHIND_TOGETHER if any(cursor.behind for cursor in self._cursors.values()) else len(shards)
        rounds = [shards[at : at + size] for at in range(0, len(shards), size)] if shards else [[]]
        topics, answers = await self._ask(rounds[0])
        self._reachable = True
        for done, asked in pairwise([*rounds, []]):
            taking_in = self._take_all_in(done, answers)
            if asked:
                _, (topics, answers) = await asyncio.gather(taking_in, self._ask(asked))
            else:
                await taking_in
        known = self._shards(topics)
        for shard in [shard for shard in self._cursors if shard not in known]:
            del self._cursors[shard]
            if shard in self.snapshot.shards:
                self.snapshot.forget(shard)
        for shard in known:
            self._cursors.setdefault(shard, _Cursor())
        complete = not any(cursor.behind for cursor in self._cursors.values())
        if complete:
            self._complete_at = self._monotonic()
        return complete

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until told to stop: at once while anything is missing, else every 200 ms; more slowly without Redis.

        Not to be cancelled: the client may swallow a cancellation that comes while it reads an answer.
        """
        pause = POLL_SECONDS
        while not stop.is_set():
            try:
                complete = await self.poll()
            except (RedisError, OSError) as error:
                if self._reachable or self._complete_at is None:
                    _log.warning("redis is away, the last snapshot stands", error=str(error), age=self.age_seconds)
                self._reachable = False
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
                await _rest(stop, pause)
            else:
                pause = POLL_SECONDS
                await _rest(stop, pause if complete else 0)

    def _shards(self, topics: dict[bytes, bytes]) -> set[ShardId]:
        partitions = {name.decode(): _topic.decode(value)[0] for name, value in topics.items()}
        return {
            ShardId(topic, partition)
            for topic in self._topics & partitions.keys()
            for partition in range(partitions[topic])
        }

    async def _ask(self, shards: list[ShardId]) -> tuple[dict[bytes, bytes], list[list[Any]]]:
        try:
            return await self._ask_once(shards)
        except NoScriptError:
            await self.redis.script_load(SCRIPT)
            return await self._ask_once(shards)

    async def _ask_once(self, shards: list[ShardId]) -> tuple[dict[bytes, bytes], list[list[Any]]]:
        async with self.redis.pipeline(transaction=False) as pipeline:
            pipeline.hgetall(store_keys(self.key_prefix).topics)
            for shard in shards:
                cursor, keys = self._cursors[shard], shard_keys(self.key_prefix, *shard)
                pipeline.evalsha(
                    _SHA, 4, keys.head, keys.read, keys.changed, keys.gone,
                    cursor.run, cursor.seq, self._limit, LEFT_OUT_RING,
                )  # fmt: skip
            topics, *answers = await pipeline.execute()
        return topics, answers

    async def _take_all_in(self, shards: list[ShardId], answers: list[list[Any]]) -> None:
        for shard, answer in zip(shards, answers, strict=True):
            self._take_in(shard, answer)
            await asyncio.sleep(0)

    def _take_in(self, shard: ShardId, answer: list[Any]) -> None:
        cursor = self._cursors[shard]
        if not answer:
            if shard in self.snapshot.shards:
                self.snapshot.forget(shard)
            self._cursors[shard] = cursor = _Cursor()
            cursor.behind = False
            return
        whole, upto, run, seq, offset, stream_time, counts, gone, fields, values = answer
        if whole:
            cursor.aside.clear()
            cursor.whole = True
        elif int(upto) == cursor.seq and not cursor.aside:
            cursor.behind = False
            return
        cursor.aside.update(dict.fromkeys(gone))
        cursor.aside.update(zip(fields, chain.from_iterable(values), strict=True))
        cursor.run, cursor.seq = run, int(upto)
        cursor.behind = upto != seq
        if cursor.behind:
            return
        written = {field: value for field, value in cursor.aside.items() if value is not None}
        if cursor.whole:
            self.snapshot.replace(shard, written)
        else:
            gone = [field for field, value in cursor.aside.items() if value is None]
            self.snapshot.feed(shard, gone, written.items())
        cursor.aside, cursor.whole = {}, False
        self.snapshot.progress(shard, int(offset), int(stream_time), _counts.decode(counts) if counts else {})


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
