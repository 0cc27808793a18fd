"""A row of the API: every measure of a summed cell as integers, and every figure. Keys are public."""

from __future__ import annotations

from typing import Any, NamedTuple

from stream.core.figures import common as figures
from stream.core.figures import outcomes, quantiles
from stream.core.figures.customer_row import customers_row
from stream.core.figures.service_level import VARIANTS, service_level_live
from stream.core.measures import CODES, DECLINE_CODES, FLOW_CODES, Cell

SEGMENT_MEASURES = (
    "offered", "answered", "in_threshold", "abandoned", "short_abandoned", "abandoned_in_threshold", "flowed_out",
    "timed_out", "timed_out_connected", "wait_ms", "handled", "talk_ms", "hold_ms", "wrap_up_ms", "handle_ms",
    "transferred", "held", "declined", "ended", "reopened", "closed_unanswered", "first_response",
    "first_response_in_threshold", "first_response_ms", "first_response_business_ms", "next_response",
    "next_response_ms", "next_response_business_ms", "resolution", "resolution_ms", "resolution_business_ms",
    "resolved_known", "resolved",
)  # fmt: skip
INTERACTION_MEASURES = (
    "interactions_started", "interactions_offered", "interactions_answered", "interactions_lost", "bot_interactions",
    "bot_contained", "bot_unidentified", "identified", "repeats",
)  # fmt: skip

_CAUSED = CODES["repeats_caused"]
_SEGMENT_CODES = tuple((name, CODES[name]) for name in SEGMENT_MEASURES)
_INTERACTION_CODES = tuple((name, CODES[name]) for name in INTERACTION_MEASURES)
_FIGURES = tuple(
    (formula.__name__, formula)
    for formula in (
        figures.asa_seconds, figures.aht_seconds, figures.response_level, figures.abandonment, figures.forced_out_rate,
        figures.transfer_rate, figures.hold_rate, outcomes.reopen_rate, outcomes.resolution_rate,
        figures.first_response_seconds, figures.next_response_seconds, figures.resolution_seconds,
    )
)  # fmt: skip
_QUANTILES = tuple(
    (formula.__name__, formula)
    for formula in (
        quantiles.wait_quantile_seconds, quantiles.handle_quantile_seconds, quantiles.first_response_quantile_seconds,
    )
)  # fmt: skip


class Live(NamedTuple):
    """What waits at one instant. `longest_wait_ms` is None when nothing waits."""

    waiting: int = 0
    past_threshold: int = 0
    longest_wait_ms: int | None = None


def together(lives: list[Live]) -> Live:
    """The live values of several queues as one.

    >>> together([Live(2, 1, 30_000), Live(), Live(1, 0, 5_000)])
    Live(waiting=3, past_threshold=1, longest_wait_ms=30000)
    """
    waits = [live.longest_wait_ms for live in lives if live.longest_wait_ms is not None]
    waiting, past = sum(live.waiting for live in lives), sum(live.past_threshold for live in lives)
    return Live(waiting, past, max(waits, default=None))


def segment_row(cell: Cell, live: Live | None, overdue: int = 0) -> dict[str, Any]:
    """The keys that every row has. `live` None: the instant lies before the present, and only the present is kept.

    `overdue`: threads whose first response is outstanding past its threshold, at the instant of `live`.

    >>> row = segment_row({CODES["answered"]: 2, CODES["wait_ms"]: 9000}, None)
    >>> row["answered"], row["asa_seconds"], row["waiting"], row["offered"], row["aht_seconds"]
    (2, 4.5, None, 0, None)
    """
    get = cell.get
    row: dict[str, Any] = {name: get(code, 0) for name, code in _SEGMENT_CODES}
    row["repeats_caused"] = get(_CAUSED, 0)
    row["flowed_out_by"] = {outcome: get(code) for outcome, code in FLOW_CODES.items() if code in cell}
    row["declined_by"] = {result: get(code) for result, code in DECLINE_CODES.items() if result and code in cell}
    row["waiting"] = None if live is None else live.waiting
    row["waiting_past_threshold"] = None if live is None else live.past_threshold
    row["longest_wait_ms"] = None if live is None else live.longest_wait_ms
    row["service_level"] = {name: formula(cell) for name, formula in VARIANTS.items()}
    row["service_level_live"] = None if live is None else service_level_live(cell, live.past_threshold)
    row["response_level_live"] = None if live is None else figures.response_level_live(cell, overdue)
    for name, formula in _FIGURES:
        row[name] = formula(cell)
    for name, of_cell in _QUANTILES:
        row[name] = of_cell(cell)
    return row


def interaction_row(cell: Cell, matured: Cell | None) -> dict[str, Any]:
    """The keys of a row without a queue. `matured`: the cell of the moved window; None when the window is not of days.

    >>> row = interaction_row({CODES["first_contacts"]: 2, CODES["resolved_contacts"]: 1}, None)
    >>> row["fcr"]["provisional"]["ratio"], row["fcr"]["matured"]
    (0.5, None)
    """
    row: dict[str, Any] = {name: cell.get(code, 0) for name, code in _INTERACTION_CODES}
    row["customers"] = customers_row(cell)
    row["containment"] = outcomes.containment(cell)
    row["repeat_inflow"] = outcomes.repeat_inflow(cell)
    row["fcr"] = {"provisional": fcr(cell), "matured": None if matured is None else fcr(matured)}
    return row


def fcr(cell: Cell) -> dict[str, int | float | None]:
    """First-contact resolution with what it is made of.

    >>> fcr({})
    {'first_contacts': 0, 'resolved': 0, 'repeated': 0, 'unidentified': 0, 'ratio': None, 'repeat_rate': None}
    """
    return {
        "first_contacts": cell.get(CODES["first_contacts"], 0),
        "resolved": cell.get(CODES["resolved_contacts"], 0),
        "repeated": cell.get(CODES["repeated_contacts"], 0),
        "unidentified": cell.get(CODES["unidentified"], 0),
        "ratio": outcomes.fcr_ratio(cell),
        "repeat_rate": outcomes.repeat_rate(cell),
    }
