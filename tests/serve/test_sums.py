"""Running sums against sums made anew."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stream.core.window import RINGS, span, window
from stream.state.sums import Sums

ZONE = "Europe/Rome"
START = 1_774_600_000_000  # two days before a clock change
WINDOWS = [window(name) for name in ("5m", "1h", "24h", "7d", "30d")]
TODAY = window("today")
STEPS = st.lists(
    st.tuples(st.integers(-40 * 86_400, 3 * 86_400), st.integers(-3, 5), st.integers(-200, 4000)), max_size=60
)


@given(steps=STEPS, day_starts_ms=st.sampled_from([0, 6 * 3_600_000, 22 * 3_600_000]))
def test_a_running_sum_is_the_sum_of_its_window_whatever_came_and_went(steps, day_starts_ms):
    sums = Sums()
    standing: dict[tuple[str, int], int] = {}
    now = START
    for seconds, n, passed in steps:
        at = START + seconds * 1000
        for ring in "fmd":
            start = RINGS[ring].start(at, ZONE) // 1000
            n_here = max(n, -standing.get((ring, start), 0))
            standing[ring, start] = standing.get((ring, start), 0) + n_here
            if n_here:
                sums.change(ring, start, "phone|i|qa", {1: n_here})
        now += passed * 1000
        for of, starts_ms in [*((of, 0) for of in WINDOWS), (TODAY, day_starts_ms)]:
            to = span(of, now, ZONE, day_starts_ms=starts_ms)
            naive = sum(n for (ring, start), n in standing.items() if ring == of.ring and to.first <= start <= to.last)
            anew = sums.total("phone|i|qa", to, ZONE)
            assert sums.running("phone|i|qa", of, now, ZONE, starts_ms) == anew
            assert anew.get(1, 0) == naive
