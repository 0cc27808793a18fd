"""Samples by family, in the order of the catalogue, as prometheus-client wants them; no other name can be put."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

from prometheus_client.metrics_core import Metric as Family
from prometheus_client.utils import floatToGoString

from stream.core.figures.metrics import METRICS
from stream.core.measures import Cell

Sample = tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]]
"""One of a run: what comes after the family's name, the last values of the catalogue's labels, more labels by name."""


class Run:
    """What sets the samples of a run apart, one after the other. Made once and known by its identity."""

    __slots__ = ("each",)

    def __init__(self, each: Sequence[Sample]) -> None:
        self.each = tuple(each)


Series = tuple[tuple[str, ...], Run]
"""What a run of samples of a family is called: hashable, the same from scrape to scrape.

The first values of the catalogue's labels, in its order; what comes after them, sample by sample. Plain
tuples, since a scrape makes thousands.
"""
Values = Sequence[float | None]
"""A number for each sample of the run; None is no sample."""


class Samples:
    """One scrape in the making: series and their values by family."""

    def __init__(self) -> None:
        self.by_family: dict[str, list[tuple[Series, Values]]] = {name: [] for name in METRICS}

    def put(self, name: str, labels: Sequence[str], value: float | None, **added: str) -> None:
        """One sample; None is no sample. `labels`: the values of the catalogue's labels, in its order."""
        if value is not None:
            self.run(name, labels, _single(tuple(added.items())) if added else _ONE, (value,))

    def run(self, name: str, labels: Sequence[str], run: Run, values: Values) -> None:
        """A run of samples, not to be changed from here on. `labels`: those that they have in common."""
        self.by_family[name].append(((tuple(labels), run), values))

    def families(self) -> Iterator[Family]:
        """All families of the catalogue, also those without samples."""
        return (family(name, series) for name, series in self.by_family.items())


def family(name: str, series: Sequence[tuple[Series, Values]]) -> Family:
    """One family as prometheus-client has it. Raises ValueError for more or fewer labels than the catalogue has."""
    metric = METRICS[name]
    made = Family(name.removesuffix("_total") if metric.kind == "counter" else name, metric.help, metric.kind)
    for (told, run), values in series:
        for (suffix, rest, added), value in zip(run.each, values, strict=True):
            if value is not None:
                labels = dict(zip(metric.labels, (*told, *rest), strict=True)) | dict(added)
                made.add_sample(name + suffix, labels, value)
    return made


_ONE = Run([("", (), ())])


@lru_cache
def _single(added: tuple[tuple[str, str], ...]) -> Run:
    return Run([("", (), added)])


@lru_cache
def histogram(bounds_ms: tuple[int, ...]) -> Run:
    """The run of a classic histogram in seconds: a bucket for each bound, one for all, the count, the sum."""
    bounds = [*(str(floatToGoString(bound / 1000)) for bound in bounds_ms), "+Inf"]  # type: ignore[no-untyped-call]
    return Run([*(("_bucket", (), (("le", bound),)) for bound in bounds), ("_count", (), ()), ("_sum", (), ())])


def bucket_values(total: Cell, base: int, sum_code: int, bounds: int) -> list[float]:
    """The values of such a run: the counts up to each bound and in all, the count, the sum in seconds.

    `total` has counts at `base` + position of the bound, and a sum in ms.

    >>> bucket_values({4000: 2, 4002: 1, 7: 9500}, 4000, 7, 2)
    [2, 2, 3, 3, 9.5]
    """
    get = total.get
    counts: list[float] = list(accumulate([get(code, 0) for code in range(base, base + bounds + 1)]))
    return [*counts, counts[-1], get(sum_code, 0) / 1000]
