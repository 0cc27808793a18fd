"""`python -m bench.cost [--rounds 1]`: measure what things cost, anew, for `stream/capacity/measured.json`.

Then `make docs-write`: docs/scaling.md and its pictures are made of that file. All takes about ten minutes.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import structs

from bench.catalogue import core
from bench.cost import model, rest, workload
from bench.cost.child import Stores, driven
from bench.cost.drive import Task
from bench.cost.sizes import ALL_AT_ONCE, BASE, FACTORS
from bench.surroundings import Surroundings, say, surroundings
from stream.capacity import plan
from stream.capacity.cost import Units

if TYPE_CHECKING:
    from bench.cost.size import Found, Size

    Programs = dict[str, Path | None]
    Founds = dict[str, dict[Size, Found]]

FILE = Path(plan.__file__).with_name("measured.json")
COSTS = [factor for factor in FACTORS if factor.costs]


def main() -> int:
    """Measure, write the file, and say how far the model is off."""
    parser = argparse.ArgumentParser(prog="python -m bench.cost", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1, help="how many; the least CPU counts (default: %(default)s)")
    parser.add_argument("--abreast", type=int, default=1, help="how many sizes at a time (default: %(default)s)")
    given = parser.parse_args()
    with ExitStack() as stack:
        programs: Programs = {"pure": None, "compiled": core()}
        where = surroundings(stack)
        told = _measured(where, Stores(stack, where, given.abreast), programs, given.rounds)
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n")
    for of, what, said, found in told.errors:
        print(f"{of:34} {what:32} {said:16,.1f} {found:16,.1f} {said / found - 1:+7.1%}")
    return 0


def _measured(where: Surroundings, stores: Stores, programs: Programs, rounds: int) -> plan.Measured:
    founds = _first(stores, programs, rounds)
    pure = founds["pure"]
    three = dict.fromkeys([BASE, *(size for factor in FACTORS for size in factor.sizes)])
    paid = dict.fromkeys([BASE, *(size for factor in COSTS for size in factor.sizes)])
    fit = model.fitted([(size, pure[size]) for size in three])
    redis = model.redis_units([pure[size] for size in paid])
    worker = {program: model.worker_units([of[size] for size in paid if size in of]) for program, of in founds.items()}
    fit = structs.replace(fit, redis=redis, worker=worker["pure"])
    seconds = dict(zip(programs, stores.map([*programs.values()], rest.second), strict=True))
    agent, agent_cells = rest.agent(stores)
    kafka, outputs = rest.kafka(where, programs, fit.shape, worker, rounds)
    return plan.Measured(
        made=time.strftime("%Y-%m-%d", time.gmtime()), machine=_machine(where), shape=fit.shape, held=fit.held,
        worker=worker, kafka=kafka, redis=redis, net_in=fit.net_in, net_out=fit.net_out,
        second=seconds, outputs=outputs, customer=rest.customer(stores),
        agent=agent, agent_cells=agent_cells, reader=rest.reader_seconds(where),
        errors=_errors(fit, founds, worker),
        points={
            factor.name: [(getattr(size, factor.field), model.point(pure[size])) for size in factor.all]
            for factor in FACTORS
        },
    )  # fmt: skip


def _first(stores: Stores, programs: Programs, rounds: int) -> Founds:
    """What the first stage takes at each size, by program: of all rounds the least CPU. What is counted is the same."""
    both = {*(size for factor in COSTS if factor.compiled for size in factor.sizes), ALL_AT_ONCE}
    sizes = [*dict.fromkeys([*(size for factor in FACTORS for size in factor.all), ALL_AT_ONCE])]
    jobs = [(size, program) for size in sizes for program in programs if program == "pure" or size in both] * rounds
    founds: Founds = {program: {} for program in programs}
    for (size, program), now in zip(jobs, stores.map(jobs, lambda url, job: _one(url, *job, programs)), strict=True):
        before = founds[program].get(size, now)
        least = structs.replace(now, cpu=min(now.cpu, before.cpu), redis_cpu=min(now.redis_cpu, before.redis_cpu))
        founds[program][size] = least
    return founds


def _one(redis_url: str, size: Size, program: str, programs: Programs) -> Found:
    now = driven(Task(redis_url=redis_url, size=size), programs[program])[workload.TOPIC]
    say(f"{size.words()}, {program}: {now.cpu / now.records * 1e6:.1f} µs of the worker and"
        f" {now.redis_cpu / now.records * 1e6:.1f} µs of Redis an event")  # fmt: skip
    return now


def _errors(fit: model.Fitted, founds: Founds, worker: dict[str, Units]) -> list[tuple[str, str, float, float]]:
    """Of each fourth size: which, what, as the model says, as it was found."""
    told, paid = [], {*(factor.fourth for factor in COSTS), ALL_AT_ONCE}
    for name, size in [*((factor.name, factor.fourth) for factor in FACTORS), ("all of them", ALL_AT_ONCE)]:
        for what, (said, found) in model.said(fit, size, founds["pure"][size]).items():
            if found and not (what.startswith("CPU") and size not in paid):
                told.append((name, what, round(said, 3), round(found, 3)))
        if size in founds["compiled"]:
            compiled = structs.replace(fit, worker=worker["compiled"])
            said, found = model.said(compiled, size, founds["compiled"][size])["CPU of the worker"]
            told.append((name, "CPU of the worker, compiled", round(said, 3), round(found, 3)))
    return told


def _machine(where: Surroundings) -> str:
    redis = where.redis.info("server")["redis_version"]
    return f"{len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}, Redis {redis}"


if __name__ == "__main__":
    sys.exit(main())
