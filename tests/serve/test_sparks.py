"""The sparks of a queue: what a plain sum of each bucket says, whatever changes."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from stream.core.figures.common import response_level
from stream.core.figures.service_level import short_abandons_excluded
from stream.core.measures import CODES
from stream.serve.board.sparks import BUCKET_SECONDS, BUCKETS, Sparks
from stream.state.running import total_of
from stream.state.series import Series

NAMES = (
    "offered", "answered", "in_threshold", "abandoned", "short_abandoned", "first_response",
    "first_response_in_threshold", "wait_ms",
)  # fmt: skip
LAST = 1_772_463_600 // BUCKET_SECONDS * BUCKET_SECONDS
CELL = st.dictionaries(st.sampled_from([CODES[name] for name in NAMES]), st.integers(1, 9), min_size=1)
CHANGE = st.tuples(st.integers(0, 2), st.integers(-14, 3), st.none() | CELL)
STEP = st.tuples(st.lists(CHANGE, max_size=4), st.integers(0, 900))


@given(steps=st.lists(STEP, max_size=8), live=st.booleans())
def test_they_are_plain_sums_of_buckets(steps, live):
    series, now = Series("m"), LAST
    level = short_abandons_excluded if live else response_level
    sparks = Sparks("service_level.short_abandons_excluded" if live else "response_level")
    for changes, seconds in steps:
        now += seconds
        for shard, bucket, cell in changes:
            start = LAST + bucket * BUCKET_SECONDS
            series.put(shard, start, None if cell is None else msgspec.msgpack.encode(cell))
        last = now // BUCKET_SECONDS * BUCKET_SECONDS
        starts = range(last - (BUCKETS - 1) * BUCKET_SECONDS, last + 1, BUCKET_SECONDS)
        cells = [total_of(series.cells(start)) for start in starts]
        shown = sparks.of(series, "phone|i|qsupport", now * 1000)
        assert shown == {
            "level": [level(cell) for cell in cells],
            "offered": [c.get(CODES["offered"], 0) for c in cells],
        }
        assert sparks.of(series, "phone|i|qsupport", now * 1000) is shown
