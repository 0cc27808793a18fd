"""Agents' time in one window at one instant: the levels of a snapshot, integrated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from stream.core.agents.levels import Levels, changes, times
from stream.core.measures import Cell, add
from stream.core.rules import Rules
from stream.core.scope import ALL, time_scope
from stream.core.times.window import RINGS, Window, span
from stream.core.times.zones import next_day_start
from stream.state.snapshot import Snapshot

Times = Mapping[str, int]
"""Milliseconds by level."""


class Staffing:
    """The times of all agents and of each.

    A window lasts to the end of its last bucket, at most to the present: `now_ms`, or the stream time where sources'
    clocks run ahead. What no worker has written yet (wrap-ups at their caps, silence) is taken from the agents' rows.
    Raises NotKept.
    """

    def __init__(self, snapshot: Snapshot, rules: Rules, window: Window, at_ms: int, now_ms: int) -> None:
        self._snapshot, self._zone = snapshot, rules.zone
        self.levels = Levels(rules)
        self.span = span(window, at_ms, rules.zone, snapshot.stream_time, rules.day_starts_ms)
        self._first_ms = self.span.first * 1000
        present = max(now_ms, snapshot.stream_time or 0)
        self._end_ms = max(min(_end(self.span.ring, self.span.last, rules.zone), present), self._first_ms)
        self._unwritten = self._silent()

    def of(self, channel: str, agent_id: str | None) -> Times:
        """The times of an agent, None: of all together, on a live channel; `*`: on all, `sessions` summed."""
        found = Counter(self._times(time_scope(channel, agent_id)))
        if channel == ALL:
            for live in self.levels.channels:
                found["sessions"] += self._times(time_scope(live, agent_id))["sessions"]
        return found

    def _times(self, scope: str) -> Counter[str]:
        snapshot, unwritten = self._snapshot, self._unwritten.get(scope)
        found: Counter[str] = Counter(unwritten or {})
        totals = snapshot.totals.get(scope)
        if totals is None:
            return found
        total: Cell = dict(totals[0])
        add(total, totals[1], -1)
        since = snapshot.since(scope, self.span.ring, self.span.first)
        window = snapshot.cell(scope, self.span, self._zone)
        found.update(times(total, since, window, self._first_ms, self._end_ms))
        return found

    def _silent(self) -> dict[str, Counter[str]]:
        found: dict[str, Counter[str]] = {}
        for agent_id, row in self._snapshot.agent_rows().items():
            if not row.ends(self._end_ms):
                continue
            for at, change in changes(row.trace(self.levels, self._end_ms)):
                ms = self._end_ms - max(at, self._first_ms)
                for (channel, name), n in zip(self.levels.names, change, strict=True):
                    if n:
                        for who in (agent_id, None):
                            found.setdefault(time_scope(channel, who), Counter())[name] += n * ms
        return found


def _end(ring: str, last_s: int, zone: str) -> int:
    """The end (ms) of the bucket that starts at `last_s` (epoch seconds)."""
    if ring != "d":
        return last_s * 1000 + RINGS[ring].size_ms
    return next_day_start(last_s * 1000, zone)
