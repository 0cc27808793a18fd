"""The oracle against the recorded day, and against histories whose answer one can see."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.oracle import rows, totals
from tests.oracle.__main__ import load
from tests.oracle.defaults import DAY, HOUR, SECOND
from tests.oracle.records import Record, parse_time

RECORDED = Path(__file__).parents[1] / "acceptance"
START = parse_time("2026-03-02T10:00:00Z")


def differences(got: Any, wanted: Any, path: str = "") -> list[str]:
    """What the oracle says otherwise."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        return [
            line
            for key, value in wanted.items()
            for line in differences(got.get(key, "no such key"), value, f"{path}.{key}")
        ]
    if isinstance(wanted, float) and isinstance(got, float):
        return [] if got == pytest.approx(wanted, abs=1e-6) else [f"{path}: {got} != {wanted}"]
    return [] if got == wanted else [f"{path}: {got} != {wanted}"]


@pytest.mark.parametrize("order", ["as arrived", "backwards, twice"])
def test_the_recorded_day_is_recounted_to_the_last_integer(order: str) -> None:
    records = load(RECORDED / "records.jsonl.gz")
    if order == "backwards, twice":
        records = records[::-1] + records
    for question in json.loads((RECORDED / "expected.json").read_bytes()):
        got = {
            (row.get("channel"), row.get("queue")): row
            for row in rows(records, question["window"], question["by"], question["at"])
        }
        for wanted in question["rows"]:
            where = (wanted.get("channel"), wanted.get("queue"))
            assert differences(got.get(where), wanted, f"{question['window']} {where}") == []


def history(*told: tuple[float, str, dict[str, Any]], channel: str = "phone", id_: str = "i1") -> list[Record]:
    """Records of one interaction: (seconds after the start, type, more data)."""
    return [
        {
            "topic": f"interactions.{channel}",
            "key": id_,
            "timestamp_ms": START + int(after * 1000),
            "value": {
                "specversion": "1.0",
                "id": f"{id_}-{number}",
                "source": "/test",
                "type": f"interaction.{name}",
                "time": (datetime.fromtimestamp(START / 1000, UTC) + timedelta(seconds=after)).isoformat(),
                "data": {"interaction_id": id_, "channel": channel} | data,
            },
        }
        for number, (after, name, data) in enumerate(told)
    ]


HISTORIES: dict[str, tuple[list[Record], dict[str, int]]] = {
    "an attended transfer ends the first agent's part although the next is on": (
        history(
            (0, "queued", {"queue": "q"}),
            (5, "answered", {"agent_id": "a"}),
            (60, "answered", {"agent_id": "b"}),
            (70, "transferred", {"agent_id": "a", "to_agent": "b"}),
            (100, "ended", {"by": "customer"}),
        ),
        {"offered": 1, "answered": 1, "in_threshold": 1, "wait_ms": 5000, "handled": 1, "talk_ms": 65000,
         "handle_ms": 65000, "transferred": 1},
    ),
    "a re-queue while waiting flows out of the same queue": (
        history((0, "queued", {"queue": "q"}), (9, "queued", {"queue": "q"}), (12, "ended", {"by": "customer"})),
        {"offered": 2, "flowed_out": 1, "flowed_out_by.other": 1, "abandoned": 1, "abandoned_in_threshold": 1,
         "short_abandoned": 1, "ended": 1},
    ),
    "a queued just after the answered of its queue belongs to it": (
        history(
            (3, "answered", {"agent_id": "a", "queue": "q"}), (5, "queued", {"queue": "q"}), (13, "ended", {}),
        ),
        {"offered": 1, "answered": 1, "in_threshold": 1, "handled": 1, "talk_ms": 10000, "handle_ms": 10000,
         "ended": 1},
    ),
    "holds are clipped, wrap-up is capped and a second held changes nothing": (
        history(
            (0, "queued", {"queue": "q"}),
            (30, "answered", {"agent_id": "a"}),
            (40, "held", {"agent_id": "a"}),
            (45, "held", {"agent_id": "a"}),
            (130, "ended", {"by": "agent"}),
            (7200, "wrapped_up", {"agent_id": "a"}),
        ),
        {"offered": 1, "answered": 1, "wait_ms": 30000, "handled": 1, "talk_ms": 10000, "hold_ms": 90000, "held": 1,
         "wrap_up_ms": 1800000, "handle_ms": 1900000, "ended": 1},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HISTORIES)
def test_a_small_history_counts_as_one_sees(name: str) -> None:
    records, wanted = HISTORIES[name]
    assert totals(records)["phone", "inbound", "qq"] == wanted
    assert totals(records[::-1] * 2)["phone", "inbound", "qq"] == wanted


def test_an_interaction_times_out_at_the_instant_and_a_later_event_takes_it_back() -> None:
    waiting = history((0, "queued", {"queue": "q"}))
    assert "timed_out" not in totals(waiting, START + 4 * HOUR - 1)["phone", "inbound", "qq"]
    assert totals(waiting, START + 4 * HOUR)["phone", "inbound", "qq"] == {"offered": 1, "timed_out": 1}
    taken_back = waiting + history((5 * 3600, "answered", {"agent_id": "a"}))[-1:]
    taken_back[-1]["value"]["id"] = "another"
    assert "timed_out" not in totals(taken_back)["phone", "inbound", "qq"]


def test_what_waits_now_is_live_and_a_miss_shows_before_the_wait_ends() -> None:
    records = history((0, "queued", {"queue": "q"}))
    early, late = (rows(records, "5m", "channel,queue", START + seconds * SECOND)[0] for seconds in (20, 21))
    assert (early["waiting_past_threshold"], early["service_level_live"]) == (0, None)
    assert (late["waiting_past_threshold"], late["service_level_live"], late["longest_wait_ms"]) == (1, 0.0, 21000)


def contact(id_: str, start: float, end: float, **more: Any) -> list[Record]:
    """A served interaction of customer c."""
    return history(
        (start, "started", {"customer_id": "c"} | more),
        (start, "answered", {"agent_id": "a"}),
        (end, "ended", {"by": "customer"}),
        id_=id_,
    )


@pytest.mark.parametrize(
    ("second_start", "first_contacts", "resolved"), [(100 + DAY * 7 / 1000, 1, None), (100.001 + DAY * 7 / 1000, 2, 2)]
)
def test_the_repeat_window_has_both_its_ends(second_start: float, first_contacts: int, resolved: int | None) -> None:
    records = contact("i1", 0, 100) + contact("i2", second_start, second_start + 10)
    fcr = totals(records)["phone", "inbound", "*"]
    assert (fcr["first_contacts"], fcr.get("resolved_contacts")) == (first_contacts, resolved)


def test_other_matters_do_not_repeat_but_an_untold_reason_does() -> None:
    other = contact("i1", 0, 10, reason="x") + contact("i2", 20, 30, reason="y")
    started = {"interactions_started": 2, "identified": 2}
    assert totals(other)["phone", "inbound", "*"] == {"first_contacts": 2, "resolved_contacts": 2} | started
    untold = contact("i1", 0, 10, reason="x") + contact("i2", 20, 30)
    repeated = {"first_contacts": 1, "repeated_contacts": 1, "repeats": 1}
    assert totals(untold)["phone", "inbound", "*"] == repeated | started
