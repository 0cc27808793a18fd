"""A month recounted from its lines, for reading: (day, scope, measure) -> n. It shares nothing with the product.

It knows only what `month` makes up: everything is started, queued, answered or abandoned, ended, perhaps opened again.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.core.month import Line

DAY = 86_400_000
WINDOW = 7 * DAY
Figures = Counter[tuple[int, str, str]]
"""(first instant of the day in ms, scope, measure) -> n."""


class Event(NamedTuple):
    """An event that stands."""

    at: int
    name: str
    id: str
    data: dict[str, Any]


class Reach(NamedTuple):
    """One interaction."""

    at: int
    channel: str
    id: str
    reason: str | None
    queue: str
    ends: list[int]
    reopened: list[int]
    served: bool
    resolved: bool | None


class Book:
    """The events that stand, by topic and key: of each id the highest revision."""

    def __init__(self) -> None:
        self.events: dict[tuple[str, bytes], dict[str, tuple[int, Event]]] = defaultdict(dict)

    def note(self, lines: Iterable[Line]) -> None:
        """Take note of some lines."""
        for line in lines:
            told = json.loads(line.value)
            at = round(datetime.fromisoformat(told["time"]).timestamp() * 1000)
            event = Event(at, told["type"].partition(".")[2], told["id"], told["data"])
            known = self.events[line.topic, line.key].get(event.id)
            if known is None or told.get("revision", 0) > known[0]:
                self.events[line.topic, line.key][event.id] = told.get("revision", 0), event

    def of(self, *, customers: bool) -> Iterator[tuple[str, str, list[Event]]]:
        """Topic, key and events, by time and id."""
        for (topic, key), events in self.events.items():
            if (topic == "customers.events") == customers:
                yield topic, key.decode(), sorted((event for _, event in events.values()), key=lambda e: (e.at, e.id))

    def recount(self) -> Figures:
        """All figures."""
        claims: dict[str, tuple[int, str, str]] = {}
        for _, who, events in self.of(customers=True):
            for event in events:
                for alias in event.data.get("aliases", ()) if event.name == "identified" else ():
                    claims[alias] = max(claims.get(alias, (0, "", "")), (event.at, event.id, who))
        holder = {alias: who for alias, (_, _, who) in claims.items()}
        reaches: dict[str, list[Reach]] = defaultdict(list)
        channels: dict[str, dict[str, str]] = defaultdict(dict)
        figures: Figures = Counter()
        for topic, id_, events in self.of(customers=False):
            who, inbound, reach = understood(topic.partition(".")[2], id_, events)
            if who is not None:
                channels[holder.get(who, who)][id_] = reach.channel
            if who is not None and inbound:
                reaches[holder.get(who, who)].append(reach)
            elif who is None and inbound and reach.served:
                count(figures, reach.ends[0], f"{reach.channel}|i|*", "unidentified")
        said: dict[str, list[Event]] = defaultdict(list)
        for _, who, events in self.of(customers=True):
            said[holder.get(who, who)] += events
        for who in reaches.keys() | said.keys():
            told = sorted(said[who], key=lambda event: (event.at, event.id))
            issues(figures, reaches[who], told)
            voices(figures, channels[who], told)
            membership(figures, told)
            orders(figures, told)
        return Counter({key: n for key, n in figures.items() if n})


def count(figures: Figures, at: int, scope: str, measure: str, n: int = 1) -> None:
    """Count it on its day."""
    figures[at - at % DAY, scope, measure] += n


def understood(channel: str, id_: str, events: list[Event]) -> tuple[str | None, bool, Reach]:
    """Whose an interaction is, whether it is inbound, and what it was."""
    whose = [event for event in events if "customer_id" in event.data]
    whose.sort(key=lambda event: event.name == "updated")
    ends, reopened, closed, answered, resolved = [], [], False, False, None
    for event in events:
        answered = answered or event.name == "answered"
        if event.name in ("ended", "abandoned") and not closed:
            ends.append(event.at)
            closed = True
            resolved = event.data.get("resolved", resolved)
        if event.name == "reopened" and closed:
            reopened.append(event.at)
            closed = False
    first = next(event for event in events if event.name == "started")
    queue = next(event.data["queue"] for event in events if event.name == "queued")
    reach = Reach(first.at, channel, id_, first.data.get("reason"), queue, ends, reopened, answered, resolved)
    return whose[-1].data["customer_id"] if whose else None, first.data.get("direction") != "outbound", reach


def same_matter(one: Reach, other: Reach) -> bool:
    """Whether they may be about one matter."""
    return one is not other and (one.reason == other.reason or one.reason is None or other.reason is None)


def issues(figures: Figures, own: list[Reach], told: list[Event]) -> None:
    """First contacts and repeats of one customer."""
    for reach in own:
        others = [other for other in own if same_matter(reach, other)]
        count(figures, reach.at, f"{reach.channel}|i|*", "identified")
        before = [
            (end, other.at, other.channel, other.id, other.queue)
            for other in others
            for end in other.ends
            if other.served and end <= reach.at <= end + WINDOW
        ]
        if before:
            _, _, channel, _, queue = max(before)
            count(figures, reach.at, f"{reach.channel}|i|*", "repeats")
            count(figures, reach.at, f"{channel}|i|q{queue}", "repeats_caused")
            continue
        if not reach.served:
            continue
        again = [other.at for other in others] + reach.reopened
        repeated = any(end <= at <= end + WINDOW for end in reach.ends for at in again)
        resolved = reach.resolved is not False and not repeated
        for event in told:
            about = event.data.get("interaction_id") == reach.id and event.data.get("channel", reach.channel)
            if event.name == "survey_answered" and about == reach.channel:
                resolved = event.data.get("resolved", resolved)
        count(figures, reach.ends[0], f"{reach.channel}|i|*", "first_contacts")
        count(figures, reach.ends[0], f"{reach.channel}|i|*", "resolved_contacts", int(resolved))
        count(figures, reach.ends[0], f"{reach.channel}|i|*", "repeated_contacts", int(repeated))


def voices(figures: Figures, channels: dict[str, str], told: list[Event]) -> None:
    """Answers, complaints and reviews of one customer; `channels`: of the customer's interactions."""
    for event in told:
        data = event.data
        channel = data.get("channel") or channels.get(data.get("interaction_id", ""))
        where = f"{channel}|i|*" if channel else "*|i|*"
        if event.name == "survey_answered":
            survey, score = data["survey"], data["score"]
            count(figures, event.at, where, f"{survey}_answers")
            if survey == "csat":
                count(figures, event.at, where, "csat_sum", score)
                count(figures, event.at, where, "csat_satisfied", int(score >= 4))
            else:
                count(figures, event.at, where, "nps_promoters", int(score >= 9))
                count(figures, event.at, where, "nps_detractors", int(score <= 6))
        elif event.name == "complained":
            count(figures, event.at, where, "complaints")
        elif event.name == "reviewed":
            count(figures, event.at, "*|i|*", "reviews")
            count(figures, event.at, "*|i|*", "reviews_sum", data["rating"])


