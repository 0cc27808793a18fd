"""Customers of all channels in a window: what is counted of them, and the levels at its edges. Pure.

A level (members, buyers) is kept as its changes; what it was at an instant is all that has ever changed, less what has
changed since.
"""

from __future__ import annotations

from stream.core.figures import customers as figures
from stream.core.measures import CODES, JOINED_IN, Cell
from stream.core.rules import Rules
from stream.core.scope import CUSTOMERS, YEAR, place
from stream.core.times.window import RINGS, NotKept, Span, Window, span, window
from stream.core.times.zones import day_start, next_day_start
from stream.state.snapshot import Snapshot

_C = CODES
_YEAR = window("365d")


def of_window(snapshot: Snapshot, rules: Rules, of: Span, at_ms: int) -> Cell:
    """What is counted of customers in a window at `at`, with the levels that `figures.customers` wants."""
    cell = _with_members(snapshot, rules, snapshot.cell(CUSTOMERS, of, rules.zone), of)
    return cell | buyers(snapshot, rules, at_ms)


def running(snapshot: Snapshot, rules: Rules, of: Window, now_ms: int) -> Cell:
    """The same of a window that moves with the present, without `buyers`."""
    cell = snapshot.running(CUSTOMERS, of, now_ms, rules.zone, rules.day_starts_ms)
    return _with_members(snapshot, rules, cell, span(of, now_ms, rules.zone, day_starts_ms=rules.day_starts_ms))


def buyers(snapshot: Snapshot, rules: Rules, at_ms: int) -> Cell:
    """Who has bought, and who has twice, in the 365 days up to that of `at`."""
    tomorrow = next_day_start(day_start(at_ms, rules.zone), rules.zone) // 1000
    return _levels(snapshot, YEAR, ("buyers", "repeat_buyers"), "d", tomorrow)


def clv(snapshot: Snapshot, rules: Rules, at_ms: int, bought: Cell) -> dict[str, float] | None:
    """Customer lifetime value by currency, at `at`; None also where the 365 days up to then are not kept any more.

    `bought`: a cell with the `buyers` at `at`.
    """
    try:
        reach = span(_YEAR, at_ms, rules.zone, snapshot.stream_time)
    except NotKept:
        return None
    present = at_ms >= (snapshot.stream_time or 0)

    def cell(scope: str) -> Cell:
        if present:
            return snapshot.running(scope, _YEAR, at_ms, rules.zone)
        return snapshot.cell(scope, reach, rules.zone)

    year = _with_members(snapshot, rules, cell(CUSTOMERS), reach)
    year[_C["buyers"]] = bought.get(_C["buyers"], 0)
    money = {place(scope).name: cell(scope) for scope in snapshot.scopes() if place(scope).beside == "$"}
    return figures.clv(year, money)


def _with_members(snapshot: Snapshot, rules: Rules, counted: Cell, of: Span) -> Cell:
    first = JOINED_IN + of.first * 1000 // RINGS["f"].size_ms
    came_and_went = sum(n for code, n in counted.items() if code >= first)
    cell = {code: n for code, n in counted.items() if code < JOINED_IN}
    at_end = _levels(snapshot, CUSTOMERS, ("members",), of.ring, _after(of, rules.zone)).get(_C["members"], 0)
    at_start = at_end - cell.pop(_C["members"], 0)
    kept = at_start - cell.get(_C["customers_left"], 0) + came_and_went
    found = {"customers_at_start": at_start, "customers_at_end": at_end, "customers_kept": kept}
    return cell | {_C[name]: n for name, n in found.items() if n}


def _after(of: Span, zone: str) -> int:
    """Where (epoch seconds) the first bucket after a span begins."""
    if of.ring == "d":
        return next_day_start(of.last * 1000, zone) // 1000
    return of.last + RINGS[of.ring].size_ms // 1000


def _levels(snapshot: Snapshot, scope: str, names: tuple[str, ...], ring: str, after: int) -> Cell:
    """Levels just before the bucket that begins at `after`."""
    gained, retracted = snapshot.totals.get(scope, ({}, {}))
    later = snapshot.since(scope, ring, after)
    found = {code: gained.get(code, 0) - retracted.get(code, 0) for code in (_C[name] for name in names)}
    return {code: level for code, n in found.items() if (level := n - later.get(code, 0))}
