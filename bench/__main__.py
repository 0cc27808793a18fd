"""`python -m bench [--quick] [--markdown]`: raw, ours and stock Faust in turn, on one topic of one broker; a table.

Nothing passes or fails by time. A path whose figures are not those of a naive recount fails, whatever its time.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import platform
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redis import Redis

from bench import adapters, center, load, memory, paths, recount, table, viewers, watched
from bench.load import FAR_OUT, by_partition, disordered, produce
from bench.recount import Wrong
from deploy.compile_core import compiled
from schemas.events import CHANNELS
from schemas.sources.vendors import VENDORS
from stream.embedded import EmbeddedBroker, EmbeddedStore, cache_folder
from tests.parts.kafka import Kafka
from tests.parts.missing import PartMissing
from tests.parts.redis import Redis as RealRedis

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.process import Measured

OURS, OURS_DISORDERED = "ours: one worker", "ours: 5 % moved, 2 % doubled"
OURS_FAR_OUT = "ours: 30 % moved"
WITH_OUTPUTS = "ours, with outputs"
SECOND = "ours, second stage: customers"
COMPILED, COMPILED_DISORDERED = "ours, core compiled", "ours, core compiled: 5 % moved, 2 % doubled"


PATHS = (
    "raw",
    "ours",
    "outputs",
    "compiled",
    "disordered",
    "far-out",
    "compiled-disordered",
    "stock",
    "second",
    "reading",
    "memory",
    "viewers",
    "adapters",
)
VIEWER_SECONDS = 60.0
READING_ROUNDS = 8
ADAPTER_SECONDS = 2.0
PAYLOADS = 100_000


def main() -> int:
    """Run the bench; 1 when a path has counted wrongly."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round instead of three")
    parser.add_argument("--rounds", type=int, help="how many rounds")
    parser.add_argument("--events", type=int, default=500_000, help="how many events (default: %(default)s)")
    parser.add_argument("--stock-events", type=int, default=40_000, help="on how many of them stock Faust is timed")
    parser.add_argument("--only", default=",".join(PATHS), help="paths (default: %(default)s)")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    given = parser.parse_args()
    rounds = given.rounds or (1 if given.quick else 3)
    with ExitStack() as stack:
        where = _surroundings(stack)
        try:
            only = set(given.only.split(","))
            read = _read(where) if "reading" in only else None
            sizes = _measure(where) if "memory" in only else None
            seen_by = _watch(where, 10 if given.quick else VIEWER_SECONDS) if "viewers" in only else None
            adapted = _adapt(where, rounds) if "adapters" in only else None
            alone = {"reading", "memory", "viewers", "adapters"}
            runs = _run(where, rounds, given.events, given.stock_events, only) if only - alone else {}
        except Wrong as wrong:
            print(f"bench: {wrong}", file=sys.stderr)
            return 1
    show = table.markdown if given.markdown else table.plain
    if runs:
        turns = f"{rounds} {'round' if rounds == 1 else 'rounds'} in turn"
        print(show(table.rows(runs)))
        print(f"\n{given.events:,} events; {_machine()}; {turns}; all of it on this machine.")
    if runs.get(OURS) and runs.get(OURS_FAR_OUT):
        print(f"30 % moved: {table.ratio(runs[OURS_FAR_OUT], runs[OURS])} of in order; the goal is 0.50.")
    if runs.get(OURS) and runs.get(WITH_OUTPUTS):
        told = runs[WITH_OUTPUTS], runs[OURS]
        print(f"With outputs: {table.ratio(*told)} of without; the goal is 0.50."
              f" By the CPU's time {table.ratio(*told, of=attrgetter('per_cpu'))}.")  # fmt: skip
    if runs.get(OURS) and runs.get(SECOND):
        print(f"Second stage: {table.ratio(runs[SECOND], runs[OURS])} of the first; the goal is 0.50.")
    if read:
        print("\n" + show(table.reading(read), table.READING_HEADINGS))
        print(f"\n{center.SHARDS} partitions, {len(CHANNELS)} channels of {center.QUEUES} queues, {read['cells']:,}"
              f" cells, {center.OPEN:,} open interactions, {read['series']:,} series; {_machine()};"
              f" peak memory {read['peak_bytes'] / 2**20:.0f} MB.")  # fmt: skip
    if seen_by:
        print("\n" + show(table.viewers(seen_by), table.VIEWERS_HEADINGS))
        print(f"\n{viewers.VIEWERS} viewers of {watched.QUEUES} queues; the service has"
              f" {seen_by['bytes'] / 2**20:.0f} MB, and grows by {seen_by['slope'] / 2**20:.1f} MB a minute, and takes"
              f" {seen_by['cpu']:.0%} of a core;"
              f" {_machine()}.")  # fmt: skip
    if sizes:
        print("\n" + show(table.memory(sizes), table.MEMORY_HEADINGS))
        print(f"\n{_machine()}.")
    if adapted:
        print("\n" + show(adapted, adapters.HEADINGS))
        print(f"\n{_machine()}.")
    return 0


def _adapt(where: paths.Surroundings, rounds: int) -> list[list[str]]:
    _say("letting each adapter convert its platform's day of work")
    alone = [adapters.Speed(*each) for each in paths.adapters(where, ADAPTER_SECONDS)]
    vendor = VENDORS[adapters.THROUGH_KAFKA]
    _say(f"putting {PAYLOADS:,} payloads of {vendor.title} into Kafka, and taking them in")
    records = adapters.log(vendor, PAYLOADS)
    topic = paths.Topic("intake.", by_partition(records), plain_name=vendor.topic)
    asyncio.run(produce(where.kafka, topic.prefix, records, vendor.topic))
    return adapters.rows(alone, [paths.intake(where, topic, vendor.name) for _ in range(rounds)])


