"""What the service's `/metrics` says of the interactions, and how far that is from a recount."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from schemas.events import CHANNELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stream.cli.chaos_recount import Figure

_SEGMENTS = ("contact_center_segments", "_total")
_SUMS = {"wait_ms": ("contact_center_wait", "_seconds_sum"), "handle_ms": ("contact_center_handle", "_seconds_sum")}
_OUTCOMES = {stem + end: outcome for outcome, (stem, end) in _SUMS.items()}
_RETRACTED = {f"{stem}_retracted{end}": f"{stem}{end}" for stem, end in (_SEGMENTS, *_SUMS.values())}


class Page(NamedTuple):
    """Totals less what was taken back, as a recount has them; and records by (topic, result)."""

    figures: Counter[Figure]
    records: Counter[tuple[str, str]]


class Compared(NamedTuple):
    """One comparison. `figures`: how many; `first`: the first that differs, as text; `clock`: when."""

    difference: int
    figures: int
    first: str
    clock: str


def topics(prefix: str) -> dict[str, str]:
    """The topics of interactions, with their prefix → their channel."""
    return {f"{prefix}interactions.{channel}": channel for channel in CHANNELS}


def page_of(text: str, prefix: str) -> Page:
    """Reads a page; `prefix`: of topics.

    >>> page_of('contact_center_segments_total{channel="chat",queue="web",outcome="offered"} 3', "").figures
    Counter({('chat', 'web', 'offered'): 3})
    """
    channels = topics(prefix)
    figures: Counter[Figure] = Counter()
    records: Counter[tuple[str, str]] = Counter()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            name, labels = _RETRACTED.get(sample.name, sample.name), sample.labels
            sign = -1 if sample.name in _RETRACTED else 1
            if name == "".join(_SEGMENTS):
                figures[labels["channel"], labels["queue"], labels["outcome"]] += sign * round(sample.value)
            elif name in _OUTCOMES:
                figures[labels["channel"], labels["queue"], _OUTCOMES[name]] += sign * round(sample.value * 1000)
            elif name == "stream_records_total" and labels["topic"] in channels:
                records[labels["topic"], labels["result"]] += round(sample.value)
    for (topic, result), number in records.items():
        if result in ("applied", "duplicate"):
            figures[channels[topic], "", result] += number
    return Page(Counter({figure: number for figure, number in figures.items() if number}), records)


def compare(told: Mapping[Figure, int], recounted: Mapping[Figure, int]) -> Compared:
    """The sum of the absolute differences over all figures that either side has.

    >>> compare({("chat", "web", "offered"): 3}, {("chat", "web", "offered"): 5})[:3]
    (2, 1, 'chat web offered 3, not 5')
    """
    both = sorted(told.keys() | recounted.keys())
    off = [figure for figure in both if told.get(figure, 0) != recounted.get(figure, 0)]
    difference = sum(abs(told.get(figure, 0) - recounted.get(figure, 0)) for figure in off)
    first = ""
    if off:
        name = " ".join(part for part in off[0] if part)
        first = f"{name} {told.get(off[0], 0):,}, not {recounted.get(off[0], 0):,}"
    return Compared(difference, len(both), first, time.strftime("%H:%M:%S"))
