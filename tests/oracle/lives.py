"""What made-up customers do beside their interactions: join, leave, buy, send back, answer, complain, review."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from tests.oracle.defaults import CHANNELS, DAY, HOUR

Tell = Callable[[str, str, int, dict[str, Any]], None]
"""Customer, type without its family, instant (ms), more data."""

SCALES = {"csat": (1, 5), "nps": (0, 10), "ces": (1, 7)}
CUSTOMERS = [*(f"c{n}" for n in range(1, 21)), *(f"tel:+39{n}" for n in range(1, 10)), "mailto:1@example.org"]


def lives(rng: Random, tell: Tell, interactions: list[str], start: int, end: int) -> None:
    """Those of customers, fewer where there are few interactions.

    Some long before `start`, since windows of a year and cohorts of 90 days have edges too, and many just before `end`,
    where short windows are.
    """
    for customer in rng.sample(CUSTOMERS, min(len(CUSTOMERS), 1 + len(interactions) // 2)):
        member(rng, tell, customer, start, end)
        buyer(rng, tell, customer, start, end)
        for _ in range(rng.choice([0, 0, 1, 2, 3])):
            at = rng.choice([rng.randrange(start, end), end - rng.randrange(DAY), end - rng.randrange(HOUR)])
            said(rng, tell, customer, interactions, at)


def member(rng: Random, tell: Tell, customer: str, start: int, end: int) -> None:
    """Joins and leaves, in any order, often around 90 days, sometimes in one instant or one window."""
    at = rng.choice(
        [start - 500 * DAY, start - 366 * DAY, start - 91 * DAY, start - 90 * DAY, rng.randrange(start, end)]
    )
    for _ in range(rng.choice([0, 1, 1, 2, 4])):
        at += rng.randrange(HOUR)
        for name in rng.choice([["joined"], ["joined"], ["left", "joined"], ["joined", "joined"], ["joined", "left"]]):
            tell(customer, name, at, {})
        at += rng.choice([0, 1, 10_000, HOUR, DAY, 48 * HOUR, 90 * DAY - 1, 90 * DAY, 90 * DAY + 1, 91 * DAY])
        if at >= end:
            return
        if rng.random() < 0.6:
            tell(customer, "left", at, {})
            at += rng.choice([0, 1, HOUR, 3 * DAY])


def buyer(rng: Random, tell: Tell, customer: str, start: int, end: int) -> None:
    """Buys, now and then the same order twice; sends back, also before it has bought."""
    latest = rng.choice([rng.randrange(start, end), end - rng.randrange(DAY), end - rng.randrange(HOUR)])
    orders = rng.sample(
        [latest, latest + 1, latest - DAY, *(latest - n * DAY for n in (364, 365, 366, 390))], rng.randint(0, 4)
    )
    for number, at in enumerate(orders):
        name = {"order_id": f"{customer}-{number}"}
        money = {"amount": rng.choice([0, 1, 999, 123_456]), "currency": rng.choice(["EUR", "EUR", "USD"])}
        tell(customer, "purchased", at, name | money)
        if rng.random() < 0.2:
            tell(customer, "purchased", min(at + rng.choice([-DAY, 0, 1, DAY]), end), name | money | {"amount": 5})
        if rng.random() < 0.3:
            tell(customer, "returned", min(at + rng.choice([-HOUR, 0, 3 * DAY]), end), name)
    if rng.random() < 0.1:
        tell(customer, "returned", latest, {"order_id": "never bought"})


def said(rng: Random, tell: Tell, customer: str, interactions: list[str], at: int) -> None:
    """An answer, a complaint or a review."""
    channel = {"channel": rng.choice(CHANNELS)} if rng.random() < 0.5 else {}
    match rng.randrange(4):
        case 0:
            tell(customer, "complained", at, channel | rng.choice([{}, {"public": True}, {"public": False}]))
        case 1:
            tell(customer, "reviewed", at, {"rating": rng.randint(1, 5), "site": "stars.example"})
        case _:
            survey = rng.choice(list(SCALES))
            score = rng.randint(*SCALES[survey])
            about = rng.choice([{}, {"interaction_id": rng.choice(interactions)}, {"interaction_id": "unknown"}])
            tell(customer, "survey_answered", at, {"survey": survey, "score": score} | channel | about)
