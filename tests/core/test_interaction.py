"""What small histories count, by hand; what settings, revisions and limits do; what the customer's shard hears."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from schemas.codec import decode
from schemas.events import Digest
from schemas.topics import TOPICS
from stream.core.interactions.interaction import Interaction, Interactions
from stream.core.rules import HOUR, QueueRules, Rules
from tests.core.straight import Straight
from tests.oracle.test_oracle import HISTORIES, START, history

QUEUE = "phone|i|qq"


def standing(straight: Straight, scope: str = QUEUE) -> dict[str, int]:
    """Measures of a scope over all time."""
    sums: dict[str, int] = {}
    for (_, where, measure), n in straight.standing().items():
        if where == scope:
            sums[measure] = sums.get(measure, 0) + n
    return sums


def events(records: list[Any]) -> list[Any]:
    """The records, decoded."""
    return [
        decode(TOPICS[r["topic"]], r["key"].encode(), msgspec.json.encode(r["value"]), r["timestamp_ms"])
        for r in records
    ]


def taken(stage: Interactions, records: list[Any], now: int = START) -> Interaction:
    """One interaction after these records."""
    state = stage.new("i1")
    for event in events(records):
        stage.apply(state, event, now)
    return state


@pytest.mark.parametrize("name", HISTORIES)
def test_a_small_history_counts_as_one_sees(name: str) -> None:
    records, wanted = HISTORIES[name]
    assert standing(Straight().take(records)) == wanted
    assert standing(Straight().take(records[::-1] * 2)) == wanted


def test_a_higher_revision_replaces_and_a_lower_one_is_dropped() -> None:
    told = history((0, "queued", {"queue": "q"}), (5, "answered", {"agent_id": "a"}), (65, "ended", {}))
    revised = history((0, "queued", {"queue": "q"}), (3, "answered", {"agent_id": "a"}))[1:]
    revised[0]["value"]["revision"] = 2
    for records in (told + revised, revised + told, told + revised + told):
        straight = Straight().take(records)
        assert standing(straight)["wait_ms"] == 3000
        assert standing(straight)["talk_ms"] == 62000
        assert standing(straight)["answered"] == 1


def test_a_changed_setting_holds_from_the_next_event_and_rewrites_nothing() -> None:
    strict = Rules(queues={("phone", "q"): QueueRules(threshold_ms=1000)})
    told = history((0, "queued", {"queue": "q"}), (5, "answered", {"agent_id": "a"}), (65, "ended", {}))
    before, after = Interactions(Rules(), "phone"), Interactions(strict, "phone")
    blob = before.dump(taken(before, told[:2]))
    loaded = after.load("i1", blob)
    change = after.apply(loaded, events(told[2:])[0], START)
    lost = [stamp for stamp in change.removed if "qq" in stamp[1]]
    assert [stamp[2][0] for stamp in lost] == [2], "the answer is counted anew"
    again = after.load("i1", after.dump(loaded))
    assert again.owed is None
    assert again.life.stamps == taken(after, told).life.stamps


def test_a_load_under_unchanged_settings_owes_nothing() -> None:
    stage = Interactions(Rules(), "phone")
    state = taken(stage, history((0, "queued", {"queue": "q"}), (9, "held", {"agent_id": "a"})), START + 9 * HOUR)
    assert state.timed_out
    assert stage.load("i1", stage.dump(state)).owed is None
    assert stage.dump(stage.load("i1", stage.dump(state))) == stage.dump(state)


def test_who_has_timed_out_is_not_due_again_until_another_event_comes() -> None:
    stage = Interactions(Rules(), "phone")
    state = taken(stage, history((0, "queued", {"queue": "q"})))
    due_at = stage.due_at(state)
    assert due_at == START + 4 * HOUR
    assert stage.elapse(state, due_at).added
    assert stage.due_at(state) is None
    assert stage.due_at(stage.load("i1", stage.dump(state))) is None
    late = history((0, "queued", {"queue": "q"}), (3600, "offered", {"agent_id": "a"}))[1:]
    assert stage.apply(state, events(late)[0], due_at).removed
    assert stage.due_at(state) == START + 5 * HOUR


def test_beyond_the_bound_events_are_skipped_and_said() -> None:
    stage = Interactions(Rules(max_events=2), "phone")
    state = taken(stage, history((0, "queued", {"queue": "q"}), (1, "offered", {"agent_id": "a"})))
    change = stage.apply(state, events(history(*[(2, "offered", {"agent_id": "b"})] * 3))[2], START)
    assert (change.result, change.anomalies) == ("skipped", ("too_many",))


def test_a_queue_name_may_be_as_long_as_a_record() -> None:
    stage = Interactions(Rules(), "phone")
    state = taken(stage, history((0, "queued", {"queue": "q" * 200_000}), (1, "abandoned", {})))
    assert stage.load("i1", stage.dump(state)).owed is None


def digests(records: list[Any]) -> list[tuple[Digest, int]]:
    """What the customer's shard hears, with revisions."""
    stage, state, heard = Interactions(Rules(), "phone"), Interactions(Rules(), "phone").new("i1"), []
    for offset, event in enumerate(events(records)):
        stage.apply(state, event, START)
        state = stage.load("i1", msgspec.msgpack.encode(msgspec.msgpack.decode(stage.dump(state))))
        state.stirred = True
        for output in stage.outputs(state, event.time, offset):
            sent: Any = decode(TOPICS[output.topic], output.key, output.value, 2**53)
            heard.append((sent.data, sent.revision))
    return heard


def test_a_digest_goes_out_when_the_customer_is_known_and_when_it_closes() -> None:
    heard = digests(
        history(
            (0, "started", {"customer_id": "c"}), (1, "queued", {"queue": "q"}), (5, "answered", {"agent_id": "a"}),
            (65, "ended", {"resolved": True}), (70, "wrapped_up", {"agent_id": "a"}),
        )
    )  # fmt: skip
    assert [(d.customer_id, d.served, d.ended_at, revision) for d, revision in heard] == [
        ("c", False, (), 0),
        ("c", True, (START + 65_000,), 3),
        ("c", True, (START + 65_000,), 4),
    ]
    inside = [(d.queue, d.agent_id, d.outcome, d.wait_ms, d.handled, d.handle_ms) for d, _ in heard]
    assert inside == [
        (None, None, None, None, 0, 0),
        ("q", "a", "answered", 4000, 1, 60_000),
        ("q", "a", "answered", 4000, 1, 65_000),
    ]


def test_an_interaction_that_changes_hands_is_withdrawn_from_the_first_customer() -> None:
    told = history(
        (0, "started", {"customer_id": "tel:+39"}), (9, "abandoned", {}), (20, "updated", {"customer_id": "c"})
    )
    heard = [(d.customer_id, d.withdrawn) for d, _ in digests(told)]
    assert heard == [("tel:+39", False), ("tel:+39", False), ("tel:+39", True), ("c", False)]
