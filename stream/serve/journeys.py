"""Journeys of all customers over days: touchpoints, transitions, friction; each beside the window before. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from stream.core.customers.journey_scopes import FRICTION, JOURNEY, TOUCH, TRANSITION, read_scope
from stream.core.figures.common import aht_seconds
from stream.core.figures.sketch import quantile
from stream.core.figures.surveys import ces, csat, csat_mean, nps
from stream.core.measures import CODES, GAP_BINS, TOUCH_CODES, Cell, add
from stream.core.rules import DAY
from stream.core.times.window import NotKept, Span, Window, span
from stream.core.times.zones import next_day_start
from stream.serve.past import text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stream.core.rules import Rules
    from stream.state.snapshot import Snapshot

SHOWN = 500
ALL = "all"
NO_PHASE = "none"
_read = lru_cache(maxsize=65_536)(read_scope)
_C = CODES
Names = tuple[str, ...]
Counts = dict[Names, Cell]


class JourneyQuery(NamedTuple):
    """A request. `segment` `all`: everybody; `phase` None: any, `none`: without one; `at_ms` None: now."""

    days: int
    segment: str
    phase: str | None
    at_ms: int | None


class Counted(NamedTuple):
    """What was counted in a window, by kind and names."""

    of: Span
    kinds: dict[str, Counts]

    def of_kind(self, kind: str) -> Counts:
        """By names."""
        return self.kinds.get(kind, {})

    def total(self, kind: str, measure: str) -> int:
        """Of all names together."""
        return sum(cell.get(_C[measure], 0) for cell in self.of_kind(kind).values())


class Both(NamedTuple):
    """A window, and the one of as many days before it; None when that is not kept any more."""

    query: JourneyQuery
    at_ms: int
    zone: str
    now: Counted
    before: Counted | None

    def of_kind(self, kind: str) -> list[tuple[Names, Cell]]:
        """What was counted in the window, by names; also of names that were counted in the one before alone."""
        now, before = self.now.of_kind(kind), {} if self.before is None else self.before.of_kind(kind)
        return [(names, now.get(names, {})) for names in now | before]

    def head(self) -> dict[str, Any]:
        """What was asked for, and how much there is of it."""
        of, before = self.now, self.before
        return {
            "window": f"{self.query.days}d",
            "at": text(self.at_ms),
            "from": text(of.of.first * 1000),
            "to": text(next_day_start(of.of.last * 1000, self.zone)),
            "previous_from": None if before is None else text(before.of.first * 1000),
            "segment": self.query.segment,
            "phase": self.query.phase,
            "touches": of.total(TOUCH, "touches"),
            "journeys": of.total(JOURNEY, "journeys"),
            "journeys_broken": of.total(JOURNEY, "journeys_broken"),
        }


def both(snapshot: Snapshot, rules: Rules, query: JourneyQuery, at_ms: int) -> Both:
    """Both windows. Raises NotKept when the window itself is not kept."""
    days = Window(f"{query.days}d", "d", query.days * DAY)
    now = span(days, at_ms, rules.zone, snapshot.stream_time)
    wanted = [(scope, read) for scope in snapshot.scopes() if (read := _wanted(scope, query)) is not None]
    try:
        earlier = span(days, now.first * 1000 - 1, rules.zone, snapshot.stream_time)
    except NotKept:
        before = None
    else:
        before = Counted(earlier, _sums(snapshot, rules, wanted, earlier))
    return Both(query, at_ms, rules.zone, Counted(now, _sums(snapshot, rules, wanted, now)), before)


def _wanted(scope: str, query: JourneyQuery) -> tuple[str, Names] | None:
    """Kind and names of a scope that is asked for."""
    read = _read(scope) if scope.startswith("*|*|n") else None
    if read is None or (query.segment != ALL and query.segment not in read.segments):
        return None
    return (read.kind, read.names) if query.phase in (None, read.phase or NO_PHASE) else None


def _sums(
    snapshot: Snapshot, rules: Rules, wanted: Iterable[tuple[str, tuple[str, Names]]], of: Span
) -> dict[str, Counts]:
    found: dict[str, Counts] = {}
    for scope, (kind, names) in wanted:
        cell = snapshot.cell(scope, of, rules.zone)
        if cell:
            add(found.setdefault(kind, {}).setdefault(names, {}), cell)
    return found


def touchpoints(both: Both) -> dict[str, Any]:
    """Rows by touchpoint, those most used first."""
    everything = both.now.total(TOUCH, "touches")
    rows = []
    for names, cell in both.of_kind(TOUCH):
        n, waited = cell.get(_C["touches"], 0), cell.get(_C["touches_waited"], 0)
        rows.append(
            {
                "touchpoint": names[0],
                "touches": n,
                "share": _ratio(n, everything),
                "outcomes": {name: cell[code] for name, code in TOUCH_CODES.items() if cell.get(code)},
                "waited": waited,
                "wait_seconds": _ratio(cell.get(_C["wait_ms"], 0), waited * 1000),
                "handled": cell.get(_C["handled"], 0),
                "aht_seconds": aht_seconds(cell),
                **{name: figure(cell) for name, figure in _FELT.items()},
                **{name: cell.get(_C[name], 0) for name in ("complaints", "reviews")},
                **_change(both, TOUCH, names, "touches"),
            }
        )
    rows.sort(key=lambda row: (-row["touches"], row["touchpoint"]))
    return {**both.head(), "total": len(rows), "touchpoints": rows[:SHOWN]}


_FELT = {"csat": csat, "csat_mean": csat_mean, "nps": nps, "ces": ces}


def transitions(both: Both) -> dict[str, Any]:
    """Rows by where from and where to, the most frequent first."""
    leaving: dict[str, int] = {}
    for names, cell in both.now.of_kind(TRANSITION).items():
        leaving[names[0]] = leaving.get(names[0], 0) + cell.get(_C["transitions"], 0)
    rows = []
    for names, cell in both.of_kind(TRANSITION):
        n = cell.get(_C["transitions"], 0)
        median = quantile({code - GAP_BINS: count for code, count in cell.items() if code >= GAP_BINS}, 0.5)
        rows.append(
            {
                "from": names[0],
                "to": names[1],
                "transitions": n,
                "share": _ratio(n, sum(leaving.values())),
                "share_of_from": _ratio(n, leaving.get(names[0])),
                "median_gap_seconds": None if median is None else median / 1000,
                **_change(both, TRANSITION, names, "transitions"),
            }
        )
    rows.sort(key=lambda row: (-row["transitions"], row["from"], row["to"]))
    return {**both.head(), "transitions_total": sum(leaving.values()), "total": len(rows), "transitions": rows[:SHOWN]}


def friction(both: Both) -> dict[str, Any]:
    """Where journeys break, the most frequent first; and each kind over all touchpoints."""
    touches = {names[0]: cell.get(_C["touches"], 0) for names, cell in both.now.of_kind(TOUCH).items()}
    by_kind = _kinds(both)
    rows = []
    for names, cell in both.of_kind(FRICTION):
        n, broken = cell.get(_C["frictions"], 0), cell.get(_C["journeys_broken"], 0)
        if names[1]:
            where = {"friction": names[0], "touchpoint": names[1]}
            rows.append(where | _broken(both, n, touches.get(names[1], 0), broken) | _change(both, FRICTION, names))
    rows.sort(key=lambda row: (-row["frictions"], -row["journeys_broken"], row["friction"], row["touchpoint"]))
    return {**both.head(), "kinds": by_kind, "total": len(rows), "friction": rows[:SHOWN]}


def _kinds(both: Both) -> list[dict[str, Any]]:
    counts = [{} if counted is None else _by_why(counted) for counted in (both.now, both.before)]
    touches, rows = both.now.total(TOUCH, "touches"), []
    for why in counts[0] | counts[1]:
        n, broken = counts[0].get(why, (0, 0))
        before = None if both.before is None else counts[1].get(why, (0, 0))[0]
        rows.append({"friction": why} | _broken(both, n, touches, broken) | _difference(n, before, "frictions"))
    return sorted(rows, key=lambda row: (-row["frictions"], row["friction"]))


def _by_why(counted: Counted) -> dict[str, tuple[int, int]]:
    """Kind -> how often, at any touchpoint, and how many journeys it broke."""
    found: dict[str, tuple[int, int]] = {}
    for (why, name), cell in counted.of_kind(FRICTION).items():
        n, broken = found.get(why, (0, 0))
        own = cell.get(_C["journeys_broken"], 0) if not name else 0
        found[why] = n + cell.get(_C["frictions"], 0), broken + own
    return found


def _broken(both: Both, n: int, touches: int, broken: int) -> dict[str, Any]:
    return {
        "frictions": n,
        "share_of_touches": _ratio(n, touches),
        "journeys_broken": broken,
        "share_of_journeys": _ratio(broken, both.now.total(JOURNEY, "journeys")),
    }


def _change(both: Both, kind: str, names: Names, measure: str = "frictions") -> dict[str, Any]:
    n = both.now.of_kind(kind).get(names, {}).get(_C[measure], 0)
    before = None if both.before is None else both.before.of_kind(kind).get(names, {}).get(_C[measure], 0)
    return _difference(n, before, measure)


def _difference(n: int, before: int | None, measure: str) -> dict[str, Any]:
    change = None if before is None else n - before
    return {f"previous_{measure}": before, "change": change, "change_ratio": _ratio(change, before)}


def _ratio(n: int | None, of: int | None) -> float | None:
    return n / of if n is not None and of else None
