"""Touchpoints of lives that one can read: their order, names, outcomes, phases, and what was felt about them."""

from __future__ import annotations

import pytest

from stream.core.customers.journeys import gap_ms, journeys
from stream.core.customers.touchpoints import touchpoints
from stream.core.rules import DAY, HOUR, MINUTE, Rules
from tests.core.one_life import at, person

LIFE = """
    0 09:00 touched site outcome=completed
    0 09:30 chat h1 queue=web for=10m wait=5s
    1 10:00 purchased o1 amount=9900 currency=EUR
    1 10:30 social s1 for=5m
    4 08:00 touched delivery outcome=late
    4 09:00 phone p1 queue=support for=6m wait=40s
    4 09:20 survey_answered csat is=2 interaction_id=p1
    5 12:00 email e1 queue=orders
    6 12:00 complained delivery channel=phone
    7 12:00 returned o1
    8 12:00 reviewed 1
"""
"""Five channels, an order, what was felt about it."""


def told(life, rules=None):
    return [
        (touch.at, touch.name, touch.outcome, touch.phase, [said.kind for said in touch.felt])
        for touch in touchpoints(person(life), rules or Rules())
    ]


def test_a_life_over_many_channels_is_told_by_time():
    assert told(LIFE) == [
        (at("0 09:00"), "site", "completed", "before", []),
        (at("0 09:30"), "chat/web", "answered", "before", []),
        (at("1 10:00"), "purchase", "bought", "during", []),
        (at("1 10:30"), "social", "answered", "during", []),
        (at("4 08:00"), "delivery", "late", "after", []),
        (at("4 09:00"), "phone/support", "answered", "after", ["survey_answered", "complained"]),
        (at("5 12:00"), "email/orders", "open", "after", []),
        (at("7 12:00"), "return", "returned", "after", ["reviewed"]),
    ]


@pytest.mark.parametrize(
    ("touched", "phase"),
    [
        ("9 23:59:59.999", None), ("10 00:00", "before"), ("39 22:59:59.999", "before"), ("39 23:00", "during"),
        ("40 01:00", "during"), ("40 01:00:00.001", "after"), ("70 00:00", "after"), ("70 00:00:00.001", None),
        # halfway between two orders the earlier one is the nearest
        ("90 00:00", "after"), ("90 00:00:00.001", "before"),
    ],
)  # fmt: skip
def test_the_phase_is_that_of_the_nearest_order(touched, phase):
    life = f"""
        40 00:00 purchased o1 amount=1 currency=EUR
        {touched} touched site
        80 00:00 purchased o2 amount=1 currency=EUR
        100 00:00 purchased o3 amount=1 currency=EUR
    """
    if touched < "8":
        life = "\n".join(line for line in life.splitlines() if "o2" not in line and "o3" not in line)
    (site,) = (touch for touch in told(life) if touch[1] == "site")
    assert site[3] == phase


def test_a_phase_that_is_told_holds_and_what_comes_back_comes_after():
    life = """
        0 10:00 purchased o1 amount=1 currency=EUR
        2 10:00 touched site phase=before
        3 10:00 returned o1
        3 10:10 purchased o2 amount=1 currency=EUR
    """
    assert [touch[3] for touch in told(life)] == ["during", "before", "after", "during"]


def test_without_any_order_there_is_no_phase():
    assert [touch[3] for touch in told("0 10:00 phone p1 for=5m\n 1 10:00 touched site")] == [None, None]


def test_an_order_that_is_told_twice_is_bought_once():
    life = "0 10:00 purchased o1 amount=1 currency=EUR\n 5 10:00 purchased o1 amount=1 currency=EUR"
    assert [touch[0] for touch in told(life)] == [at("0 10:00")]


def test_names_and_outcomes_come_from_closed_lists():
    life = """
        0 10:00 touched kiosk outcome=completed
        0 11:00 touched shop outcome=happy
        0 12:00 touched shop
        0 13:00 joined
        0 14:00 updated private
    """
    assert [touch[1:3] for touch in told(life)] == [("other", "completed"), ("shop", "other"), ("shop", "untold")]
    assert told(life, Rules(touchpoints=("kiosk",)))[0][1] == "kiosk"


