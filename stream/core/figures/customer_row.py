"""The key `customers` of a row: what customers tell, and in the row of all channels whether they stay and buy again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stream.core.figures import customers, surveys
from stream.core.measures import CODES, Cell

SURVEY_MEASURES = (
    "nps_answers", "nps_promoters", "nps_detractors", "csat_answers", "csat_satisfied", "csat_sum", "ces_answers",
    "ces_sum",
)  # fmt: skip
VOICE_MEASURES = ("complaints", "public_complaints")
CENTER_MEASURES = (
    "customers_at_start", "customers_at_end", "customers_joined", "customers_left", "customers_kept", "left_early",
    "orders", "orders_returned", "buyers", "repeat_buyers", "reviews", "reviews_sum", "bad_reviews",
)  # fmt: skip
MEASURES = (*SURVEY_MEASURES, *VOICE_MEASURES, *CENTER_MEASURES)

SURVEY_FIGURES = (surveys.nps, surveys.csat, surveys.csat_mean, surveys.ces)
CENTER_FIGURES = (
    customers.churn, customers.early_churn, customers.retention, customers.return_rate, customers.repeat_purchase,
    surveys.reviews_mean, surveys.bad_review_share,
)  # fmt: skip
FIGURES = (*SURVEY_FIGURES, surveys.complaints_per_1000, *CENTER_FIGURES)


def _keys(cell: Cell, measures: tuple[str, ...], figures: tuple[Callable[[Cell], float | None], ...]) -> dict[str, Any]:
    counts: dict[str, Any] = {name: cell.get(CODES[name], 0) for name in measures}
    return counts | {figure.__name__: figure(cell) for figure in figures}


def survey_row(cell: Cell) -> dict[str, Any]:
    """The keys that rows of queues and of agents have too.

    >>> survey_row({CODES["csat_answers"]: 2, CODES["csat_sum"]: 7})["csat_mean"]
    3.5
    """
    return _keys(cell, SURVEY_MEASURES, SURVEY_FIGURES)


def customers_row(cell: Cell) -> dict[str, Any]:
    """The keys of a row without a queue.

    >>> customers_row({CODES["complaints"]: 1, CODES["interactions_started"]: 4})["complaints_per_1000"]
    250.0
    """
    told = _keys(cell, VOICE_MEASURES, (surveys.complaints_per_1000,))
    return {"interactions": cell.get(CODES["interactions_started"], 0)} | survey_row(cell) | told


def center_row(cell: Cell, clv: dict[str, float] | None) -> dict[str, Any]:
    """What the row of all channels has more; see `figures.customers` for the cell.

    >>> center_row({CODES["customers_at_start"]: 4, CODES["customers_left"]: 1}, None)["churn"]
    0.25
    """
    return _keys(cell, CENTER_MEASURES, CENTER_FIGURES) | {"clv": clv}
