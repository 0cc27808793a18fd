"""Asterisk's queue_log becomes the events that a hand count of its lines expects."""

from __future__ import annotations

import itertools
import json
import random
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from schemas.codec import Skipped, decode
from schemas.events import AgentStateChanged, Event
from schemas.rejected import Rejected
from schemas.sources.asterisk_lines import generation, wrapped
from schemas.sources.asterisk_members import MAX_FILES, Members
from schemas.sources.conversion import Change, Sending, convert, sending
from schemas.sources.options import NONE, Options
from schemas.sources.vendors import VENDORS
from schemas.topics import TOPICS
from tests.e2e.agreement import differences
from tests.oracle import rows

ASTERISK = VENDORS["asterisk"]
FOLDER = Path(__file__).parents[2] / "schemas" / "examples" / "sources.asterisk"
RECORDED = FOLDER / "queue_log.asterisk-master-2026-08.log"
E2E = Path(__file__).parents[1] / "e2e"
EXPECTED = json.loads((E2E / "asterisk_expected.json").read_text())
LIFE_CYCLE = json.loads((E2E / "sources" / "asterisk.json").read_text())


def lines_of(text: bytes, host: str = "asterisk", file: str = "0") -> list[bytes]:
    """The lines of a file as whoever follows it sends them."""
    lines = text.splitlines(keepends=True)
    offsets = itertools.accumulate(map(len, lines), initial=0)
    return [wrapped(host, file, offset, line) for offset, line in zip(offsets, lines, strict=False)]


def sent(payloads: list[bytes], options: Options = NONE, members: Members | None = None) -> list[Sending]:
    """What the intake sends for them."""
    members = members or Members()
    found: list[Sending] = []
    for payload in payloads:
        told = convert(ASTERISK, payload, options)
        for each in [] if isinstance(told, Skipped) else told:
            if isinstance(each, Change):
                event = members.take(each)
                found += [] if event is None else [sending(event, NONE)]
            else:
                found.append(each)
    return found


def read(records: list[Sending]) -> list[Any]:
    return [decode(TOPICS[each.topic], each.key, each.value, each.at) for each in records]


def converted(text: bytes, options: Options = NONE) -> list[Any]:
    """All events of a log, each as a worker reads it."""
    return read(sent(lines_of(text), options))


def names(events: list[Event]) -> list[str]:
    return [str(type(event).__struct_config__.tag).removeprefix("interaction.") for event in events]


def recounted(records: list[Sending], expected: dict[str, Any], by: str) -> dict[tuple[Any, Any], Any]:
    told = [
        {"topic": each.topic, "key": each.key.decode(), "timestamp_ms": each.at, "value": json.loads(each.value)}
        for each in records
    ]
    return {(row["channel"], row.get("queue")): row for row in rows(told, expected["window"], by, expected["at"])}


