"""Segments of customers at instants."""

from __future__ import annotations

import pytest

from stream.core.customers.groups import Groups
from stream.core.rules import Rules
from tests.core.one_life import at, person

RULES = Rules(segments=("private", "gold"), high_value={"EUR": 50_000, "CHF": 60_000})

LIVES = {
    "new for 90 days": (
        "10 10:00 phone p1 for=5m",
        {"10 10:00": ["new"], "100 10:00": ["new"], "100 10:00:00.001": []},
    ),
    "whatever is known first": (
        "10 10:00 phone p1 for=5m\n 5 10:00 touched site",
        {"95 10:00": ["new"], "95 10:00:00.001": []},
    ),
    "two orders within a year": (
        "0 10:00 purchased o1 amount=1 currency=EUR\n 300 10:00 purchased o2 amount=1 currency=EUR",
        {
            "299 10:00": [], "300 09:59:59.999": [], "300 10:00": ["returning"], "365 10:00": ["returning"],
            "365 10:00:00.001": [],
        },
    ),
    "one order told twice": (
        "0 10:00 purchased o1 amount=1 currency=EUR\n 1 10:00 purchased o1 amount=1 currency=EUR",
        {"2 10:00": ["new"]},
    ),
    "orders of so much within a year": (
        "0 10:00 purchased o1 amount=30000 currency=EUR\n 300 10:00 purchased o2 amount=20000 currency=EUR",
        {"299 10:00": [], "300 10:00": ["high_value", "returning"], "365 10:00:00.001": []},
    ),
    "orders of one cent less": (
        "0 10:00 purchased o1 amount=30000 currency=EUR\n 300 10:00 purchased o2 amount=19999 currency=EUR",
        {"300 10:00": ["returning"]},
    ),
    "currencies are not added": (
        "0 10:00 purchased o1 amount=30000 currency=EUR\n 200 10:00 purchased o2 amount=30000 currency=CHF",
        {"200 10:00": ["returning"]},
    ),
    "of a currency without a setting nobody knows": (
        "0 10:00 purchased o1 amount=9999999 currency=JPY", {"100 10:00": []},
    ),
    "a detractor is at risk for 30 days": (
        "0 10:00 touched site\n 100 10:00 survey_answered nps is=6",
        {"100 09:59:59.999": [], "100 10:00": ["at_risk"], "130 10:00": ["at_risk"], "130 10:00:00.001": []},
    ),
    "a passive is not": ("0 10:00 touched site\n 100 10:00 survey_answered nps is=7", {"100 10:00": []}),
    "who complained is": ("0 10:00 touched site\n 100 10:00 complained x", {"100 10:00": ["at_risk"]}),
    "a new member in trouble is": (
        "0 10:00 joined\n 95 10:00 left\n 100 10:00 joined\n 110 10:00 survey_answered csat is=1",
        {"109 10:00": [], "110 10:00": ["at_risk"], "140 10:00:00.001": []},
    ),
    "an old member with a low csat is not": (
        "0 10:00 joined\n 110 10:00 survey_answered csat is=1", {"110 10:00": []},
    ),
    "the latest segment that was told": (
        "0 10:00 updated private\n 100 10:00 updated gold\n 200 10:00 updated silver",
        {
            "99 10:00": ["private"], "100 10:00": ["gold"], "199 10:00": ["gold"], "200 10:00": ["other"],
            "20 10:00": ["new", "private"],
        },
    ),
    "an update without a segment changes none": (
        "0 10:00 updated private\n 100 10:00 updated", {"150 10:00": ["private"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LIVES)
def test_segments_at_instants_by_hand(name):
    life, wanted = LIVES[name]
    groups = Groups(person(life), RULES)
    assert {instant: list(groups.at(at(instant))) for instant in wanted} == wanted
