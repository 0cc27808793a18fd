"""Orders: what was bought, what of it came back, and who has bought, or bought again, in the last year.

An order counts when it is bought, once, however often it is told; one that ever comes back is returned from then on.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from stream.core.customers.person import Person
from stream.core.measures import CODES
from stream.core.rules import Rules
from stream.core.scope import CUSTOMERS, YEAR, money_scope
from stream.core.stage import Stamp
from stream.core.times.zones import day_start, days_later

YEAR_DAYS = 365
_C = CODES
Days = list[tuple[int, int]]
"""From, until: the first instants (ms) of two local days."""


def stamps(person: Person, rules: Rules) -> list[Stamp]:
    """Each order; and the days on which the customer has bought, or bought twice, in the 365 days up to then."""
    returned = {said.order_id for said in person.events("returned")}
    seen: set[str | None] = set()
    found: list[Stamp] = []
    years: Days = []
    for said in person.events("purchased"):
        if said.order_id in seen:
            continue
        seen.add(said.order_id)
        gone = (_C["orders_returned"], 1) if said.order_id in returned else ()
        found.append((said.at, CUSTOMERS, (_C["orders"], 1, *gone)))
        money = (_C["orders"], 1, _C["order_amount"], said.amount or 0)
        found.append((said.at, money_scope(said.currency or ""), money))
        first = day_start(said.at, rules.zone)
        years.append((first, days_later(first, YEAR_DAYS, rules.zone)))
    both = [(later[0], earlier[1]) for earlier, later in pairwise(years) if later[0] < earlier[1]]
    return found + _level(_C["buyers"], years) + _level(_C["repeat_buyers"], both)


def _level(code: int, times: Iterable[tuple[int, int]]) -> list[Stamp]:
    """A level that is 1 in these times, which ascend and may overlap."""
    merged: Days = []
    for first, until in times:
        if merged and first <= merged[-1][1]:
            merged[-1] = merged[-1][0], until
        else:
            merged.append((first, until))
    return [stamp for first, until in merged for stamp in ((first, YEAR, (code, 1)), (until, YEAR, (code, -1)))]
