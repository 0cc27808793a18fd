"""What the oracle counts, in the words of the stages."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

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
    for each in recount_all(records, at, aliases_and_surveys=False, settings=settings).contributions:
        place = "*" if each.level == "channel" else "-" if each.queue is None else "q" + each.queue
        counted[each.at, f"{each.channel}|{each.direction[0]}|{place}", each.measure] += each.n
    return {key: n for key, n in counted.items() if n}
