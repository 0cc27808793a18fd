"""Pseudonyms: in every event that names a customer, and never twice."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import decode, decoder, encode
from schemas.pseudonyms import Pseudonyms
from schemas.rejected import Rejected, Skipped
from schemas.topics import TOPICS
from tests.schemas.records import Example, examples

KEY = b"a key of the house, 32 bytes....."
PSEUDONYMS = Pseudonyms(KEY)
OTHERS = Pseudonyms(b"another key of another house")
OF_CUSTOMERS = [each for each in examples("accepted") if not each.topic.startswith(("agents.", "customers.timeline"))]


def names(value: bytes) -> set[str]:
    """The ids and aliases of customers in a record."""
    data = msgspec.json.decode(value)["data"]
    return {*data.get("aliases", ()), *([data["customer_id"]] if data.get("customer_id") else [])}


@pytest.mark.parametrize("example", OF_CUSTOMERS, ids=str)
def test_what_is_decoded_names_nobody_and_is_else_as_it_was(example: Example) -> None:
    spec = TOPICS[example.topic]
    plain = decode(spec, example.key, example.value, example.timestamp_ms)
    event: Any = PSEUDONYMS.decoder(spec, decoder(spec))(example.key, example.value, example.timestamp_ms)
    for name in names(example.value):
        assert f'"{name}"'.encode() not in encode(event).replace(b'"source":"%b"' % event.source.encode(), b"")
    assert names(encode(event)) == {PSEUDONYMS.of(name) for name in names(example.value)}
    assert (event.at, event.identity, event.id) == (plain.at, plain.identity, plain.id)  # type: ignore[union-attr]


def test_the_record_key_is_compared_with_the_raw_id() -> None:
    spec = TOPICS["customers.events"]
    own = PSEUDONYMS.decoder(spec, decoder(spec))
    example = next(each for each in OF_CUSTOMERS if each.topic == spec.name)
    (raw,) = {msgspec.json.decode(example.value)["data"]["customer_id"]}
    with pytest.raises(Rejected):
        own(PSEUDONYMS.of(raw).encode(), example.value, example.timestamp_ms)


def test_on_the_timeline_pseudonyms_stay_and_what_was_written_without_the_key_is_skipped() -> None:
    spec = TOPICS["customers.timeline"]
    own = PSEUDONYMS.decoder(spec, decoder(spec))
    for example in examples("accepted"):
        if example.topic == spec.name:
            assert isinstance(own(example.key, example.value, example.timestamp_ms), Skipped)
            value = msgspec.json.decode(example.value)
            for pseudonyms, kept in ((PSEUDONYMS, True), (OTHERS, False)):
                value["data"]["customer_id"] = name = pseudonyms.of("c1")
                event = own(name.encode(), msgspec.json.encode(value), example.timestamp_ms)
                assert isinstance(event, Skipped) != kept
                assert not kept or event.data.customer_id == name  # type: ignore[union-attr]


@given(name=st.text(min_size=1, max_size=128))
def test_a_pseudonym_is_the_keys_alone_and_its_own(name: str) -> None:
    told = PSEUDONYMS.of(name)
    assert PSEUDONYMS.made(told)
    assert PSEUDONYMS.of(told) == told
    digest = hmac.new(KEY, name.encode(), "sha256").digest()
    assert told.endswith(urlsafe_b64encode(digest[:16]).decode().rstrip("="))
    assert not OTHERS.made(told)
    assert OTHERS.of(name) != told
