"""The entities of many shards, newest first as far as their expiries tell, in pages. Reads only, and no index is kept.

An entity's score in `expiry` is its last event + its keep, or earlier: it is brought up to date when it is reached.
So the order is right for most and promised for none, and what matters to the caller may come last: only the caller
knows when it has seen enough. Closed and open entities are walked side by side, since open ones are kept for so long
that all closed ones would come after them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from hashlib import sha1
from pathlib import Path
from typing import Any, NamedTuple

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from stream.state.keys import shard_keys
from stream.state.snapshot import ShardId

SCRIPT = Path(__file__).with_suffix(".lua").read_text(encoding="utf-8")
_SHA = sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()
PAGE_ENTITIES = 500
PAGE_MEMBERS = 10_000
MOST_ENTITIES = 50_000
MOST_MEMBERS = 1_000_000


class Entity(NamedTuple):
    """One entity. `expiry_at`: its score, in ms of stream time: it is kept at least until then."""

    shard: ShardId
    name: str
    expiry_at: float
    blob: bytes


class _Cursor:
    """A walk down one shard's expiries, from a score to another one, both included unless written with `(`."""

    __slots__ = ("down_to", "over", "score", "shard", "skip")

    def __init__(self, shard: ShardId, score: str, down_to: str) -> None:
        self.shard, self.score, self.down_to = shard, score, down_to
        self.skip = 0
        self.over = False


class Newest:
    """One walk. `until`: for each shard up to which score closed entities lie, None where there is no such border.

    `looked_at`: entities so far; `complete`: all were looked at. At most `most` of them are, and so many members.
    """

    def __init__(
        self, redis: Redis, key_prefix: str, until: Mapping[ShardId, int | None], most: int = MOST_ENTITIES
    ) -> None:
        self.looked_at = 0
        self._members = 0
        self._redis = redis
        self._key_prefix = key_prefix
        self._most = most
        self._seen: set[tuple[ShardId, bytes]] = set()
        self._cursors = [
            cursor
            for shard, border in sorted(until.items())
            for cursor in (
                [_Cursor(shard, "+inf", "-inf")]
                if border is None
                else [_Cursor(shard, str(border), "-inf"), _Cursor(shard, "+inf", f"({border}")]
            )
        ]

    @property
    def complete(self) -> bool:
        """Whether every entity has been looked at."""
        return not self._cursors

    async def pages(self) -> AsyncIterator[list[Entity]]:
        """Pages of entities, each at most once; ends when all were looked at or the limits are reached.

        Raises RedisError, OSError.
        """
        while self._cursors and self.looked_at < self._most and self._members < MOST_MEMBERS:
            try:
                answers = await self._ask()
            except NoScriptError:
                await self._redis.script_load(SCRIPT)
                answers = await self._ask()
            page = []
            for cursor, answer in zip(self._cursors, answers, strict=True):
                page += self._take(cursor, answer)
            self._cursors = [cursor for cursor in self._cursors if not cursor.over]
            self.looked_at += len(page)
            yield page

    async def _ask(self) -> list[list[Any]]:
        entities = max(min(PAGE_ENTITIES, self._most - self.looked_at) // len(self._cursors), 1)
        members = max(PAGE_MEMBERS // len(self._cursors), entities)
        async with self._redis.pipeline(transaction=False) as pipeline:
            for cursor in self._cursors:
                keys = shard_keys(self._key_prefix, *cursor.shard)
                pipeline.evalsha(
                    _SHA, 2, keys.state, keys.expiry, cursor.score, cursor.down_to, cursor.skip, entities, members
                )
            answers: list[list[Any]] = await pipeline.execute()
        return answers

    def _take(self, cursor: _Cursor, answer: list[Any]) -> list[Entity]:
        score, skip, over, members, names, scores, packed = answer
        self._members += int(members)
        cursor.score, cursor.skip, cursor.over = score.decode(), int(skip), bool(over)
        fresh = []
        for name, expiry_at, blob in zip(names, scores, packed, strict=True):
            key = (cursor.shard, name)
            if blob is not None and key not in self._seen:
                self._seen.add(key)
                fresh.append(Entity(cursor.shard, name.decode(), float(expiry_at), blob))
        return fresh
