"""Platforms' payloads with anything wrong in them, seeded: events that are taken, nothing, or a reason why not."""

from __future__ import annotations

import json
import random
import re
from collections import Counter

import pytest

from schemas.codec import Skipped, decode
from schemas.rejected import REASONS, Rejected
from schemas.sources.conversion import Change, Memory, Sending, Vendor, convert, sending
from schemas.sources.options import NONE, Options
from schemas.sources.vendors import VENDORS
from schemas.topics import TOPICS
from tests.schemas.mutants import mutant
from tests.schemas.payloads import files, options_of

MUTANTS = 10_000
LONGEST_DETAIL = 400
_NAME = re.compile(rb'"([A-Za-z_]\w{0,40})"\s*:|(?:^|&)([A-Za-z_]\w{0,40})=')


def payloads_of(vendor: Vendor) -> list[bytes]:
    """All examples of a vendor that are no larger than most, whatever is to become of them."""
    found = {
        payload: None
        for folder in ("", "skipped", "rejected")
        for file in files(vendor, folder)
        for payload in file.payloads()
    }
    return [payload for payload in found if len(payload) < 100_000]


def names_in(payloads: list[bytes]) -> list[str]:
    """The names of all fields, so that one can stand in another's place."""
    found = {(a or b).decode() for payload in payloads for a, b in _NAME.findall(payload.replace(b'\\"', b'"'))}
    return sorted({*found, "x", ""})


def outcome(vendor: Vendor, payload: bytes, options: Options, memory: Memory | None = None) -> str:
    """What became of it: taken, nothing, skipped, or the reason why not. Fails on what must not be."""
    try:
        told = convert(vendor, payload, options)
    except Rejected as rejected:
        return judged(rejected)
    if isinstance(told, Skipped):
        return "skipped"
    for each in told:
        if isinstance(each, Sending):
            event = decode(TOPICS[each.topic], each.key, each.value, each.at)
            assert not isinstance(event, Skipped)
            assert event.at == each.at
        else:
            assert isinstance(each, Change)
            assert memory is not None
            event = memory.take(each)
            assert event is None or sending(event, NONE).topic == "agents.presence"
    return "taken" if told else "nothing"


def judged(rejected: Rejected) -> str:
    """The reason, which the dead letter says with its detail in headers."""
    assert rejected.reason in REASONS
    assert rejected.reason != "bug"
    assert 0 < len(rejected.detail) <= LONGEST_DETAIL, rejected.detail
    rejected.detail.encode()
    return rejected.reason


@pytest.mark.parametrize("vendor", [each for each in VENDORS.values() if files(each)], ids=lambda each: each.name)
def test_a_payload_with_something_wrong_raises_nothing_but_rejected(vendor: Vendor) -> None:
    draw = random.Random(f"wrong {vendor.name}")
    payloads, options, results = payloads_of(vendor), options_of(vendor), Counter[str]()
    names, memory = names_in(payloads), None if vendor.memory is None else vendor.memory()
    for number in range(MUTANTS):
        payload = mutant(draw, draw.choice(payloads), names)
        try:
            results[outcome(vendor, payload, options, memory)] += 1
        except Exception as error:
            shown = payload[:3000].decode(errors="backslashreplace")
            raise AssertionError(
                f"{vendor.name}, mutant {number}, {len(payload)} bytes: {json.dumps(shown)}"
            ) from error
    if memory is not None:
        memory.load(memory.dump())
    assert results["taken"] > MUTANTS / 20, results
    assert results["invalid_field"] > MUTANTS / 100, results
