"""Which instants a window holds: whole buckets of the finest ring that covers it."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.oracle.defaults import DAY, HOUR, MINUTE, SECOND

FINE, MIDDLE = 10 * SECOND, 5 * MINUTE
UNITS = {"m": MINUTE, "h": HOUR, "d": DAY}


def span(window: str, at: int, zone: str) -> tuple[int, int]:
    """First and last-but-outside instant (ms) of a window at `at`, in a queue's zone."""
    if window == "today":
        return midnight(local_day(at, zone), zone), bucket_end(at, MIDDLE)
    length = length_of(window)
    if length <= 2 * HOUR:
        return bucket_end(at, FINE) - length, bucket_end(at, FINE)
    if length <= 48 * HOUR:
        return bucket_end(at, MIDDLE) - length, bucket_end(at, MIDDLE)
    return days(length // DAY, local_day(at, zone), zone)


def matured(window: str, at: int, zone: str, repeat_window: int) -> tuple[int, int] | None:
    """A window of days moved back by the repeat window, of days that were closed by then; None for other windows."""
    if not window.endswith("d"):
        return None
    last = local_day(at - repeat_window, zone) - timedelta(days=1)
    return days(length_of(window) // DAY, last, zone)


def length_of(window: str) -> int:
    """Length in ms. Raises ValueError."""
    match = re.fullmatch(r"(\d+)([mhd])", window)
    if match is None:
        raise ValueError(window)
    return int(match[1]) * UNITS[match[2]]


def bucket_end(at: int, size: int) -> int:
    """End of the bucket that holds an instant."""
    return at - at % size + size


def days(number: int, last: date, zone: str) -> tuple[int, int]:
    """That many local days, `last` included."""
    return midnight(last - timedelta(days=number - 1), zone), midnight(last + timedelta(days=1), zone)


def local_day(at: int, zone: str) -> date:
    """The day in a zone."""
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).date()


def midnight(day: date, zone: str) -> int:
    """The start of a local day, in ms since the epoch."""
    return int(datetime.combine(day, time(), ZoneInfo(zone)).timestamp()) * 1000
