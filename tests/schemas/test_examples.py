"""Every golden record is accepted, skipped or rejected as its folder says, and every type and reason has one."""

from __future__ import annotations

import msgspec
import pytest

from schemas import catalogue, faults
from schemas.codec import Rejected, Skipped, decode, encode
from schemas.events import Envelope
from schemas.rejected import REASONS
from schemas.topics import TOPICS
from tests.schemas.records import Example, examples

ACCEPTED = list(examples("accepted"))
REJECTED = list(examples("rejected"))


def decoded(example: Example) -> Envelope:
    event = decode(TOPICS[example.topic], example.key, example.value, example.timestamp_ms)
    assert isinstance(event, Envelope)
    return event


@pytest.mark.parametrize("example", ACCEPTED, ids=str)
def test_an_accepted_example_decodes_and_the_slow_path_finds_no_fault_with_it(example: Example) -> None:
    event = decoded(example)
    judged = faults.judge(TOPICS[example.topic], example.key, example.value, example.timestamp_ms)
    assert not isinstance(judged, Skipped)
    assert event.at == (judged.time - faults.EPOCH) // faults.MILLISECOND
    assert len(event.identity) == 16


@pytest.mark.parametrize("example", ACCEPTED, ids=str)
def test_what_is_encoded_again_decodes_to_the_same_event(example: Example) -> None:
    event = decoded(example)
    again = decode(TOPICS[example.topic], example.key, encode(event), example.timestamp_ms)
    assert again == event
    assert encode(event) == encode(event)  # and the event itself was left as it was
    assert not any(name.startswith("(") for name in msgspec.json.decode(encode(event)))


@pytest.mark.parametrize("example", list(examples("skipped")), ids=str)
def test_an_unknown_type_is_skipped(example: Example) -> None:
    event = decode(TOPICS[example.topic], example.key, example.value, example.timestamp_ms)
    assert event == Skipped(msgspec.json.decode(example.value)["type"])


@pytest.mark.parametrize("example", REJECTED, ids=str)
def test_a_rejected_example_is_rejected_for_its_reason_with_its_detail(example: Example) -> None:
    with pytest.raises(Rejected) as caught:
        decode(TOPICS[example.topic], example.key, example.value, example.timestamp_ms)
    assert (caught.value.reason, caught.value.detail) == (example.reason, example.detail)


def test_every_event_type_has_an_accepted_example() -> None:
    shown = {msgspec.json.decode(example.value)["type"] for example in ACCEPTED}
    assert shown == {*catalogue.INPUT_TYPES, "interaction.digest"}


def test_every_reason_that_data_can_give_has_a_rejected_example() -> None:
    assert {example.reason for example in REJECTED} == set(REASONS) - {"bug"}


def test_every_example_lies_in_a_topic_of_the_table() -> None:
    assert {example.topic for example in examples()} <= set(TOPICS)
