"""The rows of live interactions, so kept that who waits and what silence ends is found without looking at all. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from heapq import heapify, heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

from stream.core.figures.row import Live
from stream.core.measures import CODES, Cell

if TYPE_CHECKING:
    from stream.core.stage import Open

Key = tuple[tuple[str, int], bytes]
"""(topic with prefix, partition) and the field of the row."""
Rows = dict[Key, "Open"]

_TIMED_OUT, _TIMED_OUT_CONNECTED = CODES["timed_out"], CODES["timed_out_connected"]
_STALE = 1000


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
        rows = self.queued.get(scope)
        if not rows:
            return Live()
        over = self._overdue(at_ms).get(scope, {})
        since = self._queued_at.get(scope)
        if since is None or over:
            since = sorted(row.queued_at for key, row in rows.items() if row.queued_at is not None and key not in over)
        if not over:
            self._queued_at[scope] = since
        if not since:
            return Live()
        return Live(len(since), bisect_left(since, at_ms - threshold_ms), max(at_ms - since[0], 0))

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
