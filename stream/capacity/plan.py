"""From a load to a deployment: workers, partitions, Redis nodes, readers. What is assumed is a field of `Load`."""

from __future__ import annotations

from functools import cache
from math import ceil
from pathlib import Path

import msgspec
from msgspec import Struct

from stream.capacity.cost import SECONDS, At, Counts, Held, Shape, Units, counted, memory, scopes, spent, views
from stream.capacity.counts import touched
from stream.core.agents.state import KEEP_MS, KEEP_WORDS, MOST_WORDS

YEAR_S, DAY_S, GB = 365 * 86_400.0, 86_400.0, 1e9
CUSTOMERS, AGENTS = "customers.timeline", "agents.timeline"
LOOK_S, LONGEST_LOOK_S = 0.2, 60.0
WORDS = 4
"""Of an agent, in a call: it rings, they answer, it is over, the wrap-up ends."""
PARTITIONS = tuple(2**n for n in range(3, 13))


class Second(Struct, frozen=True, kw_only=True):
    """A stage of what the first one tells: of a record CPU seconds of the worker and of Redis, bytes to and from it."""

    worker: float
    redis: float
    net_in: float
    net_out: float


class Measured(Struct, frozen=True, kw_only=True):
    """All coefficients. CPU by program: `pure`, `compiled`.

    `kafka`: CPU of fetching a record and sending on what follows; `outputs`: how many times as much work it is to tell
    events enriched, exactly once. `customer`: bytes of one, and of each of their contacts. `agent_cells`: of one agent,
    by ring, of the buckets in which there is work; `agent`: bytes of one beside them, of each interaction that is kept
    of one, and of a cell. `reader`: CPU seconds of the service for a cell that has changed.
    """

    made: str
    machine: str
    shape: Shape
    held: Held
    worker: dict[str, Units]
    kafka: dict[str, float]
    redis: Units
    net_in: Units
    net_out: Units
    second: dict[str, dict[str, Second]]
    outputs: float
    customer: tuple[float, float]
    agent: tuple[float, float, float]
    agent_cells: dict[str, float]
    reader: float
    errors: list[tuple[str, str, float, float]]
    points: dict[str, list[tuple[float, dict[str, float]]]]


class Load(Struct, frozen=True, kw_only=True):
    """What is to be carried, and what is taken for granted.

    `events`: a second at the peak, of interactions; `mean`: over days, 0: what customers' contacts make, else a third
    of the peak. `contacts`: of a customer in a year. `agents`: who have work. `busy`: share of a core, of a worker's or
    of Redis, that is planned for. `commit_s`: each partition commits so often, or when `most` records have come.
    `cache`: interactions that a partition's owner remembers, 0: as many as are open, and half as many again.
    `node_gb`: of data on a node of Redis; `duty`: share of the year that an agent is at work.
    """

    events: float
    queues: int = 24
    customers: float = 0.0
    agents: float = 0.0
    contacts: float = 6.0
    mean: float = 0.0
    partitions: int = 0
    program: str = "pure"
    outputs: bool = True
    busy: float = 0.6
    commit_s: float = 1.0
    most: int = 2000
    cache: float = 0.0
    keep_days: float = 3.0
    node_gb: float = 32.0
    duty: float = 0.2


class Plan(Struct, frozen=True, kw_only=True):
    """What that takes. CPU in cores that are busy, of all workers and of all nodes; memory in bytes, by what it is of.

    `kafka_in`, `kafka_out`: bytes a second to and from the brokers, before replication; `redis_in`, `redis_out`.
    `workers_by`: cores by stage. `look_s`: how often one reader can look at all shards. `most`: what is needed most of,
    in units of one core or one node: what ends first where there is one of each.
    """

    mean: float
    partitions: int
    records_a_commit: float
    cache: float
    workers: int
    workers_by: dict[str, float]
    redis_nodes: int
    redis_nodes_by: dict[str, int]
    redis_cores: float
    memory: dict[str, float]
    kafka_in: float
    kafka_out: float
    redis_in: float
    redis_out: float
    reader_cores: float
    look_s: float
    most: str


@cache
def measured() -> Measured:
    """The coefficients that come with this version."""
    return msgspec.json.decode(Path(__file__).with_name("measured.json").read_bytes(), type=Measured)


def at(load: Load, shape: Shape, partitions: int, events: float) -> At:
    """One partition's part, all queues alike."""
    rate = events / partitions
    opened = load.events / partitions / shape.each * shape.alive_s
    return At(
        rate=rate, batch=max(1.0, min(load.most, rate * load.commit_s)), shares=[1 / load.queues] * load.queues,
        past_s=YEAR_S, keep_s=load.keep_days * DAY_S, cache=load.cache or 1.5 * opened,
    )  # fmt: skip


