"""What customers say and do: surveys, complaints, reviews, membership, orders; counted by looking at all of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, NamedTuple

from tests.oracle.defaults import DAY, Settings
from tests.oracle.fcr import aliases_of, in_order
from tests.oracle.interaction import Facts
from tests.oracle.records import Event
from tests.oracle.windows import days, local_day

Row = dict[str, Any]
Window = tuple[int, int]  # first and last-but-outside instant, ms

PROMOTERS, DETRACTORS, SATISFIED = (9, 10), range(7), (4, 5)
EARLY = 90 * DAY


class Answer(NamedTuple):
    """An answer to a survey, or a complaint: the channel that it is counted for, queue and agent that it is about."""

    at: int
    kind: str  # nps, csat, ces, complaint
    score: int
    channel: str | None
    queue: str | None = None
    agent: str | None = None


class Period(NamedTuple):
    """One membership. `left` None: still a member."""

    joined: int
    left: int | None


class Order(NamedTuple):
    """One order, when it was bought."""

    at: int
    customer: str
    amount: int
    currency: str
    returned: bool


class People(NamedTuple):
    """All that customers have said and done."""

    answers: list[Answer]
    stars: list[tuple[int, int]]  # (when, how many)
    periods: list[Period]
    orders: list[Order]


def people(facts: list[Facts], events: list[Event]) -> People:
    """Sort what customers told by whom and by what."""
    aliases = aliases_of(events)
    own: dict[str, list[Event]] = defaultdict(list)
    for event in in_order(events):
        own[aliases.get(event.says("customer_id"), event.says("customer_id"))].append(event)
    theirs: dict[str, list[Facts]] = defaultdict(list)
    for interaction in facts:
        if interaction.customer is not None:
            theirs[aliases.get(interaction.customer, interaction.customer)].append(interaction)
    found = People([], [], [], [])
    for customer, told in own.items():
        for event in told:
            if event.name == "survey_answered":
                found.answers.append(answer(event, theirs[customer]))
            if event.name == "complained":
                score = int(event.says("public") is True)
                found.answers.append(Answer(event.at, "complaint", score, event.says("channel")))
            if event.name == "reviewed":
                found.stars.append((event.at, event.says("rating")))
        found.periods.extend(periods(told))
        found.orders.extend(orders(customer, told))
    return found


def answer(event: Event, interactions: list[Facts]) -> Answer:
    """A survey's answer: about the customer's interaction of that id, on that channel if it says one."""
    about = [
        one
        for one in interactions
        if one.id == event.says("interaction_id") and event.says("channel") in (None, one.channel)
    ]
    last = max(about, key=lambda one: (one.started_at, one.channel), default=None)
    channel = event.says("channel") or (last.channel if last else None)
    queue, agent = (last.queue, last.agent) if last and last.ends else (None, None)
    return Answer(event.at, event.says("survey"), event.says("score"), channel, queue, agent)


def periods(told: list[Event]) -> list[Period]:
    """When one customer was a member. Of one instant joined comes first."""
    found: list[Period] = []
    since = None
    for event in sorted(told, key=lambda event: (event.at, event.name, event.source, event.id)):
        if event.name == "joined" and since is None:
            since = event.at
        if event.name == "left" and since is not None:
            found.append(Period(since, event.at))
            since = None
    return [*found, Period(since, None)] if since is not None else found


def orders(customer: str, told: list[Event]) -> list[Order]:
    """One customer's orders, each as it was first bought."""
    returned = {event.says("order_id") for event in told if event.name == "returned"}
    found: dict[str, Order] = {}
    for event in told:
        if event.name == "purchased":
            id_ = event.says("order_id")
            order = Order(event.at, customer, event.says("amount"), event.says("currency"), id_ in returned)
            found.setdefault(id_, order)
    return list(found.values())


def ratio(numerator: float, denominator: float) -> float | None:
    """No value for an empty denominator."""
    return numerator / denominator if denominator > 0 else None


