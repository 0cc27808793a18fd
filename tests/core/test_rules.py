"""What is counted by when nobody sets anything: the values that docs/settings.md and the contract promise."""

from __future__ import annotations

import msgspec
import pytest

from stream.core.rules import CHANNEL_RULES, HISTOGRAM_BOUNDS_MS, QueueRules, Rules

S, M, H, D = 1000, 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("channel", "live", "parked", "threaded", "idle_limit_ms", "keep_closed_ms", "threshold_ms"),
    [
        ("phone", True, False, False, 4 * H, 3 * D, 20 * S),
        ("video", True, False, False, 4 * H, 3 * D, 30 * S),
        ("chat", True, False, True, 24 * H, 3 * D, 60 * S),
        ("email", False, True, True, None, 35 * D, 8 * H),
        ("social", False, True, True, None, 35 * D, H),
    ],
)
def test_a_channel_has_its_nature_its_limits_and_its_threshold(
    *, channel: str, live: bool, parked: bool, threaded: bool, idle_limit_ms: int | None, keep_closed_ms: int,
    threshold_ms: int,
) -> None:  # fmt: skip
    row = CHANNEL_RULES[channel]
    assert (row.live, row.parked, row.threaded) == (live, parked, threaded)
    assert (row.idle_limit_ms, row.keep_closed_ms) == (idle_limit_ms, keep_closed_ms)
    assert row.queue == QueueRules(threshold_ms=threshold_ms)
    assert Rules().queue(channel, None) == Rules().queue(channel, "any") == row.queue


def test_a_queue_has_what_nobody_sets() -> None:
    found = msgspec.structs.asdict(QueueRules(threshold_ms=1))
    assert found | {"threshold_ms": 1} == {
        "threshold_ms": 1, "target": 0.8, "short_abandon_ms": 5 * S, "wrap_up_cap_ms": 30 * M, "zone": "UTC",
        "day_starts_ms": 0, "calendar": None,
    }  # fmt: skip


def test_the_center_has_what_nobody_sets() -> None:
    rules = Rules()
    assert (rules.zone, rules.day_starts_ms, rules.clock_skew_ms) == ("UTC", 0, 5 * S)
    assert (rules.agent_silence_ms, rules.heartbeat_silence_ms) == (12 * H, 10 * M)
    assert (rules.repeat_window_ms, rules.keep_open_ms) == (7 * D, 400 * D)
    assert (rules.keep_customers_ms, rules.long_wait_factor) == (400 * D, 3.0)
    assert rules.high_value == {"EUR": 100_000, "USD": 100_000, "GBP": 100_000}
    assert (rules.max_events, rules.max_interactions) == (5000, 5000)
    seconds = (1, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1800, 3600, 14_400, 28_800, 86_400)
    assert HISTOGRAM_BOUNDS_MS == rules.bounds_ms == tuple(n * S for n in seconds)
    assert [rules.bound(ms) for ms in (0, S, S + 1, D, D + 1)] == [0, 0, 1, 18, 19]
