"""Threads whose customer waits for a response: how many, since when, what is overdue. Pure; instants and ages in ms.

Ages are business time by the queue's calendar, so a weekend does not make a thread old.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from stream.core.open_row import Open
from stream.core.rules import DAY, HOUR
from stream.core.times.calendar import Calendar, business_ms, open_until

_LONGEST_MS = 400 * DAY


def band_names(edges_hours: Sequence[float]) -> tuple[str, ...]:
    """The bands between ascending edges in hours: one more than there are edges.

    >>> band_names([1, 4.5, 24])
    ('0-1h', '1-4.5h', '4.5-24h', '24h+')
    """
    starts = ["0", *(f"{edge:g}" for edge in edges_hours)]
    inner = (f"{since}-{until}h" for since, until in pairwise(starts))
    return (*inner, f"{starts[-1]}h+")


class Ages:
    """Which band a wait falls into at one instant; an age of exactly an edge is past it.

    The instants at which the edges lie are looked for once a calendar, so that a thread costs a few comparisons.
    """

    def __init__(self, edges_hours: Sequence[float], at_ms: int) -> None:
        self.names = band_names(edges_hours)
        self._edges = [round(edge * HOUR) for edge in edges_hours]
        self._at = at_ms
        self._cuts: dict[int, list[int]] = {}

    def cuts(self, calendar: Calendar | None) -> list[int]:
        """Who has waited since then or longer is past the edge: an instant for each edge, descending.

        >>> Ages([1, 4], 10 * HOUR).cuts(None) == [9 * HOUR, 6 * HOUR]
        True
        """
        known = self._cuts.get(id(calendar))
        if known is None:
            known = self._cuts[id(calendar)] = [self._cut(calendar, edge) for edge in self._edges]
        return known

    def _cut(self, calendar: Calendar | None, edge: int) -> int:
        if calendar is None:
            return self._at - edge
        long_ago, after = self._at - _LONGEST_MS, self._at + 1
        if business_ms(calendar, long_ago, self._at) < edge:
            return 0
        while after - long_ago > 1:
            middle = (long_ago + after) // 2
            if business_ms(calendar, middle, self._at) >= edge:
                long_ago = middle
            else:
                after = middle
        return long_ago


def silent(row: Open, at_ms: int) -> bool:
    """Whether silence has ended the interaction by `at`, and perhaps no worker has written it yet."""
    return row.due_at is not None and row.due_at <= at_ms


class Backlog(NamedTuple):
    """Threads that wait for a response. `first`: for the first one ever, `next`: for a later one; each of them once.

    `past_due`: past the threshold, `first_past_due` of them the first; `due_within_hour`: due in the next hour.
    `longest_ms`: elapsed, None when nothing waits. `bands`: by age in business time, in the order of `band_names`.
    """

    first: int = 0
    next: int = 0
    past_due: int = 0
    first_past_due: int = 0
    due_within_hour: int = 0
    longest_ms: int | None = None
    bands: tuple[int, ...] = ()

    @property
    def waiting(self) -> int:
        """All of them."""
        return self.first + self.next


def backlog(rows: Iterable[Open], at_ms: int, calendar: Calendar | None, ages: Ages) -> Backlog:
    """What waits for a response at `at`, which must not lie before the stream time.

    Past due is what has waited longer than its threshold in open time: what was due when the queue closed is not, until
    it opens.

    >>> row = Open("email|i|qcare", None, None, opened_at=0, asked_at=0, answer_due_at=HOUR, first=True)
    >>> backlog([row], 2 * HOUR, None, Ages([1, 4], 2 * HOUR))
    Backlog(first=1, next=0, past_due=1, first_past_due=1, due_within_hour=0, longest_ms=7200000, bands=(0, 1, 0))
    """
    cuts, overdue = ages.cuts(calendar), overdue_before(calendar, at_ms)
    first = later = past = first_past = soon = 0
    oldest = None
    bands = [0] * len(ages.names)
    for row in rows:
        asked_at, due_at = row.asked_at, row.answer_due_at
        if asked_at is None or silent(row, at_ms):
            continue
        if row.first:
            first += 1
        else:
            later += 1
        if due_at is not None and due_at < overdue:
            past += 1
            first_past += row.first
        elif due_at is not None and due_at <= at_ms + HOUR:
            soon += 1
        oldest = asked_at if oldest is None else min(oldest, asked_at)
        bands[sum(asked_at <= cut for cut in cuts)] += 1
    longest = None if oldest is None else max(at_ms - oldest, 0)
    return Backlog(first, later, past, first_past, soon, longest, tuple(bands))


def all_together(backlogs: Sequence[Backlog], bands: int) -> Backlog:
    """The backlogs of several queues as one; `bands`: how many there are.

    >>> all_together([Backlog(1, 0, 0, 0, 1, 5, (1, 0)), Backlog(0, 2, 1, 0, 0, 9, (0, 2))], 2)
    Backlog(first=1, next=2, past_due=1, first_past_due=0, due_within_hour=1, longest_ms=9, bands=(1, 2))
    """
    return Backlog(
        first=sum(each.first for each in backlogs),
        next=sum(each.next for each in backlogs),
        past_due=sum(each.past_due for each in backlogs),
        first_past_due=sum(each.first_past_due for each in backlogs),
        due_within_hour=sum(each.due_within_hour for each in backlogs),
        longest_ms=max((each.longest_ms for each in backlogs if each.longest_ms is not None), default=None),
        bands=tuple(sum(each.bands[i] for each in backlogs if each.bands) for i in range(bands)),
    )


def first_past_due(rows: Iterable[Open], at_ms: int, calendar: Calendar | None) -> int:
    """Threads whose first response is outstanding past its threshold at `at`."""
    overdue = overdue_before(calendar, at_ms)
    return sum(
        row.first and row.answer_due_at is not None and row.answer_due_at < overdue and not silent(row, at_ms)
        for row in rows
    )


def overdue_before(calendar: Calendar | None, at_ms: int) -> int:
    """What was due before this instant is past due at `at`.

    >>> overdue_before(None, 5)
    5
    """
    until = open_until(calendar, at_ms)
    return 0 if until is None else until
