"""What agents hear of an interaction: a part for each stay, and for each offer that was not taken."""

from __future__ import annotations

from typing import Any

import msgspec

from stream.core.interactions.interaction import Interactions
from stream.core.rules import HOUR, QueueRules, Rules
from tests.core.test_interaction import events
from tests.oracle.test_oracle import START, history

Heard = dict[tuple[str, int], dict[str, Any]]
WHO = {"agent_id", "channel", "interaction_id", "number"}


def heard(records: list[Any], rules: Rules | None = None, silence: int = 0) -> Heard:
    """What stands after each event was told by itself, and then `silence` (ms): by agent and number.

    Instants are seconds from START, but those of closings.
    """
    channel = records[0]["value"]["data"]["channel"]
    stage = Interactions(rules or Rules(), channel)
    state, found, now = stage.new("i1"), {}, 0
    told = list(enumerate(events(records)))
    for offset, event in [*told, (-1, None)]:
        if event is None:
            if not silence:
                break
            stage.elapse(state, now + silence)
        else:
            now = max(now, event.at)
            stage.apply(state, event, now)
        time = None if event is None else event.time
        sent = stage.outputs(state, time, offset)
        state = stage.load("i1", stage.dump(state))
        assert state.owed is None
        assert stage.outputs(state, time, offset) == []
        for output in sent:
            if output.topic == "agents.timeline":
                value = msgspec.json.decode(output.value)
                part = value["data"]
                assert output.key.decode() == part["agent_id"]
                assert value["id"] == f"{channel}/i1/{part['number']}"
                assert value.get("revision", 0) == 2 * max(offset, 0) if event else 2 * told[-1][0] + 1
                found[part["agent_id"], part["number"]] = {
                    name: (n - START) // 1000 if name.endswith(("_at", "_until")) else n
                    for name, n in part.items() if name not in WHO
                }  # fmt: skip
    return {key: part for key, part in found.items() if not part.get("withdrawn")}


RANG = ((0, "queued", {"queue": "q"}), (2, "offered", {"agent_id": "a"}))


def test_a_stay_is_one_part_from_the_ring_to_the_end_of_the_wrap_up() -> None:
    told = heard(
        history(*RANG, (10, "answered", {"agent_id": "a"}), (30, "held", {}), (40, "resumed", {}),
                (70, "ended", {"resolved": True}), (85, "wrapped_up", {"agent_id": "a"}))
    )  # fmt: skip
    assert told == {
        ("a", 0): {
            "queue": "q", "rang_at": 2, "answered_at": 10, "over_at": 70, "free_at": 85, "wrapped": True,
            "talk_ms": 50_000, "hold_ms": 10_000, "held": True, "wrap_up_ms": 15_000, "handle_ms": 75_000,
            "closings": [[START + 70_000, True]],
        }
    }  # fmt: skip


def test_until_the_wrap_up_is_told_the_cap_frees_the_agent() -> None:
    records = history((0, "answered", {"agent_id": "a", "queue": "q"}), (60, "ended", {}))
    assert heard(records)["a", 0]["free_at"] == 60 + 1800
    short = Rules(queues={("phone", "q"): QueueRules(threshold_ms=1, wrap_up_cap_ms=30_000)})
    assert heard(records, short)["a", 0]["free_at"] == 90
    wrapped = [*records, history((0, "queued", {}), (1, "queued", {}), (300, "wrapped_up", {"agent_id": "a"}))[2]]
    assert (heard(wrapped, short)["a", 0]["free_at"], heard(wrapped)["a", 0]["free_at"]) == (90, 300)


def test_it_rings_until_an_agent_declines_and_a_second_offer_is_a_part_of_its_own() -> None:
    assert heard(history(*RANG)) == {("a", 0): {"queue": "q", "rang_at": 2}}
    declined = (*RANG, (8, "declined", {"agent_id": "a", "result": "no_answer"}))
    part = {"queue": "q", "rang_at": 2, "rang_until": 8, "declined": True, "result": "no_answer"}
    assert heard(history(*declined)) == {("a", 0): part}
    again = (*declined, (9, "offered", {"agent_id": "a"}), (12, "answered", {"agent_id": "a"}))
    assert heard(history(*again)) == {
        ("a", -1): part, ("a", 0): {"queue": "q", "rang_at": 9, "answered_at": 12},
    }  # fmt: skip


