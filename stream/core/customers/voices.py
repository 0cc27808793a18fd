"""What customers say unasked: complaints, for the channel on which they were made, and reviews, for none."""

from __future__ import annotations

from stream.core.customers.person import Person
from stream.core.measures import CODES
from stream.core.rules import Rules
from stream.core.scope import CUSTOMERS, channel_scope
from stream.core.stage import Stamp

_C = CODES
_BAD = 2
"""The most stars, of 1 to 5, that are a bad review."""


def stamps(person: Person, rules: Rules) -> list[Stamp]:  # noqa: ARG001 - as all parts have it
    """Complaints, those made in public among them, and reviews."""
    found: list[Stamp] = []
    for said in person.events("complained"):
        scope = CUSTOMERS if said.channel is None else channel_scope(said.channel, inbound=True)
        public = (_C["public_complaints"], 1) if said.flag else ()
        found.append((said.at, scope, (_C["complaints"], 1, *public)))
    for said in person.events("reviewed"):
        if said.score is not None:
            stars = (_C["reviews_sum"], said.score, _C["reviews_squares"], said.score * said.score)
            bad = (_C["bad_reviews"], 1) if said.score <= _BAD else ()
            found.append((said.at, CUSTOMERS, (_C["reviews"], 1, *stars, *bad)))
    return found