def _measure(where: paths.Surroundings) -> list[memory.Size]:
    _say("putting interactions, customers and agents into Redis, and asking for their sizes")
    where.redis.flushall()
    try:
        return asyncio.run(memory.measure(where.redis_url, where.redis, "memory:"))
    finally:
        where.redis.flushall()


def _read(where: paths.Surroundings) -> dict[str, Any]:
    _say("putting a big center into Redis, and reading it")
    told = paths.reading(where, READING_ROUNDS)
    _say(f"read: first snapshot {told['first'][0]:.1f} s")
    return told


def _watch(where: paths.Surroundings, seconds: float) -> dict[str, Any]:
    _say(f"letting {viewers.VIEWERS} viewers watch for {seconds:.0f} s")
    return paths.viewers(where, seconds)


def _surroundings(stack: ExitStack) -> paths.Surroundings:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="centralino-bench-")))
    broker: Kafka | EmbeddedBroker
    store: RealRedis | EmbeddedStore
    try:
        broker = Kafka(folder / "kafka")
    except PartMissing as missing:
        _say(f"{missing}: measured on the embedded broker instead")
        broker = EmbeddedBroker(folder / "kafka", partitions=load.PARTITIONS)
    try:
        store = RealRedis(folder / "redis")
    except PartMissing as missing:
        _say(f"{missing}: measured on the embedded store instead")
        store = EmbeddedStore(folder / "redis")
    stack.enter_context(broker)
    stack.enter_context(store)
    redis = stack.enter_context(Redis.from_url(store.url))
    return paths.Surroundings(broker.address, store.url, redis, folder)


def _run(
    where: paths.Surroundings, rounds: int, events: int, stock_events: int, only: set[str]
) -> dict[str, list[Measured]]:
    _say(f"simulating {events:,} events")
    records = load.events(events)
    plain = paths.Topic("bench.", by_partition(records))
    _say("recounting them naively")
    plain.figures = [recount.expected(each) for each in plain.partitions]
    _say("putting them into Kafka")
    asyncio.run(produce(where.kafka, plain.prefix, records))
    mixed = paths.Topic("disordered.", [], plain.figures)
    if {"disordered", "compiled-disordered"} & only:
        moved = disordered(records)
        mixed.partitions = by_partition(moved)
        asyncio.run(produce(where.kafka, mixed.prefix, moved))
        del moved
    far_out = paths.Topic("far-out.", [], plain.figures)
    if "far-out" in only:
        moved = disordered(records, FAR_OUT, doubled=0.0)
        far_out.partitions = by_partition(moved)
        asyncio.run(produce(where.kafka, far_out.prefix, moved))
        del moved
    told = paths.Topic("second.", [], plain_name=load.TIMELINE)
    if "second" in only:
        _say("folding them for the second stage")
        timeline = load.timeline(plain.partitions)
        told.partitions, told.figures = by_partition(timeline), [recount.of_customers(records)]
        asyncio.run(produce(where.kafka, told.prefix, timeline, load.TIMELINE))
        del timeline
    program = None
    if {"compiled", "compiled-disordered"} & only:
        _say("compiling the core, unless it is there")
        try:
            program = compiled(cache_folder())
        except (subprocess.CalledProcessError, ImportError) as error:
            _say(f"the core cannot be compiled here ({error}): its rows are left out")
            only -= {"compiled", "compiled-disordered"}
    gc.freeze()
    steps: dict[str, tuple[str, Callable[[], Measured]]] = {
        "raw": (table.RAW, lambda: paths.raw(where, plain)),
        "ours": (OURS, lambda: paths.ours(where, plain)),
        "outputs": (WITH_OUTPUTS, lambda: paths.with_outputs(where, plain)),
        "compiled": (COMPILED, lambda: paths.ours(where, plain, program)),
        "disordered": (OURS_DISORDERED, lambda: paths.ours(where, mixed)),
        "far-out": (OURS_FAR_OUT, lambda: paths.ours(where, far_out)),
        "compiled-disordered": (COMPILED_DISORDERED, lambda: paths.ours(where, mixed, program)),
        "second": (SECOND, lambda: paths.second(where, told)),
        "stock": (table.STOCK, lambda: paths.stock(where, plain, stock_events)),
    }
    runs: dict[str, list[Measured]] = {name: [] for name, _ in steps.values()}
    for round_ in range(1, rounds + 1):
        for step, (name, measure) in steps.items():
            if step in only:
                measured = measure()
                runs[name].append(measured)
                _say(f"round {round_}, {name}: {measured.rate:,.0f} records/s, CPU {measured.cpu:.1f} s of"
                     f" {measured.seconds:.1f} s, Redis {measured.redis_cpu:.1f} s")  # fmt: skip
    return runs


def _machine() -> str:
    cores, load_ = len(os.sched_getaffinity(0)), os.getloadavg()[2]
    return (
        f"{cores} cores, Python {platform.python_version()}, {time.strftime('%Y-%m-%d', time.gmtime())},"
        f" load of the last quarter of an hour {load_:.1f}"
    )


def _say(line: str) -> None:
    print(f"bench: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
