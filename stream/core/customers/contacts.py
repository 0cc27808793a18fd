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
from stream.core.customers.person import Person
from stream.core.measures import CODES
from stream.core.rules import DAY, Rules
from stream.core.scope import channel_scope
from stream.core.stage import Stamp

CONTAINED_MS = DAY
"""How long after the bot's end nobody may hear of the customer."""
_FIRST, _RESOLVED, _REPEATED = CODES["first_contacts"], CODES["resolved_contacts"], CODES["repeated_contacts"]
_IDENTIFIED, _REPEATS, _CONTAINED = CODES["identified"], CODES["repeats"], CODES["bot_contained"]
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


def stamp(contact: Contact) -> Stamp:
    """What a first contact counts: on its own channel, at its first end."""
    increments: tuple[int, ...] = (_FIRST, 1)
    if contact.resolved:
        increments += (_RESOLVED, 1)
    if contact.repeated:
        increments += (_REPEATED, 1)
    return contact.at, channel_scope(contact.key[0], inbound=True), increments


def stamps(person: Person, rules: Rules) -> list[Stamp]:  # noqa: ARG001 - as all parts have it
    """First contacts; each inbound interaction at its start, and whether it is a repeat; what a bot has contained."""
    journey = person.journey
    found = [stamp(contact) for contact in first_contacts(journey)]
    for d, is_repeat in zip(journey.inbound, journey.repeats, strict=True):
        repeat = (_REPEATS, 1) if is_repeat else ()
        found.append((d.started_at, channel_scope(d.channel, inbound=True), (_IDENTIFIED, 1, *repeat)))
    for i, d in enumerate(journey.all):
        if d.contained and d.ended_at and journey.is_left_alone(i, CONTAINED_MS):
            found.append((d.ended_at[0], channel_scope(d.channel, d.inbound), (_CONTAINED, 1)))
    return found
