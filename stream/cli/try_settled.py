"""When all that was sent is counted, and shown: by the offsets of the store, the ends of the logs, and the service."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from stream.cli.ask import asked
from stream.cli.store import store
from stream.core.books.ledger import decode_counts
from stream.serve.log_ends import LogEnds
from stream.serve.view import topics
from stream.state.keys import shard_keys, store_keys

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from stream.cli.store import Store
    from stream.settings import Settings
    from stream.state.snapshot import ShardId

LOOK_SECONDS, LONGEST_LOOK_SECONDS, SHOWN_SECONDS = 0.05, 0.5, 0.25
ANSWER_SECONDS = 30.0
RESULTS = ("applied", "duplicate", "skipped", "rejected")
DERIVED, AGENTS = ".timeline", "agents.timeline"

_RECORDS = re.compile(rb"^stream_records_total\{[^}]*\} ([0-9.e+]+)$", re.MULTILINE)


class Progress(NamedTuple):
    """How many records of the inputs have been counted, and whether all is, and all that came of them."""

    inputs: int
    done: bool


def progress(offsets: Mapping[ShardId, int], ends: Mapping[ShardId, int]) -> Progress:
    """By the offsets that the store has, and the ends of the logs as they were *afterwards*.

    What is counted has sent before what comes of it, so when no end is past its offset there is nothing more to come.
    """
    inputs = sum(offset for shard, offset in offsets.items() if not shard.topic.endswith(DERIVED))
    return Progress(inputs, all(offsets.get(shard, 0) >= end for shard, end in ends.items()))


class Counting:
    """Looks at how far the workers are."""

    def __init__(self, settings: Settings, logs: LogEnds, client: Store) -> None:
        self._settings, self._logs, self._client = settings, logs, client
        self._seen: dict[ShardId, int] = {}

    async def caught_up(self, said: Callable[[int], None]) -> None:
        """Waits until everything is counted; `said` hears how many records of the inputs are.

        A partition that the brake stops goes on: nobody else can release it, and what is rejected is told in the end.
        """
        pause = LOOK_SECONDS
        while True:
            await self._client.command("DEL", store_keys(self._settings.key_prefix).braked)
            offsets = {shard: int(await self._head(shard, "offset") or 0) for shard, end in self._seen.items() if end}
            self._seen = await self._logs.ask()
            now = progress(offsets, self._seen)
            said(now.inputs)
            if now.done and self._seen:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_LOOK_SECONDS)

    async def shown(self, url: str) -> Counter[str]:
        """Waits until the service at `url` shows what is counted; what became of records, by kind.

        Left out are those that agents' shards are told by other shards.
        """
        counts = {}
        for shard in self._seen:
            told = await self._head(shard, "counts")
            counts[shard] = Counter({} if told is None else decode_counts(told))
        shown, all_of_them = -1, sum(of[each] for of in counts.values() for each in RESULTS)
        while shown != all_of_them:
            await asyncio.sleep(SHOWN_SECONDS)
            shown = await asyncio.to_thread(_shown, url, self._settings)
        return sum((of for shard, of in counts.items() if not shard.topic.endswith(AGENTS)), Counter[str]())

    async def _head(self, shard: ShardId, name: str) -> bytes | None:
        told: bytes | None = await self._client.command(
            "HGET", shard_keys(self._settings.key_prefix, *shard).head, name
        )
        return told


@asynccontextmanager
async def counting(settings: Settings) -> AsyncIterator[Counting]:
    """A look at the workers, with connections that end with the block. Raises `Problem`."""
    async with LogEnds.of(settings, topics(settings.topic_prefix)) as logs, store(settings) as client:
        yield Counting(settings, logs, client)


def _shown(url: str, settings: Settings) -> int:
    """How many records the service shows to be counted; -1 while it shows nothing."""
    try:
        page = asked(f"{url}/metrics", settings.credentials(), ANSWER_SECONDS)
    except OSError:
        return -1
    return round(sum(float(number) for number in _RECORDS.findall(page)))
