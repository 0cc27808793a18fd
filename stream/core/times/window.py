"""Rings and windows: which buckets a figure sums. Everything here is arithmetic on instants.

A ring is a run of buckets of one size that is kept for a while, counted back from the stream time. Buckets are named by
their start in epoch *seconds*; all other instants are milliseconds. A rolling window of width W at instant t is the
W / size buckets that end with the one holding t, from the finest ring whose keep covers W. Half-hours serve intervals
only, never a window.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import NamedTuple

from stream.core.rules import DAY, HOUR, MINUTE, SECOND, Rules
from stream.core.times.zones import day_start, half_hour_start, next_day_start, previous_day_start, working_day_start


class Ring(NamedTuple):
    """Buckets of one size. `start`: the start (ms) of the bucket that holds an instant (ms), in a zone."""

    name: str
    size_ms: int
    keep_ms: int
    words: str
    start: Callable[[int, str], int]


RINGS: dict[str, Ring] = {
    ring.name: ring
    for ring in (
        Ring("f", 10 * SECOND, 2 * HOUR, "10 seconds, kept 2 hours", lambda at, _: at - at % 10_000),
        Ring("m", 5 * MINUTE, 49 * HOUR, "5 minutes, kept 49 hours", lambda at, _: at - at % 300_000),
        Ring("h", 30 * MINUTE, 40 * DAY, "30 minutes, kept 40 days", half_hour_start),
        Ring("d", DAY, 400 * DAY, "a day, kept 400 days", day_start),
    )
}
WINDOW_RINGS = ("f", "m", "d")

_UNITS = {"m": MINUTE, "h": HOUR, "d": DAY}
_NAME = re.compile(r"([1-9][0-9]{0,4})([mhd])")


class UnknownWindow(ValueError):
    """No such window: the message says what there is."""


class NotKept(ValueError):
    """A window that reaches back beyond what its ring keeps: the message says what is kept."""


def zone_of(rules: Rules, scope: str) -> str:
    """The zone of a scope's days: its queue's; the center's for what has no queue.

    >>> zone_of(Rules(zone="Europe/Rome"), "phone|i|*"), zone_of(Rules(), "phone|o|qsales")
    ('Europe/Rome', 'UTC')
    """
    return day_of(rules, scope)[0]


def day_of(rules: Rules, scope: str) -> tuple[str, int]:
    """The zone of a scope, and how long (ms) after local midnight its `today` begins: its queue's, else the center's.

    >>> day_of(Rules(zone="Europe/Rome", day_starts_ms=6 * HOUR), "phone|i|*")
    ('Europe/Rome', 21600000)
    """
    channel, _, rest = scope.split("|", 2)
    of = rules.queue(channel, rest[1:]) if rest[0] in "qs" else rules
    return of.zone, of.day_starts_ms


def bucket_start(ring: str, at_ms: int, zone: str) -> int:
    """Start, in epoch seconds, of the bucket of `ring` that holds the instant.

    >>> [bucket_start(ring, 1_772_463_615_999, "Europe/Rome") for ring in RINGS]
    [1772463610, 1772463600, 1772463600, 1772406000]
    """
    return RINGS[ring].start(at_ms, zone) // 1000


def kept(ring: str, start_s: int, stream_time_ms: int) -> bool:
    """Whether a bucket is still known: it starts no earlier than the stream time less the ring's keep."""
    return start_s * 1000 >= stream_time_ms - RINGS[ring].keep_ms


class Window(NamedTuple):
    """A named width of time. `width_ms` is None for `today`."""

    name: str
    ring: str
    width_ms: int | None


class Span(NamedTuple):
    """The buckets of a window: the starts (epoch seconds) of the first and of the last one, both included."""

    ring: str
    first: int
    last: int


