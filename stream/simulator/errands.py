"""What customers do beside contacting us: look at the site first, buy, get an invoice and a parcel, say how it was.

Has a source of chance of its own, so that contacts do not depend on it.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stream.simulator.center import Center

DAY_SECONDS = 86_400
BUSINESS = 6
"""Every so manieth customer is a business."""
LOOKS_FIRST = 0.3
REVIEWS = 0.02
OUTCOMES = {
    "site": (("failed", 0.5), ("completed", 0.3), ("cancelled", 0.2)),
    "app": (("failed", 0.4), ("completed", 0.5), ("cancelled", 0.1)),
    "invoice": (("paid", 0.93), ("unpaid", 0.07)),
    "delivery": (("completed", 0.86), ("late", 0.1), ("failed", 0.04)),
}
"""Touchpoint → how it ends, with shares."""


class Errands:
    """The customers as a crowd, away from the phone."""

    def __init__(self, center: Center) -> None:
        self._center = center
        self._world = center.world
        self._rng = random.Random(f"errands {center.world.run}")
        self._known: set[str] = set()
        self._members: set[str] = set()

    def before(self, customer: str | None, reach: Callable[[], None]) -> None:
        """Somebody has a matter: some look on the site or in the app first, and reach us minutes later."""
        rng = self._rng
        if not self._world.profile.habits or customer is None or ":" in customer or rng.random() > LOOKS_FIRST:
            reach()
            return
        if customer not in self._known:
            self._known.add(customer)
            business = int(customer.removeprefix("c-")) % BUSINESS == 0
            self._tell(customer, "updated", segment="business" if business else "private")
        self._touch(customer, rng.choice(("site", "site", "app")))
        self._soon(rng.uniform(60, 900), reach)

    def bought(self, customer: str) -> None:
        """After an order: an invoice, a parcel, and what follows when it is late."""
        if customer not in self._members:
            self._members.add(customer)
            self._tell(customer, "joined")
        rng = self._rng
        self._soon(rng.uniform(120, 3600), lambda: self._bill(customer))
        self._soon(rng.uniform(0.5, 3) * DAY_SECONDS, lambda: self._deliver(customer))

    def served(self, customer: str, *, resolved: bool | None) -> None:
        """After a contact some write a review; members who were not helped may leave."""
        rng = self._rng
        if rng.random() < REVIEWS:
            rating = max(1, min(5, round(rng.gauss(1.8 if resolved is False else 4, 1))))
            self._soon(rng.uniform(300, 7200), lambda: self._tell(customer, "reviewed", rating=rating, site="stars"))
        if resolved is False and customer in self._members and rng.random() < 0.1:
            self._members.discard(customer)
            self._soon(rng.uniform(0.1, 10) * DAY_SECONDS, lambda: self._tell(customer, "left"))

    def _bill(self, customer: str) -> None:
        self._touch(customer, "invoice")

    def _deliver(self, customer: str) -> None:
        outcome, rng = self._touch(customer, "delivery"), self._rng
        if outcome == "completed":
            return
        if rng.random() < 0.25:
            self._soon(rng.uniform(600, 7200), lambda: self._tell(customer, "complained", about="delivery"))
        if rng.random() < 0.5:
            line = rng.choice(self._center.lines)
            self._soon(rng.uniform(600, 7200), lambda: self._center.reach(line, customer, "delivery"))

    def _touch(self, customer: str, touchpoint: str) -> str:
        outcome = self._one_of(OUTCOMES[touchpoint])
        self._tell(customer, "touched", touchpoint=touchpoint, outcome=outcome)
        return outcome

    def _one_of(self, shares: Sequence[tuple[str, float]]) -> str:
        words, weights = zip(*shares, strict=True)
        found: str = self._rng.choices(words, weights)[0]
        return found

    def _tell(self, customer: str, kind: str, **data: object) -> None:
        self._world.journal.customer(customer, kind, **data)

    def _soon(self, seconds: float, act: Callable[[], None]) -> None:
        self._world.later(seconds * 1000, act)
