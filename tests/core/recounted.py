"""What the oracle counts, in the words of the stages."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from stream.core.figures.sketch import bin_of
from tests.oracle.defaults import DEFAULTS
from tests.oracle.rows import recount_all

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.oracle.defaults import Settings
    from tests.oracle.records import Record


def recounted(
    records: Iterable[Record], at: int | None = None, settings: Settings = DEFAULTS
) -> dict[tuple[int, str, str], int]:
    """(instant in ms, scope, measure) -> n, seen at `at` (ms; None: at the latest event)."""
    counted: Counter[tuple[int, str, str]] = Counter()
    for each in recount_all(records, at, settings=settings).contributions:
        place = "*" if each.level == "channel" else "-" if each.queue is None else "q" + each.queue
        counted[each.at, f"{each.channel}|{each.direction[0]}|{place}", each.measure] += each.n
    return {key: n for key, n in counted.items() if n}


BOUNDS_S = (1, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1800, 3600, 14400, 28800, 86400)
"""The histograms' bounds, in seconds: a length belongs to the first one that is not below it."""


def sketched(
    records: Iterable[Record], at: int | None = None, settings: Settings = DEFAULTS
) -> dict[tuple[int, str, str], int]:
    """The bins and bounds of waits of answered, handle of handled and elapsed first responses, one for each."""
    counted: Counter[tuple[int, str, str]] = Counter()
    for each in recount_all(records, at, settings=settings).contributions:
        name = {"wait_ms": "wait", "handle_ms": "handle", "first_response_ms": "response"}.get(each.measure)
        if name is not None:
            scope = f"{each.channel}|{each.direction[0]}|{'-' if each.queue is None else 'q' + each.queue}"
            counted[each.at, scope, f"{name}_bin.{bin_of(each.n)}"] += 1
            if name != "response":
                bound = sum(bound * 1000 < each.n for bound in BOUNDS_S)
                counted[each.at, scope, f"{name}_le.{bound}"] += 1
    return dict(counted)
