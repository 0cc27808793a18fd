"""A day of Amazon Connect comes to the figures worked out by hand, in any order, and without much of what is lost."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from schemas.rejected import Skipped
from schemas.sources.conversion import convert
from tests.oracle.rows import rows
from tests.schemas.connect_payloads import (
    CONNECT,
)
from tests.schemas.payloads import files, options_of

OPTIONS = options_of(CONNECT)
EXPECTED = json.loads((Path(__file__).parents[1] / "e2e" / "sources" / "amazon_connect.json").read_bytes())


@cache
def day() -> tuple[bytes, ...]:
    (file,) = (file for file in files(CONNECT) if file.path.name.startswith("life_cycle."))
    return tuple(file.payloads())


def feed_of(payload: bytes) -> str:
    return "agents" if b'"AgentARN"' in payload else "records" if b"FormatVersion" in payload else "events"


def figures(payloads: list[bytes]) -> dict[tuple[str, str | None], dict[str, Any]]:
    """Rows by channel and queue, by a recount of the events that payloads give."""
    log = [
        {"topic": each.topic, "key": each.key.decode(), "timestamp_ms": each.at, "value": each.value.decode()}  # type: ignore[union-attr]
        for payload in payloads
        for told in [convert(CONNECT, payload, OPTIONS)]
        if not isinstance(told, Skipped)
        for each in told
    ]
    found = rows(log, EXPECTED["window"], "channel,queue", EXPECTED["at"], "inbound")
    return {(row["channel"], row["queue"]): row for row in found}


@pytest.mark.parametrize("seed", range(4))
def test_a_day_gives_the_figures_worked_out_by_hand_in_any_order_and_twice(seed: int) -> None:
    draw = random.Random(seed)
    payloads = [*day(), *draw.sample(day(), len(day()) // 2)]
    draw.shuffle(payloads)
    got = figures(payloads)
    for row in EXPECTED["by_queue"]:
        own = got[row["channel"], row["queue"]]
        assert {key: own[key] for key in row if key in own} == {
            key: pytest.approx(value) if isinstance(value, float) else value for key, value in row.items() if key in own
        }
        assert set(row) - set(own) <= {"why", "waiting"}


@pytest.mark.parametrize("lost", range(0, 60, 3))
def test_what_one_lost_contact_event_told_another_payload_tells(lost: int) -> None:
    events = [payload for payload in day() if feed_of(payload) == "events"]
    left = [payload for payload in day() if payload != events[lost % len(events)]]
    got = figures(left)["phone", "support"]
    wanted = EXPECTED["by_queue"][0]
    for name in ("offered", "answered", "abandoned", "flowed_out", "handled", "transferred", "ended", "handle_ms"):
        assert got[name] == wanted[name], name


def test_records_alone_give_the_same_counts_and_waits_to_the_second() -> None:
    got = figures([payload for payload in day() if feed_of(payload) == "records"])
    sales, wanted = got["phone", "sales"], EXPECTED["by_queue"][1]
    assert {name: sales[name] for name in ("offered", "answered", "wait_ms", "handled", "handle_ms", "ended")} == {
        name: wanted[name] for name in ("offered", "answered", "wait_ms", "handled", "handle_ms", "ended")
    }
    support = got["phone", "support"]  # the record of one call is not among them
    assert (support["offered"], support["answered"], support["wait_ms"]) == (8, 4, 38_000)
