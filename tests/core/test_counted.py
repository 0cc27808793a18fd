"""What a customer counts, but for journeys: lives by hand."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.core.customers.counted import difference, stamps_of
from stream.core.measures import CODES, JOINED_IN, NAMES
from stream.core.rules import Rules
from stream.core.scope import BY_DAY
from stream.core.stage import Stamp
from tests.core import by_hand_counted
from tests.core.one_life import at, person

LIVES = by_hand_counted.ORDERS | by_hand_counted.MEMBERS | by_hand_counted.FELT
IN_MS = 10_000
"""The span of joining that who leaves tells."""
Counts = Counter[tuple[int, str, str]]


def counted(life: str, rules: Rules | None = None) -> Counts:
    """(instant, scope, measure) -> n."""
    found: Counts = Counter()
    rules = rules or Rules()
    for instant, scope, increments in stamps_of(person(life, rules), rules):
        if not scope.startswith(BY_DAY[1]):
            for code, n in zip(increments[::2], increments[1::2], strict=True):
                name = NAMES[code] if code < JOINED_IN else f"joined_in={(code - JOINED_IN) * IN_MS}"
                found[instant, scope, name] += n
    return Counter({key: n for key, n in found.items() if n})


def wanted(counts: str) -> Counts:
    """The same, as it is written."""
    found: Counts = Counter()
    for line in filter(None, map(str.strip, counts.splitlines())):
        day, time, scope, *words = line.split()
        for word in words:
            name, _, n = word.partition("=")
            if name == "joined_in":
                found[at(f"{day} {time}"), scope[:-1], f"joined_in={at(n.replace('T', ' '))}"] += 1
            else:
                assert name in CODES
                found[at(f"{day} {time}"), scope[:-1], name] += int(n or 1)
    return found


@pytest.mark.parametrize("name", LIVES)
def test_a_life_counts_what_was_worked_out_by_hand(name: str) -> None:
    life, counts = LIVES[name]
    assert counted(life) == wanted(counts)


def test_the_days_of_buyers_and_members_are_those_of_the_center() -> None:
    rome = Rules(zone="Europe/Rome")
    life = "0 23:30 purchased o1 amount=1 currency=EUR\n 1 23:30 joined\n 9 10:00 left"
    assert counted(life, rome) == wanted(
        """
        0 23:00 *|*|y: buyers
        0 23:30 *|i|*: orders
        0 23:30 *|i|$EUR: orders order_amount=1
        1 23:30 *|i|*: members customers_joined left_early
        9 10:00 *|i|*: members=-1 customers_left joined_in=1T23:00
        365 23:00 *|*|y: buyers=-1
        """
    )


stamps = st.lists(st.tuples(st.integers(0, 25), st.just("*|i|*"), st.just((CODES["orders"], 1))), max_size=40)


@given(before=stamps, after=stamps)
def test_what_is_added_and_taken_back_is_the_difference_and_no_more(before: list[Stamp], after: list[Stamp]) -> None:
    added, removed = difference(list(before), list(after))
    assert Counter(before) + Counter(added) == Counter(after) + Counter(removed)
    assert not set(added) & set(removed)
