"""The paths by turns, round by round: what disturbs the machine for a while disturbs them all."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bench.surroundings import say
from bench.table import WARM
from tests.parts.missing import PartMissing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from bench.catalogue import Row
    from bench.process import Measured
    from bench.surroundings import Logs, Surroundings, Topic


class Ready(NamedTuple):
    """A path, its topic as it lies in Kafka, and what was built for it."""

    row: Row
    topic: Topic
    built: Path | None


def prepare(rows: Iterable[Row], logs: Logs) -> tuple[list[Ready], dict[str, str]]:
    """What can be measured; and why the others, by their titles, cannot."""
    found, left_out = [], {}
    for row in rows:
        try:
            built = row.build() if row.build else None
        except PartMissing as missing:
            left_out[row.title] = str(missing)
            continue
        found.append(Ready(row, getattr(logs, row.log), built))
    return found, left_out


def turns(where: Surroundings, ready: Sequence[Ready], rounds: int) -> dict[str, list[Measured]]:
    """The runs of each path by its title, and, of what is measured warm too, by that title. Raises Wrong."""
    runs: dict[str, list[Measured]] = {}
    for each in ready:
        runs |= {each.row.title: [], each.row.title + WARM: []}
    for round_ in range(1, rounds + 1):
        for row, topic, built in ready:
            measured = row.measure(where, topic, built)
            runs[row.title].append(measured)
            if measured.warm:
                runs[row.title + WARM].append(measured.warm)
            say(f"round {round_}, {row.title}: {measured.rate:,.0f} records/s, CPU {measured.cpu:.1f} s of"
                f" {measured.seconds:.1f} s, Redis {measured.redis_cpu:.1f} s")  # fmt: skip
    return {title: measured for title, measured in runs.items() if measured}
