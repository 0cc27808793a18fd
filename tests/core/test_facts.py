"""Facts of interactions: which of two twins stands, what does not fit what was known, what changed settings owe."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from stream.core.interactions.interaction import Interactions
from stream.core.rules import QueueRules, Rules
from tests.core.by_hand import History, steps
from tests.core.straight import Straight
from tests.core.test_interaction import START, events, taken
from tests.oracle.test_oracle import history

ODD: dict[str, tuple[str, list[str]]] = {
    "an answer on top of one's own": ("queued q\nanswered anna\nanswered anna", ["answered_twice"]),
    "an answer on top of another's": ("queued q\nanswered anna\nanswered bert", []),
    "a hold while nobody is on": ("queued q\nheld anna\nanswered anna", ["unexpected_held"]),
    "a resumption without a hold": ("answered anna\nresumed anna\nheld anna\nresumed anna", ["unexpected_resumed"]),
    "a resumption by nobody": ("queued q\nresumed anna", ["unexpected_resumed"]),
    "a transfer by nobody": ("queued q\ntransferred anna\nanswered anna", ["unexpected_transferred"]),
    "a transfer told twice": ("answered anna\ntransferred anna\ntransferred anna", ["unexpected_transferred"]),
    "a transfer after the end": ("answered anna\nended customer\ntransferred anna", ["unexpected_transferred"]),
    "giving up while an agent is on": ("answered anna\nabandoned", ["unexpected_abandoned"]),
    "giving up in a queue": ("queued q\nabandoned", []),
    "leaving no queue": ("answered anna\nflowed_out voicemail", ["unexpected_flowed_out"]),
    "a wrap-up of nothing": ("queued q\nwrapped_up anna\nanswered anna", ["unexpected_wrapped_up"]),
    "a wrap-up of another's work": ("answered anna\nended customer\nwrapped_up bert", ["unexpected_wrapped_up"]),
    "opening what is open": ("queued q\nreopened\nanswered anna", ["unexpected_reopened"]),
    "opening what was closed": ("queued q\nabandoned\nreopened", []),
}
OF_CHATS: dict[str, tuple[str, list[str]]] = {
    "a reply after the start": ("started\nmessage agent", []),
    "a reply before the start": ("message agent\nstarted", ["negative_duration"]),
    "a reply and an end before the start": ("message agent\nended agent\nstarted", ["negative_duration"] * 2),
}


def clocked(told: str, channel: str = "phone") -> list[Any]:
    """The records of lines without a time: a minute between two."""
    lines = [f"10:{minute:02}:00 {line}" for minute, line in enumerate(told.splitlines())]
    return events(steps(History(channel, "\n".join(lines), "")))


@pytest.mark.parametrize(
    ("channel", "told", "odd"),
    [("phone", *each) for each in ODD.values()] + [("chat", *each) for each in OF_CHATS.values()],
    ids=[*ODD, *OF_CHATS],
)
def test_what_does_not_fit_is_said_once_and_counted_all_the_same(channel: str, told: str, odd: list[str]) -> None:
    stage = Interactions(Rules(), channel)
    state, said = stage.new("1"), []
    for event in clocked(told, channel):
        change = stage.apply(state, event, event.at)
        assert change.result == "applied"
        said += change.anomalies
    assert said == odd
    for order in permutations(clocked(told, channel)):
        shuffled = stage.new("1")
        said = [name for event in order for name in stage.apply(shuffled, event, event.at).anomalies]
        assert shuffled.life.anomalies == odd
        assert set(said) >= set(odd)


def test_a_late_event_says_only_what_it_has_made_odd() -> None:
    first, other, late = clocked("answered anna\nresumed anna\nresumed anna")
    stage = Interactions(Rules(), "phone")
    state = stage.new("1")
    said = [stage.apply(state, event, late.at).anomalies for event in (first, late, other, late)]
    assert said == [(), ("unexpected_resumed",), ("unexpected_resumed",), ()]


TWINS: dict[str, tuple[Any, Any]] = {
    "time": ((1, "queued", {"queue": "b"}), (2, "queued", {"queue": "a"})),
    "queue": ((1, "queued", {"queue": "a"}), (1, "queued", {"queue": "b"})),
    "agent": ((1, "answered", {"agent_id": "a"}), (1, "answered", {"agent_id": "b"})),
    "a word more": ((1, "answered", {"agent_id": "a", "queue": "q"}), (1, "answered", {"agent_id": "a"})),
    "result": ((1, "declined", {"agent_id": "a", "result": "busy"}),
               (1, "declined", {"agent_id": "a", "result": "no_answer"})),
    "outcome": ((1, "flowed_out", {"outcome": "bot"}), (1, "flowed_out", {"outcome": "full"})),
    "flag": ((1, "ended", {"resolved": False}), (1, "ended", {"resolved": True})),
    "by": ((1, "ended", {"by": "agent"}), (1, "ended", {"by": "customer"})),
    "hold": ((1, "ended", {"hold_ms": 1000}), (1, "ended", {"hold_ms": 2000})),
    "wrap-up": ((1, "wrapped_up", {"agent_id": "a", "wrap_up_ms": 1000}),
                (1, "wrapped_up", {"agent_id": "a", "wrap_up_ms": 2000})),
    "customer": ((1, "queued", {"queue": "q", "customer_id": "a"}), (1, "queued", {"queue": "q", "customer_id": "b"})),
    "reason": ((1, "queued", {"queue": "q", "reason": "a"}), (1, "queued", {"queue": "q", "reason": "b"})),
    "direction": ((1, "started", {"direction": "inbound"}), (1, "started", {"direction": "outbound"})),
    "kind": ((1, "abandoned", {}), (1, "reopened", {})),
}  # fmt: skip


@pytest.mark.parametrize(("smaller", "larger"), TWINS.values(), ids=TWINS)
def test_of_two_that_differ_under_one_name_the_smaller_stands_whichever_came_first(smaller: Any, larger: Any) -> None:
    stage = Interactions(Rules(), "phone")
    alone, other = (taken(stage, history((0, "started", {}), twin)) for twin in (smaller, larger))
    assert (alone.log, alone.life.stamps) != (other.log, other.life.stamps)
    one, two = (history((0, "started", {}), twin) for twin in (smaller, larger))
    for records in ([*one, two[1]], [*two, one[1]], [*two, *one, *two]):
        found = taken(stage, records)
        assert (found.log, found.life.stamps) == (alone.log, alone.life.stamps)
        assert (found.told.customer_id, found.told.reason) == (alone.told.customer_id, alone.told.reason)


@pytest.mark.parametrize("told", [{}, {"queue": "q"}])
def test_a_callback_that_is_told_late_is_inbound_after_all(told: dict[str, Any]) -> None:
    records = history(
        (0, "started", {"direction": "outbound"}), (1, "queued", {"queue": "q"}),
        (2, "updated", {"initiation": "callback"}), (3, "answered", {"agent_id": "a", **told}),
    )  # fmt: skip
    for order in (records, records[::-1]):
        scopes = {scope for (_, scope, _) in Straight().take(order).standing()}
        assert {scope.split("|")[1] for scope in scopes} == {"i"}


def test_what_changed_settings_owe_is_added_and_taken_back_with_the_next_event() -> None:
    before, after = (
        Interactions(Rules(queues={("phone", "q"): QueueRules(threshold_ms=ms)}), "phone") for ms in (1000, 9000)
    )
    told = history((0, "queued", {"queue": "q"}), (5, "answered", {"agent_id": "a"}), (65, "held", {"agent_id": "a"}))
    for one, other, gained in ((before, after, 1), (after, before, -1)):
        loaded = other.load("i1", one.dump(taken(one, told[:2])))
        change = other.apply(loaded, events(told[2:])[0], START)
        sums: dict[int, int] = {}
        for sign, stamps in ((1, change.added), (-1, change.removed)):
            for _, _, increments in stamps:
                for code, n in zip(increments[::2], increments[1::2], strict=True):
                    sums[code] = sums.get(code, 0) + sign * n
        assert {code: n for code, n in sums.items() if n} == {3: gained}, "in_threshold alone"
