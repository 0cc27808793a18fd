"""The usual: the median of the same half-hour, by the local clock, of the same weekday in the last four weeks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from statistics import median
from zoneinfo import ZoneInfo

WEEKS = (1, 2, 3, 4)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@lru_cache(maxsize=20_000)
def weeks_earlier(at_ms: int, weeks: int, zone: str) -> int | None:
    """The instant (ms) at which the local clock showed the same time so many weeks before; None: it skipped that time.

    Of a time that the clock showed twice the same of the two is taken, the first when `at` has only one.

    >>> (1_774_851_300_000 - weeks_earlier(1_774_851_300_000, 1, "Europe/Rome")) // 3_600_000
    167
    """
    local = (_EPOCH + at_ms * _MILLISECOND).astimezone(ZoneInfo(zone))
    then = local - timedelta(weeks=weeks)
    found = then.astimezone(UTC)
    if found.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != then.replace(tzinfo=None):
        return None
    return (found - _EPOCH) // _MILLISECOND


def usual(values: Iterable[float | None]) -> float | None:
    """The median of the values that there are; None when there are none.

    >>> usual([4, None, 1, 2]), usual([3, 4]), usual([None])
    (2, 3.5, None)
    """
    known = [value for value in values if value is not None]
    return median(known) if known else None
