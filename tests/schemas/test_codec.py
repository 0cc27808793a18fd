"""The codec: what it fills in, how it reads times, what it makes of unusual JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
import xxhash

from schemas import faults
from schemas.codec import Rejected, Skipped, decode, encode
from schemas.events import Digest, Digested, Message, Queued, Transferred
from schemas.topics import TOPICS, spec_of
from tests.schemas.records import examples

PHONE = TOPICS["interactions.phone"]
NOW_MS = 1_772_438_400_000  # 2026-03-02T08:00:00Z
QUEUED: dict[str, Any] = {
    "specversion": "1.0",
    "id": "1",
    "source": "/acd",
    "type": "interaction.queued",
    "time": "2026-03-02T08:00:00Z",
    "data": {"interaction_id": "p1", "channel": "phone", "queue": "support"},
}


def value_of(**changes: Any) -> bytes:
    return json.dumps(QUEUED | changes).encode()


def reason_of(value: bytes | None, key: bytes | None = b"p1", timestamp_ms: int = NOW_MS) -> str:
    with pytest.raises(Rejected) as caught:
        decode(PHONE, key, value, timestamp_ms)
    return caught.value.reason


def queued(value: bytes, timestamp_ms: int = NOW_MS) -> Queued:
    event = decode(PHONE, b"p1", value, timestamp_ms)
    assert isinstance(event, Queued)
    return event


def test_at_and_identity_are_filled_and_a_null_revision_is_0() -> None:
    event = queued(value_of(revision=None))
    assert (event.at, event.revision) == (NOW_MS, 0)
    assert event.identity == xxhash.xxh3_128_digest(b"/acd\x001")


@pytest.mark.parametrize(
    ("time", "ms"),
    [
        ("2026-03-02T08:00:00.0009Z", 0),
        ("2026-03-02T08:00:00.000999999Z", 0),
        ("2026-03-02T08:00:00.9999999Z", 999),
        ("2026-03-02T08:00:00.99999949Z", 999),
        ("2026-03-02T08:00:00.123456789123456789Z", 123),
        ("2026-03-02T09:30:00.5+01:30", 500),
        ("2026-03-02T08:00:00-00:00", 0),
        ("1969-12-31T23:59:59.9999Z", -1 - NOW_MS),
        ("1970-01-01T00:00:00.001Z", 1 - NOW_MS),
        ("0001-01-01T00:00:00+14:00", -62135596800000 - 14 * 3_600_000 - NOW_MS),
    ],
)
def test_times_are_floored_to_milliseconds(time: str, ms: int) -> None:
    assert queued(value_of(time=time)).at == NOW_MS + ms


@pytest.mark.parametrize("value", [None, b"", b"\xef\xbb\xbf{}", b"{", b"{}{}", b'{"a":01}', b"\x00", b'"\\ud800"'])
def test_what_is_no_json_is_not_json(value: bytes | None) -> None:
    assert reason_of(value) == "not_json"


@pytest.mark.parametrize("bracket", [b"[", b'{"a":'])
@pytest.mark.parametrize("levels", [500, 100_000 // 5, 50_000])
def test_deep_nesting_is_rejected_and_no_crash(bracket: bytes, levels: int) -> None:
    close = {b"[": b"]", b'{"a":': b"}"}[bracket]
    nested = bracket * levels + b"1" + close * levels
    reason = "not_json" if len(nested) < faults.MAX_BYTES else "too_large"
    assert reason_of(nested) == reason
    assert reason_of(value_of()[:-1] + b',"deep":' + nested + b"}") == reason


def test_brackets_inside_of_strings_are_no_nesting() -> None:
    assert queued(value_of(note="[" * 5000 + '\\"{')).id == "1"


def test_a_number_beyond_every_range_in_an_unknown_field_is_ignored() -> None:
    for number in (b"1e400", b"9" * 5000, b"-1e-400"):
        value = value_of()[:-1] + b',"far":' + number + b"}"
        assert queued(value).id == "1"
        assert not isinstance(faults.judge(PHONE, b"p1", value, NOW_MS), Skipped)


@pytest.mark.parametrize("number", [b"1e400", b"9" * 5000, b"1e2", b"1.0", b"true", b'"1"', b"18446744073709551616"])
def test_a_revision_that_is_no_64_bit_integer_is_an_invalid_field(number: bytes) -> None:
    assert reason_of(value_of()[:-1] + b',"revision":' + number + b"}") == "invalid_field"


def test_of_a_field_told_twice_the_last_one_counts() -> None:
    assert queued(b'{"id":7,' + value_of()[1:]).id == "1"
    assert queued(b'{"type":"agent.heartbeat",' + value_of()[1:]).id == "1"
    assert reason_of(value_of()[:-1] + b',"id":7}') == "invalid_field"


def test_names_that_the_codec_uses_for_itself_cannot_be_told() -> None:
    event = queued(value_of(**{"(at)": 5, "(identity)": "AAAA"}))
    assert event == queued(value_of())
    assert queued(value_of(**{"(at)": "x", "(identity)": 7})) == event


def test_a_record_without_a_timestamp_is_in_no_future() -> None:
    assert queued(value_of(time="2030-01-01T00:00:00Z"), timestamp_ms=-1).id == "1"


def test_five_minutes_ahead_is_accepted_and_one_millisecond_more_is_not() -> None:
    value = value_of(time="2026-03-02T08:05:00.000Z")
    assert queued(value, NOW_MS).at == NOW_MS + 300_000
    assert reason_of(value, timestamp_ms=NOW_MS - 1) == "time_in_future"


def test_a_message_is_public_unless_told_otherwise() -> None:
    for told, public in ((None, True), (True, True), (False, False)):
        data = {"interaction_id": "p1", "channel": "phone", "author": "agent", "public": told}
        event = decode(PHONE, b"p1", value_of(type="interaction.message", data=data), NOW_MS)
        assert isinstance(event, Message)
        assert event.data.public is public


def test_a_queue_without_a_name_is_no_queue() -> None:
    data = {"interaction_id": "p1", "channel": "phone", "agent_id": "a", "queue": "", "to_queue": ""}
    event = decode(PHONE, b"p1", value_of(type="interaction.transferred", data=data), NOW_MS)
    assert isinstance(event, Transferred)
    assert (event.data.queue, event.data.to_queue) == (None, None)
    assert queued(value_of(data=QUEUED["data"] | {"queue": ""})).data.queue is None


def test_a_usual_record_never_takes_the_slow_path(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: Any) -> None:
        raise AssertionError("the slow path was taken")

    monkeypatch.setattr(faults, "judge", slow)
    for example in examples("accepted"):
        if b"999999" not in example.value:  # nanoseconds that must not be rounded up
            decode(TOPICS[example.topic], example.key, example.value, example.timestamp_ms)


def test_an_event_of_our_own_is_encoded_without_what_is_absent() -> None:
    digest = Digest(customer_id="c1", channel="phone", interaction_id="p1", started_at=NOW_MS)
    time = queued(value_of()).time
    event = Digested(id="phone/p1", source="centralino", specversion="1.0", time=time, revision=3, data=digest)
    told = json.loads(encode(event))
    assert told.keys() == {"type", "id", "source", "specversion", "time", "revision", "data"}
    assert told["data"].keys() == {"customer_id", "channel", "interaction_id", "started_at"}
    assert decode(TOPICS["customers.timeline"], b"c1", encode(event), NOW_MS).data == digest  # type: ignore[union-attr]


def test_what_we_send_on_of_the_largest_event_is_not_too_large_for_our_own_topic() -> None:
    time = queued(value_of()).time
    reason = "r" * (faults.MAX_BYTES - 300)
    digest = Digest(customer_id="c" * 128, channel="phone", interaction_id="p" * 128, started_at=NOW_MS, reason=reason)
    event = Digested(id="phone/p1", source="centralino", specversion="1.0", time=time, revision=3, data=digest)
    assert len(encode(event)) > faults.MAX_BYTES
    assert decode(TOPICS["customers.timeline"], b"c" * 128, encode(event), NOW_MS).data == digest  # type: ignore[union-attr]
    assert reason_of(value_of()[:-1] + b',"more":"' + b"x" * faults.MAX_BYTES + b'"}') == "too_large"


def test_topics_are_found_under_their_prefix() -> None:
    assert spec_of("test-7.interactions.phone", "test-7.") is PHONE
    assert PHONE.named("test-7.") == "test-7.interactions.phone"
    with pytest.raises(KeyError):
        spec_of("interactions.phone", "test-7.")
