"""The straight fold by which each peer is judged: its sums are those of the oracle, and a peer's cells its own."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from bench.recount import Wrong
from bench.steps import MEASURES, Interaction, cell, decode_event, step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.recount import Figures
    from stream.simulator import Record

Cells = dict[str, dict[str, int]]
"""`channel|queue|bucket` -> measure -> n, without what is 0. A bucket is its first instant, in ms."""


def fold(records: Iterable[Record]) -> Cells:
    """The cells of some partitions' events, each partition in its order."""
    known: defaultdict[str, Interaction] = defaultdict(Interaction)
    cells: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for record in records:
        event: Any = decode_event(record.value)
        counted = step(known[event.data.interaction_id], event)
        if counted:
            cells[cell(event.data.channel, counted.queue, counted.at)].update(counted.measures)
    return {name: found for name, measures in cells.items() if (found := {m: n for m, n in measures.items() if n})}


def verify_fold(cells: Cells, figures: Sequence[Figures]) -> None:
    """Compare the fold's sums by channel and queue with those of the oracle. Raises Wrong."""
    sums, wanted = defaultdict[str, Counter[str]](Counter), defaultdict[str, Counter[str]](Counter)
    for name, measures in cells.items():
        sums[name.rpartition("|")[0]].update(measures)
    for each in figures:
        for scope, of_scope in each.items():
            channel, _, place = scope.split("|")
            if place[0] == "q":
                wanted[f"{channel}|{place[1:]}"].update({name: n for name, n in of_scope.items() if name in MEASURES})
    compare("the straight fold", sums, wanted)


def compare(who: str, found: Mapping[str, Mapping[str, int]], wanted: Mapping[str, Mapping[str, int]]) -> None:
    """Every measure of every cell. Raises Wrong, naming the first that differs."""
    for name in sorted(found.keys() | wanted.keys()):
        theirs, right = found.get(name, {}), wanted.get(name, {})
        for measure in sorted(theirs.keys() | right.keys()):
            if theirs.get(measure, 0) != right.get(measure, 0):
                raise Wrong(
                    f"{who}, {name}: {measure} is {theirs.get(measure, 0)}, it should be {right.get(measure, 0)}"
                )
