"""A customer's journey: what follows what, in the words of the definition; and customers who come back all the time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events import Digest
from stream.core.customers.counted import stamps_of
from stream.core.customers.journey import Journey, is_reopened, matches
from stream.core.customers.person import Person
from stream.core.rules import Rules

WINDOW = 10
instants = st.integers(0, 30)
digests = st.lists(
    st.builds(
        Digest,
        customer_id=st.just("c"), channel=st.sampled_from(["phone", "chat"]), interaction_id=st.just("i"),
        started_at=instants, inbound=st.booleans(), reason=st.sampled_from([None, "bill", "fault"]),
        served=st.booleans(), ended_at=st.lists(instants, max_size=3).map(lambda found: tuple(sorted(found))),
        reopened_at=st.lists(instants, max_size=1).map(tuple), withdrawn=st.sampled_from([False, False, True]),
    ),
    max_size=8,
)  # fmt: skip


@given(told=digests)
def test_what_follows_what_is_as_defined(told: list[Digest]) -> None:
    journey = Journey(told, WINDOW)
    for i, d in enumerate(journey.inbound):
        others = [other for j, other in enumerate(journey.inbound) if j != i and matches(d.reason, other.reason)]
        before = any(0 <= d.started_at - end <= WINDOW for other in others if other.served for end in other.ended_at)
        came = [*d.reopened_at, *(other.started_at for other in others)]
        assert journey.repeats[i] == before
        assert journey.is_followed(i) == any(0 <= at - end <= WINDOW for end in d.ended_at for at in came)
    for i, d in enumerate(journey.all):
        starts = [other.started_at for j, other in enumerate(journey.all) if j != i]
        assert journey.is_left_alone(i, WINDOW) != any(0 <= at - end <= WINDOW for end in d.ended_at for at in starts)


@pytest.mark.parametrize(
    ("ends", "at", "again"),
    [((5,), 4, False), ((5,), 5, True), ((5,), 15, True), ((5,), 16, False), ((5, 8), 18, True), ((), 5, False)],
)
def test_it_is_reopened_from_an_end_on_for_a_window(ends: tuple[int, ...], at: int, again: bool) -> None:
    one = Digest(customer_id="c", channel="chat", interaction_id="i", started_at=0, ended_at=ends, reopened_at=(at,))
    assert is_reopened(one, WINDOW) == again


@pytest.mark.parametrize(("bot", "gap"), [(False, 60_000), (True, 60_000), (True, 200_000_000)])
def test_a_customer_of_five_thousand_interactions_costs_no_seconds(bot: bool, gap: int) -> None:
    told = [
        Digest(
            customer_id="c", channel="chat", interaction_id=str(i), started_at=i * gap, reason=None if bot else str(i),
            served=True, ended_at=(i * gap + 1000,), bot=bot, contained=bot,
        )
        for i in range(5000)
    ]  # fmt: skip
    began = time.process_time()
    assert len(stamps_of(Person("c", told, [], 7 * 86_400_000), Rules())) > 5000
    assert time.process_time() - began < 1
