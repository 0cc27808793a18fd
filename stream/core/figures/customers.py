"""Figures of customers: whether they stay, buy again, send back, and what that is worth. Pure functions of a cell.

The cell is that of all channels over a window, with what a reader adds (`customers_at_start`, `customers_kept` of the
window; `buyers`, `repeat_buyers` at its end). An empty denominator gives None: no value, never 0 or 1.
"""

from __future__ import annotations

from collections.abc import Mapping

from stream.core.figures.service_level import share
from stream.core.measures import CODES, Cell

_C = CODES
_EXAMPLE: Cell = {
    _C["customers_at_start"]: 200, _C["customers_left"]: 12, _C["customers_joined"]: 30, _C["left_early"]: 3,
    _C["customers_kept"]: 190, _C["orders"]: 80, _C["orders_returned"]: 4, _C["buyers"]: 50, _C["repeat_buyers"]: 20,
}  # fmt: skip


def churn(cell: Cell) -> float | None:
    """Churn: customers who left in the window, for each that it began with.

    Formula: customers who left / customers at the start.
    Unit: ratio; above 1 where more leave than were there.
    Leaves out: who stops buying and does not say so; whoever leaves without having joined.
    Source: the usual one of subscriptions.
    Elsewhere: some divide by the mean of start and end, or leave out who joined in the window; see `retention`.

    >>> churn(_EXAMPLE)
    0.06
    """
    return share(cell, "customers_left", "customers_at_start")


def early_churn(cell: Cell) -> float | None:
    """Early churn: the share of those who joined in the window who left within 90 days.

    Formula: of those who joined, those who left up to 90 days later / customers who joined.
    Unit: ratio. Provisional until 90 days are over: it can still rise.
    Leaves out: who was a customer before the window.
    Source: cohorts of onboarding.
    Elsewhere: 30 and 100 days are in use too.

    >>> early_churn(_EXAMPLE)
    0.1
    """
    return share(cell, "left_early", "customers_joined")


def retention(cell: Cell) -> float | None:
    """Retention: the share of the customers of the start who are still there, and were all the time.

    Formula: (customers at the end - those of them who joined in the window) / customers at the start.
    Unit: ratio.
    Leaves out: who joined in the window, also whoever left and came back in it.
    Source: the usual one.
    Elsewhere: 1 - churn, which is the same where nobody joins and leaves in one window.

    >>> retention(_EXAMPLE)
    0.95
    """
    return share(cell, "customers_kept", "customers_at_start")


def return_rate(cell: Cell) -> float | None:
    """Return rate: the share of the orders of the window that came back, in it or later.

    Formula: orders that were ever sent back, wholly or in part / orders.
    Unit: ratio.
    Leaves out: orders from before the window, whenever they came back; how much of an order.
    Source: ours.
    Elsewhere: many divide the returns of a month by its orders, which are others.

    >>> return_rate(_EXAMPLE)
    0.05
    """
    return share(cell, "orders_returned", "orders")


def repeat_purchase(cell: Cell) -> float | None:
    """Repeat purchase: of those who bought in the last 365 days, the share that bought at least twice.

    Formula: customers with at least two orders / customers with at least one, in the 365 days up to the window's end.
    Unit: ratio.
    Leaves out: orders from before these days: who bought once in each of two years is no repeat. Returned orders count.
    Source: ours.
    Elsewhere: shops often count over all time, so that it can only rise.

    >>> repeat_purchase(_EXAMPLE)
    0.4
    """
    return share(cell, "repeat_buyers", "buyers")


def clv(year: Cell, money: Mapping[str, Cell]) -> dict[str, float] | None:
    """Customer lifetime value: what a customer who buys is expected to pay us, in minor units of each currency.

    `year`: of the 365 days up to the window's end; `money`: currency -> its orders and their amounts in these.

    Formula: mean order value x orders per customer-year x expected life in years: amount / orders x orders / customers
    with at least one order x 1 / churn, all of the 365 days up to the window's end.
    Unit: minor units of the currency, by currency.
    Leaves out: costs, returns, interest; who never buys. No value while no churn is known, or nobody left in the year.
    Source: the simple one of the textbooks.
    Elsewhere: with the margin in place of the amount, discounted, or forecast for each customer.

    >>> year = {**_EXAMPLE, _C["customers_left"]: 40}
    >>> clv(year, {"EUR": {_C["orders"]: 80, _C["order_amount"]: 400_000}})
    {'EUR': 40000.0}
    >>> clv({}, {}) is None
    True
    """
    lost, buyers = churn(year), year.get(_C["buyers"], 0)
    if not lost or not buyers:
        return None
    found = {name: cell.get(_C["order_amount"], 0) / buyers / lost for name, cell in money.items() if cell}
    return dict(sorted(found.items())) or None
