"""What contacts are about: of each reason, on its channel, how many, how long, how often in vain, and how it was felt.

Only of inbound interactions with a customer, and with a reason: no other is here. Each counts at its start, its work
and whether it was a first contact at its first end; a repeat also for the reason of the contact that was not enough. An
answer about satisfaction counts for the reason of its interaction. A complaint counts for the latest contact of the 30
days before it that has the reason it is said to be `about`, else for the latest with a reason of the 24 hours before.
"""

from __future__ import annotations

from schemas.events import Digest, Said
from stream.core.customers.contacts import first_contacts
from stream.core.customers.person import Person
from stream.core.customers.surveys import about, counted
from stream.core.measures import CODES
from stream.core.rules import DAY, HOUR, Rules
from stream.core.scope import reason_scope
from stream.core.stage import Stamp

ABOUT_MS, SOON_MS = 30 * DAY, 24 * HOUR
_C = CODES


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
        again = () if cause is None else (_C["repeats"], 1)
        found += _stamp(d.started_at, d, (_C["identified"], 1, *again))
        if d.ended_at and d.reason is not None:
            done: tuple[int, ...] = (_C["handled"], d.handled, _C["handle_ms"], d.handle_ms) if d.handled else ()
            first = firsts.get((d.channel, d.interaction_id))
            if first is not None:
                done += (_C["first_contacts"], 1)
                done += (_C["resolved_contacts"], 1) if first.resolved else ()
                done += (_C["repeated_contacts"], 1) if first.repeated else ()
            if done:
                found += _stamp(d.ended_at[0], d, done)
    for said in person.events("survey_answered"):
        if said.survey == "csat" and said.score is not None and said.interaction_id is not None:
            found += _stamp(said.at, about(said, journey.inbound), counted("csat", said.score))
    for said in person.events("complained"):
        found += _stamp(said.at, complained_of(said, journey.inbound), (_C["complaints"], 1))
    return found


def complained_of(said: Said, inbound: list[Digest]) -> Digest | None:
    """The contact that a complaint is about, among those by start; None when there is none."""
    near = [d for d in inbound if 0 <= said.at - d.started_at <= ABOUT_MS and d.reason is not None]
    named = [d for d in near if d.reason == said.name]
    return next(reversed(named or [d for d in near if said.at - d.started_at <= SOON_MS]), None)


def _stamp(at: int, of: Digest | None, increments: tuple[int, ...]) -> list[Stamp]:
    return [] if of is None or of.reason is None else [(at, reason_scope(of.channel, of.reason), increments)]
