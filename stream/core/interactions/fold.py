"""A set of facts -> the life that follows from it, whatever the order in which they were heard.

Who, why, which way, and late words on queues and starts are known only at the end and hold from the beginning: where
they matter, the facts are walked a second time.
"""

from __future__ import annotations

from stream.core.interactions.desks import Desks
from stream.core.interactions.fact import UPDATED, Fact
from stream.core.interactions.life import Life
from stream.core.interactions.order import in_order


class Told:
    """Who, why and which way: the latest told; what `updated` tells beats the rest.

    `inbound`: an outbound interaction with initiation `callback` serves the customer who asked, and is inbound.
    """

    __slots__ = ("customer_id", "direction", "inbound", "initiation", "reason", "updated")

    def __init__(self) -> None:
        self.customer_id: str | None = None
        self.direction: str | None = None
        self.initiation: str | None = None
        self.reason: str | None = None
        self.inbound = True
        self.updated: frozenset[str] = frozenset()

    def tell(self, f: Fact) -> bool:
        """Take in what a fact, the next in order, says; whether anything is new."""
        if f.kind == UPDATED:
            return self._correct(f)
        changed, updated = False, self.updated
        if f.customer_id is not None and f.customer_id != self.customer_id and "customer_id" not in updated:
            self.customer_id, changed = f.customer_id, True
        if f.direction is not None and f.direction != self.direction and "direction" not in updated:
            self.direction, changed = f.direction, True
        if f.initiation is not None and f.initiation != self.initiation and "initiation" not in updated:
            self.initiation, changed = f.initiation, True
        if f.reason is not None and f.reason != self.reason and "reason" not in updated:
            self.reason, changed = f.reason, True
        if changed:
            self.inbound = self.direction != "outbound" or self.initiation == "callback"
        return changed

    def _correct(self, f: Fact) -> bool:
        before = self.customer_id, self.direction, self.initiation, self.reason
        told = (
            ("customer_id", f.customer_id), ("direction", f.direction), ("initiation", f.initiation),
            ("reason", f.reason),
        )  # fmt: skip
        for name, value in told:
            if value is not None:
                self.updated |= {name}
                setattr(self, name, value)
        self.inbound = self.direction != "outbound" or self.initiation == "callback"
        return before != (self.customer_id, self.direction, self.initiation, self.reason)


def fold(facts: list[Fact], desks: Desks) -> tuple[Life, Told]:
    """The life of a set of facts, from scratch. Pure; the order of `facts` does not matter."""
    life, told = _walk(facts, Life(desks.of(True)))
    if life.told_queues or life.started_late_at is not None or not told.inbound:
        queues, started_at = life.told_queues, life.started_late_at
        life, told = _walk(facts, Life(desks.of(told.inbound), queues, started_at))
    return life, told


def _walk(facts: list[Fact], life: Life) -> tuple[Life, Told]:
    told = Told()
    for f in in_order(facts, life.phase):
        told.tell(f)
        life.step(f)
    return life, told
