"""The second stage: what interactions on all channels, and what customers tell, mean for one customer.

A digest replaces the one with a lower revision on the same route; a withdrawn one stays, so that what it replaced
cannot come back. What a customer counts is a function of the set of all this, whatever the order in which it came.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from schemas.events import Claimed, CustomerForgotten, Digested, Routed
from stream.core.customers import forgotten, insights, limits, routes, single
from stream.core.customers.counted import difference, stamps_of
from stream.core.customers.heard import Heard, last_of
from stream.core.customers.said import LASTING, kind_of, said
from stream.core.customers.state import OWN, Customer
from stream.core.customers.stored import FOREVER
from stream.core.rules import DAY, Rules
from stream.core.stage import Change, Output, Stamp, View


def _since(stamps: list[Stamp], at: int) -> Counter[Stamp]:
    """The stamps of an instant (ms) and later ones."""
    return Counter(stamp for stamp in stamps if stamp[0] >= at)


class Customers:
    """The stage of `customers.timeline`. See `stage.Stage`.

    `keep_ms`: of what is known; `decides_ms`: for so long something may decide what a bucket that is kept holds.
    """

    weight = 12
    pieces = None

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.quiet_ms = self.keep_ms = rules.keep_customers_ms
        self.decides_ms = rules.keep_customers_ms + rules.repeat_window_ms

    def key(self, event: Any) -> str:
        """The customer, or the alias, that an event is about."""
        return event.data.customer_id  # type: ignore[no-any-return]

    def new(self, entity_id: str) -> Customer:
        """A customer without events."""
        return Customer(entity_id)

    def load(self, entity_id: str, blob: bytes) -> Customer:
        """As `dump` wrote it."""
        state = Customer(entity_id)
        state.load(blob)
        return state

    def dump(self, state: Customer) -> bytes:
        """See `state`."""
        return state.dump()

    def apply(self, state: Customer, event: Any, now: int) -> Change:
        """Take in a digest, a customer's event, or what concerns an alias; see `stage.Stage`."""
        if isinstance(event, CustomerForgotten):
            return forgotten.forget(state, event, self.rules)
        anomaly = self._refused(state, event, now)
        if anomaly is not None:
            return Change("skipped", anomalies=(anomaly,))
        holder = state.holder()
        if not self._take(state, event):
            return Change("duplicate")
        if state.claims:
            state.stir(holder)
        late = event.at < state.last_at
        state.last_at = max(state.last_at, event.at)
        before, rules, one = state.stamps, self.rules, state.single()
        if one is None:
            person = state.person(rules.repeat_window_ms)
            state.stamps = stamps_of(person, rules)
            fresh = insights.standing_insights(person, rules, now, state.insights)
        else:
            state.stamps = single.stamps(one, state.known_since, rules)
            fresh = insights.standing_of_one(state.id, one, rules, now, state.insights)
        added, removed = difference(before, state.stamps)
        if state.first_at < now - self.decides_ms:
            self._forget(state, now)
        tell = insights.news(state, fresh, event.time, now, rules) if fresh else None
        return Change("applied", added, removed, (), late, tell)

    def _take(self, state: Customer, event: Any) -> bool:
        """Whether it says anything new."""
        revision = event.revision or 0
        if isinstance(event, Digested):
            d = event.data
            return state.hear(Heard(OWN, d.channel, d.interaction_id, revision, revision, d))
        if isinstance(event, Claimed):
            return state.take_claim(event.data, revision)
        if isinstance(event, Routed):
            return state.take_routed(event.data, revision)
        return state.tell(said(event))

    def _refused(self, state: Customer, event: Any, now: int) -> str | None:
        """Why it is not even looked at: past its keep, or one too many. An alias's shard has kept what it sends on."""
        data = event.data
        if state.forgotten_at >= 0 and forgotten.covers(state, event):
            return "forgotten"
        if isinstance(event, Claimed) or (isinstance(event, Routed) and data.withdrawn):
            return None
        oldest = now - self.keep_ms
        if isinstance(event, Digested):
            expired = data.started_at < oldest and last_of(data) < oldest
        else:
            expired = not isinstance(event, Routed) and event.at < oldest and kind_of(event) not in LASTING
        if expired:
            return "expired"
        return "too_many" if limits.is_too_many(state, event, self.rules.max_interactions) else None

    def _forget(self, state: Customer, now: int) -> None:
        """Let the past go, unless what is kept would seem to have been otherwise without it: then, tomorrow."""
        if state.first_at >= now - self.decides_ms:
            return
        since, state.known_since = state.known_since, state.person(self.rules.repeat_window_ms).known_since
        before = state.forget(now - self.decides_ms)
        stamps = self._stamps(state)
        if _since(stamps, now - self.keep_ms) == _since(state.stamps, now - self.keep_ms):
            state.stamps = stamps
        else:
            state.known_since = since
            state.recall(before, now - self.decides_ms + DAY)

    def _stamps(self, state: Customer) -> list[Stamp]:
        return stamps_of(state.person(self.rules.repeat_window_ms), self.rules)

    def elapse(self, state: Customer, now: int) -> Change:
        """Time changes no figure; it lets go what has been kept for long enough."""
        self._forget(state, now)
        return Change()

    def due_at(self, state: Customer) -> int | None:
        """When there is something to let go of one who is kept for longer than that, None never."""
        if state.first_at == FOREVER or not state.lasts():
            return None
        return state.first_at + self.decides_ms + 1

    def keep_until(self, state: Customer) -> int:
        """For so long after the last event; membership and claims, until they are forgotten."""
        return FOREVER if state.lasts() else state.last_at + self.keep_ms

    def horizon(self, now: int) -> int:  # noqa: ARG002 - as Stage has it
        """No event is too old for an unknown customer as such: who joined years ago is a member. See `_refused`."""
        return -FOREVER

    def over(self, state: Customer) -> bool:  # noqa: ARG002 - as Stage has it
        """Never: one who was heard of is heard of again."""
        return False

    def view(self, state: Customer) -> View | None:  # noqa: ARG002 - as Stage has it
        """A customer waits in no queue; their interactions do."""
        return None

    def outputs(self, state: Customer, time: datetime | None, revision: int) -> list[Output]:
        """What the shards of aliases and of their holders must hear."""
        stirred, state.stirred = state.stirred, None
        return [] if stirred is None or time is None else routes.outputs(state, stirred, time, revision)
