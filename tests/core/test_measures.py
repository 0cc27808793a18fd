"""Codes are stored: the ranges that hold parts of measures stay where they are, and apart."""

from __future__ import annotations

from itertools import pairwise

from stream.core import measures as m
from stream.core.measures import CODES, DECLINE_CODES, FLOW_CODES


def test_codes_are_where_stored_cells_have_them() -> None:
    assert [CODES[name] for name in ("offered", "answered", "wait_ms", "handled", "resolved", "sessions")] == [
        1, 2, 10, 11, 48, 49,
    ]  # fmt: skip
    assert (min(FLOW_CODES.values()), min(DECLINE_CODES.values()), DECLINE_CODES[None]) == (512, 528, 543)
    assert (m.WAIT_BINS, m.HANDLE_BINS, m.RESPONSE_BINS, m.GAP_BINS) == (1000, 2000, 3000, 5000)
    assert (m.WAIT_BOUNDS, m.HANDLE_BOUNDS) == (4000, 4100)


def test_no_code_means_two_things() -> None:
    ranges = [
        range(1, len(m.NAMES)), range(min(FLOW_CODES.values()), max(FLOW_CODES.values()) + 1),
        range(m.DECLINED_BY, m.DECLINED_UNTOLD + 1), range(m.WAIT_BINS, m.HANDLE_BINS),
        range(m.HANDLE_BINS, m.RESPONSE_BINS), range(m.RESPONSE_BINS, m.WAIT_BOUNDS),
        range(m.WAIT_BOUNDS, m.HANDLE_BOUNDS), range(m.HANDLE_BOUNDS, m.HANDLE_BOUNDS + 100),
    ]  # fmt: skip
    assert all(one.stop <= other.start for one, other in pairwise(ranges))
    assert {code for codes in (FLOW_CODES, DECLINE_CODES) for code in codes.values()} <= {*ranges[1], *ranges[2]}
