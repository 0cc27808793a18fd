"""Asterisk's queue_log becomes the events that a hand count of its lines expects."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from schemas.catalogue import home_of
from schemas.codec import Skipped, decode, encode
from schemas.events import AgentStateChanged, Event
from schemas.sources.asterisk import QueueLog
from schemas.topics import TOPICS

FOLDER = Path(__file__).parents[2] / "schemas" / "examples" / "sources.asterisk"
RECORDED = FOLDER / "queue_log.asterisk-master-2026-08.log"
EXPECTED = json.loads((Path(__file__).parents[1] / "e2e" / "asterisk_expected.json").read_text())


def converted(text: bytes, log: QueueLog | None = None) -> list[Event]:
    """All events of a log, each taken through the codec as a worker would read it."""
    log = log or QueueLog()
    found: list[Event] = []
    offset = 0
    for line in text.splitlines(keepends=True):
        for event in log.convert(line, offset):
            topic, key = home_of(event)
            read = decode(TOPICS[topic], key.encode(), encode(event), event.at)
            assert not isinstance(read, Skipped)
            found.append(read)
        offset += len(line)
    return found


def names(events: list[Event]) -> list[str]:
    return [str(type(event).__struct_config__.tag).removeprefix("interaction.") for event in events]


def test_the_recorded_log_gives_the_hand_counted_calls() -> None:
    calls: dict[str, dict[str, Any]] = defaultdict(dict)
    for event in converted(RECORDED.read_bytes()):
        if isinstance(event, AgentStateChanged):
            continue
        data: Any = event.data
        call = calls[data.interaction_id.removeprefix("asterisk-")]
        match names([event])[0]:
            case "queued":
                call |= {"queue": data.queue, "since": event.at}
            case "answered":
                call |= {"answered_by": data.agent_id, "wait_seconds": (event.at - call["since"]) // 1000}
                call["since"] = event.at
            case "transferred":
                call |= {"transferred": True, "talk_seconds": (event.at - call["since"]) // 1000}
            case "flowed_out":
                call |= {"flowed_out": data.outcome, "wait_seconds": (event.at - call["since"]) // 1000}
            case "abandoned":
                call |= {"abandoned": True, "wait_seconds": (event.at - call["since"]) // 1000}
            case "ended" if "answered_by" in call:
                call.setdefault("talk_seconds", (event.at - call["since"]) // 1000)
    for call in calls.values():
        del call["since"]
    assert [{"call": name, **call} for name, call in calls.items()] == [
        {key: call[key] for key in ("call", *calls[call["call"]])} for call in EXPECTED["calls"]
    ]
    assert all(set(call) == {"call", *calls[call["call"]]} for call in EXPECTED["calls"])


def test_the_hand_counted_figures_are_the_sums_of_the_hand_counted_calls() -> None:
    calls = EXPECTED["calls"]
    for row in EXPECTED["by_queue"]:
        mine = [call for call in calls if call["queue"] == row["queue"]]
        answered = [call for call in mine if "answered_by" in call]
        assert (row["offered"], row["answered"], row["handled"]) == (len(mine), len(answered), len(answered))
        assert row["abandoned"] == sum("abandoned" in call for call in mine)
        assert row["flowed_out_by"] == Counter(call["flowed_out"] for call in mine if "flowed_out" in call)
        assert row["wait_ms"] == 1000 * sum(call["wait_seconds"] for call in answered)
        assert row["talk_ms"] == 1000 * sum(call["talk_seconds"] for call in answered)
    total = EXPECTED["by_channel"][0]
    counts = [total[name] for name in ("offered", "answered", "abandoned", "flowed_out", "handled")]
    assert counts == [16, 9, 3, 4, 9]


def test_what_was_read_again_has_the_same_ids_and_another_file_has_others() -> None:
    text = RECORDED.read_bytes()
    first, again = converted(text), converted(text)
    assert [encode(event) for event in first] == [encode(event) for event in again]
    assert len({event.identity for event in first}) == len(first)
    for other in (QueueLog(host="pbx2"), QueueLog(generation="1")):
        assert not {event.identity for event in first} & {event.identity for event in converted(text, other)}


def test_only_the_survey_line_of_the_recorded_log_is_unmapped() -> None:
    log = QueueLog()
    converted(RECORDED.read_bytes(), log)
    assert log.unmapped == {"SURVEY": 1}


def test_callers_are_known_by_their_number_unless_withheld() -> None:
    events = converted(RECORDED.read_bytes())
    customers = [event.data.customer_id for event in events if "queued" in names([event])]  # type: ignore[union-attr]
    assert customers[0] == "tel:+15550112"
    assert customers.count(None) == 1


@pytest.mark.parametrize(
    ("line", "kind", "to"),
    [
        (b"ATTENDEDTRANSFER|BRIDGE|8f3f0f5e|3|42|1", "attended", None),
        (b"ATTENDEDTRANSFER|APP|VoiceMail|3|42|1", "attended", "VoiceMail"),
        (b"ATTENDEDTRANSFER|LINK|Local/a@x;1|Local/a@x;2|3|42|1", "attended", None),
        (b"TRANSFER|200|internal|3|42|1", "blind", "200@internal"),
        (b"BLINDTRANSFER|200|xfer|2|5|1", "blind", "200@xfer"),
    ],
)
def test_a_transfer_ends_the_agents_part_and_the_call(line: bytes, kind: str, to: str | None) -> None:
    transferred, ended = converted(b"1795400010|1795400000.1|support|Alice|" + line)
    told: Any = transferred.data
    assert names([transferred, ended]) == ["transferred", "ended"]
    assert (told.agent_id, told.kind, (told.attributes or {}).get("transferred_to")) == ("Alice", kind, to)
    assert ended.data.by == "system"  # type: ignore[union-attr]


def test_a_call_that_overflows_into_another_queue_in_the_same_second_is_one_open_interaction() -> None:
    events = converted(
        b"1795400000|1.1|sales|NONE|ENTERQUEUE||+15550112|1\n"
        b"1795400020|1.1|sales|NONE|EXITWITHTIMEOUT|1|1|20\n"
        b"1795400020|1.1|support|NONE|ENTERQUEUE||+15550112|1\n"
        b"1795400025|1.1|support|Alice|CONNECT|5|1.2|4\n"
    )
    assert names(events) == ["started", "queued", "flowed_out", "ended", "updated", "queued", "answered"]
    ended, taken_back = events[3], events[4]
    assert ended.identity == taken_back.identity
    assert (ended.revision, taken_back.revision) == (0, 1)
    segments = [event.data.segment_id for event in events if names([event]) == ["queued"]]  # type: ignore[union-attr]
    assert segments == ["sales#1", "support#2"]


def test_a_blind_transfer_logged_after_the_next_queue_was_entered_ends_nothing() -> None:
    events = converted(
        b"1795400000|1.1|sales|NONE|ENTERQUEUE||+15550112|1\n"
        b"1795400002|1.1|sales|Alice|CONNECT|2|1.2|2\n"
        b"1795400020|1.1|support|NONE|ENTERQUEUE||+15550112|1\n"
        b"1795400020|1.1|sales|Alice|BLINDTRANSFER|200|xfer|2|18|1\n"
    )
    assert names(events) == ["started", "queued", "answered", "queued", "transferred"]
    assert events[-1].data.segment_id == "sales#1"  # type: ignore[union-attr]


def test_leaving_by_a_key_means_what_the_setting_says() -> None:
    line = b"1795312703|1.1|support|NONE|EXITWITHKEY|1|1|1|4"
    outcomes = [
        converted(line, log)[0].data.outcome  # type: ignore[union-attr]
        for log in (QueueLog(), QueueLog(key_outcomes={"1": "voicemail"}))
    ]
    assert outcomes == ["other", "voicemail"]


def states(text: bytes) -> list[tuple[str, list[str] | None, str | None]]:
    return [
        (event.data.presence, event.data.queues, event.data.reason)
        for event in converted(text)
        if isinstance(event, AgentStateChanged)
    ]


def test_an_agent_paused_in_one_of_two_queues_is_available() -> None:
    assert states(
        b"1|MANAGER|a|Ann|ADDMEMBER|\n1|MANAGER|b|Ann|ADDMEMBER|\n2|NONE|a|Ann|PAUSE|Lunch\n3|NONE|b|Ann|PAUSE|Lunch\n"
        b"4|NONE|NONE|Ann|UNPAUSEALL|\n4|NONE|a|Ann|UNPAUSE|\n4|NONE|b|Ann|UNPAUSE|\n"
        b"5|MANAGER|a|Ann|REMOVEMEMBER|\n6|MANAGER|b|Ann|REMOVEMEMBER|\n"
    ) == [
        ("available", ["a"], None),
        ("available", ["a", "b"], None),
        ("not_ready", ["a", "b"], "Lunch"),
        ("available", ["a", "b"], None),
        ("available", ["b"], None),
        ("logged_out", [], None),
    ]


def test_agents_log_in_and_off() -> None:
    assert states(b"1|1.1|NONE|1001|AGENTLOGIN|PJSIP/1001\n9|1.1|NONE|1001|AGENTLOGOFF|PJSIP/1001|8\n") == [
        ("available", [], None),
        ("logged_out", [], None),
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"hello",
        b"||||",
        b"\xff|\xfe",
        b"x|1.1|q|NONE|ENTERQUEUE",
        b"1|1.1|q|NONE|",
        b"99999999999999|1.1|q|NONE|CONNECT|1",
        b"1|1.1|q|NONE|CONNECT|1|1.2|1",
        b"1|NONE|q|Ann|CONNECT",
        b"1|1.1|q|Ann|X",
        b"1|" + b"9" * 200 + b"|q|NONE|ENTERQUEUE",
        b"1|MANAGER|q|" + b"a" * 200 + b"|ADDMEMBER|",
        b"1|MANAGER|q|NONE|ADDMEMBER|",
    ],
)
def test_what_cannot_be_mapped_is_counted_and_never_raised(line: bytes) -> None:
    log = QueueLog()
    assert converted(line, log) == []
    assert log.unmapped.total() == 1


def test_a_damaged_log_never_raises_and_gives_valid_events() -> None:
    draw = random.Random(7)
    lines = b"".join(path.read_bytes() for path in sorted(FOLDER.glob("*.log"))).splitlines(keepends=True)
    log = QueueLog()
    for _ in range(3000):
        line = bytearray(draw.choice(lines))
        for _ in range(draw.randint(0, 3)):
            line[draw.randrange(len(line))] = draw.choice(b"|\n0a\xff\x00-")
        converted(bytes(line), log)
    assert log.unmapped.total() > 100
