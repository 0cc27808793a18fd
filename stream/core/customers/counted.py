"""All that a customer counts: each module of this package says its part, as a function of the person alone."""

from __future__ import annotations

from collections.abc import Callable

from stream.core.customers import contacts, journeys, members, orders, reasons, surveys, voices
from stream.core.customers.person import Person
from stream.core.rules import Rules
from stream.core.stage import Stamp

PARTS: tuple[Callable[[Person, Rules], list[Stamp]], ...] = (
    contacts.stamps,
    surveys.stamps,
    voices.stamps,
    members.stamps,
    orders.stamps,
    journeys.stamps,
    reasons.stamps,
)


def stamps_of(person: Person, rules: Rules) -> list[Stamp]:
    """All stamps of a customer."""
    return [stamp for part in PARTS for stamp in part(person, rules)]
