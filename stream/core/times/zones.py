"""Where a local day and a local half-hour begin. Instants are epoch milliseconds, zones IANA names.

A local day has 23, 24 or 25 hours; where a clock change skips midnight, the day starts at its first instant.
Answers are remembered by quarter-hour, since the ledger asks for every contribution of every event.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

DAY_MS, HALF_HOUR_MS, QUARTER_MS = 86_400_000, 1_800_000, 900_000
_PAST_THE_LONGEST_DAY_MS = 27 * 3_600_000
_REMEMBERED = 200_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_FIRST_MS = (datetime(1, 1, 3, tzinfo=UTC) - _EPOCH) // _MILLISECOND
"""The days before have no date in every zone: they are taken for this one."""
_days: dict[tuple[str, int], int] = {}
_offsets: dict[tuple[str, int], int] = {}


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _local(at_ms: int, zone: str) -> datetime:
    return (_EPOCH + timedelta(milliseconds=max(at_ms, _FIRST_MS))).astimezone(_zone(zone))


def utc_offset(at_ms: int, zone: str) -> int:
    """How far (ms) the local clock is ahead of UTC at an instant.

    >>> utc_offset(1_772_463_600_000, "Asia/Kathmandu") // 60_000
    345
    """
    offset = _local(at_ms, zone).utcoffset()
    assert offset is not None
    return offset // _MILLISECOND


def offset_change(since_ms: int, until_ms: int, zone: str) -> int:
    """The first instant after `since` with the offset that `until` has, where one clock change lies between them.

    >>> offset_change(1_774_700_000_000, 1_774_800_000_000, "Europe/Rome")
    1774746000000
    """
    later = utc_offset(until_ms, zone)
    while until_ms - since_ms > 1:
        middle = (since_ms + until_ms) // 2
        if utc_offset(middle, zone) == later:
            until_ms = middle
        else:
            since_ms = middle
    return until_ms


def day_start(at_ms: int, zone: str) -> int:
    """First instant (ms) of the local day that holds `at_ms`. Raises ZoneInfoNotFoundError for an unknown zone.

    >>> day_start(1_772_463_600_000, "UTC"), day_start(1_772_463_600_000, "Europe/Rome")
    (1772409600000, 1772406000000)
    """
    if zone == "UTC":
        return at_ms - at_ms % DAY_MS
    known = _days.get((zone, at_ms // QUARTER_MS))
    return _find_day(at_ms, zone) if known is None else known


def _find_day(at_ms: int, zone: str) -> int:
    midnight = _local(at_ms, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    start = (midnight - _EPOCH) // _MILLISECOND
    quarter = at_ms // QUARTER_MS
    first, last = _local(quarter * QUARTER_MS, zone), _local((quarter + 1) * QUARTER_MS - 1, zone)
    if first.date() == last.date() == midnight.date():
        if len(_days) >= _REMEMBERED:
            _days.clear()
        _days[zone, quarter] = start
    return start


def previous_day_start(start_ms: int, zone: str) -> int:
    """First instant (ms) of the local day before the one that starts at `start_ms`."""
    return day_start(start_ms - 1, zone)


def next_day_start(start_ms: int, zone: str) -> int:
    """First instant (ms) of the local day after the one that starts at `start_ms`.

    >>> start = day_start(1_774_760_000_000, "Europe/Rome")
    >>> (next_day_start(start, "Europe/Rome") - start) // 3_600_000
    23
    """
    near = start_ms + _PAST_THE_LONGEST_DAY_MS
    later = day_start(near, zone)
    return later if later > start_ms else day_start(near + DAY_MS, zone)


def days_later(start_ms: int, days: int, zone: str) -> int:
    """First instant (ms) of the local day so many days after the one that starts at `start_ms`.

    >>> start = day_start(1_774_660_000_000, "Europe/Rome")
    >>> (days_later(start, 2, "Europe/Rome") - start) // 3_600_000
    47
    """
    if zone == "UTC":
        return start_ms + days * DAY_MS
    later = _local(start_ms, zone).replace(tzinfo=None) + timedelta(days=days)
    return day_start((later.replace(hour=12, tzinfo=_zone(zone)) - _EPOCH) // _MILLISECOND, zone)


def working_day_start(at_ms: int, zone: str, day_starts_ms: int) -> int:
    """First instant (ms) of the working day that holds `at_ms`: its local clock shows `day_starts_ms` after midnight.

    Until then it is still the day before. A time that a clock change skips comes when the skipping is over, one that
    comes twice counts the first time.

    >>> at = 1_772_463_600_000
    >>> [(at - working_day_start(at, "Europe/Rome", hour * 3_600_000)) / 3_600_000 for hour in (0, 16, 17)]
    [16.0, 0.0, 23.0]
    """
    day = day_start(at_ms, zone)
    if not day_starts_ms:
        return day
    start = _first_showing(day, zone, day_starts_ms)
    return start if start <= at_ms else _first_showing(previous_day_start(day, zone), zone, day_starts_ms)


@lru_cache(maxsize=4096)
def _first_showing(day_ms: int, zone: str, after_midnight_ms: int) -> int:
    date = _local(day_ms, zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    wanted = (date + timedelta(milliseconds=after_midnight_ms)).replace(tzinfo=_zone(zone))
    start = (wanted - _EPOCH) // _MILLISECOND
    if _local(start, zone).replace(tzinfo=None) == wanted.replace(tzinfo=None):
        return start
    return offset_change((wanted.replace(fold=1) - _EPOCH) // _MILLISECOND - 1, start, zone)


def half_hour_start(at_ms: int, zone: str) -> int:
    """Start (ms) of the half-hour of the local clock that holds `at_ms`.

    >>> half_hour_start(1_772_463_600_000, "UTC"), half_hour_start(1_772_463_600_000, "Asia/Kathmandu")
    (1772463600000, 1772462700000)
    """
    if zone == "UTC":
        return at_ms - at_ms % HALF_HOUR_MS
    offset = _offsets.get((zone, at_ms // QUARTER_MS))
    if offset is None:
        offset = _find_offset(at_ms, zone)
    return at_ms - (at_ms + offset) % HALF_HOUR_MS


def _find_offset(at_ms: int, zone: str) -> int:
    quarter = at_ms // QUARTER_MS
    offset = utc_offset(at_ms, zone)
    if utc_offset(quarter * QUARTER_MS, zone) == utc_offset((quarter + 1) * QUARTER_MS - 1, zone) == offset:
        if len(_offsets) >= _REMEMBERED:
            _offsets.clear()
        _offsets[zone, quarter] = offset
    return offset
