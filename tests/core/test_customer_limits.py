"""A customer of too many interactions or events: what is one too many, and what is none."""

from __future__ import annotations

import pytest

from stream.core.measures import CODES
from stream.core.rules import Rules
from tests.core.timeline import HOUR, MINUTE, NOON, Timeline, contact, said

FEW = Rules(max_interactions=3)
CLAIM, TAKEN_OVER = (said("identified", f"by {who}", NOON + n, who, aliases=["tel:1"]) for n, who in enumerate("ab"))


def counted(line: Timeline, scope: str, measure: str) -> int:
    return line.shard.balances().get(f"t|{scope}", {}).get(CODES[measure], 0)


def calls(n: int, customer: str, at: int = NOON) -> list[tuple[bytes, bytes]]:
    return [r for i in range(n) for r in contact(f"{customer}{i}", at + i * HOUR, at + i * HOUR + MINUTE, customer)]


def test_an_interaction_too_many_is_skipped_and_what_is_known_still_changes() -> None:
    line = Timeline(FEW).take(calls(3, "a") + contact("more", NOON, customer="a"))
    assert counted(line, "phone|i|*", "identified") == 3
    assert (line.ledger.counts["applied"], line.ledger.counts["anomaly.too_many"]) == (6, 1)


def test_what_went_to_somebody_else_takes_nobodys_place() -> None:
    line = Timeline(FEW).take([*calls(3, "tel:1"), CLAIM, TAKEN_OVER])
    line.take(calls(3, "a", NOON + 2 * MINUTE))
    assert "anomaly.too_many" not in line.ledger.counts
    assert counted(line, "phone|i|*", "identified") == 6


@pytest.mark.parametrize("name", ["a", "tel:1"])
def test_an_event_too_many_is_skipped_but_for_membership_and_claims(name: str) -> None:
    line = Timeline(FEW).take([said("complained", str(n), NOON + n, name) for n in range(5)])
    line.take([said("complained", "0", NOON + MINUTE, name, revision=1, channel="phone")])
    assert (counted(line, "*|i|*", "complaints"), counted(line, "phone|i|*", "complaints")) == (2, 1)
    line.take([said("identified", "known", NOON, "a", aliases=["tel:1"]), said("joined", "joined", NOON, "a")])
    assert counted(line, "*|i|*", "customers_joined") == 1
    assert line.ledger.counts["anomaly.too_many"] == 2


@pytest.mark.parametrize(("scope", "measure"), [("phone|i|*", "identified"), ("*|i|*", "complaints")])
def test_of_one_who_has_too_many_since_some_came_back_no_more_is_taken_in(scope: str, measure: str) -> None:
    def some(name: str, at: int) -> list[tuple[bytes, bytes]]:
        """Three of what is counted."""
        if measure == "identified":
            return calls(3, name, at)
        return [said("complained", f"{name}{at}{n}", at + n, name) for n in range(3)]

    line = Timeline(FEW).take([*some("tel:1", NOON), CLAIM]).take([TAKEN_OVER]).take(some("a", NOON + MINUTE))
    line.take([said("identified", "by b", NOON + 1, "b", revision=1, aliases=["tel:2"])])
    assert counted(line, scope, measure) == 6
    assert "anomaly.too_many" not in line.ledger.counts
    more = contact("more", NOON, customer="a") if measure == "identified" else [said("complained", "more", NOON, "a")]
    line.take(more)
    assert (counted(line, scope, measure), line.ledger.counts["anomaly.too_many"]) == (6, 1)
