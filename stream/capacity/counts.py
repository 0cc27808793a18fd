"""How many things a commit touches and a shard keeps: expectations, from rates alone. Nothing here is measured.

Of one shard: `rate` events a second, of interactions whose events follow each other by `gaps` (quantiles, seconds),
counted in scopes by stamps that come at random, each scope with a rate of its own (a second).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp


def written(span_s: float, gaps: Sequence[float], events_each: float) -> float:
    """Interactions that a commit writes, for each of its events: one whose events lie close is written once.

    `span_s`: of stream time in a commit. `events_each`: events of an interaction.

    >>> written(0.5, [1.0, 5.0], 5.0), written(2.0, [1.0, 5.0], 5.0)
    (1.0, 0.8)
    """
    apart = sum(min(1.0, gap / span_s) for gap in gaps) / len(gaps)
    return 1 / events_each + (1 - 1 / events_each) * apart


def touched(span_s: float, bucket_s: float, rates: Sequence[float]) -> float:
    """Cells of one ring that a commit of that span touches, summed over the scopes.

    The span lies anyhow among the buckets: the first and the last of them are in it in part.

    >>> touched(10.0, 10.0, [1000.0]), touched(100.0, 10.0, [0.0])
    (1.9998, 0.0)
    """
    found = 0.0
    for rate in rates:
        if rate <= 0:
            continue
        part = min(span_s, bucket_s)
        at_an_edge = 2 * (part - (1 - exp(-rate * part)) / rate) / bucket_s
        inside = (1 - exp(-rate * part)) * abs(span_s - bucket_s) / bucket_s
        found += at_an_edge + inside
    return found


def stirred(span_s: float, back_s: float, bucket_s: float, rates: Sequence[float]) -> float:
    """Cells of one ring before a commit's span that it touches again: by stamps at instants up to `back_s` ago.

    `rates`: of such stamps, a second, by scope.

    >>> stirred(20.0, 100.0, 10.0, [1000.0])
    10.0
    """
    dense = span_s / (span_s + back_s) * min(bucket_s, back_s)
    return back_s / bucket_s * sum(1 - exp(-rate * dense) for rate in rates)


def remembered_s(rate: float, cache: float, gaps: Sequence[float], events_each: float) -> float:
    """How long after its last event an interaction is still among so many that were touched last.

    >>> round(remembered_s(10.0, 100.0, [1e9], 2.0))
    10
    """
    low, high = 0.0, 1e9
    while high - low > 1e-3 * max(low, 1e-3):
        middle = (low + high) / 2
        more = rate * middle * written(middle, gaps, events_each) > cache
        low, high = (low, middle) if more else (middle, high)
    return low


def kept(past_s: float, bucket_s: float, rates: Sequence[float]) -> float:
    """Cells of one ring after so long, up to its keep: those in which anything was counted.

    >>> kept(7200, 10, [1000.0, 0.0])
    720.0
    """
    return past_s / bucket_s * sum(1 - exp(-rate * bucket_s) for rate in rates)
