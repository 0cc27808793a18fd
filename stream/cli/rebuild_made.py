"""Namespaces beside the live one: found, made, dropped."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from aiokafka.errors import UnknownTopicOrPartitionError

from stream.cli.options import EPOCH
from stream.cli.problem import Problem
from stream.cli.rebuild_count import all_shards
from stream.cli.rebuild_logs import name_of, names, since
from stream.settings_names import FIRST
from stream.state import namespaces
from stream.state.keys import shard_keys, store_keys
from stream.state.namespace_keys import beside_keys, namespace_keys
from stream.state.namespaces import Namespace

if TYPE_CHECKING:
    from stream.cli.rebuild_count import Count
    from stream.settings import Settings
    from stream.state.store import Store


async def found_or_new(store: Store, live: Settings, name: str | None) -> Settings:
    """The settings of the namespace that is meant. Raises `Problem` when it cannot be counted beside the live one."""
    known = await namespaces.known(store, live.key_prefix)
    if await store.command("EXISTS", store_keys(live.store_prefix).incarnation) == 0:
        raise Problem("nothing is counted here yet: start a worker (`centralino worker`), it counts all the log")
    if name is None:
        name = await _begun(store, live, known) or _unused({*known, str(live.namespace)})
    if name == live.namespace:
        raise Problem(f"{name} is live: take another name with --as, its figures are counted beside these")
    other = live.within(name)
    rules = await _rules(store, other)
    if rules not in (None, live.rules().fingerprint()):
        raise Problem(
            f"{name} was counted by other definitions than those that are set here: set these, or take another name"
            f" with --as, or drop it first (`centralino rebuild --as {name} --drop`)"
        )
    return other


async def _begun(store: Store, live: Settings, known: dict[str, Namespace]) -> str | None:
    """The newest one that is counted by our definitions."""
    ours = live.rules().fingerprint()
    for name in sorted(known, key=lambda name: known[name].made_at, reverse=True):
        if name != live.namespace and await _rules(store, live.within(name)) in (None, ours):
            return name
    return None


def _unused(taken: set[str]) -> str:
    return next(name for n in range(2, len(taken) + 3) if (name := f"v{n}") not in taken)


async def _rules(store: Store, settings: Settings) -> str | None:
    told = await store.command("GET", store_keys(settings.store_prefix).rules)
    return None if told is None else told.decode()


async def make(count: Count, from_ms: int | None) -> None:
    """Write it down, or see that what is written fits; what a switch has closed is open then. Raises `Problem`."""
    store, other, name = count.store, count.other, str(count.other.namespace)
    keys = namespace_keys(other.key_prefix)
    known = (await namespaces.known(store, other.key_prefix)).get(name)
    if known is None and name != FIRST:
        if from_ms is not None:
            bounds = await count.counted()
            begins = await since(other, bounds, from_ms, bounds)
            parts = [part for shard, offset in begins.items() for part in (name_of(shard), offset)]
            await store.command("HSET", beside_keys(other.store_prefix).starts, *parts)
        made = Namespace(made_at=time.time_ns() // 1_000_000, since=from_ms)
        await store.command("HSET", keys.known, name, namespaces.encode(made))
    elif from_ms is not None and (known is None or known.since != from_ms):
        began = "the beginning of the log" if known is None or known.since is None else _text(known.since)
        raise Problem(f"{name} counts from {began} on: leave --from out to go on with it, or drop it first")
    await namespaces.open_again(store, other, all_shards(await count.ends(names(other, "in", "internal", "source"))))


async def drop(store: Store, live: Settings, name: str) -> None:
    """Delete keys and topics. Raises `Problem` when it is live, or not there."""
    from agents.topics import administration  # noqa: PLC0415 - Faust takes a second to import

    known = await namespaces.known(store, live.key_prefix)
    if name == live.namespace:
        raise Problem(f"{name} is live: it can be dropped when another one is")
    other = live.within(name)
    keys = store_keys(other.store_prefix)
    if name not in known and await store.command("EXISTS", keys.incarnation) == 0:
        there = ", ".join(sorted({*known} - {live.namespace})) or "none"
        raise Problem(f"there is no namespace {name}; beside {live.namespace} there are: {there}")
    async with administration(live) as admin:
        for topic in names(other, "internal"):
            with suppress(UnknownTopicOrPartitionError):
                await admin.delete_topics([topic])
    told = await store.command("HGETALL", keys.topics)
    pairs = told.items() if isinstance(told, dict) else zip(told[::2], told[1::2], strict=True)
    for topic, packed in pairs:
        for partition in range(namespaces.partitions(packed)):
            await store.command("UNLINK", *shard_keys(other.store_prefix, topic.decode(), partition))
    for key in (*keys, *beside_keys(other.store_prefix)):
        await store.command("UNLINK", key)
    await store.command("HDEL", namespace_keys(live.key_prefix).known, name)


def _text(at_ms: int) -> str:
    return f"{EPOCH + timedelta(milliseconds=at_ms):%Y-%m-%dT%H:%M:%SZ}"
