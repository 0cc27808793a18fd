"""What contacts are about: rows by reason, ranked by the repeats that they cause, and which have more than usual. Pure.

Only inbound interactions with a customer and a reason are in them: a customer's shard counts by reason, no other does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from stream.core.figures.common import aht_seconds
from stream.core.figures.outcomes import fcr_ratio, repeat_inflow
from stream.core.figures.spike import is_spike
from stream.core.figures.surveys import csat, csat_mean
from stream.core.measures import CODES, Cell, add
from stream.core.scope import place
from stream.core.times.usual import WEEKS, usual, weeks_earlier
from stream.core.times.window import Window, kept
from stream.core.times.zones import HALF_HOUR_MS, half_hour_start
from stream.serve.kpis import Spans
from stream.serve.past import text

if TYPE_CHECKING:
    from stream.core.rules import Rules
    from stream.settings import Settings
    from stream.state.half_hours import HalfHours
    from stream.state.snapshot import Snapshot

SHOWN = 500
INCLUDES = "inbound interactions with a customer and a reason"
_MEASURES = {
    "contacts": "identified", "repeats": "repeats", "repeats_caused": "repeats_caused", "handled": "handled",
    "handle_ms": "handle_ms", "first_contacts": "first_contacts", "resolved": "resolved_contacts",
    "repeated": "repeated_contacts", "csat_answers": "csat_answers", "csat_satisfied": "csat_satisfied",
    "csat_sum": "csat_sum", "complaints": "complaints",
}  # fmt: skip
_FIGURES = {
    "repeat_inflow": repeat_inflow, "aht_seconds": aht_seconds, "fcr": fcr_ratio, "csat": csat, "csat_mean": csat_mean,
}  # fmt: skip
_IDENTIFIED = CODES["identified"]
_REASON = "|i|r"


class HalfHour(NamedTuple):
    """The half-hour that holds an instant, by the center's clock, and those before it that say what is usual (ms)."""

    start_ms: int
    end_ms: int
    earlier: tuple[int, ...]


def scopes_of(snapshot: Snapshot, channel: str | None) -> dict[str, list[str]]:
    """Reason -> its scopes, on one channel or on all."""
    found: dict[str, list[str]] = {}
    for scope in snapshot.scopes():
        if _REASON not in scope:
            continue
        at = place(scope)
        if at.beside == "r" and channel in (None, at.channel):
            found.setdefault(at.name, []).append(scope)
    return found


def half_hour(snapshot: Snapshot, rules: Rules, at_ms: int) -> HalfHour:
    """The half-hour of an instant. Weeks of which nothing is kept, or from before the first reason, say nothing."""
    start = half_hour_start(at_ms, rules.zone)
    scopes = (scope for scopes in scopes_of(snapshot, None).values() for scope in scopes)
    first, stream_time = snapshot.sums.first_day(scopes), snapshot.stream_time
    found = []
    for weeks in WEEKS:
        then = weeks_earlier(start, weeks, rules.zone)
        if then is None or first is None or stream_time is None:
            continue
        if then >= first * 1000 and kept("h", then // 1000, stream_time):
            found.append(then)
    return HalfHour(start, half_hour_start(start + HALF_HOUR_MS, rules.zone), tuple(found))


def lookups(reasons: dict[str, list[str]], of: HalfHour) -> dict[str, list[int]]:
    """Scope -> the starts (epoch seconds) of the half-hours to look up."""
    starts = [at // 1000 for at in (of.start_ms, *of.earlier)]
    return {scope: starts for scopes in reasons.values() for scope in scopes}


class Count(NamedTuple):
    """Contacts of a reason in a half-hour, and what is usual then."""

    contacts: int
    usual: float | None
    spike: bool


def count(scopes: list[str], of: HalfHour, found: HalfHours, settings: Settings, contacts: int | None = None) -> Count:
    """How many contacts a reason has in a half-hour, and whether these are too many. `contacts`: where it is known."""

    def contacts_at(at_ms: int) -> int:
        return sum(found.get((scope, at_ms // 1000), {}).get(_IDENTIFIED, 0) for scope in scopes)

    n, mean = contacts_at(of.start_ms) if contacts is None else contacts, usual(map(contacts_at, of.earlier))
    spike = is_spike(n, mean, settings.reason_spike_deviations, settings.reason_spike_contacts)
    return Count(n, mean, spike)


def answer(
    snapshot: Snapshot, settings: Settings, rules: Rules, window: Window, channel: str | None, at_ms: int,
    of: HalfHour, found: HalfHours,
) -> dict[str, Any]:  # fmt: skip
    """All reasons, those first that cause most repeats; at most `SHOWN` of `total`. Raises NotKept."""
    span = Spans(window, at_ms, rules, snapshot.stream_time).of(rules.zone, rules.day_starts_ms)
    rows: list[dict[str, Any]] = []
    whole: Cell = {}
    with_reason = 0
    for scope in snapshot.scopes():
        at = place(scope)
        if at.whole and at.summed and at.inbound and channel in (None, at.channel):
            add(whole, snapshot.cell(scope, span, rules.zone))
    for reason, scopes in scopes_of(snapshot, channel).items():
        cell: Cell = {}
        for scope in scopes:
            add(cell, snapshot.cell(scope, span, rules.zone))
        now = count(scopes, of, found, settings)
        with_reason += cell.get(_IDENTIFIED, 0)
        if cell or now.contacts:
            rows.append(_row(reason, cell, now))
    rows.sort(key=lambda row: (-row["repeats_caused"], -row["contacts"], row["reason"]))
    return {
        "includes": INCLUDES,
        "window": window.name,
        "at": text(at_ms),
        "interactions": whole.get(CODES["interactions_started"], 0),
        "with_customer": whole.get(_IDENTIFIED, 0),
        "with_reason": with_reason,
        "half_hour": {"starts_at": text(of.start_ms), "ends_at": text(of.end_ms), "weeks_known": len(of.earlier)},
        "total": len(rows),
        "reasons": rows[:SHOWN],
    }


def _row(reason: str, cell: Cell, now: Count) -> dict[str, Any]:
    row: dict[str, Any] = {"reason": reason}
    row |= {key: cell.get(CODES[name], 0) for key, name in _MEASURES.items()}
    row |= {key: figure(cell) for key, figure in _FIGURES.items()}
    return row | {"contacts_in_half_hour": now.contacts, "usual_contacts": now.usual, "spike": now.spike}
