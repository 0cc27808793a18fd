"""Half-hours and hours of the local clock, each beside the usual of that time. Pure: what to look up, then the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from stream.core.figures.common import aht_seconds, asa_seconds
from stream.core.figures.row import interaction_row, segment_row
from stream.core.figures.service_level import VARIANTS
from stream.core.measures import CODES, Cell, add
from stream.core.rules import HOUR
from stream.core.scope import CUSTOMERS, place
from stream.core.times.usual import WEEKS, usual, weeks_earlier
from stream.core.times.window import NotKept, day_of, kept, span, window
from stream.core.times.zones import HALF_HOUR_MS, half_hour_start, utc_offset
from stream.serve.kpis import DIRECTIONS, Direction, Labels, from_the_start

if TYPE_CHECKING:
    from stream.core.rules import Rules
    from stream.settings import Settings
    from stream.state.half_hours import HalfHours
    from stream.state.snapshot import Snapshot

MOST_ROWS = 20_000
LIVE_KEYS = ("waiting", "waiting_past_threshold", "longest_wait_ms", "service_level_live", "response_level_live")
"""Keys of rows that only the present has."""
_COUNTS = ("offered", "answered", "abandoned", "handled")


class IntervalQuery(NamedTuple):
    """A request for intervals. Instants in ms: from (None: today's start) to, excluded (None: now); `step_ms` of each.

    `only`: label -> the one value that is asked for.
    """

    from_ms: int | None
    to_ms: int | None
    step_ms: int
    by: tuple[str, ...]
    direction: Direction
    only: dict[str, str]


class Interval(NamedTuple):
    """From `start_ms` to `end_ms`, excluded, of the local clock."""

    start_ms: int
    end_ms: int


class TooLong(ValueError):
    """More rows than are made for one request: the message says how many."""


@dataclass
class Group:
    """The scopes of one row, each with its zone; `zone` is that of the intervals. `known_from`: its first day (s)."""

    zone: str
    scopes: dict[str, str] = field(default_factory=dict)
    intervals: tuple[Interval, ...] = ()
    known_from: int | None = None
    shown: bool = False


def local_text(at_ms: int, zone: str) -> str:
    """An instant in RFC 3339 by the local clock.

    >>> local_text(1_772_463_600_000, "Europe/Rome")
    '2026-03-02T16:00:00+01:00'
    """
    return datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)).isoformat(timespec="seconds")


@lru_cache(maxsize=64)
def intervals(from_ms: int, to_ms: int, step_ms: int, zone: str) -> tuple[Interval, ...]:
    """The half-hours, or hours, of the local clock that overlap [from, to). The hour of a clock change may be shorter.

    >>> day = intervals(1_774_738_800_000, 1_774_821_600_000, HOUR, "Europe/Rome")  # 29 March 2026
    >>> len(day), local_text(day[1].start_ms, "Europe/Rome"), local_text(day[2].start_ms, "Europe/Rome")
    (23, '2026-03-29T01:00:00+01:00', '2026-03-29T03:00:00+02:00')
    """
    found: list[Interval] = []
    start, named = _begin(from_ms, step_ms, zone), None
    while start < to_ms:
        end = half_hour_start(start + HALF_HOUR_MS, zone)
        name = _name(start, step_ms, zone)
        if name == named:
            found[-1] = Interval(found[-1].start_ms, end)
        else:
            found.append(Interval(start, end))
        start, named = end, name
    if found and step_ms > HALF_HOUR_MS and _name(start, step_ms, zone) == named:
        found[-1] = Interval(found[-1].start_ms, half_hour_start(start + HALF_HOUR_MS, zone))
    return tuple(found)


def _begin(at_ms: int, step_ms: int, zone: str) -> int:
    start = half_hour_start(at_ms, zone)
    before = half_hour_start(start - 1, zone)
    return before if _name(before, step_ms, zone) == _name(start, step_ms, zone) else start


def _name(start_ms: int, step_ms: int, zone: str) -> tuple[int, int]:
    """What the half-hours of one interval have in common: the local time that it is called by, and the offset."""
    offset = utc_offset(start_ms, zone)
    return (start_ms + offset) // step_ms, offset


def halves(of: Interval, zone: str) -> Iterator[int]:
    """The starts (ms) of the half-hours of a zone that begin in an interval."""
    start = half_hour_start(of.start_ms, zone)
    if start < of.start_ms:
        start = half_hour_start(start + HALF_HOUR_MS, zone)
    while start < of.end_ms:
        yield start
        start = half_hour_start(start + HALF_HOUR_MS, zone)


def plan(snapshot: Snapshot, rules: Rules, query: IntervalQuery, now_ms: int) -> dict[Labels, Group]:
    """The rows' scopes and intervals. What has not begun is left out. Raises NotKept, TooLong."""
    groups: dict[Labels, Group] = {}
    for labels in from_the_start(rules, query.by):
        names = dict(zip(query.by, labels, strict=True))
        if all(names.get(label, asked) == asked for label, asked in query.only.items()):
            groups[labels] = Group(_zone(rules, names), shown=True)
    for scope in snapshot.scopes():
        at = place(scope)
        own = {"channel": at.channel, "queue": at.queue}
        if not at.summed or at.direction not in DIRECTIONS[query.direction] or (at.whole and "queue" in query.by):
            continue
        if all(own[label] == asked for label, asked in query.only.items()):
            group = groups.setdefault(tuple(own[label] for label in query.by), Group(rules.zone))
            group.scopes[scope] = day_of(rules, scope)[0]
    if not query.by and not query.only and "i" in DIRECTIONS[query.direction]:
        groups[()].scopes[CUSTOMERS] = rules.zone
    end = now_ms + 1 if query.to_ms is None else min(query.to_ms, now_ms + 1)
    for group in groups.values():
        zones = {*group.scopes.values()} or {group.zone}
        group.zone = zones.pop() if len(zones) == 1 else rules.zone
        since = query.from_ms
        if since is None:
            starts = {day_of(rules, scope)[1] for scope in group.scopes} or {rules.day_starts_ms}
            today = span(window("today"), end - 1, group.zone, day_starts_ms=starts.pop() if len(starts) == 1 else 0)
            since = today.first * 1000
        group.intervals = intervals(since, end, query.step_ms, group.zone)
        group.known_from = _first_day(snapshot, group)
        if group.intervals and snapshot.stream_time is not None:
            _check_kept(group.intervals[0].start_ms, snapshot.stream_time)
    rows = sum(len(group.intervals) for group in groups.values())
    if rows > MOST_ROWS:
        raise TooLong(f"{rows:,} rows; at most {MOST_ROWS:,} at a time")
    return groups


def _zone(rules: Rules, names: dict[str, str | None]) -> str:
    channel, queue = names.get("channel"), names.get("queue")
    return rules.zone if channel is None or queue is None else rules.queue(channel, queue).zone


def _check_kept(start_ms: int, stream_time: int) -> None:
    if not kept("h", start_ms // 1000, stream_time):
        back_to = local_text(stream_time - 40 * 24 * HOUR, "UTC")
        raise NotKept(f"{local_text(start_ms, 'UTC')} is too long ago: half-hours are kept 40 days, back to {back_to}")


def _first_day(snapshot: Snapshot, group: Group) -> int | None:
    """The start (epoch seconds) of the first day, of those kept, on which the group has any work."""
    return snapshot.sums.first_day(scope for scope in group.scopes if scope != CUSTOMERS)


def lookups(groups: Mapping[Labels, Group], stream_time: int | None) -> dict[str, set[int]]:
    """Scope -> the starts (epoch seconds) of the half-hours that the rows and their usual values need."""
    wanted: dict[str, set[int]] = {}
    for group in groups.values():
        for scope, zone in group.scopes.items():
            starts = wanted.setdefault(scope, set())
            for of in group.intervals:
                for start in halves(of, zone):
                    starts.add(start // 1000)
                    for weeks in WEEKS:
                        earlier = _known(group, weeks_earlier(start, weeks, zone), stream_time)
                        if earlier is not None:
                            starts.add(earlier)
    return wanted


def _known(group: Group, start_ms: int | None, stream_time: int | None) -> int | None:
    """The start in epoch seconds of an earlier half-hour; None when it never was, or is not kept or from before."""
    if start_ms is None or stream_time is None or group.known_from is None:
        return None
    start = start_ms // 1000
    return start if kept("h", start, stream_time) and start >= group.known_from else None


def rows(
    group: Group,
    named: dict[str, str | None],
    found: HalfHours,
    snapshot: Snapshot,
    settings: Settings,
    now_ms: int,
) -> Iterator[dict[str, Any]]:
    """The rows of one group: labels, begin and end, measures and figures, and of the main ones the usual value."""
    variant = settings.variant(named.get("channel") or "", named.get("queue"))
    stream_time = snapshot.stream_time
    silent = snapshot.time_outs(now_ms, dict.fromkeys(group.scopes, 0))
    for of in group.intervals:
        cell: Cell = {}
        for scope, zone in group.scopes.items():
            for start in halves(of, zone):
                add(cell, found.get((scope, start // 1000), {}))
        if silent:
            ended = min(of.end_ms - 1, now_ms)
            for due in snapshot.time_outs(ended, dict.fromkeys(group.scopes, of.start_ms // 1000)).values():
                add(cell, due)
        row: dict[str, Any] = {**named, "starts_at": local_text(of.start_ms, group.zone)}
        row["ends_at"] = local_text(of.end_ms, group.zone)
        row |= {key: value for key, value in segment_row(cell, None).items() if key not in LIVE_KEYS}
        if "queue" not in named:
            row |= interaction_row(cell, None)
        yield row | _usual([_earlier(group, of, weeks, found, stream_time) for weeks in WEEKS], variant)


def _earlier(group: Group, of: Interval, weeks: int, found: HalfHours, stream_time: int | None) -> Cell | None:
    """What was counted at the same local time so many weeks before; None where any of it is not known."""
    cell: Cell = {}
    for scope, zone in group.scopes.items():
        for start in halves(of, zone):
            earlier = _known(group, weeks_earlier(start, weeks, zone), stream_time)
            if earlier is None:
                return None
            add(cell, found.get((scope, earlier), {}))
    return cell


def _usual(cells: list[Cell | None], variant: str) -> dict[str, float | None]:
    known = [cell for cell in cells if cell is not None]
    answer = {f"usual_{name}": usual(cell.get(CODES[name], 0) for cell in known) for name in _COUNTS}
    answer["usual_asa_seconds"] = usual(map(asa_seconds, known))
    answer["usual_aht_seconds"] = usual(map(aht_seconds, known))
    answer["usual_service_level"] = usual(map(VARIANTS[variant], known))
    return answer
