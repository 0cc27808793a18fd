"""Business time, counted minute by minute: slow, and right by looking at it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from tests.oracle.defaults import DAY, MINUTE, Calendar


def business(calendar: Calendar | None, since: int, until: int) -> int:
    """Open time (ms) between two instants; all of it without a calendar, never less than 0."""
    if calendar is None:
        return max(0, until - since)
    total = 0
    for day in range(since // DAY, until // DAY + 1):
        for minute, is_open in enumerate(minutes_of(calendar, day)):
            if is_open:
                begin = day * DAY + minute * MINUTE
                total += max(0, min(until, begin + MINUTE) - max(since, begin))
    return total


@lru_cache(maxsize=2000)
def minutes_of(calendar: Calendar, day: int) -> tuple[bool, ...]:
    """Which minutes of a UTC day (days since 1970) are open."""
    return tuple(open_at(calendar, day * DAY + minute * MINUTE) for minute in range(24 * 60))


def open_at(calendar: Calendar, at: int) -> bool:
    """Whether the local clock shows an open minute of an open day at an instant (ms)."""
    local = datetime.fromtimestamp(at // 1000, UTC).astimezone(ZoneInfo(calendar.zone))
    shown = f"{local:%H:%M}"
    return (
        calendar.weekday(local.weekday())
        and f"{local:%Y-%m-%d}" not in calendar.holidays
        and any(first <= shown < last for first, last in calendar.spans)
    )
