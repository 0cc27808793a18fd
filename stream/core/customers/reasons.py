"""What contacts are about: of each reason, on its channel, how many, how long, how often in vain, and how it was felt.

Only of inbound interactions with a customer, and with a reason: no other is here. Each counts at its start, its work
and whether it was a first contact at its first end; a repeat also for the reason of the contact that was not enough. An
answer about satisfaction counts for the reason of its interaction. A complaint counts for the latest contact of the 30
days before it that has the reason it is said to be `about`, else for the latest with a reason of the 24 hours before.
"""

from __future__ import annotations

from schemas.events import Digest, Said
from stream.core.customers.contacts import AGAIN, ALONE, COUNTED, first_contacts
from stream.core.customers.person import Person
from stream.core.customers.surveys import about, counted
from stream.core.measures import CODES
from stream.core.rules import DAY, HOUR, Rules
from stream.core.scope import reason_scope
from stream.core.stage import Stamp

ABOUT_MS, SOON_MS = 30 * DAY, 24 * HOUR
_C = CODES
_HANDLED, _HANDLE_MS = CODES["handled"], CODES["handle_ms"]


def stamps(person: Person, rules: Rules) -> list[Stamp]:  # noqa: ARG001 - as all parts have it
    """All that is counted by reason."""
    journey = person.journey
    if all(d.reason is None for d in journey.inbound):
        return []
    found = []
    firsts = {contact.key: contact for contact in first_contacts(person)}
    for d, cause in zip(journey.inbound, journey.causes, strict=True):
        if cause is not None:
            found += _stamp(d.started_at, journey.inbound[cause], (_C["repeats_caused"], 1))
        found += _stamp(d.started_at, d, ALONE if cause is None else AGAIN)
        if d.ended_at and d.reason is not None:
            first = firsts.get((d.channel, d.interaction_id))
            done = worked(d)
            if first is not None:
                done += COUNTED[first.resolved, first.repeated]
            if done:
                found += _stamp(d.ended_at[0], d, done)
    for said in person.events("survey_answered"):
        if said.survey == "csat" and said.score is not None and said.interaction_id is not None:
            found += _stamp(said.at, about(said, journey.inbound), counted("csat", said.score))
    for said in person.events("complained"):
        found += _stamp(said.at, complained_of(said, journey.inbound), (_C["complaints"], 1))
    return found


def worked(d: Digest) -> tuple[int, ...]:
    """The work on an interaction, as its reason counts it."""
    return (_HANDLED, d.handled, _HANDLE_MS, d.handle_ms) if d.handled else ()


def complained_of(said: Said, inbound: list[Digest]) -> Digest | None:
    """The contact that a complaint is about, among those by start; None when there is none."""
    near = [d for d in inbound if 0 <= said.at - d.started_at <= ABOUT_MS and d.reason is not None]
    named = [d for d in near if d.reason == said.name]
    return next(reversed(named or [d for d in near if said.at - d.started_at <= SOON_MS]), None)


def _stamp(at: int, of: Digest | None, increments: tuple[int, ...]) -> list[Stamp]:
    return [] if of is None or of.reason is None else [(at, reason_scope(of.channel, of.reason), increments)]
