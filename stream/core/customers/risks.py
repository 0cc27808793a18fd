"""Why a customer may leave: who would not recommend us, who complained, and trouble in the first days as a customer.

`detractor`: an NPS of 6 or less. `complaint`: any. `early_churn`: a member who, within 90 days after joining,
complained, gave a low score, sent an order back or had to come back; once a joining, at the first of these.
"""

from __future__ import annotations

from typing import NamedTuple

from schemas.events import Said
from stream.core.customers.person import Person
from stream.core.rules import DAY

EARLY_MS = 90 * DAY
RISK_MS = 30 * DAY
"""How long any of this puts a customer at risk, both ends included."""
DETRACTOR = 6
LOW_SCORES = {"nps": DETRACTOR, "csat": 2, "ces": 3}
"""The highest score of each survey that is low."""


class Risk(NamedTuple):
    """One reason, from an instant (ms) on. `said`: the event, of early churn the joining; `signal`: the trouble."""

    why: str
    at: int
    said: Said
    signal: str | None = None


def is_low(said: Said) -> bool:
    """Whether an answer to a survey is a bad one.

    >>> [is_low(Said("survey_answered", 5, "s", "1", 0, survey, 3)) for survey in ("nps", "csat", "ces")]
    [True, False, True]
    """
    return said.survey is not None and said.score is not None and said.score <= LOW_SCORES[said.survey]


def risks(person: Person) -> list[Risk]:
    """All that has ever put this customer at risk, by kind."""
    found = [Risk("detractor", one.at, one) for one in person.events("survey_answered") if _detracts(one)]
    found += [Risk("complaint", one.at, one) for one in person.events("complained")]
    return found + early_churn(person)


def standing(found: list[Risk], now: int) -> list[str]:
    """Of these the kinds that put the customer at risk now, each once."""
    return list(dict.fromkeys(risk.why for risk in found if 0 <= now - risk.at <= RISK_MS))


def early_churn(person: Person) -> list[Risk]:
    """Of each joining the first trouble within 90 days, while they are a member."""
    joinings = person.events("joined")
    if not joinings:
        return []
    trouble, found = _trouble(person), []
    changes = sorted(joinings + person.events("left"), key=_order)
    member = False
    for n, one in enumerate(changes):
        joins = one.kind == "joined" and not member
        member = one.kind == "joined"
        if joins:
            gone = next((later.at for later in changes[n + 1 :] if later.kind == "left"), one.at + EARLY_MS + 1)
            last = min(one.at + EARLY_MS, gone - 1)
            first = next(((at, signal) for at, signal in trouble if one.at <= at <= last), None)
            if first is not None:
                found.append(Risk("early_churn", first[0], one, first[1]))
    return found


def _trouble(person: Person) -> list[tuple[int, str]]:
    found = [(one.at, "complaint") for one in person.events("complained")]
    found += [(one.at, "low_score") for one in person.events("survey_answered") if is_low(one)]
    found += [(one.at, "returned") for one in person.events("returned")]
    journey = person.journey
    again = zip(journey.inbound, journey.causes, strict=True)
    found += [(d.started_at, "repeat_contact") for d, cause in again if cause is not None]
    return sorted(found)


def _detracts(said: Said) -> bool:
    return said.survey == "nps" and is_low(said)


def _order(one: Said) -> tuple[int, bool, str, str]:
    """Of one instant a joining comes before a leaving."""
    return one.at, one.kind == "left", one.source, one.id
