"""Surveys: what customers answer, where it counts, and for whom.

Every answer counts once, inbound, at its instant: for its channel, else for that of its interaction, else for no
channel; and again beside that, for the queue and for the agent who had that interaction last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemas.events import Digest, Said
from stream.core.customers.person import Person
from stream.core.measures import CODES
from stream.core.rules import Rules
from stream.core.scope import CUSTOMERS, agent_scope, channel_scope, survey_scope
from stream.core.stage import Stamp

_C = CODES
_PROMOTES, _DETRACTS, _SATISFIED = 9, 6, 4
"""The least that promotes, the most that detracts (0 to 10), the least that is satisfied (1 to 5)."""


def counted(survey: str, score: int) -> tuple[int, ...]:
    """What one answer counts.

    >>> counted("nps", 9) == (_C["nps_answers"], 1, _C["nps_promoters"], 1), len(counted("nps", 7))
    (True, 2)
    >>> counted("csat", 3) == (_C["csat_answers"], 1, _C["csat_sum"], 3, _C["csat_squares"], 9)
    True
    """
    found: tuple[int, ...] = (_C[f"{survey}_answers"], 1)
    if survey == "nps":
        if score >= _PROMOTES:
            return (*found, _C["nps_promoters"], 1)
        return (*found, _C["nps_detractors"], 1) if score <= _DETRACTS else found
    if survey == "csat" and score >= _SATISFIED:
        found += (_C["csat_satisfied"], 1)
    return (*found, _C[f"{survey}_sum"], score, _C[f"{survey}_squares"], score * score)


def about(said: Said, digests: list[Digest]) -> Digest | None:
    """The interaction that an answer is about: that of its id, on its channel if it tells one, else the last begun."""
    own = [d for d in digests if d.interaction_id == said.interaction_id and said.channel in (None, d.channel)]
    return max(own, key=lambda d: (d.started_at, d.channel), default=None)


def located(events: Iterable[Said], digests: list[Digest]) -> Iterator[tuple[Digest | None, list[Stamp]]]:
    """Of every answer the interaction that it is about, and where it counts."""
    for said in events:
        if said.survey is None or said.score is None:
            continue
        increments = counted(said.survey, said.score)
        of = None if said.interaction_id is None else about(said, digests)
        channel = said.channel if of is None else of.channel
        found: list[Stamp] = [
            (said.at, CUSTOMERS if channel is None else channel_scope(channel, inbound=True), increments)
        ]
        if of is not None and of.queue is not None:
            found.append((said.at, survey_scope(of.channel, of.queue), increments))
        if of is not None and of.agent_id is not None:
            found.append((said.at, agent_scope(of.channel, inbound=True, agent_id=of.agent_id), increments))
        yield of, found


def stamps(person: Person, rules: Rules) -> list[Stamp]:  # noqa: ARG001 - as all parts have it
    """Every answer, where it counts."""
    return [stamp for _, found in located(person.events("survey_answered"), person.journey.all) for stamp in found]
