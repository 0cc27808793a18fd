"""Samples of customers, over the windows of the setting `customer_windows`; of some the 365 days up to now."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from schemas.events import CHANNELS
from stream.core.figures import customers as figures
from stream.core.figures import surveys
from stream.core.measures import CODES, add
from stream.core.scope import channel_scope
from stream.serve import customers
from stream.serve.families import Samples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.core.times.window import Window
    from stream.serve.view import View

_CURRENCY = re.compile(r"[A-Z]{3}")
_FIGURES = (
    ("customer_churn_ratio", figures.churn),
    ("customer_early_churn_ratio", figures.early_churn),
    ("customer_retention_ratio", figures.retention),
    ("customer_return_ratio", figures.return_rate),
)


def customer_families(samples: Samples, view: View, windows: Sequence[Window], now: int) -> None:
    """Put all of them. A currency that is no code of three capitals has no series: labels come from closed sets."""
    snapshot, rules = view.snapshot, view.rules
    bought = customers.buyers(snapshot, rules, now)
    for of in windows:
        people = customers.running(snapshot, rules, of, now)
        told = dict(people)
        for channel in CHANNELS:
            scope = channel_scope(channel, inbound=True)
            cell = snapshot.running(scope, of, now, rules.zone, rules.day_starts_ms)
            samples.put("customer_csat_ratio", (channel, of.name), surveys.csat(cell))
            add(told, cell)
        samples.put("customer_csat_ratio", ("", of.name), surveys.csat(told))
        samples.put("customer_nps", (of.name,), surveys.nps(told))
        samples.put("customer_ces_average", (of.name,), surveys.ces(told))
        samples.put("customer_complaints", (of.name,), told.get(CODES["complaints"], 0))
        for name, formula in _FIGURES:
            samples.put(name, (of.name,), formula(people))
    samples.put("customer_repeat_purchase_ratio", (), figures.repeat_purchase(bought))
    for currency, value in (customers.clv(snapshot, rules, now, bought) or {}).items():
        if _CURRENCY.fullmatch(currency):
            samples.put("customer_lifetime_value", (currency,), value)
