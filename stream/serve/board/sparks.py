"""The last hour of a queue in twelve buckets of five minutes: level and offered. Made anew only where cells changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stream.core.figures.common import response_level
from stream.core.figures.service_level import short_abandons_excluded
from stream.core.measures import CODES
from stream.state.sums import total_of

if TYPE_CHECKING:
    from stream.state.sums import Series

BUCKETS, BUCKET_SECONDS = 12, 300
_OFFERED = CODES["offered"]

_Point = tuple[list[bytes], float | None, int]
"""The packed cells of a bucket, shard by shard; its level; its offered."""


class Sparks:
    """What is known of each scope's buckets."""

    def __init__(self) -> None:
        self._known: dict[str, dict[int, _Point]] = {}

    def of(self, series: Series, scope: str, now_ms: int, *, live: bool) -> dict[str, list[Any]]:
        """The buckets of a scope that end with the one of `now`, oldest first.

        `series`: its five minutes. `live`: the level is the service level, else the response level.
        """
        last = now_ms // 1000 // BUCKET_SECONDS * BUCKET_SECONDS
        before, points = self._known.get(scope, {}), {}
        for start in range(last - (BUCKETS - 1) * BUCKET_SECONDS, last + 1, BUCKET_SECONDS):
            packed = [part[start] for part in series.parts if start in part]
            known = before.get(start)
            points[start] = known if known is not None and known[0] == packed else _point(packed, live=live)
        self._known[scope] = points
        found = points.values()
        return {"level": [level for _, level, _ in found], "offered": [offered for _, _, offered in found]}


def _point(packed: list[bytes], *, live: bool) -> _Point:
    cell = total_of(packed)
    return packed, short_abandons_excluded(cell) if live else response_level(cell), cell.get(_OFFERED, 0)