def surveys(inside: list[Answer]) -> Row:
    """What answers say."""
    scores = {kind: [one.score for one in inside if one.kind == kind] for kind in ("nps", "csat", "ces")}
    promoters = sum(score in PROMOTERS for score in scores["nps"])
    detractors = sum(score in DETRACTORS for score in scores["nps"])
    satisfied = sum(score in SATISFIED for score in scores["csat"])
    share = ratio(promoters - detractors, len(scores["nps"]))
    return {
        "nps_answers": len(scores["nps"]),
        "nps_promoters": promoters,
        "nps_detractors": detractors,
        "nps": None if share is None else 100 * share,
        "csat_answers": len(scores["csat"]),
        "csat_satisfied": satisfied,
        "csat_sum": sum(scores["csat"]),
        "csat": ratio(satisfied, len(scores["csat"])),
        "csat_mean": ratio(sum(scores["csat"]), len(scores["csat"])),
        "ces_answers": len(scores["ces"]),
        "ces_sum": sum(scores["ces"]),
        "ces": ratio(sum(scores["ces"]), len(scores["ces"])),
    }


def voices(inside: list[Answer], interactions: int) -> Row:
    """What answers and complaints say, beside so many interactions that started."""
    public = [one.score for one in inside if one.kind == "complaint"]
    return surveys(inside) | {
        "interactions": interactions,
        "complaints": len(public),
        "public_complaints": sum(public),
        "complaints_per_1000": ratio(1000 * len(public), interactions),
    }


def membership(all_periods: list[Period], window: Window) -> Row:
    """Who was a member when, and who came and went."""
    start, end = window
    at_start = [one for one in all_periods if one.joined < start and (one.left is None or one.left >= start)]
    at_end = [one for one in all_periods if one.joined < end and (one.left is None or one.left >= end)]
    joined = [one for one in all_periods if start <= one.joined < end]
    left = [one for one in all_periods if one.left is not None and start <= one.left < end]
    early = [one for one in joined if one.left is not None and one.left - one.joined <= EARLY]
    new = [one for one in at_end if one.joined >= start]
    return {
        "customers_at_start": len(at_start),
        "customers_at_end": len(at_end),
        "customers_joined": len(joined),
        "customers_left": len(left),
        "customers_kept": len(at_end) - len(new),
        "left_early": len(early),
        "churn": ratio(len(left), len(at_start)),
        "early_churn": ratio(len(early), len(joined)),
        "retention": ratio(len(at_end) - len(new), len(at_start)),
    }


def center(known: People, window: Window, at: int, settings: Settings) -> Row:
    """The keys of the row of all channels."""
    inside = [order for order in known.orders if window[0] <= order.at < window[1]]
    returned = sum(order.returned for order in inside)
    first, last = days(365, local_day(at, settings.zone), settings.zone)
    year = [order for order in known.orders if first <= order.at < last]
    buyers = Counter(order.customer for order in year)
    again = sum(n >= 2 for n in buyers.values())
    stars = [n for when, n in known.stars if window[0] <= when < window[1]]
    return membership(known.periods, window) | {
        "orders": len(inside),
        "orders_returned": returned,
        "return_rate": ratio(returned, len(inside)),
        "buyers": len(buyers),
        "repeat_buyers": again,
        "repeat_purchase": ratio(again, len(buyers)),
        "clv": clv(year, len(buyers), membership(known.periods, (first, last))["churn"]),
        "reviews": len(stars),
        "reviews_sum": sum(stars),
        "bad_reviews": sum(n <= 2 for n in stars),
        "reviews_mean": ratio(sum(stars), len(stars)),
        "bad_review_share": ratio(sum(n <= 2 for n in stars), len(stars)),
    }


def clv(year: list[Order], buyers: int, churn: float | None) -> dict[str, float] | None:
    """Mean order value x orders per customer x years of life, by currency."""
    if not churn or not year:
        return None
    found = {}
    for currency in sorted({order.currency for order in year}):
        amounts = [order.amount for order in year if order.currency == currency]
        found[currency] = sum(amounts) / len(amounts) * (len(amounts) / buyers) * (1 / churn)
    return found
