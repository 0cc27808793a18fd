"""What customers do afterwards: try again, come back on another channel, answer surveys, buy, complain."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.simulator.center import Center
    from stream.simulator.contact import Contact
    from stream.simulator.line import Line

RETURNS = {True: 0.04, False: 0.6, None: 0.12}
TURN_TO = {
    "phone": (("phone", 0.7), ("chat", 0.2), ("email", 0.1)),
    "video": (("video", 0.5), ("phone", 0.5)),
    "chat": (("chat", 0.4), ("phone", 0.6)),
    "email": (("email", 0.5), ("phone", 0.4), ("social", 0.1)),
    "social": (("social", 0.5), ("phone", 0.3), ("chat", 0.2)),
}
"""Channel of the first contact → where the next one about the same matter arrives, with shares."""
ATTEMPTS = 4
MONTH_SECONDS = 30 * 86_400


class Habits:
    """The customers as a crowd: who they are and what follows a contact."""

    def __init__(self, center: Center) -> None:
        self._center = center
        self._world = center.world
        self._profile = center.world.profile
        self._orders = 0
        self._identified: set[str] = set()

    def somebody(self) -> str | None:
        """A customer's id, an alias of one who was not recognized, or None."""
        rng = self._world.rng
        if rng.random() < self._profile.unidentified:
            return None
        number = int(rng.random() * self._center.customers)
        customer = f"c-{number:06d}"
        if self._profile.habits and number % 29 == 0:
            alias = f"tel:+39055{number:07d}"
            if customer not in self._identified:
                self._identified.add(customer)
                self._soon(rng.uniform(60, 3600), lambda: self._tell(customer, "identified", aliases=[alias]))
            return alias
        return customer

    def lost(self, contact: Contact, line: Line) -> None:
        """Left without an answer: most try again within minutes, some elsewhere."""
        if self._profile.habits and self._world.chance(0.6):
            self._return(contact, line, median=240, same=0.75)

    def call_back(self, contact: Contact, line: Line) -> None:
        """The center keeps its promise within minutes."""
        center, attempt = self._center, contact.attempt
        self._soon(
            self._world.rng.uniform(180, 1200),
            lambda: center.reach(line, contact.customer, contact.reason, attempt, "callback"),
        )

    def after(self, contact: Contact, line: Line, waited: float, *, resolved: bool | None) -> None:
        """What follows a contact that was served; `waited` in seconds."""
        if not self._profile.habits or contact.customer is None:
            return
        world, customer = self._world, contact.customer
        if world.chance(RETURNS[resolved]):
            self._return(contact, line, median=1500, same=0.0)
        if ":" in customer:
            return
        self._center.errands.served(customer, resolved=resolved)
        if world.chance(0.12):
            self._survey(customer, contact, waited, resolved=resolved)
        if resolved is False and world.chance(0.05):
            self._soon(
                world.rng.uniform(60, 1800),
                lambda: self._tell(customer, "complained", about=contact.reason, channel=contact.channel),
            )
        if line.queue.name == "sales" and resolved and world.chance(0.3):
            self._soon(world.rng.uniform(30, 1200), lambda: self._buy(customer))

    def _survey(self, customer: str, contact: Contact, waited: float, *, resolved: bool | None) -> None:
        rng = self._world.rng
        mood = rng.gauss(0.78 if resolved else 0.4, 0.2) - min(0.3, waited / 900)
        mood = min(1.0, max(0.0, mood))
        survey, low, high = rng.choice((("csat", 1, 5), ("nps", 0, 10), ("ces", 1, 7)))
        score = low + round(mood * (high - low))
        told: dict[str, object] = {
            "survey": survey,
            "score": score,
            "interaction_id": contact.id,
            "channel": contact.channel,
        }
        if rng.random() < 0.3:
            told["resolved"] = bool(resolved)
        self._soon(rng.uniform(30, 900), lambda: self._tell(customer, "survey_answered", **told))

    def _buy(self, customer: str) -> None:
        rng = self._world.rng
        self._orders += 1
        order = f"o-{self._world.run}-{self._orders}"
        amount = round(rng.lognormvariate(math.log(6000), 0.7))
        self._tell(customer, "purchased", order_id=order, amount=amount, currency="EUR")
        self._center.errands.bought(customer)
        if rng.random() < 0.05:
            self._soon(rng.uniform(1, 20) * 86_400, lambda: self._tell(customer, "returned", order_id=order))

    def _return(self, contact: Contact, line: Line, *, median: float, same: float) -> None:
        rng, center = self._world.rng, self._center
        if contact.customer is None or contact.attempt >= ATTEMPTS:
            return
        if rng.random() < same:
            target = line
        else:
            channels, shares = zip(*TURN_TO[contact.channel], strict=True)
            target = center.line_of(rng.choices(channels, shares)[0], line)
        seconds = min(5 * 86_400.0, max(90.0, rng.lognormvariate(math.log(median), 1.2)))
        customer, reason, attempt = contact.customer, contact.reason, contact.attempt + 1
        if rng.random() < 0.2:
            reason = None
        self._soon(seconds, lambda: center.reach(target, customer, reason, attempt))

    def _tell(self, customer: str, kind: str, **data: object) -> None:
        self._world.journal.customer(customer, kind, **data)

    def _soon(self, seconds: float, act: Callable[[], None]) -> None:
        self._world.later(seconds * 1000, act)
