"""Customer segments at an instant: what the customer's facts up to then say.

Told: the latest `segment` of `customer.updated`, one of a closed list (setting), else `other`. Built in: `new`, first
known of within 90 days; `returning`, two orders or more in 365 days; `high_value`, orders of so much in 365 days, in
any one currency (setting; what came back is not taken off); `at_risk`, a detractor, a complaint or trouble of a new
member within 30 days (`risks`). Both ends of these spans are in them. A customer may be in several, or in none.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate

from stream.core.customers.person import Person
from stream.core.customers.phases import first_purchases
from stream.core.customers.risks import RISK_MS, risks
from stream.core.customers.touchpoints import listed
from stream.core.rules import DAY, Rules

BUILT_IN = ("new", "returning", "high_value", "at_risk")
NEW_MS, YEAR_MS = 90 * DAY, 365 * DAY
RETURNING = 2


class Groups:
    """The segments of one customer. `_edges`: the instants at which they may change; `_known`: those between two."""

    __slots__ = ("_edges", "_first_at", "_known", "_orders", "_risks", "_spent", "_told")

    def __init__(self, person: Person, rules: Rules) -> None:
        self._first_at = person.known_since
        self._edges = [self._first_at, self._first_at + NEW_MS + 1]
        self._known: dict[int, tuple[str, ...]] = {}
        self._orders: list[int] = []
        self._spent: list[tuple[int, list[int], list[int]]] = []
        self._risks: list[int] = []
        self._told: list[tuple[int, str]] = []
        if person.said:
            self._hear(person, rules)

    def _hear(self, person: Person, rules: Rules) -> None:
        bought = first_purchases(person)
        self._orders = [said.at for said in bought]
        for currency, least in rules.high_value.items() if bought else ():
            own = [said for said in bought if said.currency == currency]
            if own:
                sums = [0, *accumulate(said.amount or 0 for said in own)]
                self._spent.append((least, [said.at for said in own], sums))
        self._risks = sorted(risk.at for risk in risks(person))
        self._told = [(said.at, listed(said.name, rules.segments)) for said in person.events("updated") if said.name]
        edges = self._edges
        for instants, lasts in ((self._orders, YEAR_MS), (self._risks, RISK_MS)):
            edges += instants
            edges += [at + lasts + 1 for at in instants]
        edges += [at for at, _ in self._told]
        edges.sort()

    def at(self, instant: int) -> tuple[str, ...]:
        """The segments at an instant (ms), by name."""
        place = bisect_right(self._edges, instant)
        known = self._known.get(place)
        if known is None:
            known = self._known[place] = self._at(instant)
        return known

    def _at(self, instant: int) -> tuple[str, ...]:
        found = ["new"] if instant - self._first_at <= NEW_MS else []
        orders, year = self._orders, instant - YEAR_MS
        if orders and bisect_right(orders, instant) - bisect_left(orders, year) >= RETURNING:
            found.append("returning")
        for least, ats, sums in self._spent:
            if sums[bisect_right(ats, instant)] - sums[bisect_left(ats, year)] >= least:
                found.append("high_value")
                break
        place = bisect_right(self._risks, instant)
        if place and instant - self._risks[place - 1] <= RISK_MS:
            found.append("at_risk")
        told = bisect_right(self._told, instant, key=lambda each: each[0])
        if told:
            found.append(self._told[told - 1][1])
        return tuple(sorted(found))
