"""What is open, which contact on a matter one is, and what it is a repeat of: lives by hand."""

from __future__ import annotations

import pytest

from stream.core.customers.matter import earlier_contacts, is_open, issue
from stream.core.rules import Rules
from tests.core.one_life import at, person

RULES = Rules()

OPEN = {
    "a call until nothing was heard of it for four hours": (
        "0 10:00 phone p1", {"0 10:00": True, "0 14:00": True, "0 14:00:00.001": False},
    ),
    "a chat for a day": ("0 10:00 chat h1", {"1 10:00": True, "1 10:00:00.001": False}),
    "an email for as long as it takes": ("0 10:00 email e1", {"300 10:00": True}),
    "none that has ended": ("0 10:00 email e1 for=1h", {"0 11:00": False, "1 10:00": False}),
    "none that ended as it began": ("0 10:00 email e1 for=0s", {"0 10:00": False}),
    "one that was opened again": ("0 10:00 email e1 for=1h reopened=5h", {"1 10:00": True}),
    "from then on": (
        "0 10:00 phone p1 for=1h reopened=5h", {"0 15:00": True, "0 19:00": True, "0 19:00:00.001": False},
    ),
    "until it is closed again": ("0 10:00 email e1 for=1h reopened=5h closed=6h", {"1 10:00": False}),
    "or in the same instant": ("0 10:00 email e1 for=1h reopened=5h closed=5h", {"1 10:00": False}),
    "closed again before it was opened": ("0 10:00 email e1 for=1h reopened=5h closed=4h", {"1 10:00": True}),
}  # fmt: skip


@pytest.mark.parametrize("name", OPEN)
def test_what_is_open(name: str) -> None:
    life, wanted = OPEN[name]
    (one,) = person(life, RULES).journey.all
    assert {now: is_open(one, at(now), RULES) for now in wanted} == wanted


CONTACTS = {
    "those that ended in the window before it": ("0 10:00 phone p1 for=1h\n 7 11:00 phone p2", ["p1"]),
    "no others": ("0 10:00 phone p1 for=1h\n 7 11:00:00.001 phone p2", []),
    "one that was abandoned, too": ("0 10:00 phone p1 for=1h outcome=abandoned\n 1 11:00 phone p2", ["p1"]),
    "no outbound one": ("0 10:00 phone p1 for=1h out=yes\n 1 11:00 phone p2", []),
    "none about something else": ("0 10:00 phone p1 for=1h reason=bill\n 1 11:00 phone p2 reason=fault", []),
    "those about something else that it may be about": (
        "0 10:00 phone p1 for=1h reason=bill\n 1 11:00 phone p2 reason=fault\n 2 11:00 phone p3", ["p1", "p2"],
    ),
    "those before these": (
        "0 10:00 phone p1 for=1h\n 6 10:00 phone p2 for=1h\n 12 10:00 phone p3 for=1h\n 18 10:00 phone p4",
        ["p1", "p2", "p3"],
    ),
    "counted from the start of these": (
        "0 10:00 phone p1 for=1h\n 7 11:00:00.001 email e2 for=100h\n 14 10:00 phone p3", ["e2"],
    ),
    "one that was opened again in it": (
        "0 10:00 phone p1 for=1h reopened=24h closed=25h\n 8 09:00 phone p2", ["p1"],
    ),
    "one that is open": ("0 10:00 email e1\n 90 10:00 phone p2", ["e1"]),
    "none that is taken to be over": ("0 10:00 phone p1\n 90 10:00 phone p2", []),
    "one that was given up and is as young as its start": ("0 10:00 phone p1\n 7 10:00 phone p2", ["p1"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CONTACTS)
def test_the_contacts_on_the_matter_of_the_last_one(name: str) -> None:
    life, wanted = CONTACTS[name]
    journey = person(life, RULES).journey
    last = journey.inbound[-1]
    found = earlier_contacts(journey, len(journey.inbound) - 1, last.started_at, RULES)
    assert [d.interaction_id for d in found] == wanted


def test_an_issue_goes_back_to_its_first_contact() -> None:
    journey = person(
        """
        0 10:00 phone p1 for=1h
        1 10:00 phone p2 for=1h
        1 12:00 phone p3 outcome=abandoned
        2 10:00 phone p4
        30 10:00 phone p5
        """
    ).journey
    assert [[d.interaction_id for d in issue(journey, i)] for i in range(5)] == [
        [], ["p1"], ["p1", "p2"], ["p1", "p2"], [],
    ]  # fmt: skip


def test_an_issue_has_no_contact_twice_though_each_ended_as_the_other_began() -> None:
    journey = person("0 10:00 chat h1 for=0s\n 0 10:00 phone p1 for=0s").journey
    for i in range(2):
        names = [d.interaction_id for d in issue(journey, i)]
        assert sorted(names) == sorted({*names})
