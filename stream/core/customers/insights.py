"""What is told of a customer while it can still be acted on: which insights stand, and which are new.

All of them are functions of the person alone. An insight is named by what it is about, so it is told once, whatever
the order in which its causes came; what was told is remembered with the state, and nothing is told of what lies more
than a day behind the stream time: nobody would act on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import NamedTuple

import msgspec

from schemas.events import Digest
from schemas.insights import AtRisk, CustomerContext, Friction, Insight, InsightData, RepeatContact
from stream.core.customers import friction
from stream.core.customers import insight_data as data
from stream.core.customers.journey import Instants
from stream.core.customers.person import Person
from stream.core.customers.risks import risks
from stream.core.customers.state import Customer
from stream.core.rules import DAY, Rules
from stream.core.stage import Output

TOPIC = "customers.insights"
FRESH_MS = DAY
REMEMBERED_MS = 35 * DAY
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
        name = _of(d, person)
        yield Standing(f"context/{name}", d.started_at, CustomerContext, partial(data.context, person, i, now, rules))
        if journey.causes[i] is not None:
            yield Standing(f"repeat/{name}", d.started_at, RepeatContact, partial(data.repeat, person, i, now, rules))
    for d in journey.all:
        if d.ended_at and d.ended_at[0] >= oldest:
            for why in friction.inside(d, rules):
                content = partial(data.friction_inside, person, d, why)
                yield Standing(f"friction/{why}/{_of(d, person)}", d.ended_at[0], Friction, content)
    yield from _repeated_elsewhere(person, oldest)
    yield from _said(person, oldest)


def _repeated_elsewhere(person: Person, oldest: int) -> Iterator[Standing]:
    """Where the customer has come back on another channel, and when last."""
    inbound, window_ms = person.journey.inbound, person.journey.window_ms
    if all(d.channel == inbound[0].channel for d in inbound):
        return
    fresh: dict[str, list[tuple[int, int, str | None]]] = {}
    for i in range(len(inbound) - 1, -1, -1):
        d = inbound[i]
        if d.started_at < oldest:
            break
        fresh.setdefault(d.channel, []).append((d.started_at, i, d.reason))
    starts = {channel: Instants(found) for channel, found in fresh.items()}
    for d in inbound:
        if not d.ended_at or d.ended_at[-1] < oldest - window_ms or starts.keys() == {d.channel}:
            continue
        again = max(
            (
                latest
                for channel, found in starts.items()
                if channel != d.channel
                for end in d.ended_at
                if (latest := found.latest_other(-1, d.reason, end, end + window_ms)) is not None
            ),
            default=None,
        )
        if again is not None:
            name = f"friction/repeated_on_another_channel/{_of(d, person)}"
            yield Standing(name, again[0], Friction, partial(data.friction_repeated, person, d, inbound[again[1]]))


def _said(person: Person, oldest: int) -> Iterator[Standing]:
    """What the customer has let us know, and what that means."""
    if not person.said:
        return
    for one in reversed(person.said):
        if one.at < oldest:
            break
        if one.kind == "complained" or friction.is_bad(one):
            why = "complaint" if one.kind == "complained" else "low_score"
            name = f"friction/{why}/{one.source}/{one.id}/{person.id}"
            yield Standing(name, one.at, Friction, partial(data.friction_said, person, one))
    for risk in risks(person):
        if risk.at >= oldest:
            name = f"at_risk/{risk.why}/{risk.said.source}/{risk.said.id}/{person.id}"
            yield Standing(name, risk.at, AtRisk, partial(data.at_risk, person, risk))


def _of(d: Digest, person: Person) -> str:
    return f"{d.channel}/{d.interaction_id}/{person.id}"


def news(
    state: Customer, person: Person, time: datetime, now: int, rules: Rules
) -> Callable[[int], list[Output]] | None:
    """What has not been told yet, to be sent once the offset of the record is known that caused it; None: nothing.

    Remembers it as told. `time`: that of the record's event.
    """
    fresh = [one for one in standing_insights(person, rules, now) if one.id not in state.insights]
    if not fresh:
        return None
    told, oldest = state.insights, now - max(REMEMBERED_MS, 2 * rules.repeat_window_ms)
    if told and next(iter(told.values())) < oldest:
        state.insights = told = {name: at for name, at in told.items() if at >= oldest}
    found = []
    for one in sorted(fresh, key=lambda one: (one.at, one.id)):
        told[one.id] = one.at
        found.append(one.kind(id=one.id, source="centralino", specversion="1.0", time=time, data=one.data()))  # type: ignore[arg-type]
    return partial(_outputs, person.id.encode(), found)


def _outputs(key: bytes, found: list[Insight], revision: int) -> list[Output]:
    return [Output(TOPIC, key, _encode(msgspec.structs.replace(one, revision=revision))) for one in found]
