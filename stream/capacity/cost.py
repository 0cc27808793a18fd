"""What a stage costs at a rate: each count of `counts` times what one costs. The coefficients come from measurements.

All is of one shard, unless told: an input partition of one topic, its events as a phone center's.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import zip_longest
from math import log2

from msgspec import Struct

from stream.capacity.counts import kept, remembered_s, stirred, touched, written
from stream.core.times.window import RINGS

SECONDS = {ring.name: ring.size_ms / 1000 for ring in RINGS.values()}
KEPT_SECONDS = {ring.name: ring.keep_ms / 1000 for ring in RINGS.values()}
TOMBSTONES = 20_000
TIMELINES = ("customers.timeline", "agents.timeline")


class Shape(Struct, frozen=True, kw_only=True):
    """What events are like. `each`: of an interaction; `gaps`: quantiles (s) of the time between two of its events;
    `alive_s`: how long it is open; `record_bytes`: key and value.

    `stamps`: cells of queues in which an event is the first of its interaction to be counted; `again`: those of up to
    `back_s` ago that it changes; `whole`: as `stamps`, of the channel. `views`, `told`: rows of
    what is open, and outputs by topic, that a commit writes for each interaction it writes for the first time, and
    again. `told_bytes`: of one, by topic.
    """

    each: float
    gaps: tuple[float, ...]
    alive_s: float
    record_bytes: float
    stamps: float
    again: float
    back_s: float
    whole: float
    views: tuple[float, float]
    told: dict[str, tuple[float, float]]
    told_bytes: dict[str, float]


class Units(Struct, frozen=True, kw_only=True):
    """What one costs: a commit, a record, an interaction that is written, one that is loaded, what
    has expired, a cell that is touched. Seconds of CPU, or bytes.
    """

    commit: float = 0.0
    record: float = 0.0
    written: float = 0.0
    loaded: float = 0.0
    expired: float = 0.0
    cell: float = 0.0


class Held(Struct, frozen=True, kw_only=True):
    """Bytes of memory of Redis: of an interaction open and closed; beside its content, of a cell; of totals.

    `cells`: how large a cell's content is, by how many interactions it counts.
    """

    open: float
    closed: float
    cell: float
    total: float
    tombstone: float
    cells: tuple[tuple[int, float], ...]


class At(Struct, frozen=True, kw_only=True):
    """One shard's load: events a second, records in a commit, each queue's share of what queues count.

    `past_s`: how long it has run; `keep_s`: of a closed interaction; `cache`: entities that the owner remembers.
    """

    rate: float
    batch: float
    shares: Sequence[float]
    past_s: float
    keep_s: float
    cache: float


class Counts(Struct, frozen=True, kw_only=True):
    """What happens, a second: commits, records, interactions written and loaded, what expires, cells touched by
    ring, outputs.
    """

    commits: float
    records: float
    written: float
    loaded: float
    expired: float
    touched: dict[str, float]
    told: dict[str, float]

    @property
    def cells(self) -> float:
        """Of all rings, and totals."""
        return sum(n for name, n in self.touched.items() if name != "w")


def counted(shape: Shape, at: At) -> Counts:
    """What a shard does in a second."""
    commits = at.rate / at.batch
    span = at.batch / at.rate
    begun = 1 / shape.each
    each = written(span, shape.gaps, shape.each)
    known_s = remembered_s(at.rate, at.cache, shape.gaps, shape.each)
    # What is remembered is cut down to the bound at the end of a commit.
    cold = sum(min(max((gap - known_s) / span, 0.0), 1.0) for gap in shape.gaps) / len(shape.gaps)
    forgotten = begun if known_s < at.keep_s < at.past_s else 0.0
    rates = scopes(shape, at)
    again = [share * shape.again * at.rate for share in at.shares]
    found = {}
    for ring, seconds in SECONDS.items():
        near = min(1.0, (span + seconds) / (span + seconds + shape.back_s))
        fresh = [rate + more * near for rate, more in zip_longest(rates, again, fillvalue=0.0)]
        found[ring] = commits * (touched(span, seconds, fresh) + stirred(span, shape.back_s, seconds, again))
    found["t"] = found["d"]
    found["w"] = at.rate * views(shape, span)
    expired = begun * at.rate if at.keep_s < at.past_s else 0.0
    expired += sum(kept(1, SECONDS[ring], rates) for ring in SECONDS if at.past_s > KEPT_SECONDS[ring])
    return Counts(
        commits=commits, records=at.rate, expired=expired, written=at.rate * each,
        loaded=at.rate * ((1 - begun) * cold + forgotten), touched=found,
        told={topic: at.rate * _linear(of, begun, each) for topic, of in shape.told.items()},
    )  # fmt: skip


def views(shape: Shape, span_s: float) -> float:
    """Rows of what is open that a commit of that span writes, for each of its events."""
    return _linear(shape.views, 1 / shape.each, written(span_s, shape.gaps, shape.each))


def _linear(of: tuple[float, float], begun: float, each: float) -> float:
    return of[0] * begun + of[1] * (each - begun)


def scopes(shape: Shape, at: At) -> list[float]:
    """How often a second each scope is counted in: the queues', and the channel's."""
    return [*(share * shape.stamps * at.rate for share in at.shares), shape.whole * at.rate]


def spent(units: Units, counts: Counts) -> float:
    """What that costs a second."""
    return (
        units.commit * counts.commits + units.record * counts.records + units.written * counts.written
        + units.loaded * counts.loaded + units.expired * counts.expired + units.cell * counts.cells
    )  # fmt: skip


def content(held: Held, interactions: float) -> float:
    """Bytes of a cell that counts so many interactions: between what was measured by the logarithm, beyond it too."""
    known, value = held.cells, log2(max(interactions, 0.5) + 1)
    points = [log2(n + 1) for n, _ in known]
    at = min(max(bisect_left(points, value), 1), len(points) - 1)
    (x0, y0), (x1, y1) = (points[at - 1], known[at - 1][1]), (points[at], known[at][1])
    return max(y0 + (y1 - y0) * (value - x0) / (x1 - x0), known[0][1])


def cells(shape: Shape, at: At) -> dict[str, float]:
    """Cells that a shard keeps, by ring."""
    rates = scopes(shape, at)
    return {ring: kept(min(at.past_s, KEPT_SECONDS[ring]), width, rates) for ring, width in SECONDS.items()}


def memory(shape: Shape, held: Held, at: At) -> dict[str, float]:
    """Bytes of a shard in Redis, by what they are of."""
    begun = at.rate / shape.each
    opened = begun * min(shape.alive_s, at.past_s)
    gone = begun * max(at.past_s - shape.alive_s, 0.0)
    closed = max(begun * min(at.past_s, at.keep_s + shape.alive_s) - opened, 0.0)
    found = {
        "open": opened * held.open,
        "closed": closed * held.closed,
        "tombstones": min(gone, TOMBSTONES) * held.tombstone,
    }
    rates = scopes(shape, at)
    for ring, seconds in SECONDS.items():
        past = max(min(at.past_s, KEPT_SECONDS[ring]), 0.0)
        found[ring] = sum(
            kept(past, seconds, [rate]) * (held.cell + content(held, begun * share * min(seconds, past)))
            for share, rate in zip(at.shares, rates, strict=False)
        )
    found["totals"] = len(rates) * held.total
    return found
