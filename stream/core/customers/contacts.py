"""First-contact resolution: which interactions of one customer are first contacts, and which of these stood.

Definition (contract, section 4): an inbound, served interaction is a *first contact* when no other served inbound
interaction of the customer, on any channel, ended in the repeat window before its start with a matching reason (equal,
or missing on either side). It is resolved unless `resolved` is false, a matching inbound interaction, served or not,
starts in the repeat window after its end, or it is reopened in it. Both ends of the window are included. An
interaction that was closed several times has several ends, and each of them counts; the stamp is the first.
"""

from __future__ import annotations

from msgspec import Struct

from stream.core.customers.journey import Journey

Key = tuple[str, str]
"""(channel, interaction_id)."""


class Contact(Struct, frozen=True):
    """A first contact: `at` its first end, in ms; `repeated`: somebody had to come back, or it was reopened."""

    key: Key
    at: int
    resolved: bool
    repeated: bool


def first_contacts(journey: Journey) -> list[Contact]:
    """The first contacts among one customer's interactions."""
    found = []
    for i, d in enumerate(journey.inbound):
        if d.served and d.ended_at and not journey.repeats[i]:
            repeated = journey.is_followed(i)
            resolved = d.resolved is not False and not repeated
            found.append(Contact((d.channel, d.interaction_id), d.ended_at[0], resolved, repeated))
    return found
