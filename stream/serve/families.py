"""Samples by family, in the order of the catalogue, as prometheus-client wants them; no other name can be put."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prometheus_client.metrics_core import Metric as Family
from prometheus_client.utils import floatToGoString

from stream.core.measures import Cell
from stream.core.metrics import METRICS


class Samples:
    """One scrape in the making."""

    def __init__(self) -> None:
        self._families = {
            name: Family(name.removesuffix("_total") if metric.kind == "counter" else name, metric.help, metric.kind)
            for name, metric in METRICS.items()
        }

    def put(self, name: str, labels: Sequence[str], value: float | None, **added: str) -> None:
        """One sample; None is no sample. `labels`: the values of the catalogue's labels, in its order."""
        if value is not None:
            named = dict(zip(METRICS[name].labels, labels, strict=True)) | added
            self._families[name].add_sample(name, named, value)

    def histogram(
        self, name: str, labels: Sequence[str], total: Cell, base: int, sum_code: int, bounds_ms: Sequence[int]
    ) -> None:
        """One classic histogram in seconds out of counts at `base` + position of the bound, and a sum in ms."""
        named = dict(zip(METRICS[name].labels, labels, strict=True))
        family = self._families[name]
        count = 0
        for position, bound in enumerate((*bounds_ms, None)):
            count += total.get(base + position, 0)
            le = "+Inf" if bound is None else str(floatToGoString(bound / 1000))  # type: ignore[no-untyped-call]
            family.add_sample(name + "_bucket", named | {"le": le}, count)
        family.add_sample(name + "_count", named, count)
        family.add_sample(name + "_sum", named, total.get(sum_code, 0) / 1000)

    def families(self) -> Iterator[Family]:
        """All families of the catalogue, also those without samples."""
        return iter(self._families.values())
