"""A set of facts -> the life that follows from it, whatever the order in which they were heard.

Who, why, which way, and late words on queues and starts are known only at the end and hold from the beginning: where
they matter, the facts are walked a second time.
"""

from __future__ import annotations

from stream.core.interactions.fact import UPDATED, Fact
from stream.core.interactions.life import Life
from stream.core.interactions.order import in_order
from stream.core.rules import Rules


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
        changed = False
        late = f.kind == UPDATED
        if f.customer_id is not None and (late or f.customer_id != self.customer_id):
            changed |= self._set("customer_id", f.customer_id, late)
        if f.direction is not None and (late or f.direction != self.direction):
            changed |= self._set("direction", f.direction, late)
        if f.initiation is not None and (late or f.initiation != self.initiation):
            changed |= self._set("initiation", f.initiation, late)
        if f.reason is not None and (late or f.reason != self.reason):
            changed |= self._set("reason", f.reason, late)
        return changed

    def _set(self, name: str, value: str, late: bool) -> bool:
        if late:
            self.updated |= {name}
        elif name in self.updated:
            return False
        if getattr(self, name) == value:
            return False
        setattr(self, name, value)
        self.inbound = self.direction != "outbound" or self.initiation == "callback"
        return True


def fold(facts: list[Fact], channel: str, rules: Rules) -> tuple[Life, Told]:
    """The life of a set of facts, from scratch. Pure; the order of `facts` does not matter."""
    life, told = _walk(facts, Life(channel, rules, inbound=True))
    if life.told_queues or life.started_late_at is not None or not told.inbound:
        queues, started_at = life.told_queues, life.started_late_at
        life, told = _walk(facts, Life(channel, rules, inbound=told.inbound, queues=queues, started_at=started_at))
    return life, told


def _walk(facts: list[Fact], life: Life) -> tuple[Life, Told]:
    told = Told()
    for f in in_order(facts, life.phase):
        told.tell(f)
        life.step(f)
    return life, told
