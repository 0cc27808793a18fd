"""Whose payloads are: every example of every platform is known by its content, and nothing else is."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.sources.detect import OURS, detect, guess
from schemas.sources.vendors import VENDORS
from tests.schemas.payloads import files

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
PAYLOADS = [
    (each, folder) for vendor in VENDORS.values() for folder in ("", "skipped") for each in files(vendor, folder)
]


@pytest.mark.parametrize(("example", "folder"), PAYLOADS, ids=lambda each: str(each) or "taken")
def test_each_example_is_known_by_its_content(example, folder):
    payloads = [each for each in example.payloads() if each.strip()]
    verdict, whose = detect(payloads), example.vendor.name
    assert {seen.vendor for seen, _ in verdict.seen} <= ({whose, None} if folder else {whose})
    assert folder or verdict.vendor == whose


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=lambda each: each.name)
def test_no_payload_that_is_rejected_is_taken_for_another_platforms(vendor):
    for example in files(vendor, "rejected"):
        assert {guess(each).vendor for each in example.payloads()} <= {vendor.name, None}


def test_a_list_of_payloads_is_known_by_what_is_in_it():
    told = json.dumps([{"type": "notification_event", "topic": "conversation.user.created"}] * 3).encode()
    assert detect([told]).vendor == "intercom"
    assert [number for _, number in detect([told]).seen] == [3]


def test_our_own_events_and_records_are_known():
    example = next((EXAMPLES / "interactions.phone" / "accepted").glob("*.json")).read_bytes()
    assert guess(json.dumps(json.loads(example)["value"]).encode()).vendor == OURS
    assert guess(b'{"topic":"interactions.phone","key":"1","timestamp_ms":1,"value":{}}').vendor == OURS


def test_payloads_of_two_platforms_are_nobodys():
    intercom = b'{"type": "notification_event", "topic": "conversation.user.created"}'
    verdict = detect([intercom, b'{"event": "conversation_created", "id": 1}'])
    assert verdict.vendor is None
    assert {each.vendor for each, _ in verdict.seen} == {"intercom", "chatwoot"}


def test_one_payload_among_many_others_is_not_enough():
    line = b"1267624804|1267624799.1|support|NONE|ENTERQUEUE||12"
    assert detect([line, b"junk", b"more junk"]).vendor is None
    assert detect([line, b"junk"]).vendor == "asterisk"


@pytest.mark.parametrize(
    ("junk", "words"),
    [
        (b"", "nothing"),
        (b"  \n", "nothing"),
        (b"name;queue;answered", "lines such as 'name;queue;answered'"),
        (b"x" * 100, "lines such as '" + "x" * 39 + "…'"),
        (b'{"a": 1, "b": 2}', "JSON objects with a, b"),
        (json.dumps(dict.fromkeys("abcdefgh")).encode(), "JSON objects with a, b, c, d, e, f, …"),
        (b"{}", "empty JSON objects"),
        (b"[]", "an empty list"),
        (b"[[1]]", "a list of lists"),
        (b"[1]", "lines such as '1'"),
        (b'{"a": ', "broken JSON"),
        (b'{"a": "%b"}' % (b"x" * 2**20), "JSON of more than 1 MiB in one piece: write one payload a line"),
        (gzip.compress(b"a", mtime=0), "bytes that are no text"),
        (b"\x1b[31mred", "bytes that are no text"),
        (b"a=1&b=2", "a form of a browser"),
        (b"Event: QueueCallerJoin", "lines of Asterisk's manager (AMI): its queue_log is what is read"),
        (b"2026-05-25 14:28:00|support|waiting", "lines such as '2026-05-25 14:28:00|support|waiting'"),
        (b'{"source": "aws.ec2", "detail": {"state": "running"}}', "JSON objects with detail, source"),
        (b'{"specversion": "1.0", "type": "com.example.order"}', "JSON objects with specversion, type"),
    ],
)
def test_of_junk_it_says_what_is_there(junk, words):
    assert detect([junk]).vendor is None
    assert [each.reason for each, _ in detect([junk]).seen] == [words]


@given(st.binary(max_size=200))
def test_any_bytes_are_looked_at_without_a_fault(payload):
    assert guess(payload).reason


_NAMES = st.sampled_from(
    ["source", "detail", "type", "event", "topicName", "conversations", "event_type", "EventType", "AgentARN", "line",
     "instanceArn", "ticket_metric_events", "conversationId", "topic", "value", "specversion", "object_type", "message"]
)  # fmt: skip
_TOLD = st.recursive(
    st.none() | st.integers(0, 9) | st.text(max_size=4) | st.sampled_from(["aws.connect", "zen:event-type:x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(_NAMES, _TOLD, max_size=5))
def test_any_json_is_looked_at_without_a_fault(told):
    found = detect([msgspec.json.encode(told)])
    assert found.vendor is None or found.vendor in {*VENDORS, OURS}
