"""Samples by family, in the order of the catalogue, as prometheus-client wants them; no other name can be put."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prometheus_client.metrics_core import Metric as Family
from prometheus_client.utils import floatToGoString

from stream.core.figures.metrics import METRICS
from stream.core.measures import Cell

Series = tuple[str, tuple[str, ...], tuple[tuple[str, str], ...], tuple[int, ...] | None]
"""What a sample, or a histogram's run of them, is called: hashable, the same from scrape to scrape.

The name; the values of the catalogue's labels, in its order; more labels with their names; the bounds (ms) of a classic
histogram: a bucket for each, one for all, the count, the sum. Plain tuples, since a scrape makes tens of thousands.
"""
Values = Sequence[float]
"""One number; of a histogram the counts up to each bound and in all, the count, the sum in seconds."""


class Samples:
    """One scrape in the making: series and their values by family."""

    def __init__(self) -> None:
        self.by_family: dict[str, list[tuple[Series, Values]]] = {name: [] for name in METRICS}

    def put(self, name: str, labels: Sequence[str], value: float | None, **added: str) -> None:
        """One sample; None is no sample. `labels`: the values of the catalogue's labels, in its order."""
        if value is not None:
            self.by_family[name].append(((name, tuple(labels), tuple(added.items()) if added else (), None), (value,)))

    def histogram(
        self, name: str, labels: Sequence[str], total: Cell, base: int, sum_code: int, bounds_ms: Sequence[int]
    ) -> None:
        """One classic histogram in seconds out of counts at `base` + position of the bound, and a sum in ms."""
        get, count = total.get, 0
        values: list[float] = []
        for code in range(base, base + len(bounds_ms) + 1):
            count += get(code, 0)
            values.append(count)
        values += (count, get(sum_code, 0) / 1000)
        self.by_family[name].append(((name, tuple(labels), (), tuple(bounds_ms)), values))

    def families(self) -> Iterator[Family]:
        """All families of the catalogue, also those without samples."""
        return (family(name, series) for name, series in self.by_family.items())


def family(name: str, series: Sequence[tuple[Series, Values]]) -> Family:
    """One family as prometheus-client has it. Raises ValueError for more or fewer labels than the catalogue has."""
    metric = METRICS[name]
    made = Family(name.removesuffix("_total") if metric.kind == "counter" else name, metric.help, metric.kind)
    for (_, told, added, bounds_ms), values in series:
        labels = dict(zip(metric.labels, told, strict=True)) | dict(added)
        if bounds_ms is None:
            made.add_sample(name, labels, values[0])
            continue
        *counts, count, total = values
        for bound, n in zip((*bounds_ms, None), counts, strict=True):
            le = "+Inf" if bound is None else str(floatToGoString(bound / 1000))  # type: ignore[no-untyped-call]
            made.add_sample(name + "_bucket", labels | {"le": le}, n)
        made.add_sample(name + "_count", labels, count)
        made.add_sample(name + "_sum", labels, total)
    return made
