"""What insights say, once it is known which: Structs of `schemas.insights`, made of what is known of a customer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from schemas.events import Digest, Said
from schemas.insights import (
    AtRiskData,
    Contact,
    ContextData,
    FrictionData,
    RepeatData,
    Score,
)
from stream.core.customers.matter import earlier_contacts, is_open, issue
from stream.core.customers.person import Person
from stream.core.customers.risks import Risk, risks, standing
from stream.core.customers.surveys import about
from stream.core.rules import Rules

MOST_EARLIER = 20
_EPOCH, _MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)


def context(person: Person, i: int, now: int, rules: Rules) -> ContextData:
    """Who begins to speak in the i-th inbound interaction."""
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
        at_risk=standing(risks(person), now),  # type: ignore[arg-type]
    )  # fmt: skip


def first_context(customer_id: str, d: Digest) -> ContextData:
    """As `context`, of who has had no other interaction and has said nothing."""
    return ContextData(
        customer_id=customer_id, channel=d.channel, interaction_id=d.interaction_id, started_at=moment(d.started_at),
        contact=1, repeat=False, reason=d.reason,
    )  # fmt: skip


def repeat(person: Person, i: int, now: int, rules: Rules) -> RepeatData:
    """What the i-th inbound interaction is a repeat of."""
    d, before = person.journey.inbound[i], issue(person.journey, i)
    window_ms = person.journey.window_ms
    ended_at = max(at for at in before[-1].ended_at if d.started_at - window_ms <= at <= d.started_at)
    return RepeatData(
        customer_id=person.id, channel=d.channel, interaction_id=d.interaction_id, started_at=moment(d.started_at),
        contact=len(earlier_contacts(person.journey, i, now, rules)) + 1, reason=d.reason, first=contact(before[0]),
        previous=contact(before[-1]), gap_ms=d.started_at - ended_at,
        channels=list(dict.fromkeys(each.channel for each in (*before, d))),
    )  # fmt: skip


def at_risk(person: Person, risk: Risk) -> AtRiskData:
    """Why the customer may leave."""
    one, early = risk.said, risk.why == "early_churn"
    return AtRiskData(
        customer_id=person.id, why=risk.why, happened_at=moment(risk.at), channel=one.channel,  # type: ignore[arg-type]
        interaction_id=one.interaction_id, score=one.score, about=one.name,
        joined_at=moment(one.at) if early else None, signal=risk.signal,  # type: ignore[arg-type]
    )  # fmt: skip


def friction_inside(customer_id: str, d: Digest, why: str) -> FrictionData:
    """What went wrong while an interaction lasted; seen when it had ended."""
    return FrictionData(
        customer_id=customer_id, why=why, happened_at=moment(d.ended_at[0]), channel=d.channel,  # type: ignore[arg-type]
        interaction_id=d.interaction_id, queue=d.queue, reason=d.reason,
        wait_ms=None if why == "transferred_twice" else d.wait_ms,
        transferred=d.transferred if why == "transferred_twice" else None,
    )  # fmt: skip


def friction_repeated(person: Person, d: Digest, again: Digest) -> FrictionData:
    """An interaction that was not enough: the customer came back on another channel."""
    return FrictionData(
        customer_id=person.id, why="repeated_on_another_channel", happened_at=moment(again.started_at),
        channel=d.channel, interaction_id=d.interaction_id, queue=d.queue, reason=d.reason, again=contact(again),
    )  # fmt: skip


def friction_said(person: Person, one: Said) -> FrictionData:
    """What a customer let us know: a low score, a bad review, a complaint."""
    of = None if one.interaction_id is None else about(one, person.journey.all)
    return FrictionData(
        customer_id=person.id, why="complaint" if one.kind == "complained" else "low_score",
        happened_at=moment(one.at), channel=one.channel if of is None else of.channel,  # type: ignore[arg-type]
        interaction_id=one.interaction_id, queue=None if of is None else of.queue,
        reason=None if of is None else of.reason, survey=one.survey, score=one.score,  # type: ignore[arg-type]
        about=one.name,
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
