"""What usually comes to queues in the half-hours around an instant: looked up once a half-hour."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from stream.core.measures import CODES
from stream.core.scope import scope as scope_of
from stream.core.times.usual import WEEKS, usual, weeks_earlier
from stream.core.times.zones import HALF_HOUR_MS, half_hour_start
from stream.state.half_hours import half_hours

if TYPE_CHECKING:
    from stream.serve.view import View

Queue = tuple[str, str]
Usual = dict[int, float | None]
"""Start of a half-hour (ms) -> the median of what came in it in the last four weeks; None: nothing came then."""
_OFFERED = CODES["offered"]


class UsualArrivals:
    """Remembered for as long as the half-hour lasts and the queues stay the same."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._of: tuple[int, frozenset[Queue]] | None = None
        self._known: dict[Queue, Usual] = {}

    async def around(self, queues: Collection[Queue], now_ms: int) -> dict[Queue, Usual]:
        """From the half-hour before to the one that ends an hour later. Raises RedisError, OSError, TooMany."""
        wanted = now_ms // HALF_HOUR_MS, frozenset(queues)
        if wanted != self._of:
            self._known = await self._look(queues, now_ms)
            self._of = wanted
        return self._known

    async def _look(self, queues: Collection[Queue], now_ms: int) -> dict[Queue, Usual]:
        starts = {queue: _starts(now_ms, self._view.rules.queue(*queue).zone) for queue in queues}
        earlier = {
            queue: {start: _weeks(start, self._view.rules.queue(*queue).zone) for start in of}
            for queue, of in starts.items()
        }
        scopes = {queue: scope_of(queue[0], inbound=True, queue=queue[1]) for queue in queues}
        wanted = {scopes[queue]: {at for ats in of.values() for at in ats} for queue, of in earlier.items()}
        cells = await half_hours(self._view.reader, wanted)
        return {
            queue: {
                start: usual(
                    cell.get(_OFFERED) for at in ats if (cell := cells.get((scopes[queue], at))) is not None
                )
                for start, ats in of.items()
            }
            for queue, of in earlier.items()
        }  # fmt: skip


def _starts(now_ms: int, zone: str) -> list[int]:
    start, found = half_hour_start(now_ms - HALF_HOUR_MS, zone), []
    while start < now_ms + 2 * HALF_HOUR_MS:
        found.append(start)
        start = half_hour_start(start + HALF_HOUR_MS, zone)
    return found


def _weeks(start_ms: int, zone: str) -> list[int]:
    found = (weeks_earlier(start_ms, weeks, zone) for weeks in WEEKS)
    return [half_hour_start(at, zone) // 1000 for at in found if at is not None]
