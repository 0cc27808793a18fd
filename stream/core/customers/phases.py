"""Whether something happened before, during or after a purchase: from the customer's nearest order."""

from __future__ import annotations

from bisect import bisect_left

from schemas.events import Said
from stream.core.customers.person import Person
from stream.core.rules import DAY, HOUR

DURING_MS = HOUR
NEAR_MS = 30 * DAY


def first_purchases(person: Person) -> list[Said]:
    """Each order's purchase, in order of time: the first one told."""
    found: dict[str | None, Said] = {}
    for said in person.events("purchased"):
        found.setdefault(said.order_id, said)
    return list(found.values())


class Phases:
    """The phases of instants, beside these orders (ms, ascending)."""

    __slots__ = ("_orders",)

    def __init__(self, orders: list[int]) -> None:
        self._orders = orders

    def at(self, instant: int) -> str | None:
        """The phase of the nearest order, of two as near the earlier; None when none is within 30 days.

        >>> phases = Phases([100 * DAY])
        >>> [phases.at(100 * DAY + after) for after in (-NEAR_MS - 1, -NEAR_MS, -HOUR - 1, -HOUR, HOUR, HOUR + 1)]
        [None, 'before', 'before', 'during', 'during', 'after']
        """
        if not self._orders:
            return None
        place = bisect_left(self._orders, instant)
        near = self._orders[max(place - 1, 0) : place + 1]
        after = min((instant - order for order in near), key=abs)
        if abs(after) <= DURING_MS:
            return "during"
        if abs(after) > NEAR_MS:
            return None
        return "after" if after > 0 else "before"