FELT = {
    "a survey is about its interaction, wherever that is": (
        "0 10:00 phone p1 for=5m\n 1 10:00 chat h1 for=5m\n 2 10:00 survey_answered csat is=5 interaction_id=p1",
        [["survey_answered"], []],
    ),
    "on the channel that it tells": (
        """
        0 10:00 phone x for=5m
        1 10:00 chat x for=5m
        2 10:00 survey_answered csat is=5 interaction_id=x channel=phone
        """,
        [["survey_answered"], []],
    ),
    "of two of that id the last one begun": (
        "0 10:00 phone x for=5m\n 1 10:00 chat x for=5m\n 2 10:00 survey_answered csat is=5 interaction_id=x",
        [[], ["survey_answered"]],
    ),
    "about one that nobody knows, by itself": (
        "0 10:00 phone p1 for=5m\n 1 10:00 survey_answered csat is=5 interaction_id=p2", [[], ["survey_answered"]],
    ),
    "else about the last touchpoint": (
        "0 10:00 phone p1 for=5m\n 1 10:00 touched site\n 2 10:00 survey_answered nps is=5", [[], ["survey_answered"]],
    ),
    "the last one on its channel": (
        "0 10:00 phone p1 for=5m\n 1 10:00 touched site\n 2 10:00 complained x channel=phone", [["complained"], []],
    ),
    "in the same instant": ("0 10:00 touched site\n 0 10:00 reviewed 4", [["reviewed"]]),
    "within 30 days": ("0 10:00 touched site\n 30 10:00 reviewed 4", [["reviewed"]]),
    "and no longer": ("0 10:00 touched site\n 30 10:00:00.001 reviewed 4", [[], ["reviewed"]]),
    "a complaint on a channel where nothing was is by itself": (
        "0 10:00 touched site\n 1 10:00 complained x channel=phone", [[], ["complained"]],
    ),
    "what comes before any touchpoint is by itself": ("0 10:00 reviewed 4\n 1 10:00 touched site", [["reviewed"], []]),
}  # fmt: skip


@pytest.mark.parametrize("name", FELT)
def test_what_was_felt_belongs_to_a_touchpoint(name):
    life, felt = FELT[name]
    assert [touch[4] for touch in told(life)] == felt


def test_what_is_by_itself_has_a_name_of_its_own():
    life = "0 10:00 reviewed 4\n 50 10:00 complained x\n 99 10:00 survey_answered nps is=9"
    assert [touch[1:3] for touch in told(life)] == [("review", "untold"), ("complaint", "untold"), ("survey", "untold")]


def test_gaps_run_from_the_end_of_one_to_the_start_of_the_next():
    chat, site, call, mail = touchpoints(
        person("0 10:00 chat h1 for=30m\n 0 10:20 touched site\n 0 11:00 phone p1\n 0 12:00 email e1"), Rules()
    )
    assert [gap_ms(chat, site), gap_ms(site, call), gap_ms(call, mail)] == [0, 40 * MINUTE, HOUR]


@pytest.mark.parametrize(("later", "lengths"), [("30 10:05", [2]), ("30 10:05:00.001", [1, 1])])
def test_a_journey_ends_after_thirty_days_without_a_touchpoint(later, lengths):
    touches = touchpoints(person(f"0 10:00 phone p1 for=5m\n {later} touched site"), Rules())
    assert [len(journey) for journey in journeys(touches)] == lengths
    assert gap_ms(*touches) in (30 * DAY, 30 * DAY + 1)


def test_a_journey_goes_on_from_its_last_touchpoint():
    touches = touchpoints(person("\n".join(f"{day} 10:00 touched site" for day in (0, 40, 65, 95, 130))), Rules())
    assert [[touch.at for touch in journey] for journey in journeys(touches)] == [
        [at("0 10:00")], [at(f"{day} 10:00") for day in (40, 65, 95)], [at("130 10:00")],
    ]  # fmt: skip