def test_of_four_who_are_rung_one_answers_and_it_stops_ringing_at_the_others() -> None:
    rung = history(
        (0, "queued", {"queue": "q"}), *((1, "offered", {"agent_id": agent}) for agent in "abcd"),
        (5, "answered", {"agent_id": "c"}), (6, "declined", {"agent_id": "a", "queue": "other"}),
    )  # fmt: skip
    over = {"queue": "q", "rang_at": 1, "rang_until": 5}
    assert heard(rung) == {
        ("c", 0): {"queue": "q", "rang_at": 1, "answered_at": 5}, ("a", 0): over, ("b", 0): over, ("d", 0): over,
        ("a", 1): {"queue": "other", "rang_until": 6, "declined": True},
    }  # fmt: skip


def test_it_stops_ringing_when_the_segment_leaves_its_queue_is_queued_anew_or_ends() -> None:
    for last in (
        ("abandoned", {}), ("flowed_out", {"outcome": "voicemail"}), ("queued", {"queue": "p"}), ("ended", {}),
    ):  # fmt: skip
        assert heard(history(*RANG, (9, *last)))["a", 0] == {"queue": "q", "rang_at": 2, "rang_until": 9}
    consulted = history((0, "answered", {"agent_id": "b"}), (2, "offered", {"agent_id": "a"}), (9, "ended", {}))
    assert heard(consulted)["a", 1] == {"rang_at": 2, "rang_until": 9}


def test_an_offer_heard_after_the_answer_it_led_to_does_not_ring() -> None:
    late = history((0, "queued", {"queue": "q"}), (5, "answered", {"agent_id": "a"}), (6, "offered", {"agent_id": "a"}))
    assert heard(late) == {("a", 0): {"queue": "q", "answered_at": 5}}


def test_a_colleague_rung_for_a_consultation_goes_on_ringing_through_the_transfer() -> None:
    consulted = history(
        (0, "answered", {"agent_id": "a"}), (9, "offered", {"agent_id": "b"}), (11, "transferred", {"agent_id": "a"}),
        (12, "answered", {"agent_id": "b"}),
    )  # fmt: skip
    told = heard(consulted)
    assert told["b", 1] == {"rang_at": 9, "answered_at": 12}
    assert (told["a", 0]["over_at"], told["a", 0]["transferred"]) == (11, True)


def test_silence_ends_a_stay_and_what_rings_and_a_later_event_takes_that_back() -> None:
    connected = history((0, "answered", {"agent_id": "a"}), (60, "offered", {"agent_id": "b"}))
    limit = 4 * 3600 + 60
    told = heard(connected, silence=4 * HOUR)
    assert told["a", 0] == {"answered_at": 0, "over_at": limit, "free_at": limit, "timed_out": True}
    assert told["b", 1] == {"rang_at": 60, "rang_until": limit}
    later = [*connected, history((0, "queued", {}), (0, "queued", {}), (5 * 3600, "ended", {}))[2]]
    assert "timed_out" not in heard(later)["a", 0]


def test_a_part_that_turns_out_to_be_anothers_is_withdrawn_from_the_first() -> None:
    records = history((0, "queued", {"queue": "q"}), (5, "answered", {"agent_id": "a"}))
    corrected = history((0, "queued", {}), (5, "answered", {"agent_id": "b"}))[1]
    corrected["value"]["revision"] = 1
    assert heard([*records, corrected]) == {("b", 0): {"queue": "q", "answered_at": 5}}


def test_a_closing_is_answered_for_by_the_last_who_was_on_and_may_be_corrected() -> None:
    told = heard(
        history(
            (0, "answered", {"agent_id": "a"}), (10, "transferred", {"agent_id": "a"}),
            (11, "answered", {"agent_id": "b"}), (20, "ended", {}), (25, "ended", {"resolved": False}),
            (30, "reopened", {}), (40, "ended", {"resolved": True}),
            (50, "answered", {"agent_id": "c"}), (60, "ended", {}),
        )
    )  # fmt: skip
    assert "closings" not in told["a", 0]
    assert told["b", 1]["closings"] == [[START + 20_000, False], [START + 40_000, True]]
    assert told["c", 2]["closings"] == [[START + 60_000, None]]


def test_a_queue_learnt_late_and_the_direction_hold_for_all_parts() -> None:
    records = history(
        *RANG, (3, "declined", {"agent_id": "a"}), (5, "answered", {"agent_id": "b"}),
        (9, "updated", {"queue": "p", "direction": "outbound"}),
    )  # fmt: skip
    assert {(part["queue"], part["inbound"]) for part in heard(records).values()} == {("p", False)}
