"""A customer who calls for years is not kept for years, nor new again when the first calls are let go."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from schemas.events import Digest, Digested
from stream.core.customers.customer import Customers
from stream.core.rules import DAY, Rules

START = 1_600_000_000_000


@pytest.mark.parametrize("every", [2, 5, 10, 20, 45])
def test_who_calls_for_years_is_let_go_bit_by_bit(every: int) -> None:
    stage, state = Customers(Rules()), Customers(Rules()).new("c")
    for day in range(0, 900, every):
        at = START + day * DAY
        d = Digest(
            customer_id="c",
            channel="phone",
            interaction_id=f"i{day}",
            started_at=at,
            served=True,
            ended_at=(at + 600_000,),
            outcome="answered",
        )
        event = Digested(
            id=f"phone/i{day}",
            source="centralino",
            specversion="1.0",
            time=datetime.fromtimestamp(at / 1000, UTC),
            revision=day,
            data=d,
            at=at,
        )
        assert stage.apply(state, event, at).result == "applied"
        for later in range(every):
            stage.elapse(state, at + later * DAY)
    oldest = min(heard.digest.started_at for heard in state.heard.values())
    assert at - oldest <= 500 * DAY
    assert oldest > START
    assert Customers(Rules()).load("c", stage.dump(state)).person(7 * DAY).known_since == START
