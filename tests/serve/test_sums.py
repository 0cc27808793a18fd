"""Running sums against sums made anew, and both against what the parts hold."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from stream.core.measures import add
from stream.core.times.window import RINGS, span, window
from stream.state.series import MOST_STALE
from stream.state.snapshot import ShardId, Snapshot
from stream.state.totals import Totals

ZONE = "Europe/Rome"
SCOPE = "phone|i|qa"
START = 1_774_600_000_000  # two days before a clock change
WINDOWS = [window(name) for name in ("5m", "1h", "24h", "today", "7d", "30d")]
SHARDS = [ShardId("interactions.phone", number) for number in range(2)]
CELL = st.dictionaries(st.integers(1, 4), st.integers(-3, 5).filter(bool), max_size=3)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(SHARDS), st.integers(-40 * 86_400, 3 * 86_400) | st.integers(-400, 10), st.none() | CELL,
        st.integers(-200, 4000),
    ),
    max_size=60,
)  # fmt: skip
pack = msgspec.msgpack.encode


@given(steps=STEPS)
def test_a_running_sum_is_the_sum_of_its_window_whatever_came_and_went(steps):
    snapshot = Snapshot()
    standing = {}
    now = START
    for shard, seconds, cell, passed in steps:
        at = START + seconds * 1000
        for ring in "fmd":
            start = RINGS[ring].start(at, ZONE) // 1000
            field = f"c{ring}|{start}|{SCOPE}".encode()
            if cell is None:
                snapshot.feed(shard, [field], [])
                standing.pop((shard, ring, start), None)
            else:
                snapshot.feed(shard, [], [(field, pack(cell))])
                standing[shard, ring, start] = cell
        now += passed * 1000
        for of in WINDOWS:
            to = span(of, now, ZONE)
            naive, later = {}, {}
            for (_, ring, start), each in standing.items():
                if ring == of.ring and to.first <= start <= to.last:
                    add(naive, each)
                if ring == of.ring and to.first <= start:
                    add(later, each)
            assert snapshot.running(SCOPE, of, now, ZONE) == naive
            assert snapshot.cell(SCOPE, to, ZONE) == naive
            assert snapshot.since(SCOPE, of.ring, to.first) == later
    for shard in list(snapshot.shards):
        snapshot.replace(shard, {b"t|" + SCOPE.encode(): pack((({1: 1}), {}))})
    for of in WINDOWS:
        assert snapshot.running(SCOPE, of, now, ZONE) == {}


def fed(snapshot, shard, start, cell):
    snapshot.feed(shard, [], [(f"cf|{start}|{SCOPE}".encode(), pack(cell))])


def test_what_is_told_of_sums_is_asked_again_only_when_one_of_them_has_changed():
    snapshot, asked, now = Snapshot(), [], START // 10_000 * 10_000
    five, hour = window("5m"), window("1h")

    def tell(*cells):
        asked.append([dict(cell) for cell in cells])
        return sum(cell.get(1, 0) for cell in cells)

    def told():
        return snapshot.told(tell, SCOPE, (five, hour), now, ZONE)

    assert told() == told() == 0
    fed(snapshot, SHARDS[0], now // 1000 - 1800, {1: 2})
    assert told() == told() == 2
    fed(snapshot, SHARDS[1], now // 1000, {1: 3})
    fed(snapshot, SHARDS[1], now // 1000 - 7000, {1: 9})
    assert told() == told() == 8
    assert asked == [[{}, {}], [{}, {1: 2}], [{1: 3}, {1: 5}]]
    now += 300_000
    assert told() == told() == 5


def test_a_sum_that_nobody_asks_for_is_given_up_and_made_anew():
    snapshot, hour = Snapshot(), window("1h")
    series = snapshot.sums.series("f", SCOPE)
    assert snapshot.running(SCOPE, hour, START, ZONE) == {}
    most = 0
    for number in range(300):
        fed(snapshot, SHARDS[number % 2], START // 10_000 * 10 - number // 2 * 10, {1: 1})
        most = max(most, sum(map(len, series.stale.values())))
    assert most == 2 * MOST_STALE
    assert not series.running
    assert not series.stale
    assert snapshot.running(SCOPE, hour, START, ZONE) == {1: 300}


TOTAL = st.none() | st.tuples(CELL, CELL)


def told_of(gained, retracted):
    return sorted(gained.items()), sorted(retracted.items())


@given(steps=st.lists(st.tuples(st.sampled_from(SHARDS), st.sampled_from("ab"), TOTAL, st.booleans()), max_size=40))
def test_totals_are_those_of_all_shards_whenever_one_looks(steps):
    totals, standing = Totals(), {}
    for shard, scope, total, looked in steps:
        totals.put(scope, shard, None if total is None else pack(total))
        standing.pop((scope, shard), None)
        if total is not None:
            standing[scope, shard] = total
        if not looked:
            continue
        naive = {}
        for (of, _), each in standing.items():
            for into, part in zip(naive.setdefault(of, ({}, {})), each, strict=True):
                add(into, part)
        assert totals == naive
        for of in "ab":
            assert totals.told(told_of, of) == told_of(*naive.get(of, ({}, {})))
        assert len(totals) == len(naive)
