"""Who has had one interaction and said nothing: the quick way counts and tells what the definition does."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.events import Digest
from stream.core.customers import single
from stream.core.customers.counted import stamps_of
from stream.core.customers.insights import Standing, standing_insights, standing_of_one
from stream.core.customers.person import Person
from stream.core.rules import DAY, SECOND, Rules

RULES = Rules()
NOW = 1_772_463_610_000
ago = st.sampled_from([0, 1, SECOND, DAY - 1, DAY, DAY + 1, 7 * DAY, 7 * DAY + 1, 90 * DAY, 90 * DAY + 1, 200 * DAY])
instants = st.lists(ago.map(lambda back: NOW - back), max_size=3).map(lambda found: tuple(sorted(found)))
digests = st.builds(
    Digest,
    customer_id=st.just("c"), channel=st.sampled_from(["phone", "email"]), interaction_id=st.just("i"),
    started_at=ago.map(lambda back: NOW - back), inbound=st.booleans(), reason=st.sampled_from([None, "bill", "a|b"]),
    served=st.booleans(), resolved=st.sampled_from([None, True, False]), ended_at=instants, reopened_at=instants,
    bot=st.booleans(), contained=st.booleans(), queue=st.sampled_from([None, "support"]),
    agent_id=st.sampled_from([None, "anna"]),
    outcome=st.sampled_from([None, "answered", "abandoned", "flowed_out", "contained", "unanswered"]),
    wait_ms=st.sampled_from([None, 0, 5 * SECOND, 5 * SECOND + 1, 60 * SECOND, 60 * SECOND + 1, DAY + 1]),
    handled=st.integers(0, 2), handle_ms=st.sampled_from([0, 1, 77_000]), transferred=st.integers(0, 3),
)  # fmt: skip


def told(found: list[Standing]) -> list[tuple[object, ...]]:
    """Insights with their content."""
    return [(one.id, one.at, one.kind, one.make(*one.of)) for one in found]


@settings(deadline=None)
@given(d=digests, known_since=st.one_of(st.just(1 << 62), ago.map(lambda back: NOW - back)))
def test_the_quick_way_counts_what_the_parts_do(d: Digest, known_since: int) -> None:
    person = Person("c", [d], [], RULES.repeat_window_ms, known_since)
    assert single.stamps(d, known_since, RULES) == stamps_of(person, RULES)


@settings(deadline=None)
@given(d=digests, heard=st.sets(st.sampled_from(["context/phone/i/c", "friction/long_wait/email/i/c"])))
def test_the_quick_way_tells_what_stands(d: Digest, heard: set[str]) -> None:
    person = Person("c", [d], [], RULES.repeat_window_ms)
    assert told(standing_of_one("c", d, RULES, NOW, heard)) == told(standing_insights(person, RULES, NOW, heard))
