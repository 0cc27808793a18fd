"""Why a customer may leave, and until when that is so: lives by hand."""

from __future__ import annotations

import pytest

from stream.core.customers.risks import risks, standing
from tests.core.one_life import at, person

LIVES = {
    "detractors and complaints": (
        """
        0 10:00 survey_answered nps is=6
        0 11:00 survey_answered nps is=7
        0 12:00 survey_answered csat is=1
        0 13:00 complained x
        """,
        ["0 10:00 detractor", "0 13:00 complaint"],
    ),
    "who was never a member cannot be lost early": ("0 10:00 returned o1", []),
    "the first trouble after joining, and no more": (
        """
        0 09:00 returned o1
        0 10:00 joined
        2 10:00 returned o2
        3 10:00 survey_answered csat is=2
        """,
        ["2 10:00 early_churn returned"],
    ),
    "as late as ninety days after": (
        "0 10:00 joined\n 90 10:00 survey_answered ces is=3", ["90 10:00 early_churn low_score"],
    ),
    "no later": ("0 10:00 joined\n 90 10:00:00.001 survey_answered ces is=3", []),
    "as early as joining": ("0 10:00 joined\n 0 10:00 returned o1", ["0 10:00 early_churn returned"]),
    "no score that is not low": ("0 10:00 joined\n 1 10:00 survey_answered ces is=4", []),
    "having to come back": (
        "0 10:00 joined\n 1 10:00 phone p1 for=5m\n 2 10:00 phone p2 for=5m",
        ["2 10:00 early_churn repeat_contact"],
    ),
    "a complaint is both": (
        "0 10:00 joined\n 1 10:00 complained x", ["1 10:00 complaint", "1 10:00 early_churn complaint"],
    ),
    "who joins twice has joined at first": (
        "0 10:00 joined\n 60 10:00 joined\n 100 10:00 returned o1", [],
    ),
    "who has left is none any more": ("0 10:00 joined\n 1 10:00 left\n 1 10:00 returned o1", []),
    "until then they are": (
        "0 10:00 joined\n 1 10:00 left\n 1 09:59:59.999 returned o1", ["1 09:59:59.999 early_churn returned"],
    ),
    "leaving is no joining": ("0 10:00 left\n 1 10:00 returned o1\n 2 10:00 joined", []),
    "what is after leaving goes with no joining": (
        "0 10:00 joined\n 1 10:00 left\n 2 10:00 left\n 3 10:00 returned o1", [],
    ),
    "of one instant joining comes first": ("0 10:00 left\n 0 10:00 joined\n 1 10:00 returned o1", []),
    "each joining has a first trouble of its own": (
        """
        0 10:00 joined
        1 10:00 returned o1
        2 10:00 left
        3 10:00 joined
        4 10:00 returned o2
        """,
        ["1 10:00 early_churn returned", "4 10:00 early_churn returned"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LIVES)
def test_what_puts_a_customer_at_risk(name: str) -> None:
    life, wanted = LIVES[name]
    found = [(risk.at, *filter(None, (risk.why, risk.signal))) for risk in risks(person(life))]
    lines = [line.split() for line in wanted]
    assert found == [(at(f"{day} {time}"), *words) for day, time, *words in lines]


def test_a_risk_stands_for_thirty_days_from_its_instant_on() -> None:
    found = risks(person("10 10:00 complained x\n 20 10:00 complained x\n 20 10:00 survey_answered nps is=0"))
    at_risk = {now: standing(found, at(now)) for now in (
        "10 09:59:59.999", "10 10:00", "20 10:00", "50 10:00", "50 10:00:00.001",
    )}  # fmt: skip
    assert at_risk == {
        "10 09:59:59.999": [], "10 10:00": ["complaint"], "20 10:00": ["detractor", "complaint"],
        "50 10:00": ["detractor", "complaint"], "50 10:00:00.001": [],
    }  # fmt: skip
