"""What is measured for itself, not in turn with the paths: each has a table of its own, and a line below it.

A new one is a function here, or in a module of its own, and a line in `APART`.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from bench import adapters, center, latency, memory, open_interactions, paths, table, viewers, watched
from bench.cost import section
from bench.load import by_partition, produce
from bench.surroundings import Surroundings, Topic, say
from schemas.events import CHANNELS
from schemas.sources.vendors import VENDORS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

VIEWER_SECONDS, QUICK_VIEWER_SECONDS = 60.0, 10.0
LATENCY_SECONDS, QUICK_LATENCY_SECONDS = 30.0, 10.0
READING_ROUNDS = 8
ADAPTER_SECONDS = 2.0
PAYLOADS = 100_000
QUICK_OPEN = 100_000


class Section(NamedTuple):
    """A table, and what is said below it (the machine is named there anyway)."""

    headings: Sequence[str]
    rows: list[list[str]]
    note: str = ""


class Apart(NamedTuple):
    """One of them. `measure` is given the surroundings, how many rounds, and whether to be quick; raises Wrong."""

    name: str
    measure: Callable[[Surroundings, int, bool], Section]


def read(size: str, where: Surroundings, _: int, __: bool) -> Section:
    """A big center in Redis, read as the service reads it."""
    say(f"putting a {size} center into Redis, and reading it")
    told, of = paths.reading(where, size, READING_ROUNDS), center.SIZES[size]
    note = (
        f"{of.shards} partitions, {len(CHANNELS)} channels of {of.queues} queues, {told['cells']:,} cells,"
        f" {of.open:,} open interactions, {told['series']:,} series;"
        f" a look at which nothing is new takes {told['idle'][1] * 1000:.0f} ms of CPU; Redis takes"
        f" {told['redis'][0] * 1000:.0f} ms for the next snapshot, {told['redis'][1] * 1000:.0f} ms for that;"
        f" peak memory {told['peak_bytes'] / 2**20:.0f} MB"
    )
    return Section(table.READING_HEADINGS, table.reading(told, size), note)


def wait(where: Surroundings, _: int, quick: bool) -> Section:
    """From Kafka to who looks."""
    seconds = QUICK_LATENCY_SECONDS if quick else LATENCY_SECONDS
    say(f"sending {latency.RATE:,} events a second for {seconds:.0f} s")
    told = paths.latency(where, latency.RATE, seconds)
    shares = ", ".join(f"the {name} takes {share:.0%} of a core" for name, share in told["cpu"].items())
    return Section(table.LATENCY_HEADINGS, table.latency(told), f"{latency.RATE:,} events a second; {shares}")


def sizes(where: Surroundings, _: int, __: bool) -> Section:
    """What things take in Redis."""
    say("putting interactions, customers and agents into Redis, and asking for their sizes")
    where.redis.flushall()
    try:
        found = asyncio.run(memory.measure(where.redis_url, where.redis, "memory:"))
    finally:
        where.redis.flushall()
    return Section(table.MEMORY_HEADINGS, table.memory(found))


def held_open(where: Surroundings, _: int, quick: bool) -> Section:
    """A worker with a million open interactions."""
    opened = QUICK_OPEN if quick else open_interactions.OPEN
    say(f"opening {opened:,} interactions, and going on with any of them")
    where.redis.flushall()
    try:
        told = open_interactions.measure(where.kafka, where.redis_url, where.redis, where.folder, opened)
    finally:
        where.redis.flushall()
    note = (
        f"{told.open:,} open interactions in {open_interactions.PARTITIONS} partitions of one worker: its peak is"
        f" {told.peak_bytes / 2**20:.0f} MB, the goal is at most 400 MB; {told.redis_bytes:,.0f} bytes of Redis each"
    )
    return Section(table.OPEN_HEADINGS, table.phases(told), note)


def watch(where: Surroundings, _: int, quick: bool) -> Section:
    """Viewers of the wallboard."""
    seconds = QUICK_VIEWER_SECONDS if quick else VIEWER_SECONDS
    say(f"letting {viewers.VIEWERS} viewers watch for {seconds:.0f} s")
    told = paths.viewers(where, seconds)
    note = (
        f"{viewers.VIEWERS} viewers of {watched.QUEUES} queues; the service has {told['bytes'] / 2**20:.0f} MB,"
        f" and grows by {told['slope'] / 2**20:.1f} MB a minute, and takes {told['cpu']:.0%} of a core"
    )
    return Section(table.VIEWERS_HEADINGS, table.viewers(told), note)


def adapt(where: Surroundings, rounds: int, _: bool) -> Section:
    """Each adapter by itself, and one through Kafka."""
    say("letting each adapter convert its platform's day of work")
    alone = [adapters.Speed(*each) for each in paths.adapters(where, ADAPTER_SECONDS)]
    vendor = VENDORS[adapters.THROUGH_KAFKA]
    say(f"putting {PAYLOADS:,} payloads of {vendor.title} into Kafka, and taking them in")
    records = adapters.log(vendor, PAYLOADS)
    topic = Topic("intake.", by_partition(records), plain_name=vendor.topic)
    asyncio.run(produce(where.kafka, topic.prefix, records, vendor.topic))
    through = [paths.intake(where, topic, vendor.name) for _ in range(rounds)]
    return Section(adapters.HEADINGS, adapters.rows(alone, through))


def cost(where: Surroundings, _: int, __: bool) -> Section:
    """The cost model, beside what is measured now; `python -m bench.cost` makes it anew."""
    say("measuring a size that the cost model was not made of")
    lines, note = section.rows(where)
    return Section(section.HEADINGS, lines, note)


APART = (
    Apart("reading", partial(read, "busy")),
    Apart("reading-wide", partial(read, "wide")),
    Apart("latency", wait),
    Apart("memory", sizes),
    Apart("open", held_open),
    Apart("viewers", watch),
    Apart("adapters", adapt),
    Apart("cost", cost),
)
