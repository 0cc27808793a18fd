"""What holds for the whole store: which incarnation it is, with which rules it counts, which topics it reads.

An emptied Redis must not be taken for a new one, a recreated topic not for the old one, and two workers must count
alike.
"""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import structlog
from redis.exceptions import ResponseError

from stream.state.keys import store_keys
from stream.state.refused import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stream.state.store import Store

log = structlog.get_logger()


class Topic(NamedTuple):
    """What may not change of a topic: its number of partitions, and the broker's id of it ('' where it tells none)."""

    partitions: int
    id: str


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[int, str]).decode


async def admit(
    store: Store, key_prefix: str, *, rules: str, topics: Mapping[str, Topic], group_has_commits: bool, rebuild: bool
) -> str:
    """Check, or at the first start write down, what the store belongs to; returns the incarnation.

    `rebuild` empties the store first: everything is counted again from the log. Raises Refused.
    """
    keys = store_keys(key_prefix)
    await _keeps_everything(store)
    if rebuild:
        await _empty(store, key_prefix)
    elif group_has_commits and await store.command("GET", keys.incarnation) is None:
        raise Refused(
            "Redis is empty, but the group has read before: its figures are gone. To count them again from the log,"
            " start one worker with --rebuild; if this is the wrong Redis, mend REDIS_URL."
        )
    await store.command("SET", keys.incarnation, token_hex(8), "NX")
    await store.command("SET", keys.rules, rules, "NX")
    known = (await store.command("GET", keys.rules)).decode()
    if known != rules:
        raise Refused(
            f"the store was counted with other rules ({known}, here {rules}): thresholds, zones, queues, keeps, the"
            " pseudonyms' key. Give all"
            " workers the same settings, or count again from the log with --rebuild."
        )
    for name, topic in topics.items():
        await store.command("HSETNX", keys.topics, name, _encode(topic))
        first = Topic(*_decode(await store.command("HGET", keys.topics, name)))
        if first.partitions != topic.partitions:
            raise Refused(
                f"topic {name} has {topic.partitions} partitions, the store was counted with {first.partitions}:"
                " keys have moved. Count again from the log with --rebuild."
            )
        if first.id and topic.id and first.id != topic.id:
            raise Refused(f"topic {name} was deleted and created anew. Count again from the log with --rebuild.")
    return (await store.command("GET", keys.incarnation)).decode()  # type: ignore[no-any-return]


async def still(store: Store, key_prefix: str, incarnation: str) -> None:
    """Raises Refused when the store is not the one that admitted us: emptied, or another."""
    keys = store_keys(key_prefix)
    found = await store.command("GET", keys.incarnation)
    whole = [await store.command("EXISTS", key) for key in (keys.rules, keys.topics)]  # maybe on other nodes
    if found is None or found.decode() != incarnation or not all(whole):
        raise Refused("Redis was emptied or exchanged while we worked: start one worker with --rebuild.")


async def began(store: Store, key_prefix: str, shard: str, stored: int | None, first: int) -> None:
    """Write down that a shard is there, whose log begins at `first`, or see that it is not lost for good.

    A node of a cluster may come back without its data, and the incarnation be on another one. A shard that is gone
    (`stored` None) is counted again from its log, unless that begins later than it did. Raises Refused.
    """
    key = store_keys(key_prefix).began
    known = await store.command("HGET", key, shard)
    if known is None:
        await store.command("HSETNX", key, shard, first if stored is None else 0)
    elif stored is None:
        if first > int(known):
            raise Refused(
                f"{shard}: Redis has lost all that was counted, and the log begins at {first} now, where it began at"
                f" {int(known)}: start one worker with --rebuild, to count again what is left of it."
            )
        log.error("redis has lost a shard, it is counted again from the log", partition=shard, first=first)


async def _keeps_everything(store: Store) -> None:
    try:
        answers = await store.of_each_node("CONFIG", "GET", "maxmemory-policy")
    except ResponseError as error:
        log.warning("cannot see whether Redis evicts keys: it must not (maxmemory-policy noeviction)", error=str(error))
        return
    for address, answer in answers.items():
        pairs = answer.items() if isinstance(answer, dict) else zip(answer[::2], answer[1::2], strict=True)
        for _, policy in pairs:
            word = policy.decode() if isinstance(policy, bytes) else policy
            if word != "noeviction":
                raise Refused(
                    f"Redis at {address} has maxmemory-policy {word}, and would drop figures: set noeviction."
                )


async def _empty(store: Store, key_prefix: str) -> None:
    escaped = "".join(f"\\{c}" if c in "*?[]\\" else c for c in key_prefix)
    while await _emptied(store, escaped + "*"):
        pass  # what moved between nodes meanwhile may have been missed


async def _emptied(store: Store, pattern: str) -> int:
    """How many keys were there, and are no more."""
    removed = 0
    for node in await store.masters():
        cursor: bytes | int = 0
        while True:
            cursor, found = await store.asked(node, "SCAN", cursor, "MATCH", pattern, "COUNT", 1000)
            async with store.client.pipeline(transaction=False) as pipeline:
                for key in found:
                    pipeline.unlink(key)
                await pipeline.execute()
            removed += len(found)
            if int(cursor) == 0:
                break
    return removed
