"""Business hours: when a queue is open, and how much of a span of time was. Instants are epoch milliseconds.

A calendar is a zone, the spans of each weekday in minutes of the local clock, and the local dates that are closed. An
instant is open when the local clock shows a time inside a span of that date's weekday: what a clock change skips has
no open time, what it repeats has it twice. Without a calendar every instant is open, and business time is elapsed time.

Open intervals are made for 64 days at a time and remembered, so that a span of years is a few sums and two searches.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from msgspec import Struct

from stream.core.times.zones import DAY_MS, offset_change, utc_offset

Spans = tuple[tuple[int, int], ...]
"""(first minute, last minute excluded) of a local day, ascending, not overlapping; 1440 is the end of the day."""

_PIECE_MS = 64 * DAY_MS
_MINUTE_MS = 60_000
_EPOCH_DAY, _EPOCH_WEEKDAY = date(1970, 1, 1).toordinal(), date(1970, 1, 1).weekday()
_FIRST_PIECE = (date(1, 1, 3).toordinal() - _EPOCH_DAY) * DAY_MS // _PIECE_MS + 1
_LAST_PIECE = (date(9999, 12, 29).toordinal() - _EPOCH_DAY) * DAY_MS // _PIECE_MS - 1
_REMEMBERED = 2048


class Calendar(Struct, frozen=True, kw_only=True):
    """`weekly`: the spans of Monday to Sunday; `holidays`: ISO dates that are closed, ascending."""

    zone: str
    weekly: tuple[Spans, Spans, Spans, Spans, Spans, Spans, Spans]
    holidays: tuple[str, ...] = ()


class _Piece(NamedTuple):
    """The open intervals of 64 days, apart and ascending; `before`: open time of the piece before each; its total."""

    starts: list[int]
    ends: list[int]
    before: list[int]
    total: int

    def until(self, at_ms: int) -> int:
        """Open time of the piece before an instant."""
        i = bisect_right(self.starts, at_ms) - 1
        return 0 if i < 0 else self.before[i] + min(at_ms, self.ends[i]) - self.starts[i]


class _Hours:
    """A calendar's pieces, made when they are asked for. No years but 1 to 9999 have open hours."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.closed = {date.fromisoformat(day).toordinal() - _EPOCH_DAY for day in calendar.holidays}
        self._pieces: dict[int, _Piece] = {}

    def piece(self, number: int) -> _Piece:
        """The piece that begins 64 * `number` days after the epoch."""
        known = self._pieces.get(number)
        if known is None:
            if len(self._pieces) >= _REMEMBERED:
                self._pieces.clear()
            known = self._pieces[number] = self._made(number)
        return known

    def _made(self, number: int) -> _Piece:
        starts: list[int] = []
        ends: list[int] = []
        for start, end in self._intervals(number * _PIECE_MS) if _FIRST_PIECE <= number <= _LAST_PIECE else ():
            if ends and ends[-1] == start:
                ends[-1] = end
            else:
                starts.append(start)
                ends.append(end)
        before, total = [], 0
        for start, end in zip(starts, ends, strict=True):
            before.append(total)
            total += end - start
        return _Piece(starts, ends, before, total)

    def _intervals(self, first: int) -> Iterator[tuple[int, int]]:
        """What is open of a piece, ascending: the local clock runs evenly while the offset stays the same."""
        weekly = self.calendar.weekly
        for start, end, offset in _steady(first, first + _PIECE_MS, self.calendar.zone):
            for day in range((start + offset) // DAY_MS, (end + offset - 1) // DAY_MS + 1):
                if day not in self.closed:
                    midnight = day * DAY_MS - offset
                    for opens, closes in weekly[(day + _EPOCH_WEEKDAY) % 7]:
                        since = max(midnight + opens * _MINUTE_MS, start)
                        until = min(midnight + closes * _MINUTE_MS, end)
                        if since < until:
                            yield since, until


def _steady(first: int, last: int, zone: str) -> Iterator[tuple[int, int, int]]:
    """(start, end, offset) of the stretches of [first, last) in which the zone's offset stays the same."""
    start, offset = first, utc_offset(first, zone)
    for day in range(first, last, DAY_MS):
        later = utc_offset(day + DAY_MS, zone)
        if later != offset:
            change = offset_change(day, day + DAY_MS, zone)
            yield start, change, offset
            start, offset = change, later
    if start < last:
        yield start, last, offset


_hours: dict[int, _Hours] = {}


def _hours_of(calendar: Calendar) -> _Hours:
    """By identity, since a calendar with many holidays is slow to compare."""
    known = _hours.get(id(calendar))
    if known is None:
        if len(_hours) >= _REMEMBERED:
            _hours.clear()
        known = _hours[id(calendar)] = _Hours(calendar)
    return known


def is_open(calendar: Calendar | None, at_ms: int) -> bool:
    """Whether the instant lies in an open span; a span's end is closed.

    >>> office = Calendar(zone="UTC", weekly=(((540, 1020),),) * 5 + ((), ()), holidays=("1970-01-02",))
    >>> [is_open(office, hour * 3_600_000) for hour in (8, 9, 16, 17, 24 + 9)]
    [False, True, True, False, False]
    """
    if calendar is None:
        return True
    piece = _hours_of(calendar).piece(at_ms // _PIECE_MS)
    i = bisect_right(piece.starts, at_ms) - 1
    return i >= 0 and at_ms < piece.ends[i]


def business_ms(calendar: Calendar | None, since_ms: int, until_ms: int) -> int:
    """Open time between two instants; 0 when `until` is not after `since`.

    >>> office = Calendar(zone="UTC", weekly=(((540, 1020),),) * 5 + ((), ()))
    >>> business_ms(office, 0, 7 * 86_400_000) // 3_600_000
    40
    """
    if until_ms <= since_ms:
        return 0
    if calendar is None:
        return until_ms - since_ms
    hours = _hours_of(calendar)
    first, last = since_ms // _PIECE_MS, until_ms // _PIECE_MS
    between = sum(hours.piece(number).total for number in range(first, last))
    return between - hours.piece(first).until(since_ms) + hours.piece(last).until(until_ms)


def due_at(calendar: Calendar | None, since_ms: int, length_ms: int) -> int | None:
    """The first instant at which so much open time has passed since `since`. None when it never will have.

    >>> office = Calendar(zone="UTC", weekly=(((540, 1020),),) * 5 + ((), ()))
    >>> (due_at(office, 16 * 3_600_000, 2 * 3_600_000) or 0) // 3_600_000 - 24
    10
    """
    if length_ms <= 0:
        return since_ms
    if calendar is None:
        return since_ms + length_ms
    if not any(calendar.weekly):
        return None
    hours = _hours_of(calendar)
    number = since_ms // _PIECE_MS
    wanted = length_ms + hours.piece(number).until(since_ms)
    while number <= _LAST_PIECE:
        piece = hours.piece(number)
        if wanted <= piece.total:
            i = bisect_right(piece.before, wanted - 1) - 1
            return piece.starts[i] + wanted - piece.before[i]
        wanted -= piece.total
        number += 1
    return None


def open_until(calendar: Calendar | None, at_ms: int) -> int | None:
    """The end of the open time up to `at`: `at` itself while it is open, else when it closed. None: it never was open.

    What was due (`due_at`) before this instant is past due: more open time has passed than it had.

    >>> office = Calendar(zone="UTC", weekly=(((540, 1020),),) * 5 + ((), ()))
    >>> [(open_until(office, hour * 3_600_000) or 0) // 3_600_000 for hour in (10, 17, 20, 24 + 9)]
    [10, 17, 17, 17]
    """
    if calendar is None:
        return at_ms
    hours = _hours_of(calendar)
    number = at_ms // _PIECE_MS
    while any(calendar.weekly) and number >= _FIRST_PIECE:
        piece = hours.piece(number)
        i = bisect_left(piece.starts, at_ms) - 1
        if i >= 0:
            return min(at_ms, piece.ends[i])
        number -= 1
    return None


def next_change(calendar: Calendar | None, at_ms: int) -> int | None:
    """The first instant after `at` at which it opens, if it is closed at `at`, or closes. None when it never does.

    >>> office = Calendar(zone="UTC", weekly=(((540, 1020),),) * 5 + ((), ()))
    >>> [(next_change(office, hour * 3_600_000) or 0) // 3_600_000 for hour in (0, 9, 17)]
    [9, 17, 33]
    """
    if calendar is None or not any(calendar.weekly):
        return None
    if not is_open(calendar, at_ms):
        opened = due_at(calendar, at_ms, 1)
        return None if opened is None else opened - 1
    hours = _hours_of(calendar)
    number = at_ms // _PIECE_MS
    last_closed = max(hours.closed, default=number) * DAY_MS // _PIECE_MS
    while number <= max(at_ms // _PIECE_MS, last_closed) + 1:
        piece = hours.piece(number)
        i = max(bisect_right(piece.starts, at_ms) - 1, 0)
        if not piece.starts or piece.starts[i] > max(at_ms, number * _PIECE_MS):
            return number * _PIECE_MS
        if piece.ends[i] < (number + 1) * _PIECE_MS:
            return piece.ends[i]
        number += 1
    return None
