"""docs/scaling.md and its pictures: tables and plots of what `python -m bench.cost` has measured; words are by hand."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from bench.cost import plots
from stream.capacity.cost import content, counted, spent
from stream.capacity.plan import AGENTS, CUSTOMERS, Load, at, measured, plan
from stream.cli.capacity import rows, size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream.capacity.cost import Units
    from stream.capacity.plan import Measured

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "scaling.md"
PICTURES = DOCS / "pictures"
_PART = re.compile(r"(<!-- made: ([A-Z]+) -->)\n.*?\n?(<!-- until here -->)", re.DOTALL)

PLANS = (
    ("as many events as 100 M customers make", Load(events=1e6, queues=1000, customers=1e8, agents=50_000)),
    (
        "as many events as 100 M customers make, core compiled, outputs off",
        Load(events=1e6, queues=1000, customers=1e8, agents=50_000, program="compiled", outputs=False),
    ),
    ("a tenth of the peak around the clock", Load(events=1e6, queues=1000, customers=1e8, agents=50_000, mean=1e5)),
    ("the peak around the clock", Load(events=1e6, queues=1000, customers=1e8, agents=50_000, mean=1e6)),
)
SMALLER = (
    ("50 queues, 500 agents, 1 M customers, 500 events/s",
     Load(events=500, queues=50, customers=1e6, agents=500, mean=500 / 3)),
    ("200 queues, 5,000 agents, 10 M customers, 10,000 events/s",
     Load(events=10_000, queues=200, customers=1e7, agents=5000, mean=10_000 / 3)),
    ("1,000 queues, 50,000 agents, 100 M customers, 100,000 events/s",
     Load(events=100_000, queues=1000, customers=1e8, agents=50_000, mean=100_000 / 3)),
)  # fmt: skip


def page() -> str:
    """The whole page: what stands between its marks, written anew."""
    told = measured()
    parts = {
        "UNITS": _units(told), "HELD": _held(told), "SHAPE": _shape(told),
        "ERRORS": _errors(told), "PLANS": _plans(PLANS, told), "SMALLER": _plans(SMALLER, told), "FIRST": _first(told),
    }  # fmt: skip
    return _PART.sub(lambda found: f"{found[1]}\n{parts[found[2]]}\n{found[3]}", PAGE.read_text())


def pictures() -> Iterator[tuple[Path, str]]:
    """Places and texts of the pictures."""
    for name, text in plots.pictures(measured()).items():
        yield PICTURES / name, text


def _table(head: list[str], lines: list[list[str]]) -> str:
    rule = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, rule, *lines])


def _units(told: Measured) -> str:
    words = {
        "commit": "a commit", "record": "a record", "written": "an interaction written",
        "loaded": "an interaction loaded", "expired": "something that expires", "cell": "a cell touched",
    }  # fmt: skip
    by: list[tuple[str, Units, float]] = [
        ("worker, µs", told.worker["pure"], 1e-6), ("compiled, µs", told.worker["compiled"], 1e-6),
        ("Redis, µs", told.redis, 1e-6), ("bytes to Redis", told.net_in, 1), ("from Redis", told.net_out, 1),
    ]  # fmt: skip
    lines = [[words[name], *(_n(getattr(units, name) / scale) for _, units, scale in by)] for name in words]
    kafka = ["a record: Kafka's part", *(_n(told.kafka[name] / 1e-6) for name in ("pure", "compiled")), "-", "-", "-"]
    second = [
        [f"a record of `{topic}`", *(_n(told.second[name][topic].worker / 1e-6) for name in ("pure", "compiled")),
         _n(told.second["pure"][topic].redis / 1e-6), _n(told.second["pure"][topic].net_in),
         _n(told.second["pure"][topic].net_out)]
        for topic in (CUSTOMERS, AGENTS)
    ]  # fmt: skip
    return _table(["of", *(name for name, _, _ in by)], [*lines, kafka, *second])


def _held(told: Measured) -> str:
    held = told.held
    lines = [
        ["an open interaction", _n(held.open)], ["a closed one", _n(held.closed)],
        ["a cell of a queue that counts 1, 10, 100, 1,000 interactions",
         ", ".join(_n(held.cell + content(held, n)) for n in (1, 10, 100, 1000))],
        ["totals of a queue", _n(held.total)], ["a row that is gone, at most 20,000 a shard", _n(held.tombstone)],
        ["a customer, and each contact", f"{_n(told.customer[0])} + {_n(told.customer[1])}"],
        ["an agent, and each call of three days", f"{_n(told.agent[0])} + {_n(told.agent[1])}"],
        ["a cell of an agent", _n(told.agent[2])],
    ]  # fmt: skip
    return _table(["of", "bytes of Redis"], lines)


def _shape(told: Measured) -> str:
    shape = told.shape
    heard = ", ".join(f"{_n(told.shape.told_bytes[topic])} bytes to `{topic}`" for topic in shape.told)
    return (
        f"{shape.each:.1f} events an interaction, which is open for {shape.alive_s:.0f} s;"
        f" {shape.record_bytes:.0f} bytes a record; {heard}. Measured on {told.machine}, {told.made}."
    )


def _errors(told: Measured) -> str:
    lines = []
    for factor, of in groupby(told.errors, key=lambda each: each[0]):
        by = {what: said / found - 1 for _, what, said, found in of}
        lines.append([factor, *(f"{by[what]:+.0%}" if what in by else "-" for what in ERRORS)])
    return _table(["a fourth size of", *ERRORS.values()], lines)


ERRORS = {
    "interactions written": "interactions written", "interactions loaded": "loaded", "cells touched": "cells touched",
    "cells kept": "cells kept", "bytes to Redis": "bytes to Redis", "bytes from Redis": "from Redis",
    "memory": "memory", "CPU of Redis": "CPU: Redis", "CPU of the worker": "worker",
    "CPU of the worker, compiled": "compiled",
}  # fmt: skip


def _plans(loads: tuple[tuple[str, Load], ...], told: Measured) -> str:
    by = [(words, dict(rows(load, plan(load, told)))) for words, load in loads]
    lines = [[name, *(of[name] for _, of in by)] for name in by[0][1]]
    return _table(["", *(words for words, _ in by)], lines)


def _first(told: Measured) -> str:
    """The load of one phone center on a single core, node and reader, as it grows."""
    lines = []
    for events in (100, 1000, 5000, 20_000, 100_000):
        load = Load(
            events=events, queues=200, agents=events * 2, customers=events * 1000.0, program="pure", mean=events / 3
        )
        found = plan(load, told)
        counts = counted(told.shape, at(load, told.shape, found.partitions, events))
        lines.append([
            f"{events:,}", f"{found.partitions}", f"{spent(told.worker['pure'], counts) / counts.records * 1e6:.0f}",
            f"{sum(found.workers_by.values()):.2f}", f"{found.redis_cores:.2f}", size(sum(found.memory.values())),
            f"{found.reader_cores:.2f}", found.most,
        ])  # fmt: skip
    head = [
        "events/s",
        "partitions",
        "µs an event",
        "workers, cores",
        "Redis, cores",
        "memory",
        "reader, cores",
        "most is taken of",
    ]
    return _table(head, lines)


def _n(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value else "-"
