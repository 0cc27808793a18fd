"""First-contact resolution: which interactions of one customer are first contacts, and which of these stood.

Definition (contract, section 4): an inbound, served interaction is a *first contact* when no other served inbound
interaction of the customer, on any channel, ended in the repeat window before its start with a matching reason (equal,
or missing on either side). It is resolved unless `resolved` is false, a matching inbound interaction, served or not,
starts in the repeat window after its end, or it is reopened in it. Both ends of the window are included. An
interaction that was closed several times has several ends, and each of them counts; the stamp is the first. What the
customer has last answered in a survey about it is stronger than all that: it says whether it was resolved. Whoever had
to come back is a repeat, also of a contact that counts as resolved.
"""

from __future__ import annotations

from msgspec import Struct

from stream.core.customers.person import Person
from stream.core.measures import CODES
from stream.core.rules import DAY, Rules
from stream.core.scope import agent_scope, channel_scope, scope
from stream.core.stage import Stamp

CONTAINED_MS = DAY
"""How long after the bot's end nobody may hear of the customer."""
_FIRST, _RESOLVED, _REPEATED = CODES["first_contacts"], CODES["resolved_contacts"], CODES["repeated_contacts"]
_CAUSED = CODES["repeats_caused"]
ALONE = (CODES["identified"], 1)
AGAIN = (*ALONE, CODES["repeats"], 1)
CONTAINED = (CODES["bot_contained"], 1)
COUNTED = {
    (resolved, repeated): (_FIRST, 1, *((_RESOLVED, 1) if resolved else ()), *((_REPEATED, 1) if repeated else ()))
    for resolved in (False, True)
    for repeated in (False, True)
}
"""What a first contact counts, by whether it is resolved, and repeated."""
Key = tuple[str, str]
"""(channel, interaction_id)."""


class Contact(Struct, frozen=True):
    """A first contact: `at` its first end, in ms; `repeated`: somebody had to come back, or it was reopened.

    `agent_id`: the last who was on; None: a bot alone.
    """

    key: Key
    at: int
    resolved: bool
    repeated: bool
    agent_id: str | None = None


def answers(person: Person) -> dict[tuple[str | None, str], tuple[int, bool]]:
    """Whether interactions were resolved, say surveys: (channel or None, id) -> (how late, the latest answer)."""
    found: dict[tuple[str | None, str], tuple[int, bool]] = {}
    for number, said in enumerate(person.events("survey_answered")):
        if said.interaction_id is not None and said.flag is not None:
            found[said.channel, said.interaction_id] = number, said.flag
    return found


def first_contacts(person: Person) -> list[Contact]:
    """The first contacts among one customer's interactions."""
    if person.contacts is None:
        person.contacts = _first_contacts(person)
    return person.contacts


def _first_contacts(person: Person) -> list[Contact]:
    journey, told, found = person.journey, answers(person), []
    for i, d in enumerate(journey.inbound):
        if d.served and d.ended_at and not journey.repeats[i]:
            repeated = journey.is_followed(i)
            resolved = d.resolved is not False and not repeated
            if told:
                of_it = (told.get((channel, d.interaction_id), (-1, resolved)) for channel in (d.channel, None))
                resolved = max(of_it, key=lambda answer: answer[0])[1]
            found.append(Contact((d.channel, d.interaction_id), d.ended_at[0], resolved, repeated, d.agent_id))
    return found


def stamps_of(contact: Contact) -> list[Stamp]:
    """What a first contact counts: on its own channel, at its first end; beside that, for its agent."""
    increments = COUNTED[contact.resolved, contact.repeated]
    channel, agent_id = contact.key[0], contact.agent_id
    found: list[Stamp] = [(contact.at, channel_scope(channel, inbound=True), increments)]
    if agent_id is not None:
        found.append((contact.at, agent_scope(channel, inbound=True, agent_id=agent_id), increments))
    return found


def stamps(person: Person, rules: Rules) -> list[Stamp]:  # noqa: ARG001 - as all parts have it
    """First contacts; each inbound interaction at its start, and of which one it is a repeat; what bots have contained.

    A repeat is counted on its own channel, and then by the queue of the contact that had not been enough.
    """
    journey = person.journey
    found = [stamp for contact in first_contacts(person) for stamp in stamps_of(contact)]
    for d, cause in zip(journey.inbound, journey.causes, strict=True):
        found.append((d.started_at, channel_scope(d.channel, inbound=True), ALONE if cause is None else AGAIN))
        if cause is not None:
            first = journey.inbound[cause]
            found.append((d.started_at, scope(first.channel, inbound=True, queue=first.queue), (_CAUSED, 1)))
    for i, d in enumerate(journey.all):
        if d.contained and d.ended_at and journey.is_left_alone(i, CONTAINED_MS):
            found.append((d.ended_at[0], channel_scope(d.channel, d.inbound), CONTAINED))
    return found
