"""The sizes at which costs are measured: three of each factor, all else as in `BASE`, and a fourth to be predicted."""

from __future__ import annotations

from typing import NamedTuple

from bench.cost.size import Size

BASE = Size()


class Factor(NamedTuple):
    """What is varied: a field of Size, three sizes of it, a fourth. `costs`: whether it changes what an event
    costs; `compiled`: whether that is measured with the compiled core, too.
    """

    name: str
    field: str
    sizes: tuple[Size, Size, Size]
    fourth: Size
    costs: bool = True
    compiled: bool = True

    @property
    def all(self) -> tuple[Size, ...]:
        """All four."""
        return (*self.sizes, self.fourth)


FACTORS = (
    Factor("events a second", "rate", (Size(rate=8), BASE, Size(rate=40)), Size(rate=30), compiled=False),
    Factor("records in a commit", "batch", (Size(batch=125), BASE, Size(batch=2000)), Size(batch=1000)),
    Factor("partitions", "partitions", (BASE, Size(partitions=2), Size(partitions=4)), Size(partitions=3),
           compiled=False),
    Factor("queues", "queues", (BASE, Size(queues=240), Size(queues=960)), Size(queues=480)),
    Factor("interactions remembered", "cache", (Size(cache=500), Size(cache=1000), BASE), Size(cache=700)),
    Factor(
        "closed ones kept, s", "keep_s", (Size(keep_s=100), Size(keep_s=200), Size(keep_s=400)),
        Size(keep_s=300), costs=False,
    ),
    Factor(
        "length of the log, s", "seconds",
        (Size(rate=1.5, seconds=3600), Size(rate=1.5, seconds=7200), Size(rate=1.5, seconds=14_400)),
        Size(rate=1.5, seconds=10_800), costs=False,
    ),
)  # fmt: skip
ALL_AT_ONCE = Size(rate=30, partitions=3, queues=480, batch=300, cache=500)
