"""The rows of the bench's table, in their order, and the goals that stand beside them.

A new path is a line in `ROWS`: how it is called with `--only`, its title, the log that it reads (an attribute of
`Logs`), how it is measured, and what must be built for it first.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, NamedTuple

from bench import kafka_streams, paths, quix
from bench.apart import APART
from bench.table import QUIX, RAW, STOCK, STREAMS, WARM, Goal, per_busiest, per_cpu, per_cpu_with_redis, rate
from deploy.compile_core import compiled
from stream.embedded import cache_folder
from tests.parts.missing import PartMissing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.process import Measured
    from bench.surroundings import Surroundings, Topic


class Row(NamedTuple):
    """A path. `measure` is given the surroundings, the topic, and what `build` has made; raises Wrong.

    `build` makes what is kept from one run of the bench to the next; where it raises PartMissing, the row is left out.
    """

    name: str
    title: str
    log: str
    measure: Callable[[Surroundings, Topic, Path | None], Measured]
    build: Callable[[], Path] | None = None


def core() -> Path:
    """The folder with the compiled core. Raises PartMissing."""
    try:
        return compiled(cache_folder())
    except (subprocess.CalledProcessError, ImportError) as error:
        raise PartMissing(f"the core cannot be compiled here ({error})") from error


OURS, COMPILED = "ours: one worker", "ours, core compiled"
WITH_OUTPUTS, FAR_OUT, SECOND = "ours, with outputs", "ours: 30 % moved", "ours, second stage: customers"

TWO, TWO_COMPILED = "ours: two workers", "ours, core compiled: two workers"

ROWS = (
    Row("raw", RAW, "plain", paths.raw),
    Row("ours", OURS, "plain", paths.ours),
    Row("outputs", WITH_OUTPUTS, "plain", paths.with_outputs),
    Row("compiled", COMPILED, "plain", paths.ours, core),
    Row("disordered", "ours: 5 % moved, 2 % doubled", "disordered", paths.ours),
    Row("far-out", FAR_OUT, "far_out", paths.ours),
    Row("compiled-disordered", "ours, core compiled: 5 % moved, 2 % doubled", "disordered", paths.ours, core),
    Row("second", SECOND, "second", paths.second),
    Row("two", TWO, "plain", paths.two),
    Row("two-compiled", TWO_COMPILED, "plain", paths.two, core),
    Row("kafka-streams", STREAMS, "plain", kafka_streams.exactly_once, kafka_streams.build),
    Row("kafka-streams-alo", "Kafka Streams, at_least_once", "plain", kafka_streams.at_least_once, kafka_streams.build),
    Row("quix", QUIX, "plain", quix.window, quix.build),
    Row("quix-apply", "Quix Streams, plain apply", "plain", quix.apply, quix.build),
    Row("stock", STOCK, "plain", paths.stock),
)

NAMES = [row.name for row in ROWS] + [each.name for each in APART]
NOT_QUICK = {
    "disordered", "compiled-disordered", "kafka-streams-alo", "quix-apply", "reading-wide", "memory", "adapters",
    "cost",
}  # fmt: skip
"""Left out of the quick bench, unless they are asked for."""

GOALS = (
    Goal("core compiled, of Kafka Streams just started", COMPILED, STREAMS, rate, 1.5),
    Goal(
        "core compiled, of Kafka Streams just started, by the CPU's time with Redis",
        COMPILED,
        STREAMS,
        per_cpu_with_redis,
        1.5,
    ),
    Goal("core compiled, of Kafka Streams, warm", COMPILED, STREAMS + WARM, rate, 1.5),
    Goal(
        "core compiled, of Kafka Streams warm, by the CPU's time with Redis",
        COMPILED,
        STREAMS + WARM,
        per_cpu_with_redis,
        1.5,
    ),
    Goal("core compiled, of Quix Streams' window", COMPILED, QUIX, rate, 4.0),
    Goal("core compiled, of stock Faust", COMPILED, STOCK, rate, 12.0),
    Goal("core compiled, of raw", COMPILED, RAW, rate, 0.4),
    Goal("two workers, of one: by the busiest's CPU", TWO, OURS, per_busiest, 1.7),
    Goal("two workers, of one, core compiled: by the busiest's CPU", TWO_COMPILED, COMPILED, per_busiest, 1.7),
    Goal("30 % moved, of in order", FAR_OUT, OURS, rate, 0.5),
    Goal("with outputs, of without", WITH_OUTPUTS, OURS, rate, 0.5),
    Goal("with outputs, of without, by the CPU's time", WITH_OUTPUTS, OURS, per_cpu, 0.5),
    Goal("second stage, of the first", SECOND, OURS, rate, 0.5),
)
