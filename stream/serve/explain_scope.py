"""Where and when a figure counts: the window of each scope, what is live at the instant, the rules that hold. Pure."""

from __future__ import annotations

from typing import Any

from stream.core.figures.backlog import first_past_due
from stream.core.rules import Rules
from stream.core.scope import place
from stream.core.times.calendar import Calendar
from stream.core.times.window import RINGS, Span, day_of
from stream.core.times.zones import next_day_start
from stream.serve.explain_query import ExplainQuery
from stream.serve.explain_search import Part
from stream.serve.kpis import Spans
from stream.serve.past import text
from stream.state.snapshot import Snapshot

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Live = dict[tuple[str, str], list[Part]]
"""(channel, interaction id) -> what it counts at the instant and no stamp says."""


class Where:
    """The windows of one request. Raises NotKept."""

    def __init__(self, snapshot: Snapshot, rules: Rules, query: ExplainQuery, at_ms: int) -> None:
        self._spans = Spans(query.window, at_ms, rules, snapshot.stream_time)
        self._rules, self._query = rules, query
        self._matured = query.figure.variant == "matured"

    def bounds(self, scope: str) -> tuple[int, int] | None:
        """The window of a scope (ms, the end excluded); None when the figure does not count it."""
        if not self._query.covers(scope):
            return None
        zone, day_starts_ms = day_of(self._rules, scope)
        span = self._spans.matured if self._matured else self._spans.of(zone, day_starts_ms)
        return None if span is None else _bounds(span, zone)

    def shown(self) -> dict[str, Any]:
        """The window of the queue that is asked for, else that of the center, in words."""
        query, own = self._query, self._rules
        zone, day_starts_ms = own.zone, own.day_starts_ms
        if query.channel is not None and query.queue is not None:
            of_queue = own.queue(query.channel, query.queue)
            zone, day_starts_ms = of_queue.zone, of_queue.day_starts_ms
        span = self._spans.matured if self._matured else self._spans.of(zone, day_starts_ms)
        if span is None:
            return {"name": query.window.name, "since": None, "until": None, "buckets": None}
        since, until = _bounds(span, zone)
        return {
            "name": query.window.name,
            "since": text(since),
            "until": text(until),
            "buckets": RINGS[span.ring].words,
            "zone": zone,
        }


def _bounds(span: Span, zone: str) -> tuple[int, int]:
    last = span.last * 1000
    return span.first * 1000, next_day_start(last, zone) if span.ring == "d" else last + RINGS[span.ring].size_ms


def _note(found: Live, key: tuple[tuple[str, int], bytes], part: Part) -> None:
    (topic, _), name = key
    found.setdefault((topic.rsplit(".", 1)[1], name[1:].decode()), []).append(part)


def waiting(snapshot: Snapshot, rules: Rules, query: ExplainQuery, at_ms: int) -> Live:
    """Who waits past the threshold, and whose first response is overdue: as far as the figure has them as terms.

    `at_ms` must not lie before the stream time.
    """
    found: Live = {}
    terms, open_rows = query.figure.terms, snapshot.open
    if "waiting_past_threshold" in terms:
        for scope in filter(query.covers, open_rows.queued):
            at = place(scope)
            threshold_ms = rules.queue(at.channel, at.queue).threshold_ms
            for key, row in open_rows.queued[scope].items():
                since, silent = row.queued_at, row.due_at is not None and row.due_at <= at_ms
                if since is not None and at_ms - since > threshold_ms and not silent:
                    _note(found, key, Part(since, scope, {"waiting_past_threshold": 1, "waiting_ms": at_ms - since}))
    if "overdue" in terms:
        for scope in filter(query.covers, open_rows.asked):
            at = place(scope)
            calendar = rules.queue(at.channel, at.queue).calendar
            for key, row in open_rows.asked[scope].items():
                if row.asked_at is not None and first_past_due([row], at_ms, calendar):
                    _note(found, key, Part(row.asked_at, scope, {"overdue": 1}))
    return found


def silent(snapshot: Snapshot, query: ExplainQuery, where: Where, at_ms: int, found: Live) -> None:
    """Add to `found` whom silence has ended by then and no worker has written as such."""
    terms = query.figure.terms
    if not {"timed_out", "timed_out_connected"}.isdisjoint(terms):
        for rows in snapshot.open.all.values():
            for key, row in rows.items():
                if row.due_at is not None and row.due_at <= at_ms:
                    ends = [(row.scope, "timed_out")] if row.queued_at is not None else []
                    ends += [(row.connected, "timed_out_connected")] if row.connected is not None else []
                    for scope, name in ends:
                        bounds = where.bounds(scope)
                        if name in terms and bounds is not None and bounds[0] <= row.due_at:
                            _note(found, key, Part(row.due_at, scope, {name: 1}))


def settings(rules: Rules, query: ExplainQuery, variant: str) -> dict[str, Any] | None:
    """What is counted by, today: the queue's rules, else its channel's; None over all channels."""
    if query.channel is None:
        return None
    own = rules.queue(query.channel, query.queue)
    return {
        "threshold_ms": own.threshold_ms,
        "target": own.target,
        "service_level_variant": variant,
        "short_abandon_ms": own.short_abandon_ms,
        "wrap_up_cap_ms": own.wrap_up_cap_ms,
        "zone": own.zone,
        "calendar": None if own.calendar is None else _hours(own.calendar),
    }


def _hours(calendar: Calendar) -> dict[str, Any]:
    days = {
        name: [f"{first // 60:02}:{first % 60:02}-{last // 60:02}:{last % 60:02}" for first, last in spans]
        for name, spans in zip(_WEEKDAYS, calendar.weekly, strict=True)
    }
    return {"zone": calendar.zone, **days, "holidays": len(calendar.holidays)}