@cache
def window(name: str) -> Window:
    """The window of a name: `today`, or a number of minutes, hours or days. Raises UnknownWindow.

    >>> window("1h").ring, window("24h").ring, window("today").ring, window("7d").ring
    ('f', 'm', 'm', 'd')
    """
    if name == "today":
        return Window(name, "m", None)
    match = _NAME.fullmatch(name)
    if match is None:
        raise UnknownWindow(f"window {name!r}: want today, or a number of minutes, hours or days as in 30m, 1h, 7d")
    width = int(match[1]) * _UNITS[match[2]]
    ring = next((RINGS[ring] for ring in WINDOW_RINGS if RINGS[ring].keep_ms >= width), None)
    if ring is None:
        raise UnknownWindow(f"window {name!r}: the longest is 400d")
    if width % ring.size_ms:
        raise UnknownWindow(f"window {name!r}: this long, it must be a multiple of its buckets ({ring.words})")
    return Window(name, ring.name, width)


@lru_cache(maxsize=4096)
def _days_back(last_ms: int, days: int, zone: str) -> int:
    start = last_ms
    for _ in range(days):
        start = previous_day_start(start, zone)
    return start


def span(of: Window, at_ms: int, zone: str, stream_time_ms: int | None = None, day_starts_ms: int = 0) -> Span:
    """The buckets of a window at an instant. Raises NotKept when the first one is past its keep.

    `day_starts_ms`: by the local clock, when `today` begins; until then it is still yesterday's.

    >>> span(window("5m"), 1_772_463_615_999, "UTC")
    Span(ring='f', first=1772463320, last=1772463610)
    >>> span(window("today"), 1_772_463_615_999, "Europe/Rome").first == span(window("7d"), 0, "UTC").last + 1772406000
    True
    """
    ring = RINGS[of.ring]
    last = ring.start(at_ms, zone)
    if of.width_ms is None:
        first = working_day_start(at_ms, zone, day_starts_ms)
        first -= first % ring.size_ms
    elif of.ring == "d":
        first = _days_back(last, of.width_ms // DAY - 1, zone)
    else:
        first = last - of.width_ms + ring.size_ms
    if stream_time_ms is not None and not kept(of.ring, first // 1000, stream_time_ms):
        raise NotKept(
            f"window {of.name} at {_text(at_ms)} begins at {_text(first)}; its buckets are of {ring.words}:"
            f" now back to {_text(stream_time_ms - ring.keep_ms)}"
        )
    return Span(of.ring, first // 1000, last // 1000)


def matured_span(of: Window, at_ms: int, zone: str, repeat_window_ms: int) -> Span | None:
    """As many whole days as the window has, the last one closed a repeat window before `at`; None unless it is of days.

    A window is of days when its name says so, or when it is summed from days.

    >>> matured_span(window("7d"), 1_772_463_600_000, "UTC", 7 * DAY)
    Span(ring='d', first=1771200000, last=1771718400)
    >>> matured_span(window("24h"), 1_772_463_600_000, "UTC", 7 * DAY) is None
    True
    """
    if of.width_ms is None or not (of.ring == "d" or of.name.endswith("d")):
        return None
    last = previous_day_start(day_start(at_ms - repeat_window_ms, zone), zone)
    return Span("d", _days_back(last, of.width_ms // DAY - 1, zone) // 1000, last // 1000)


def earlier(of: Span, windows: int, zone: str) -> list[Span]:
    """So many spans of as many days, each ending the day before the next one begins; the latest first.

    >>> [(each.first - each.last) // 86400 for each in earlier(span(window("30d"), 1_772_463_600_000, "UTC"), 2, "UTC")]
    [-29, -29]
    """
    days, first, found = len(starts(of, zone)), of.first, []
    for _ in range(windows):
        last = previous_day_start(first * 1000, zone)
        first = _days_back(last, days - 1, zone) // 1000
        found.append(Span(of.ring, first, last // 1000))
    return found


def starts(of: Span, zone: str) -> list[int]:
    """The starts (epoch seconds) of all buckets of a span, ascending."""
    if of.ring != "d":
        return list(range(of.first, of.last + 1, RINGS[of.ring].size_ms // 1000))
    days, start = [], of.first * 1000
    while start <= of.last * 1000:
        days.append(start // 1000)
        start = next_day_start(start, zone)
    return days


def _text(at_ms: int) -> str:
    return datetime.fromtimestamp(max(at_ms, 0) / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
