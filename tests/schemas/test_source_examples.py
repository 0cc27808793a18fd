"""Every payload of every platform gives exactly the events that lie beside it, and what is at fault is refused."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from schemas.codec import Skipped, decode, encode
from schemas.events import Envelope
from schemas.rejected import REASONS, Rejected
from schemas.sources.conversion import Vendor, convert
from schemas.sources.vendors import VENDORS
from schemas.topics import TOPICS
from tests.schemas.payloads import (
    FOLDER,
    GOLDEN,
    OPTIONS,
    PayloadFile,
    Taker,
    all_files,
    events_of,
    files,
    folder_of,
    options_of,
)  # fmt: skip

ACCEPTED = list(all_files())
REJECTED = list(all_files("rejected"))
SKIPPED = list(all_files("skipped"))
MORE_OFTEN_THAN_READ = 200
each_vendor = pytest.mark.parametrize("vendor", VENDORS.values(), ids=lambda each: each.name)


@pytest.mark.parametrize("file", ACCEPTED, ids=str)
def test_payloads_give_exactly_the_events_beside_them(file: PayloadFile) -> None:
    wanted = file.golden.read_bytes().removesuffix(b"\n").split(b"\n")
    assert [each.value.decode() for each in events_of(file)] == [line.decode() for line in wanted if line]


@pytest.mark.parametrize("file", ACCEPTED, ids=str)
def test_each_event_is_one_that_its_topic_takes(file: PayloadFile) -> None:
    for each in events_of(file):
        event = decode(TOPICS[each.topic], each.key, each.value, each.at)
        assert isinstance(event, Envelope)
        assert (event.at, encode(event)) == (each.at, each.value)
        assert event.source.startswith(f"/{file.vendor.name}") or file.vendor.name == "surveys"
        assert not any(name.startswith("(") for name in msgspec.json.decode(each.value))


@pytest.mark.parametrize("file", ACCEPTED, ids=str)
def test_a_payload_that_comes_twice_gives_the_same_events(file: PayloadFile) -> None:
    options = options_of(file.vendor)
    for payload in file.payloads()[:MORE_OFTEN_THAN_READ]:
        once, again = (convert(file.vendor, payload, options) for _ in range(2))
        assert once == again
        assert convert(file.vendor, respelled(payload), options) == once


def respelled(payload: bytes) -> bytes:
    """The same JSON in other bytes: fields in another order, blanks, escapes. What is no JSON as it is."""
    try:
        told: Any = json.loads(payload)
    except ValueError:
        return payload
    if not isinstance(told, dict | list):
        return payload
    return json.dumps(told, indent=1, sort_keys=True, ensure_ascii=True).encode()


@pytest.mark.parametrize("file", ACCEPTED, ids=str)
def test_no_two_events_of_a_file_share_an_identity_and_a_revision_and_differ(file: PayloadFile) -> None:
    found: dict[tuple[Any, ...], bytes] = {}
    for each in events_of(file):
        event = msgspec.json.decode(each.value)
        name = each.topic, each.key, event["source"], event["id"], event.get("revision", 0)
        assert found.setdefault(name, each.value) == each.value


@pytest.mark.parametrize("file", REJECTED, ids=str)
def test_a_payload_at_fault_is_rejected_for_its_reason(file: PayloadFile) -> None:
    assert file.reason in REASONS
    for payload in file.payloads():
        with pytest.raises(Rejected) as caught:
            Taker(file.vendor).take(payload)
        assert (caught.value.reason, bool(caught.value.detail)) == (file.reason, True), caught.value.detail


@pytest.mark.parametrize("file", SKIPPED, ids=str)
def test_a_payload_of_a_kind_that_is_not_known_or_of_no_matter_is_skipped(file: PayloadFile) -> None:
    for payload in file.payloads():
        told = Taker(file.vendor).take(payload)
        assert isinstance(told, Skipped) or told == []


@each_vendor
def test_each_file_of_events_is_one_of_payloads_that_are_there(vendor: Vendor) -> None:
    payloads = {file.golden for file in files(vendor)}
    assert set(folder_of(vendor).glob(f"**/*{GOLDEN}")) == payloads
    folders = {path.name for path in folder_of(vendor).glob("*") if path.is_dir()}
    assert folders <= {"rejected", "skipped"}


@each_vendor
def test_what_is_set_for_the_examples_is_what_settings_may_say(vendor: Vendor) -> None:
    path = folder_of(vendor) / OPTIONS
    if path.exists():
        known = {field.name for field in msgspec.structs.fields(type(options_of(vendor)))}
        assert set(json.loads(path.read_bytes())) <= known


@each_vendor
def test_a_platform_has_a_days_work_with_its_figures_payloads_at_fault_and_kinds_of_no_matter(vendor: Vendor) -> None:
    assert [file for file in files(vendor) if file.path.name.startswith("life_cycle.")]
    assert files(vendor, "rejected")
    assert files(vendor, "skipped")
    assert (FOLDER.parents[1] / "tests" / "e2e" / "sources" / f"{vendor.name}.json").exists()
