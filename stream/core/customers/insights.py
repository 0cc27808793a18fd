"""What is told of a customer while it can still be acted on: which insights stand, and which are new.

All of them are functions of the person alone. An insight is named by what it is about, so it is told once, whatever
the order in which its causes came; what was told is remembered with the state, and nothing is told of what lies more
than a day behind the stream time: nobody would act on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

import msgspec

from schemas.events import Digest
from schemas.insights import (
    AtRisk,
    AtRiskData,
    Contact,
    ContextData,
    CustomerContext,
    Insight,
    InsightData,
    RepeatContact,
    RepeatData,
    Score,
)
from stream.core.customers.matter import earlier_contacts, is_open, issue
from stream.core.customers.person import Person
from stream.core.customers.risks import Risk, risks, standing
from stream.core.customers.state import Customer
from stream.core.rules import DAY, Rules
from stream.core.stage import Output

TOPIC = "customers.insights"
FRESH_MS = DAY
REMEMBERED_MS = 35 * DAY
MOST_EARLIER = 20
_EPOCH, _MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
_encode = msgspec.json.Encoder().encode


class Standing(NamedTuple):
    """An insight that stands since an instant (ms); `data` makes its content."""

    id: str
    at: int
    kind: type[Insight]
    data: Callable[[], InsightData]


def standing_insights(person: Person, rules: Rules, now: int) -> Iterator[Standing]:
    """The insights that stand, of those that are not older than a day."""
    oldest = now - FRESH_MS
    journey = person.journey
    for i in range(len(journey.inbound) - 1, -1, -1):
        d = journey.inbound[i]
        if d.started_at < oldest:
            break
        about = f"{d.channel}/{d.interaction_id}/{person.id}"
        yield Standing(f"context/{about}", d.started_at, CustomerContext, partial(_context, person, i, now, rules))
        if journey.causes[i] is not None:
            yield Standing(f"repeat/{about}", d.started_at, RepeatContact, partial(_repeat, person, i, now, rules))
    if person.said:
        for risk in risks(person):
            if risk.at >= oldest:
                name = f"at_risk/{risk.why}/{risk.said.source}/{risk.said.id}/{person.id}"
                yield Standing(name, risk.at, AtRisk, partial(_at_risk, person, risk))


def news(
    state: Customer, person: Person, time: datetime, now: int, rules: Rules
) -> Callable[[int], list[Output]] | None:
    """What has not been told yet, to be sent once the offset of the record is known that caused it; None: nothing.

    Remembers it as told. `time`: that of the record's event.
    """
    fresh = [one for one in standing_insights(person, rules, now) if one.id not in state.insights]
    if not fresh:
        return None
    told = state.insights
    if told and next(iter(told.values())) < now - REMEMBERED_MS:
        state.insights = told = {name: at for name, at in told.items() if at >= now - REMEMBERED_MS}
    found = []
    for one in sorted(fresh, key=lambda one: (one.at, one.id)):
        told[one.id] = one.at
        found.append(one.kind(id=one.id, source="centralino", specversion="1.0", time=time, data=one.data()))  # type: ignore[arg-type]
    return partial(_outputs, person.id.encode(), found)


def _outputs(key: bytes, found: list[Insight], revision: int) -> list[Output]:
    return [Output(TOPIC, key, _encode(msgspec.structs.replace(one, revision=revision))) for one in found]


def _context(person: Person, i: int, now: int, rules: Rules) -> ContextData:
    journey = person.journey
    d = journey.inbound[i]
    earlier = earlier_contacts(journey, i, now, rules)
    latest = {one.survey: one for one in person.events("survey_answered") if one.survey and one.score is not None}
    orders = {one.order_id: one.at for one in reversed(person.events("purchased"))}
    return ContextData(
        customer_id=person.id, channel=d.channel, interaction_id=d.interaction_id, started_at=moment(d.started_at),
        contact=len(earlier) + 1, repeat=journey.causes[i] is not None, reason=d.reason,
        earlier=[contact(each) for each in earlier[-MOST_EARLIER:]],
        open=[contact(each) for each in journey.all if each is not d and is_open(each, now, rules)][-MOST_EARLIER:],
        scores=[
            Score(survey=survey, score=one.score or 0, at=moment(one.at))  # type: ignore[arg-type]
            for survey, one in sorted(latest.items())
        ],
        orders=len(orders), last_order_at=moment(max(orders.values())) if orders else None,
        at_risk=standing(person, risks(person), now),  # type: ignore[arg-type]
    )  # fmt: skip


def _repeat(person: Person, i: int, now: int, rules: Rules) -> RepeatData:
    d, before = person.journey.inbound[i], issue(person.journey, i)
    window_ms = person.journey.window_ms
    ended_at = max(at for at in before[-1].ended_at if d.started_at - window_ms <= at <= d.started_at)
    return RepeatData(
        customer_id=person.id, channel=d.channel, interaction_id=d.interaction_id, started_at=moment(d.started_at),
        contact=len(earlier_contacts(person.journey, i, now, rules)) + 1, reason=d.reason, first=contact(before[0]),
        previous=contact(before[-1]), gap_ms=d.started_at - ended_at,
        channels=list(dict.fromkeys(each.channel for each in (*before, d))),
    )  # fmt: skip


def _at_risk(person: Person, risk: Risk) -> AtRiskData:
    one, early = risk.said, risk.why == "early_churn"
    return AtRiskData(
        customer_id=person.id, why=risk.why, happened_at=moment(risk.at), channel=one.channel,  # type: ignore[arg-type]
        interaction_id=one.interaction_id, score=one.score, about=one.name,
        joined_at=moment(one.at) if early else None, signal=risk.signal,  # type: ignore[arg-type]
    )  # fmt: skip


def contact(d: Digest) -> Contact:
    """An interaction, as insights name it."""
    return Contact(
        channel=d.channel, interaction_id=d.interaction_id, started_at=moment(d.started_at),
        ended_at=moment(d.ended_at[0]) if d.ended_at else None, reason=d.reason, queue=d.queue, outcome=d.outcome,
        resolved=d.resolved,
    )  # fmt: skip


def moment(at: int) -> datetime:
    """Epoch milliseconds as an instant on the wire."""
    return _EPOCH + at * _MILLISECOND