def membership(figures: Figures, told: list[Event]) -> None:
    """Who comes and goes."""
    since = None
    for event in sorted(told, key=lambda event: (event.at, event.name, event.id)):
        if event.name == "joined" and since is None:
            since = event.at
            count(figures, event.at, "*|i|*", "customers_joined")
            count(figures, event.at, "*|i|*", "members")
        elif event.name == "left" and since is not None:
            count(figures, event.at, "*|i|*", "customers_left")
            count(figures, event.at, "*|i|*", "members", -1)
            count(figures, since, "*|i|*", "left_early", int(event.at - since <= 90 * DAY))
            since = None


def orders(figures: Figures, told: list[Event]) -> None:
    """What one customer buys and sends back, and on which days one has bought within the year."""
    returned = {event.data["order_id"] for event in told if event.name == "returned"}
    days: Counter[int] = Counter()
    seen = set()
    for event in told:
        if event.name == "purchased" and event.data["order_id"] not in seen:
            seen.add(event.data["order_id"])
            count(figures, event.at, "*|i|*", "orders")
            count(figures, event.at, "*|i|*", "orders_returned", int(event.data["order_id"] in returned))
            count(figures, event.at, "*|i|$EUR", "order_amount", event.data["amount"])
            days[event.at - event.at % DAY] += 1
            days[event.at - event.at % DAY + 365 * DAY] -= 1
    bought = 0
    for day, n in sorted(days.items()):
        for measure, least in (("buyers", 1), ("repeat_buyers", 2)):
            change = int(bought + n >= least) - int(bought >= least)
            count(figures, day, "*|*|y", measure, change)
        bought += n
