"""Codes are stored: each means one thing."""

from __future__ import annotations

from collections import Counter

from stream.core import measures as m


def test_no_two_measures_share_a_code() -> None:
    codes = [*m.CODES.values(), *m.FLOW_CODES.values(), *m.DECLINE_CODES.values(), *m.TOUCH_CODES.values()]
    assert [code for code, n in Counter(codes).items() if n > 1] == []
    assert all(0 < code < m.WAIT_BINS for code in codes)
