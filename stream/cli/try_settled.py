"""When all that was sent is counted, and shown: by the offsets of the store, the ends of the logs, and the service."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from stream.cli.ask import asked
from stream.cli.progress import metered
from stream.cli.store import store
from stream.core.books.ledger import decode_counts
from stream.serve.log_ends import LogEnds
from stream.serve.view import topics
from stream.state.keys import shard_keys, store_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stream.cli.store import Store
    from stream.settings import Settings
    from stream.state.snapshot import ShardId

LOOK_SECONDS = 0.25
ANSWER_SECONDS = 30.0
RESULTS = ("applied", "duplicate", "skipped", "rejected")
DERIVED, AGENTS = ".timeline", "agents.timeline"

_RECORDS = re.compile(rb"^stream_records_total\{[^}]*\} ([0-9.e+]+)$", re.MULTILINE)


class Progress(NamedTuple):
    """How much has been counted: all of the inputs, and what came of it; `share` of what is to be expected."""

    inputs: int
    share: float
    done: bool


def progress(offsets: Mapping[ShardId, int], ends: Mapping[ShardId, int]) -> Progress:
    """By the offsets that the store has, and the ends of the logs as they were *afterwards*.

    What is counted has sent before what comes of it, so when no end is past its offset there is nothing more to come.
    What the rest of the inputs will give is estimated by what they have given.
    """
    derived = {shard: end for shard, end in ends.items() if shard.topic.endswith(DERIVED)}
    inputs = sum(end for shard, end in ends.items() if shard not in derived)
    counted = sum(offset for shard, offset in offsets.items() if shard in ends and shard not in derived)
    whole = sum(min(offsets.get(shard, 0), end) for shard, end in ends.items())
    to_come = (inputs - counted) * sum(derived.values()) / counted if counted else inputs
    return Progress(
        counted,
        whole / max(sum(ends.values()) + to_come, 1),
        all(offsets.get(shard, 0) >= end for shard, end in ends.items()),
    )


async def settled(settings: Settings, url: str) -> Counter[str]:
    """Waits until everything is counted and the service at `url` shows it; what became of records, by kind.

    Left out are those that agents' shards are told by other shards.

    A partition that the brake stops goes on: nobody else can release it, and what is rejected is told in the end.
    """
    async with LogEnds.of(settings, topics(settings.topic_prefix)) as logs, store(settings) as client:
        with metered("counting", 1.0) as meter:
            while True:
                await client.command("DEL", store_keys(settings.key_prefix).braked)
                seen = await logs.ask()
                offsets = await _offsets(settings, client, list(seen))
                now = progress(offsets, await logs.ask())
                meter.records = now.inputs
                meter.show(now.share)
                if seen and now.done:
                    break
                await asyncio.sleep(LOOK_SECONDS)
        counts = {shard: await _counts(settings, client, shard) for shard in seen}
    shown, all_of_them = -1, sum(of[each] for of in counts.values() for each in RESULTS)
    while shown < all_of_them:
        await asyncio.sleep(LOOK_SECONDS)
        shown = await asyncio.to_thread(_shown, url, settings)
    told = (of for shard, of in counts.items() if not shard.topic.endswith(AGENTS))
    return sum(told, Counter())


async def _offsets(settings: Settings, client: Store, shards: list[ShardId]) -> dict[ShardId, int]:
    found = {}
    for shard in shards:
        told = await client.command("HGET", shard_keys(settings.key_prefix, *shard).head, "offset")
        found[shard] = int(told or 0)
    return found


async def _counts(settings: Settings, client: Store, shard: ShardId) -> Counter[str]:
    told = await client.command("HGET", shard_keys(settings.key_prefix, *shard).head, "counts")
    return Counter({} if told is None else decode_counts(told))


def _shown(url: str, settings: Settings) -> int:
    """How many records the service shows to be counted; -1 while it shows nothing."""
    try:
        page = asked(f"{url}/metrics", settings.credentials(), ANSWER_SECONDS)
    except OSError:
        return -1
    return round(sum(float(number) for number in _RECORDS.findall(page)))