def plan(load: Load, known: Measured) -> Plan:
    """The fewest partitions that let each worker have two, none of which keeps a core busier than planned."""
    tried = (load.partitions,) if load.partitions else PARTITIONS
    for partitions in tried:
        found = _plan(load, known, partitions)
        most = max(found.workers_by.values()) / partitions
        if most <= load.busy and len(found.workers_by) * partitions >= 2 * found.workers:
            break
    return found


def _plan(load: Load, known: Measured, partitions: int) -> Plan:
    of = at(load, known.shape, partitions, load.events)
    counts = counted(known.shape, of)
    mean = load.mean or (_contacts(load, known) if load.customers else load.events / 3)
    told = {topic: n * partitions for topic, n in counts.told.items()}
    cores = _workers(load, known, counts, partitions)
    redis = spent(known.redis, counts) * partitions
    second = [(told[topic], known.second[load.program][topic]) for topic in told]
    redis += sum(n * of.redis for n, of in second)
    held = _memory(load, known, partitions, min(mean, load.events))
    data = sum(held.values())
    needed = {"CPU": redis / load.busy, "memory": data / GB / load.node_gb}
    nodes = {of_what: ceil(n) for of_what, n in needed.items()}
    reader, look = _reader(known, of, partitions, load.busy)
    limits = {"workers' CPU": sum(cores.values()) / load.busy, "one reader": reader / load.busy}
    limits |= {f"Redis' {of_what}": n for of_what, n in needed.items()}
    sent = sum(n * known.shape.told_bytes[topic] for topic, n in told.items())
    return Plan(
        mean=min(mean, load.events), partitions=partitions, records_a_commit=of.batch, cache=of.cache,
        workers=ceil(sum(cores.values()) / load.busy), workers_by=cores,
        redis_nodes=max(nodes.values()), redis_nodes_by=nodes, redis_cores=redis, memory=held,
        kafka_in=load.events * known.shape.record_bytes + sent, kafka_out=load.events * known.shape.record_bytes + sent,
        redis_in=spent(known.net_in, counts) * partitions + sum(n * of.net_in for n, of in second),
        redis_out=spent(known.net_out, counts) * partitions + sum(n * of.net_out for n, of in second),
        reader_cores=reader, look_s=look, most=max(limits, key=lambda name: limits[name]),
    )  # fmt: skip


def _contacts(load: Load, known: Measured) -> float:
    return load.customers * load.contacts / YEAR_S * known.shape.each


def _workers(load: Load, known: Measured, counts: Counts, partitions: int) -> dict[str, float]:
    first = spent(known.worker[load.program], counts) + known.kafka[load.program] * counts.records
    found = {"interactions": first * partitions * (known.outputs if load.outputs else 1.0)}
    for topic, second in known.second[load.program].items():
        found[topic.partition(".")[0]] = counts.told[topic] * partitions * (second.worker + known.kafka[load.program])
    return found


def _memory(load: Load, known: Measured, partitions: int, mean: float) -> dict[str, float]:
    told = memory(known.shape, known.held, at(load, known.shape, partitions, mean))
    rings = sum(told[ring] for ring in SECONDS)
    contacts = load.contacts * 400 / 365
    one, each, cell = known.agent
    cells = sum(n * (1.0 if ring == "d" else load.duty) for ring, n in known.agent_cells.items())
    agents = load.agents * (one + each * _parts(load, known, mean) + cell * cells)
    return {
        "open interactions": told["open"] * partitions, "closed interactions": told["closed"] * partitions,
        "cells of queues": (rings + told["totals"]) * partitions, "what is gone": told["tombstones"] * partitions,
        "customers": load.customers * (known.customer[0] + known.customer[1] * contacts), "agents": agents,
    }  # fmt: skip


def _parts(load: Load, known: Measured, mean: float) -> float:
    """How many interactions are kept of an agent, at most: those of three days, within bounds by number of words."""
    if not load.agents:
        return 0.0
    recent = mean / known.shape.each * KEEP_MS / 1000 / load.agents
    words = min(max(recent * WORDS, KEEP_WORDS), MOST_WORDS) + KEEP_WORDS
    return words / WORDS


def _reader(known: Measured, of: At, partitions: int, busy: float) -> tuple[float, float]:
    """Cores that a look each 0.2 s takes; and how often one reader can look, where that is more than it may have.

    A minute, where even that is too often.
    """
    look = LOOK_S

    def cores(every_s: float) -> float:
        span = max(every_s, of.batch / of.rate)
        rates = scopes(known.shape, of)
        fields = sum(touched(span, SECONDS[ring], rates) for ring in "fmd") + touched(span, SECONDS["d"], rates)
        rows = of.rate * span * views(known.shape, span)
        return partitions * (fields + rows) * known.reader / span

    wanted = cores(look)
    while cores(look) > busy and look < LONGEST_LOOK_S:
        look *= 1.1
    return wanted, look
