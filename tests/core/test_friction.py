"""Friction: each kind of it, and what is just not one."""

from __future__ import annotations

from typing import get_args

import pytest

from schemas.insights import Why
from stream.core.customers.friction import KINDS, Friction
from stream.core.customers.touchpoints import touchpoints
from stream.core.rules import QueueRules, Rules
from tests.core.one_life import person
from tests.core.timeline import DAY, HOUR, NOON, Timeline, contact, record

RULES = Rules(queues={("phone", "vip"): QueueRules(threshold_ms=10_000, short_abandon_ms=2_000)})
AGAIN = "repeated_on_another_channel"

LIVES = {
    "a call that went well": ("0 10:00 phone p1 for=5m wait=5s", [()]),
    "left the queue after more than the short-abandon threshold": (
        "0 10:00 phone p1 for=6s wait=5.001s outcome=abandoned", [("abandoned",)],
    ),
    "left at once": ("0 10:00 phone p1 for=6s wait=5s outcome=abandoned", [()]),
    "left at once, by this queue's threshold": (
        "0 10:00 phone p1 queue=vip for=6s wait=2.001s outcome=abandoned", [("abandoned",)],
    ),
    "abandoned, nobody knows after how long": ("0 10:00 phone p1 for=6s outcome=abandoned", [("abandoned",)]),
    "came back on another channel": (
        "0 10:00 chat h1 for=10m\n 0 11:00 phone p1 for=5m", [(AGAIN,), ()],
    ),
    "in the instant of the end": ("0 10:00 chat h1 for=10m\n 0 10:10 phone p1 for=5m", [(AGAIN,), ()]),
    "before the end": ("0 10:00 chat h1 for=10m\n 0 10:09 phone p1 for=5m", [(), ()]),
    "at the end of the repeat window": ("0 10:00 chat h1 for=10m\n 7 10:10 phone p1", [(AGAIN,), ()]),
    "after the repeat window": ("0 10:00 chat h1 for=10m\n 7 10:10:00.001 phone p1", [(), ()]),
    "on the same channel": ("0 10:00 chat h1 for=10m\n 0 11:00 chat h2 for=5m", [(), ()]),
    "on another matter": (
        "0 10:00 chat h1 for=10m reason=bill\n 0 11:00 phone p1 for=5m reason=login", [(), ()],
    ),
    "perhaps on the same matter": ("0 10:00 chat h1 for=10m reason=bill\n 0 11:00 phone p1 for=5m", [(AGAIN,), ()]),
    "we called": ("0 10:00 chat h1 for=10m\n 0 11:00 phone p1 for=5m out=yes", [(), ()]),
    "after our call": ("0 10:00 phone p1 for=5m out=yes\n 0 11:00 chat h1 for=10m", [(), ()]),
    "after an abandoned call": (
        "0 10:00 phone p1 for=30s wait=30s outcome=abandoned\n 0 11:00 chat h1 for=10m", [("abandoned", AGAIN), ()],
    ),
    "transferred twice": ("0 10:00 phone p1 for=5m transferred=2", [("transferred_twice",)]),
    "transferred once": ("0 10:00 phone p1 for=5m transferred=1", [()]),
    "waited more than three thresholds": ("0 10:00 phone p1 for=5m wait=60.001s", [("long_wait",)]),
    "waited three thresholds": ("0 10:00 phone p1 for=5m wait=60s", [()]),
    "waited three thresholds of this queue": ("0 10:00 phone p1 queue=vip for=5m wait=31s", [("long_wait",)]),
    "a csat of 2": ("0 10:00 phone p1 for=5m\n 0 11:00 survey_answered csat is=2", [("low_score",)]),
    "a csat of 3": ("0 10:00 phone p1 for=5m\n 0 11:00 survey_answered csat is=3", [()]),
    "an nps of 6": ("0 10:00 phone p1 for=5m\n 0 11:00 survey_answered nps is=6", [("low_score",)]),
    "an nps of 7": ("0 10:00 phone p1 for=5m\n 0 11:00 survey_answered nps is=7", [()]),
    "a ces of 3": ("0 10:00 phone p1 for=5m\n 0 11:00 survey_answered ces is=3", [("low_score",)]),
    "a ces of 4": ("0 10:00 phone p1 for=5m\n 0 11:00 survey_answered ces is=4", [()]),
    "a review of two stars": ("0 10:00 touched shop\n 0 11:00 reviewed 2", [("low_score",)]),
    "a review of three stars": ("0 10:00 touched shop\n 0 11:00 reviewed 3", [()]),
    "two low scores are one": (
        "0 10:00 touched shop\n 0 11:00 reviewed 2\n 0 12:00 survey_answered csat is=1", [("low_score",)],
    ),
    "complained": ("0 10:00 touched delivery\n 0 11:00 complained late", [("complaint",)]),
    "all at once": (
        """
        0 10:00 phone p1 for=5m wait=2m transferred=3
        0 11:00 chat h1
        0 12:00 survey_answered csat is=1 interaction_id=p1
        0 13:00 complained it channel=phone
        """,
        [(AGAIN, "transferred_twice", "long_wait", "low_score", "complaint"), ()],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LIVES)
def test_friction_by_hand(name):
    life, kinds = LIVES[name]
    one = person(life, RULES)
    friction = Friction(one.journey, RULES)
    assert [friction.at(touch) for touch in touchpoints(one, RULES)] == kinds


def test_a_long_wait_is_a_setting():
    rules = Rules(long_wait_factor=1.0)
    one = person("0 10:00 phone p1 for=5m wait=21s")
    (touch,) = touchpoints(one, rules)
    assert Friction(one.journey, rules).at(touch) == ("long_wait",)


def test_the_kinds_are_those_that_insights_tell():
    assert set(KINDS) == set(get_args(Why))


def test_of_one_that_was_closed_again_the_last_end_says_whether_somebody_came_back_in_time():
    ends = [NOON - 20 * DAY, NOON - DAY]
    chat = record(
        "interaction.digest", "chat/h1", NOON - DAY, "c", 2, channel="chat", interaction_id="h1",
        started_at=NOON - 20 * DAY - HOUR, ended_at=ends, served=True, outcome="answered",
    )  # fmt: skip
    told = Timeline().take([chat, *contact("p1", NOON)])
    assert told.one("friction/repeated_on_another_channel/chat/h1/")["again"]["interaction_id"] == "p1"
