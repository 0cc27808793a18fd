"""What is measured beside the first stage: the second ones, Kafka's part, outputs, and the service that reads."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import msgspec
from msgspec import structs
from redis.asyncio import from_url

from bench import paths
from bench.cost import model, workload
from bench.cost.child import Stores, driven
from bench.cost.drive import KEY_PREFIX, Task
from bench.cost.shifts import Past
from bench.cost.size import Found, Size
from bench.cost.sizes import BASE
from bench.surroundings import Logs, Surroundings, say
from stream.capacity.cost import KEPT_SECONDS, SECONDS, Shape, Units, counted, spent
from stream.capacity.plan import AGENTS, CUSTOMERS, Second
from stream.state.keys import store_keys
from stream.state.reader import Reader

if TYPE_CHECKING:
    from pathlib import Path

PEOPLE, CONTACTS, EVENTS = 1000, (1, 6, 12), 200_000
USUAL = 6
STAFF, CALLS, SHIFTS = 200, 80, (1, 3)
"""Agents, calls of one a day, and days of which their bytes are taken."""
OLD = Past(4, CALLS, 0)
"""What they have behind them, when what a record costs is taken: the last day is."""


def second(redis_url: str, program: Path | None) -> dict[str, Second]:
    """What a record of each second stage takes.

    Of customers with six contacts a year; of agents who have worked for as long as what they do is kept, each once in a
    commit.
    """
    size = Size(warm_s=float((OLD.days - 1) * 86_400), batch=STAFF)
    agents = driven(Task(redis_url=redis_url, size=size, agents=STAFF, past=OLD), program)[AGENTS]
    stages = {CUSTOMERS: _people(redis_url, USUAL, program), AGENTS: agents}
    return {topic: _second(of) for topic, of in stages.items()}


def _second(of: Found) -> Second:
    n = of.records
    return Second(worker=of.cpu / n, redis=of.redis_cpu / n, net_in=of.net_in / n, net_out=of.net_out / n)


def customer(stores: Stores) -> tuple[float, float]:
    """Bytes of a customer, and of each contact: what is stored of them, and where it is listed."""
    bytes_ = {}
    founds = stores.map(CONTACTS, lambda url, contacts: _people(url, contacts, None))
    for contacts, found in zip(CONTACTS, founds, strict=True):
        listed = found.memory["expiry"] * found.held["state"] / found.held["expiry"]
        bytes_[contacts] = (found.memory["state"] + listed) / PEOPLE
    first, last = CONTACTS[0], CONTACTS[-1]
    each = (bytes_[last] - bytes_[first]) / (last - first)
    say("bytes of a customer: " + ", ".join(f"{n} contacts {size:,.0f}" for n, size in bytes_.items()))
    return bytes_[first] - each * first, each


def _people(redis_url: str, contacts: int, program: Path | None) -> Found:
    task = Task(redis_url=redis_url, size=Size(warm_s=0.0), customers=PEOPLE, contacts=contacts)
    return driven(task, program)[CUSTOMERS]


def agent(stores: Stores) -> tuple[tuple[float, float, float], dict[str, float]]:
    """Bytes of an agent, of each call kept, of a cell; how many cells of each ring one has who is always at work."""
    size = Size(warm_s=0.0, batch=STAFF)
    of_days = [Task(redis_url="", size=size, agents=STAFF, past=Past(days, CALLS, 0)) for days in SHIFTS]
    tasks = [Task(redis_url="", size=BASE, then=True), *of_days]
    at_work, *grown = stores.map(tasks, lambda url, task: driven(structs.replace(task, redis_url=url))[AGENTS])
    first, last = ((of.memory["state"] + of.memory["due"]) / STAFF for of in grown)
    each = (last - first) / (SHIFTS[1] - SHIFTS[0]) / CALLS
    cells = {ring: at_work.cells.get("c" + ring, 0) for ring in SECONDS}
    buckets = {ring: max(BASE.seconds / width, 1.0) for ring, width in SECONDS.items()}
    agents = at_work.held["entities"]
    always = {ring: n / agents / buckets[ring] * KEPT_SECONDS[ring] / SECONDS[ring] for ring, n in cells.items()}
    field = (at_work.memory["read"] + at_work.memory["changed"]) / at_work.held["read"]
    listed = at_work.memory["expiry"] / at_work.held["expiry"]
    rows = (at_work.held["read"] - sum(cells.values())) / agents
    return (first - each * SHIFTS[0] * CALLS + rows * field + listed, each, field + listed), always


def kafka(
    where: Surroundings, programs: dict[str, Path | None], shape: Shape, units: dict[str, Units], rounds: int
) -> tuple[dict[str, float], float]:
    """CPU of a record beside what the partition's task takes, from a whole worker; and what telling outputs takes."""
    plain, told, whole = Logs(where, EVENTS).plain, {}, {}
    for program, folder in programs.items():
        run = min((paths.ours(where, plain, folder) for _ in range(rounds)), key=lambda each: each.cpu / each.records)
        heads = [*where.redis.scan_iter("*:head", 1000)]
        commits = sum(_any(where.redis.hget(head, "seq")) for head in heads)
        size = Size(rate=100.0, partitions=len(heads), batch=round(plain.records / commits), seconds=EVENTS / 100.0)
        a_second = counted(shape, model.at(size))
        said = spent(units[program], a_second) / a_second.records
        whole[program] = run.cpu / run.records
        told[program] = max(whole[program] - said, 0.0)
        say(f"{program}: a worker takes {whole[program] * 1e6:.1f} µs a record, its partitions' tasks {said * 1e6:.1f}")
    outputs = min(run.cpu / run.records for run in (paths.with_outputs(where, plain) for _ in range(rounds)))
    return told, outputs / whole["pure"]


def reader_seconds(where: Surroundings) -> float:
    """CPU of the service for each field that it reads, of a shard with many queues."""
    driven(Task(redis_url=where.redis_url, size=Size(queues=960)))
    where.redis.hset(store_keys(KEY_PREFIX).topics, workload.TOPIC, msgspec.msgpack.encode((1, b"id")))
    return min(asyncio.run(_read(where)) for _ in range(3))


async def _read(where: Surroundings) -> float:
    redis = from_url(where.redis_url)
    try:
        reader = Reader(redis, key_prefix=KEY_PREFIX, topics=[workload.TOPIC])
        began = time.process_time()
        while not await reader.poll():
            pass
        took = time.process_time() - began
    finally:
        await redis.aclose()
    return took / sum(_any(where.redis.hlen(key)) for key in where.redis.scan_iter("*:read"))


def _any(answer: object) -> int:
    return int(answer or 0)  # type: ignore[call-overload, no-any-return]