def agree(records: list[Sending], expected: dict[str, Any]) -> None:
    """The figures of these records are those that were worked out by hand."""
    for by, name in (("channel,queue", "by_queue"), ("channel", "by_channel")):
        got = recounted(records, expected, by)
        for row in expected[name]:
            wanted = {key: value for key, value in row.items() if key not in {"why", "waiting"}}
            assert differences(got[row["channel"], row.get("queue")], wanted) == []


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


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("bare", [False, True], ids=["with their places", "bare"])
def test_lines_in_any_order_and_twice_give_the_figures_worked_out_by_hand(seed: int, bare: bool) -> None:
    for path, expected in ((RECORDED, EXPECTED), (FOLDER / "life_cycle.log", LIFE_CYCLE)):
        payloads = path.read_bytes().splitlines() if bare else lines_of(path.read_bytes())
        if seed:
            draw = random.Random(seed)
            payloads += draw.sample(payloads, len(payloads) // 2)
            draw.shuffle(payloads)
        agree(sent(payloads, Options(**expected.get("options", {}))), expected)


def test_what_was_read_again_has_the_same_ids_and_another_system_has_others() -> None:
    text = RECORDED.read_bytes()
    first, again = sent(lines_of(text)), sent(lines_of(text))
    assert first == again
    ids = {(event.identity, event.revision) for event in read(first)}
    assert len(ids) == len(first)
    other = {(event.identity, event.revision) for event in read(sent(lines_of(text, "pbx2")))}
    assert len(other) == len(ids)
    assert not ids & other


def test_two_members_that_do_not_answer_in_one_second_are_two_where_the_file_is_known_and_one_where_it_is_not() -> None:
    line = b"1795400010|1795400000.1|support|Alice|RINGNOANSWER|5000\n"
    assert len({event.identity for event in converted(line * 2)}) == 2
    assert len({event.identity for event in read(sent([line, line]))}) == 1


@pytest.mark.parametrize(
    ("payload", "source", "call"),
    [
        ({"host": "pbx1", "file": "a", "offset": 9, "line": "{}"}, "/asterisk/pbx1", "pbx1-1795400000.1"),
        ({"host": "pbx1", "line": "{}"}, "/asterisk/pbx1", "pbx1-1795400000.1"),
        ({"host": {"name": "pbx1"}, "log": {"offset": 9}, "message": "{}"}, "/asterisk/pbx1", "pbx1-1795400000.1"),
        ({"host": "pbx1", "offset": 9, "message": "{}\n"}, "/asterisk/pbx1", "pbx1-1795400000.1"),
        ({"hostname": "pbx1", "log": "{}"}, "/asterisk/pbx1", "pbx1-1795400000.1"),
        ({"line": "{}"}, "/asterisk", "1795400000.1"),
        ("{}", "/asterisk", "1795400000.1"),
        ("{}\r\n", "/asterisk", "1795400000.1"),
    ],
)
def test_a_line_is_found_however_it_is_shipped(payload: Any, source: str, call: str) -> None:
    line = "1795400010|1795400000.1|support|Alice|CONNECT|5|1795400005.2|4"
    text = payload if isinstance(payload, str) else json.dumps(payload)
    (event,) = read(sent([text.replace("{}", line, 1).encode()]))
    assert (event.source, event.data.interaction_id, event.data.agent_id) == (source, call, "Alice")
    (named,) = read(sent([text.replace("{}", line, 1).encode()], Options(instance="home")))
    assert named.source == (source if source != "/asterisk" else "/asterisk/home")


def test_a_file_that_a_shipper_names_by_its_path_is_another_one_after_a_rotation() -> None:
    one, other = (
        json.dumps({"host": "pbx1", "offset": 0, "file": "/var/log/asterisk/queue_log", "message": line}).encode()
        for line in ("1795400010|1795400000.1|q|A|CONNECT|5", "1795500010|1795500000.1|q|A|CONNECT|5")
    )
    assert len({event.identity for event in read(sent([one, other]))}) == 2
    assert [each.value for each in sent([one])] == [each.value for each in sent([one])]


def test_a_file_is_known_by_its_first_line_whatever_its_name_and_line_ends() -> None:
    assert generation(b"1|NONE|NONE|NONE|QUEUESTART|\n") == generation(b"1|NONE|NONE|NONE|QUEUESTART|\r\n")
    assert generation(b"1|NONE|NONE|NONE|QUEUESTART|") != generation(b"2|NONE|NONE|NONE|QUEUESTART|")


def test_callers_are_known_by_their_number_unless_withheld() -> None:
    events = converted(RECORDED.read_bytes())
    customers = [event.data.customer_id for event in events if "queued" in names([event])]
    assert customers[0] == "tel:+15550112"
    assert customers.count(None) == 1


def test_the_number_that_was_called_enriches_the_call_and_changes_neither_queue_nor_start() -> None:
    (event,) = converted(b"1795400010|1795400000.1|support|NONE|DID|+15550100\n")
    assert (names([event]), event.data.attributes, event.data.queue) == (["updated"], {"did": "+15550100"}, None)
    assert converted(b"1795400010|1795400000.1|support|NONE|DID|\n") == []


@pytest.mark.parametrize(
    ("call", "seconds_before"),
    [("1795400000.1", 10), ("pbx-1795400003.77", 7), ("1795400010.1", 0), ("1795300000.1", 0), ("1.1", 0), ("x", 0),
     ("1795400011.1", 0)],
)  # fmt: skip
def test_a_call_starts_when_its_id_says_unless_that_cannot_be(call: str, seconds_before: int) -> None:
    started, *_ = converted(f"1795400010|{call}|support|NONE|ENTERQUEUE||+15550112|1\n".encode())
    assert started.at == (1795400010 - seconds_before) * 1000


@pytest.mark.parametrize(
    ("line", "kind", "to"),
    [
        (b"ATTENDEDTRANSFER|BRIDGE|8f3f0f5e|3|42|1", "attended", None),
        (b"ATTENDEDTRANSFER|APP|VoiceMail|3|42|1", "attended", "VoiceMail"),
        (b"ATTENDEDTRANSFER|LINK|Local/a@x;1|Local/a@x;2|3|42|1", "attended", None),
        (b"TRANSFER|200|internal|3|42|1", "blind", "200@internal"),
        (b"BLINDTRANSFER|200|xfer|2|5|1", "blind", "200@xfer"),
        (b"BLINDTRANSFER", "blind", None),
        (b"TRANSFER|200|internal|99999999999999999999|x|1", "blind", "200@internal"),
    ],
)
def test_a_transfer_ends_the_agents_part_and_the_call(line: bytes, kind: str, to: str | None) -> None:
    transferred, ended = converted(b"1795400010|1795400000.1|support|Alice|" + line)
    told: Any = transferred.data
    assert names([transferred, ended]) == ["transferred", "ended"]
    assert (told.agent_id, told.kind, (told.attributes or {}).get("transferred_to")) == ("Alice", kind, to)
    assert ended.data.by == "system"


def last_word(events: list[Any], call: str = "1.1") -> str:
    """What stands of a call's assumed end: `ended`, or `updated` for none."""
    said = [event for event in events if event.id == f"{call}:end"]
    assert len({event.identity for event in said}) == 1
    assert len({event.revision for event in said}) == len(said)
    return names([max(said, key=lambda event: event.revision)])[0]


IN, OUT, OTHER = (
    b"|1.1|sales|NONE|ENTERQUEUE||+15550112|1",
    b"|1.1|sales|NONE|EXITWITHTIMEOUT|1|1|%d",
    b"|1.1|support|NONE|ENTERQUEUE||+15550112|1",
)
MOVED = b"|1.1|sales|Alice|BLINDTRANSFER|200|xfer|%d|%d|1"


@pytest.mark.parametrize("bare", [False, True], ids=["with their places", "bare"])
@pytest.mark.parametrize(
    ("lines", "stands"),
    [
        ([b"00" + IN], "updated"),
        ([b"00" + IN, b"20" + OUT % 20], "ended"),
        ([b"00" + IN, b"00" + OUT % 0], "ended"),
        ([b"00" + IN, b"20" + OUT % 20, b"20" + OTHER], "updated"),
        ([b"00" + IN, b"20" + OUT % 20, b"50" + OTHER], "updated"),
        ([b"00" + IN, b"20" + OUT % 20, b"50" + OTHER, b"59" + OUT % 9], "ended"),
        ([b"00" + IN, b"01" + OUT % 1, b"01" + OTHER], "updated"),
        ([b"00" + IN, b"20" + MOVED % (2, 18)], "ended"),
        ([b"00" + IN, b"20" + MOVED % (2, 18), b"24" + OTHER], "updated"),
        ([b"00" + IN, b"20" + OTHER, b"20" + MOVED % (2, 18)], "updated"),
        ([b"00" + IN, b"20" + OTHER, b"21" + MOVED % (2, 19)], "updated"),
        ([b"19" + IN, b"20" + OTHER, b"20" + MOVED % (0, 1)], "updated"),
        ([b"01" + IN, b"04" + MOVED % (2, 2)], "ended"),
        ([b"00" + IN, b"20" + OTHER, b"20" + MOVED % (2, 18), b"40" + OUT % 20], "ended"),
    ],
)
def test_a_call_is_over_unless_it_enters_a_queue_after_what_seemed_to_end_it(
    lines: list[bytes], stands: str, bare: bool
) -> None:
    text = b"".join(b"17954000" + line + b"\n" for line in lines)
    assert last_word(read(sent(text.splitlines())) if bare else converted(text)) == stands


def test_of_a_call_that_enters_and_leaves_twice_in_a_second_the_files_order_decides() -> None:
    text = b"".join(b"17954000" + line + b"\n" for line in (b"00" + IN, b"00" + OUT % 0, b"00" + OTHER))
    assert last_word(converted(text)) == "updated"
    assert last_word(converted(text + b"1795400000" + OUT % 0)) == "ended"


@pytest.mark.parametrize("second", [0, 1795400010, 4_000_000_000, 10_000_000_000, 253_402_300_799])
def test_the_revision_of_an_assumed_end_fits_in_any_year_and_place(second: int) -> None:
    line = f"{second}|1.1|sales|NONE|EXITWITHTIMEOUT|1|1|20".encode()
    for offset in (0, 2**40, 2**53):
        _, ended = read(sent([wrapped("pbx1", "a", offset, line)]))
        assert 0 <= ended.revision < 2**63


def test_an_assumed_end_counts_by_its_second_wherever_in_a_long_file_it_lies() -> None:
    early, late = (
        read(sent([wrapped("pbx1", "a", offset, b"%d|1.1|sales|NONE|EXITWITHTIMEOUT|1|1|20" % second)]))[1].revision
        for second, offset in ((1795400000, 2**40 - 1), (1795400001, 0))
    )
    assert early < late


def test_a_transfer_in_the_last_second_that_there_is_is_one() -> None:
    events = converted(b"253402300799|1.1|support|Alice|BLINDTRANSFER|200|xfer|5|0|1\n")
    assert names(events) == ["transferred", "ended"]


def test_what_takes_an_assumed_end_back_says_nothing_else() -> None:
    _, taken_back, _ = converted(b"1795400000|1.1|sales|NONE|ENTERQUEUE||+15550112|1\n")
    assert (taken_back.data.queue, taken_back.data.customer_id, taken_back.data.segment_id) == (None, None, None)


def test_a_call_that_overflows_into_another_queue_is_one_open_interaction() -> None:
    events = converted(
        b"1795400000|1.1|sales|NONE|ENTERQUEUE||+15550112|1\n"
        b"1795400020|1.1|sales|NONE|EXITWITHTIMEOUT|1|1|20\n"
        b"1795400020|1.1|support|NONE|ENTERQUEUE||+15550112|1\n"
        b"1795400025|1.1|support|Alice|CONNECT|5|1.2|4\n"
    )
    kinds = "started updated queued flowed_out ended started updated queued answered"
    assert names(events) == kinds.split()
    assert events[0].identity == events[5].identity


def test_leaving_by_a_key_or_for_a_reason_means_what_the_setting_says() -> None:
    key = b"1795312703|1.1|support|NONE|EXITWITHKEY|1|1|1|4"
    withdrawn = b"1795312703|1.1|support|NONE|WITHDRAW|1|1|5|"
    set_ = Options(outcomes={"1": "voicemail", "full up": "full"})
    outcomes = [
        converted(line, options)[0].data.outcome
        for line, options in (
            (key, NONE), (key, set_), (withdrawn + b"full up", set_), (withdrawn + b"to-Callback", NONE),
            (withdrawn + b"voicemail", NONE), (withdrawn, NONE),
        )
    ]  # fmt: skip
    assert outcomes == ["other", "voicemail", "full", "callback", "voicemail", "other"]


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


def test_an_agent_who_logged_off_and_is_added_to_a_queue_is_there() -> None:
    assert states(b"1|1.1|NONE|Ann|AGENTLOGIN|x\n2|1.1|NONE|Ann|AGENTLOGOFF|x|1\n3|MANAGER|a|Ann|ADDMEMBER|\n") == [
        ("available", [], None),
        ("logged_out", [], None),
        ("available", ["a"], None),
    ]


def test_what_was_told_of_agents_survives_being_stored_at_any_point() -> None:
    payloads = lines_of(RECORDED.read_bytes()) + lines_of(RECORDED.read_bytes(), "pbx2")
    whole = sent(payloads)
    for cut in range(0, len(payloads), 7):
        before, after = Members(), Members()
        found = sent(payloads[:cut], members=before)
        after.load(before.dump())
        assert found + sent(payloads[cut:], members=after) == whole


def test_what_a_file_tells_again_changes_no_agent() -> None:
    members = Members()
    payloads = lines_of(RECORDED.read_bytes())
    first = sent(payloads, members=members)
    stored = members.dump()
    again = sent(payloads, members=members)
    assert [each for each in again if each.topic == "agents.presence"] == []
    assert len([each for each in first if each.topic == "agents.presence"]) > 10
    assert members.dump() == stored


def presence(*payloads: bytes) -> list[str]:
    return [event.data.presence for event in read(sent(list(payloads))) if isinstance(event, AgentStateChanged)]


ADD, PAUSE = b"%d|MANAGER|a|Ann|ADDMEMBER|", b"%d|NONE|a|Ann|PAUSE|Lunch"


def test_the_next_file_of_a_system_goes_on_where_the_last_one_ended_and_an_older_one_is_past() -> None:
    added, paused = wrapped("pbx1", "old", 4000, ADD % 100), wrapped("pbx1", "new", 0, PAUSE % 100)
    assert presence(added, paused) == ["available", "not_ready"]
    assert presence(added, paused, added) == ["available", "not_ready"]
    before = wrapped("pbx1", "older", 0, ADD % 50)
    assert presence(paused, before) == ["not_ready"]


def test_within_a_file_its_order_holds_even_where_the_clock_was_set_back() -> None:
    added, paused = wrapped("pbx1", "a", 0, ADD % 100), wrapped("pbx1", "a", 50, PAUSE % 90)
    assert presence(added, paused) == ["available", "not_ready"]
    assert presence(added, paused, wrapped("pbx1", "b", 0, ADD % 95)) == ["available", "not_ready"]


def test_lines_without_a_place_are_remembered_for_their_second_alone() -> None:
    members = Members()
    sent([(ADD, PAUSE)[second % 2] % second for second in range(2000)], members=members)
    assert len(members.dump()) < 200


def test_an_agent_of_two_systems_is_told_of_by_both() -> None:
    one, other = (wrapped(host, "a", 0, ADD % 100) for host in ("pbx1", "pbx2"))
    assert presence(one, other, wrapped("pbx1", "a", 50, PAUSE % 101)) == ["available", "available", "not_ready"]


def test_of_lines_without_a_place_older_ones_and_those_told_again_are_past() -> None:
    assert presence(ADD % 100, PAUSE % 100, ADD % 100, PAUSE % 100) == ["available", "not_ready"]
    assert presence(PAUSE % 100, ADD % 99) == ["not_ready"]
    assert presence(PAUSE % 100, ADD % 101) == ["not_ready", "available"]


def test_of_very_many_files_the_oldest_are_forgotten_and_stay_past() -> None:
    payloads = [wrapped("pbx1", f"f{number}", 0, (ADD, PAUSE)[number % 2] % number) for number in range(MAX_FILES * 3)]
    members = Members()
    sent(payloads, members=members)
    assert len(members.dump()) < MAX_FILES * 40
    assert sent(payloads, members=members) == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"hello", "not_an_event"),
        (b"||||", "not_an_event"),
        (b"\xff|\xfe", "not_an_event"),
        (b"1|1.1|q|NONE|", "not_an_event"),
        (b"x|1.1|q|NONE|ENTERQUEUE", "invalid_field"),
        (b"99999999999999|1.1|q|NONE|CONNECT|1", "invalid_field"),
        (b"1|" + b"9" * 200 + b"|q|NONE|ENTERQUEUE", "invalid_field"),
        (b"1|MANAGER|q|" + b"a" * 200 + b"|ADDMEMBER|", "invalid_field"),
        (b"1|1.1|q|NONE|CONNECT|1|1.2|1", "missing_field"),
        (b"1|NONE|q|Ann|CONNECT", "missing_field"),
        (b"1|MANAGER|q|NONE|ADDMEMBER|", "missing_field"),
        (b'{"host": "pbx1"}', "missing_field"),
        (b'{"host": "pbx1", "line": 5}', "missing_field"),
        (b'{"host": ["x"], "line": "1|1.1|q|A|CONNECT"}', "invalid_field"),
        (b'{"host": "' + b"h" * 129 + b'", "line": "1|1.1|q|A|CONNECT"}', "invalid_field"),
        (b'{"host": "x", "offset": -1, "line": "1|1.1|q|A|CONNECT"}', "invalid_field"),
        (b'{"host": "' + b"h" * 120 + b'", "line": "1|1795400000.12345|q|A|CONNECT"}', "invalid_field"),
        (b"1|1.1|q|A|CONNECT|" + b"x" * 2**20, "too_large"),
    ],
)
def test_what_is_no_line_of_a_queue_log_is_rejected_for_its_reason(line: bytes, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        convert(ASTERISK, line, NONE)
    assert caught.value.reason == reason
    assert len(caught.value.detail) < 250


def test_an_event_that_a_dialplan_has_invented_is_skipped_by_its_name_and_a_blank_line_is_nothing() -> None:
    assert convert(ASTERISK, b"1|1.1|q|Ann|SURVEY|CSAT|4", NONE) == Skipped("SURVEY")
    assert convert(ASTERISK, b"1|1.1|q|Ann|" + b"X" * 5000, NONE) == Skipped("X" * 40)
    for nothing in (b"", b"\n", b"  \r\n", b'{"message": "\\n"}'):
        assert convert(ASTERISK, nothing, NONE) == []


def test_a_long_reason_and_very_many_queues_make_no_event_too_large() -> None:
    lines = [b"%d|MANAGER|%d%s|Ann|ADDMEMBER|" % (100 + number, number, b"\\" * 120) for number in range(400)]
    lines += [b"600|NONE|NONE|Ann|PAUSEALL|" + b'"' * 500_000]
    found = sent(lines)
    assert all(isinstance(event, AgentStateChanged) for event in read(found))
    assert max(len(each.value) for each in found) < 256 * 1024
