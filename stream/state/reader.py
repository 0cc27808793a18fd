"""Shards → snapshot: asks every shard, in few pipelines, what changed since the last look. Never writes.

It asks some at a time, few while any is behind, and takes these in while Redis makes the answer of the next ones.

A shard that has a new run, an older seq than ours, or no tombstones back to ours is read anew as a whole, while the old
content stays in the snapshot. What comes in parts is put aside until it is complete, so the snapshot always holds each
shard as it was at one commit. When Redis is away the reader keeps trying, and the last snapshot stands with its age.
On a cluster a shard may be away alone, since its slot moves or its node is gone: it stands so, the others go on.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha1
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

from stream.state.keys import shard_keys, store_keys
from stream.state.snapshot import ShardId, Snapshot
from stream.state.store import passes

SCRIPT = Path(__file__).with_suffix(".lua").read_text(encoding="utf-8")
_SHA = sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()
LEFT_OUT_RING = "h"
BEHIND_TOGETHER, TOGETHER, MOST_PARTS = 4, 64, 100
"""Shards that are asked at once; and how often one shard in one look, so that what is put aside does not pile up."""
LEAST_SECONDS, POLL_SECONDS, SHARE = 0.05, 0.2, 0.2
"""Between two looks, at least and at most, and of the time in between what share looking may take."""
_LONGEST_PAUSE_SECONDS = 5.0

_counts = msgspec.msgpack.Decoder(dict[str, int])
_topic = msgspec.msgpack.Decoder(tuple[int, Any])
_log = structlog.get_logger()


class _Cursor:
    """How far we are in one shard, and what we have put aside of it (None: removed). `began`: where the whole began."""

    __slots__ = ("aside", "began", "behind", "run", "seq", "whole")

    def __init__(self) -> None:
        self.run, self.seq, self.began = b"", -1, -1
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
        self._away: dict[ShardId, Exception] = {}
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
        size, away = BEHIND_TOGETHER if self._behind else TOGETHER, self._away
        self._away = {}
        left, times = deque(self._cursors), Counter[ShardId]()
        asked = _some(left, size)
        topics, answers = await self._ask(asked)
        self._reachable = True
        while asked:
            following, taking_in = _some(left, size), self._take_all_in(asked, answers)
            if following:
                _, (topics, answers) = await asyncio.gather(taking_in, self._ask(following))
            else:
                await taking_in
            times.update(asked)
            left.extendleft(shard for shard in asked if self._goes_on(shard) and times[shard] < MOST_PARTS)
            if left and not following:
                following = _some(left, size)
                topics, answers = await self._ask(following)
            asked = following
        if bool(away) != bool(self._away):
            event = "shards are away, and stand" if self._away else "all shards are back"
            _log.warning(event, shards=len(self._away), why=next(map(str, self._away.values()), ""))
        known = self._shards(topics)
        for shard in [shard for shard in self._cursors if shard not in known]:
            del self._cursors[shard]
            if shard in self.snapshot.shards:
                self.snapshot.forget(shard)
        for shard in known:
            self._cursors.setdefault(shard, _Cursor())
        complete = not self._behind and not self._away
        if complete:
            self._complete_at = self._monotonic()
        return complete

    @property
    def _behind(self) -> bool:
        return any(map(self._goes_on, self._cursors))

    def _goes_on(self, shard: ShardId) -> bool:
        return self._cursors[shard].behind and shard not in self._away

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until told to stop: at once while anything is missing, else 5 to 20 times a second, as looking costs.

        Without Redis more slowly.

        Not to be cancelled: the client may swallow a cancellation that comes while it reads an answer.
        """
        pause = POLL_SECONDS
        while not stop.is_set():
            began = self._monotonic()
            try:
                await self.poll()
            except (RedisError, OSError) as error:
                if self._reachable or self._complete_at is None:
                    _log.warning("redis is away, the last snapshot stands", error=str(error), age=self.age_seconds)
                self._reachable = False
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
                await _rest(stop, pause)
            else:
                pause = POLL_SECONDS
                took = (self._monotonic() - began) * (1 - SHARE) / SHARE
                await _rest(stop, 0 if self._behind else min(max(took, LEAST_SECONDS), POLL_SECONDS))

    def _shards(self, topics: dict[bytes, bytes]) -> set[ShardId]:
        partitions = {name.decode(): _topic.decode(value)[0] for name, value in topics.items()}
        return {
            ShardId(topic, partition)
            for topic in self._topics & partitions.keys()
            for partition in range(partitions[topic])
        }

    async def _ask(self, shards: list[ShardId]) -> tuple[dict[bytes, bytes], list[Any]]:
        try:
            return await self._ask_once(shards)
        except NoScriptError:
            await self.redis.script_load(SCRIPT)
            return await self._ask_once(shards)

    async def _ask_once(self, shards: list[ShardId]) -> tuple[dict[bytes, bytes], list[Any]]:
        async with self.redis.pipeline(transaction=False) as pipeline:
            pipeline.hgetall(store_keys(self.key_prefix).topics)
            for shard in shards:
                cursor, keys = self._cursors[shard], shard_keys(self.key_prefix, *shard)
                pipeline.evalsha(
                    _SHA, 4, keys.head, keys.read, keys.changed, keys.gone,
                    cursor.run, cursor.seq, self._limit, LEFT_OUT_RING, cursor.began,
                )  # fmt: skip
            topics, *answers = await pipeline.execute(raise_on_error=False)
        for failure in (each for each in (topics, *answers) if isinstance(each, Exception)):
            if failure is topics or isinstance(failure, NoScriptError) or not passes(failure):
                raise failure
        return topics, answers

    async def _take_all_in(self, shards: list[ShardId], answers: list[Any]) -> None:
        for shard, answer in zip(shards, answers, strict=True):
            if isinstance(answer, Exception):
                self._away[shard] = answer
            else:
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
            cursor.whole, cursor.began = True, int(seq)
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


def _some(left: deque[ShardId], most: int) -> list[ShardId]:
    return [left.popleft() for _ in range(min(most, len(left)))]


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
