"""What is told of a customer while it can still be acted on: which insights stand, and which are new.

All of them are functions of the person alone. An insight is named by what it is about, so it is told once, whatever
the order in which its causes came; what was told is remembered with the state, and nothing is told of what lies more
than a day behind the stream time: nobody would act on it.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec

from schemas.events import Digest
from schemas.insights import AtRisk, CustomerContext, Friction, Insight, InsightData, RepeatContact
from stream.core.customers import friction
from stream.core.customers import insight_data as data
from stream.core.customers.journey import matches
from stream.core.customers.person import Person
from stream.core.customers.risks import risks
from stream.core.customers.state import Customer
from stream.core.rules import DAY, Rules
from stream.core.stage import Output

TOPIC = "customers.insights"
FRESH_MS = DAY
REMEMBERED_MS = 35 * DAY
MOST_FRESH = 100
_encode = msgspec.json.Encoder().encode


class Standing(NamedTuple):
    """An insight that stands since an instant (ms); `make` with `of` makes its content."""

    id: str
    at: int
    kind: type[Insight]
    make: Callable[..., InsightData]
    of: tuple[Any, ...]


def standing_insights(person: Person, rules: Rules, now: int, told: Container[str] = ()) -> list[Standing]:
    """The insights that stand and are not `told`, of those that are not older than a day."""
    found: list[Standing] = []

    def stands(name: str, at: int, kind: type[Insight], make: Callable[..., InsightData], *of: Any) -> None:
        if name not in told:
            found.append(Standing(name, at, kind, make, of))

    oldest, journey = now - FRESH_MS, person.journey
    fresh = []
    for i in range(len(journey.inbound) - 1, -1, -1):
        d = journey.inbound[i]
        if d.started_at < oldest:
            break
        fresh.append(d)
        stands(f"context/{_of(d, person.id)}", d.started_at, CustomerContext, data.context, person, i, now, rules)
        if journey.causes[i] is not None:
            stands(f"repeat/{_of(d, person.id)}", d.started_at, RepeatContact, data.repeat, person, i, now, rules)
    for d in journey.all:
        if d.ended_at:
            if d.ended_at[0] >= oldest:
                for why in friction.inside(d, rules):
                    name = f"friction/{why}/{_of(d, person.id)}"
                    stands(name, d.ended_at[0], Friction, data.friction_inside, person.id, d, why)
            if d.inbound and d.ended_at[-1] >= oldest - journey.window_ms:
                again = _back_elsewhere(d, fresh, journey.window_ms)
                if again is not None:
                    name = f"friction/repeated_on_another_channel/{_of(d, person.id)}"
                    stands(name, again.started_at, Friction, data.friction_repeated, person, d, again)
    for one in reversed(person.said):
        if one.at < oldest:
            break
        if one.kind == "complained" or friction.is_bad(one):
            why = "complaint" if one.kind == "complained" else "low_score"
            name = f"friction/{why}/{one.source}/{one.id}/{person.id}"
            stands(name, one.at, Friction, data.friction_said, person, one)
    for risk in risks(person) if person.said else ():
        if risk.at >= oldest:
            name = f"at_risk/{risk.why}/{risk.said.source}/{risk.said.id}/{person.id}"
            stands(name, risk.at, AtRisk, data.at_risk, person, risk)
    return found


def _back_elsewhere(d: Digest, fresh: list[Digest], window_ms: int) -> Digest | None:
    """The latest of these, which begin with the latest, with which a customer came back on another channel.

    Of who comes back a hundred times a day, the last hundred are looked at.
    """
    for again in fresh[:MOST_FRESH]:
        if again.channel != d.channel and matches(again.reason, d.reason):
            for end in d.ended_at:
                if end <= again.started_at <= end + window_ms:
                    return again
    return None


def standing_of_one(customer_id: str, d: Digest, rules: Rules, now: int, told: Container[str] = ()) -> list[Standing]:
    """As `standing_insights`, of who has had this interaction alone and has said nothing."""
    found, oldest = [], now - FRESH_MS
    if d.inbound and d.started_at >= oldest:
        name = f"context/{_of(d, customer_id)}"
        if name not in told:
            found.append(Standing(name, d.started_at, CustomerContext, data.first_context, (customer_id, d)))
    if d.ended_at and d.ended_at[0] >= oldest:
        for why in friction.inside(d, rules):
            name = f"friction/{why}/{_of(d, customer_id)}"
            if name not in told:
                found.append(Standing(name, d.ended_at[0], Friction, data.friction_inside, (customer_id, d, why)))
    return found


def _of(d: Digest, customer_id: str) -> str:
    return f"{d.channel}/{d.interaction_id}/{customer_id}"


def news(
    state: Customer, fresh: list[Standing], time: datetime, now: int, rules: Rules
) -> Callable[[int], list[Output]]:
    """What has not been told yet, to be sent once the offset of the record is known that caused it.

    Remembers it as told. `time`: that of the record's event.
    """
    told, oldest = state.insights, now - max(REMEMBERED_MS, 2 * rules.repeat_window_ms)
    if told and next(iter(told.values())) < oldest:
        state.insights = told = {name: at for name, at in told.items() if at >= oldest}
    if len(fresh) > 1:
        fresh.sort(key=itemgetter(1, 0))
    for one in fresh:
        told[one.id] = one.at
    return partial(_outputs, state.id.encode(), fresh, time)


def _outputs(key: bytes, fresh: list[Standing], time: datetime, revision: int) -> list[Output]:
    found = []
    for name, _, kind, make, of in fresh:
        content: Any = make(*of)
        insight = kind(id=name, source="centralino", specversion="1.0", time=time, revision=revision, data=content)
        found.append(Output(TOPIC, key, _encode(insight)))
    return found
