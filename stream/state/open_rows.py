"""The rows of live interactions, so kept that who waits and what silence ends is found without looking at all. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from heapq import heapify, heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from stream.core.figures.backlog import overdue_before
from stream.core.figures.row import Live
from stream.core.measures import CODES, Cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.core.open_row import Open
    from stream.core.times.calendar import Calendar

Key = tuple[tuple[str, int], bytes]
"""(topic with prefix, partition) and the field of the row."""
Rows = dict[Key, "Open"]

_TIMED_OUT, _TIMED_OUT_CONNECTED = CODES["timed_out"], CODES["timed_out_connected"]
_STALE = 1000


class Waits(NamedTuple):
    """What waits in a queue at one instant. `oldest_at` (ms): since when the longest does; None when nothing waits."""

    waiting: int = 0
    past_threshold: int = 0
    oldest_at: int | None = None


class Threads(NamedTuple):
    """Threads that wait for a response at one instant; past due: longer than their threshold, in business time."""

    waiting: int = 0
    past_due: int = 0
    first_past_due: int = 0
    oldest_at: int | None = None


class _Asked(NamedTuple):
    """When the threads of a scope are due, and of these when the first responses are, ascending."""

    waiting: int
    due: list[int]
    first_due: list[int]
    oldest_at: int

    @classmethod
    def of(cls, rows: Sequence[Open]) -> _Asked:
        due = sorted(row.answer_due_at for row in rows if row.answer_due_at is not None)
        first = sorted(row.answer_due_at for row in rows if row.answer_due_at is not None and row.first)
        return cls(len(rows), due, first, min(row.asked_at for row in rows if row.asked_at is not None))


class OpenRows:
    """Open rows by scope: all of them, those that are `queued`, those whose customer has `asked` and waits.

    `connected`: how many rows name a scope as the one an agent is on. No scope is there without a row.
    """

    def __init__(self) -> None:
        self.all: dict[str, Rows] = {}
        self.queued: dict[str, Rows] = {}
        self.asked: dict[str, Rows] = {}
        self.connected: Counter[str] = Counter()
        self._rows: Rows = {}
        self._queued_at: dict[str, list[int]] = {}
        self._asked: dict[str, _Asked] = {}
        self._coming: list[tuple[int, int, Key, Open]] = []
        self._number = count()
        self._over: dict[str, Rows] = {}
        self._over_at = 0

    def put(self, key: Key, row: Open | None) -> None:
        """A row as it is now; None is gone."""
        before = self._rows.pop(key, None)
        if before is not None:
            self._remove(key, before)
        if row is None:
            return
        self._rows[key] = row
        self.all.setdefault(row.scope, {})[key] = row
        if row.queued_at is not None:
            self.queued.setdefault(row.scope, {})[key] = row
            self._queued_at.pop(row.scope, None)
        if row.asked_at is not None:
            self.asked.setdefault(row.scope, {})[key] = row
            self._asked.pop(row.scope, None)
        if row.connected is not None:
            self.connected[row.connected] += 1
        if row.due_at is not None:
            heappush(self._coming, (row.due_at, next(self._number), key, row))

    def _remove(self, key: Key, row: Open) -> None:
        scope = row.scope
        for rows in (self.all, self.queued, self.asked, self._over):
            of_scope = rows.get(scope)
            if of_scope is not None and of_scope.pop(key, None) is not None and not of_scope:
                del rows[scope]
        self._queued_at.pop(scope, None)
        self._asked.pop(scope, None)
        if row.connected is not None:
            self.connected[row.connected] -= 1
            if not self.connected[row.connected]:
                del self.connected[row.connected]
        if len(self._coming) > 2 * len(self._rows) + _STALE:
            self._coming = [each for each in self._coming if self._rows.get(each[2]) is each[3]]
            heapify(self._coming)

    def scopes(self) -> set[str]:
        """Every scope in which anything is open."""
        return {*self.all, *self.connected}

    def still_open(self, scope: str, at_ms: int) -> int:
        """How many rows of a scope silence has not ended by `at`."""
        return len(self.all.get(scope, ())) - len(self._overdue(at_ms).get(scope, ()))

    def time_outs(self, at_ms: int, firsts: dict[str, int]) -> dict[str, Cell]:
        """What silence has ended by `at`, by scope; what was due before its `firsts` (epoch seconds) is left out."""
        found: dict[str, Cell] = {}

        def note(scope: str, code: int, due_at: int) -> None:
            if scope in firsts and due_at >= firsts[scope] * 1000:
                cell = found.setdefault(scope, {})
                cell[code] = cell.get(code, 0) + 1

        for scope, rows in self._overdue(at_ms).items():
            for row in rows.values():
                assert row.due_at is not None
                if row.queued_at is not None:
                    note(scope, _TIMED_OUT, row.due_at)
                if row.connected is not None:
                    note(row.connected, _TIMED_OUT_CONNECTED, row.due_at)
        return found

    def live(self, scope: str, at_ms: int, threshold_ms: int) -> Live:
        """What waits at `at`, which must not lie before the stream time. Past: wait > threshold."""
        waiting, past, oldest = self.waits(scope, at_ms, threshold_ms)
        return Live() if oldest is None else Live(waiting, past, max(at_ms - oldest, 0))

    def waits(self, scope: str, at_ms: int, threshold_ms: int) -> Waits:
        """The same, with the instant since when."""
        rows = self.queued.get(scope)
        if not rows:
            return Waits()
        over = self._overdue(at_ms).get(scope, {})
        since = self._queued_at.get(scope)
        if since is None or over:
            since = sorted(row.queued_at for key, row in rows.items() if row.queued_at is not None and key not in over)
        if not over:
            self._queued_at[scope] = since
        if not since:
            return Waits()
        return Waits(len(since), bisect_left(since, at_ms - threshold_ms), since[0])

    def threads(self, scope: str, at_ms: int, calendar: Calendar | None) -> Threads:
        """The threads of a scope that wait for a response at `at`, which must not lie before the stream time."""
        rows = self.asked.get(scope)
        if not rows:
            return Threads()
        over, found = self._overdue(at_ms).get(scope, {}), self._asked.get(scope)
        if found is None or over:
            standing = [row for key, row in rows.items() if key not in over]
            if not standing:
                return Threads()
            found = _Asked.of(standing)
        if not over:
            self._asked[scope] = found
        before = overdue_before(calendar, at_ms)
        return Threads(
            found.waiting, bisect_left(found.due, before), bisect_left(found.first_due, before), found.oldest_at
        )

    def _overdue(self, at_ms: int) -> dict[str, Rows]:
        """The rows that silence has ended by `at`, by scope."""
        if at_ms < self._over_at:
            self._coming += [
                (row.due_at, next(self._number), key, row)
                for rows in self._over.values()
                for key, row in rows.items()
                if row.due_at is not None
            ]
            heapify(self._coming)
            self._over = {}
        self._over_at = at_ms
        while self._coming and self._coming[0][0] <= at_ms:
            _, _, key, row = heappop(self._coming)
            if self._rows.get(key) is row:
                self._over.setdefault(row.scope, {})[key] = row
        return self._over
