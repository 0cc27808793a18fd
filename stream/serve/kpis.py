"""Rows of figures: a snapshot, summed over a window at an instant, grouped by any of channel and queue. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

from schemas.events import CHANNELS
from stream.core.figures.backlog import first_past_due
from stream.core.figures.cost import cost_row
from stream.core.figures.customer_row import center_row, survey_row
from stream.core.figures.row import Live, interaction_row, segment_row, together
from stream.core.measures import CODES, Cell, add
from stream.core.rules import Rules
from stream.core.scope import place, survey_scope
from stream.core.times.window import Span, Window, day_of, kept, matured_span, span
from stream.serve import customers
from stream.state.snapshot import Snapshot

Direction = Literal["inbound", "outbound", "all"]
Labels = tuple[str | None, ...]
DIRECTIONS: dict[Direction, str] = {"inbound": "i", "outbound": "o", "all": "io"}
"""The directions of scopes that a request means."""
_HANDLE_MS = CODES["handle_ms"]


@dataclass
class _Group:
    """`surveys`: of the queue's work; `work`: handle time (ms) by channel."""

    cell: Cell = field(default_factory=dict)
    matured: Cell = field(default_factory=dict)
    surveys: Cell = field(default_factory=dict)
    work: Counter[str] = field(default_factory=Counter)
    lives: list[Live] = field(default_factory=list)
    overdue: int = 0
    shown: bool = False


class Spans:
    """The spans of one window at one instant, by zone and day start; one that reaches back too far raises NotKept."""

    def __init__(self, window: Window, at_ms: int, rules: Rules, stream_time_ms: int | None) -> None:
        self._by_day: dict[tuple[str, int], Span] = {}
        self._window, self._at, self._stream_time = window, at_ms, stream_time_ms
        self.matured = matured_span(window, at_ms, rules.zone, rules.repeat_window_ms)
        if self.matured and stream_time_ms is not None and not kept("d", self.matured.first, stream_time_ms):
            self.matured = None
        self.of(rules.zone, rules.day_starts_ms)

    def of(self, zone: str, day_starts_ms: int = 0) -> Span:
        """The span of queues in a zone; `today` begins so long after its midnight."""
        known = self._by_day.get((zone, day_starts_ms))
        if known is None:
            known = span(self._window, self._at, zone, self._stream_time, day_starts_ms)
            self._by_day[zone, day_starts_ms] = known
        return known


def rows(
    snapshot: Snapshot,
    rules: Rules,
    window: Window,
    by: tuple[str, ...],
    at_ms: int,
    direction: Direction = "inbound",
    *,
    now: bool = False,
) -> list[dict[str, Any]]:
    """One row per channel and queue (`by`: any of these) that has something in the window, or is configured.

    `at_ms`: the instant, as everything known now says. Live keys are None when it lies before the stream time, unless
    it is `now`: sources' clocks may run ahead of ours. Raises NotKept.
    """
    spans = Spans(window, at_ms, rules, snapshot.stream_time)
    present = now or at_ms >= (snapshot.stream_time or 0)
    wanted = DIRECTIONS[direction]
    places = {
        scope: found for scope in snapshot.scopes() if (found := place(scope)).summed and found.direction in wanted
    }
    due = snapshot.time_outs(at_ms, {scope: spans.of(*day_of(rules, scope)).first for scope in places})
    groups = {labels: _Group(shown=True) for labels in from_the_start(rules, by)}
    for scope, at in places.items():
        if at.whole and "queue" in by:
            continue
        zone, day_starts_ms = day_of(rules, scope)
        cell = snapshot.cell(scope, spans.of(zone, day_starts_ms), zone)
        add(cell, due.get(scope, {}))
        group = groups.setdefault(tuple({"channel": at.channel, "queue": at.queue}[label] for label in by), _Group())
        add(group.cell, cell)
        group.work[at.channel] += cell.get(_HANDLE_MS, 0)
        if "queue" in by and at.queue is not None and at.inbound:
            of_queue = survey_scope(at.channel, at.queue)
            add(group.surveys, snapshot.cell(of_queue, spans.of(zone, day_starts_ms), zone))
        if at.whole and spans.matured is not None:
            add(group.matured, snapshot.cell(scope, spans.matured, zone))
        if present and not at.whole:
            own, asked = rules.queue(at.channel, at.queue), snapshot.open.asked.get(scope, {}).values()
            group.overdue += first_past_due(asked, at_ms, own.calendar)
            live = snapshot.live(scope, at_ms, own.threshold_ms)
            group.lives.append(live)
            group.shown = group.shown or live.waiting > 0
    people: Cell | None = None
    if not by:
        people = customers.of_window(snapshot, rules, spans.of(rules.zone, rules.day_starts_ms), at_ms)
        if "i" in wanted:
            add(groups[()].cell, people)
    answer = []
    for labels, group in sorted(groups.items(), key=_by_name):
        if group.shown or group.cell or group.surveys:
            row: dict[str, Any] = dict(zip(by, labels, strict=True))
            row |= segment_row(group.cell, together(group.lives) if present else None, group.overdue)
            if "queue" not in by:
                row |= interaction_row(group.cell, None if spans.matured is None else group.matured)
            else:
                row["customers"] = survey_row(group.surveys)
            if people is not None:
                row["customers"] |= center_row(people, customers.clv(snapshot, rules, at_ms, people))
            row |= cost_row(group.cell, group.work, rules.hourly_rates, by_queue="queue" in by)
            answer.append(row)
    return answer


def _by_name(item: tuple[Labels, _Group]) -> tuple[str, ...]:
    return tuple(label or "" for label in item[0])


def from_the_start(rules: Rules, by: tuple[str, ...]) -> set[Labels]:
    """The labels that are shown though nothing happened: configured queues; without queues, all channels."""
    if "queue" in by:
        names = [{"channel": channel, "queue": queue} for channel, queue in rules.queues]
    else:
        names = [{"channel": channel} for channel in CHANNELS]
    return {tuple(name[label] for label in by) for name in names}
