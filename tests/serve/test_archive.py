"""What lies long back is compressed, and as exact as before: against a dictionary of all cells."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from stream.core.measures import add
from stream.core.times.window import RINGS, span, window
from stream.state.archive import PART_BYTES, Archive
from stream.state.series import ARCHIVED, Series
from stream.state.snapshot import ShardId, Snapshot

DAY, NOW = 86_400, 1_774_600_200
SHARD = st.integers(0, 2)
CELLS = st.dictionaries(
    st.integers(0, 40).map(lambda back: NOW - back * 3300 - back * 3300 % 300), st.integers(1, 9), max_size=8
)
PUT = st.tuples(SHARD, st.integers(0, 40), st.none() | st.integers(1, 9))
STEPS = st.lists(st.tuples(SHARD, CELLS) | PUT | st.none(), max_size=25)
pack = msgspec.msgpack.encode


@given(steps=STEPS, ring=st.sampled_from("md"))
def test_a_series_is_what_its_shards_last_said_however_it_was_told(steps, ring):
    series, standing = Series(ring), {}
    for step in steps:
        version = series.version
        before = dict(standing)
        if step is None:
            series.settle()
        elif len(step) == 2:
            shard, told = step
            series.replace(shard, {start: pack({1: n}) for start, n in told.items()})
            standing = {key: n for key, n in standing.items() if key[0] != shard}
            standing |= {(shard, start): n for start, n in told.items()}
        else:
            shard, back, n = step
            start = NOW - back * 3300 - back * 3300 % 300
            series.put(shard, start, n and pack({1: n}))
            standing.pop((shard, start), None)
            if n:
                standing[shard, start] = n
        assert standing == before or series.version != version
        starts = {start for _, start in standing}
        assert series.first() == min(starts, default=None)
        for start in starts | {NOW}:
            assert series.among(start) == {s: pack({1: n}) for (s, at), n in standing.items() if at == start}
        for first, last in ((NOW - DAY, NOW), (0, NOW - 4 * 3600), (NOW - 20_000, None)):
            wanted = sum(n for (_, at), n in standing.items() if first <= at and (last is None or at <= last))
            assert series.between(first, last, 300 if ring == "m" else 0).get(1, 0) == wanted


def test_a_whole_shard_is_told_again_and_again_and_only_what_differs_makes_another_version():
    series = Series("m")
    cells = {NOW - back * 300: pack({1: back + 1, 1000 + back: 1}) for back in range(580)}
    series.replace(0, cells)
    series.replace(1, cells)
    version = series.version
    assert len(series.buckets) == ARCHIVED["m"][0] // 300 + 1
    series.replace(0, dict(reversed(cells.items())))
    assert series.version == version
    series.replace(0, cells | {NOW - 500 * 300: pack({1: 7})})
    assert series.version != version
    assert series.among(NOW - 500 * 300) == {0: pack({1: 7}), 1: cells[NOW - 500 * 300]}


def test_much_is_compressed_as_it_comes_and_the_rest_when_it_settles():
    archive, value = Archive(DAY), bytes(range(256)) * 3
    for number in range(100):
        archive.add(number, NOW, value)
    (block,) = archive._blocks.values()
    assert len(block[-1]) < PART_BYTES
    archive.settle()
    assert sum(map(len, archive._blocks[NOW // DAY])) < 100 * len(value) / 2
    assert [*archive.between(NOW, NOW)] == [(NOW, number, value) for number in range(100)]


@given(
    told=st.lists(st.tuples(SHARD, st.dictionaries(st.integers(0, 45), st.integers(1, 5), max_size=6)), max_size=8),
    looked=st.lists(st.booleans(), min_size=8, max_size=8),
)
def test_running_sums_hold_when_shards_are_read_anew(told, looked):
    snapshot, standing, windows = Snapshot(), {}, [window(name) for name in ("24h", "today", "30d")]
    for (number, days), look in zip(told, looked, strict=False):
        fields, shard = {}, ShardId("interactions.phone", number)
        for back, n in days.items():
            at = (NOW - back * 40_000) * 1000
            fields |= {f"c{ring}|{RINGS[ring].start(at, 'UTC') // 1000}|a|i|-".encode(): pack({1: n}) for ring in "fmd"}
        snapshot.replace(shard, fields)
        standing[number] = {field: msgspec.msgpack.decode(value) for field, value in fields.items()}
        for of in windows if look else ():
            to, wanted = span(of, NOW * 1000, "UTC"), {}
            for cells in standing.values():
                for field, cell in cells.items():
                    kind, start, _ = field.split(b"|", 2)
                    if kind[1:].decode() == to.ring and to.first <= int(start) <= to.last:
                        add(wanted, cell)
            assert snapshot.running("a|i|-", of, NOW * 1000, "UTC") == wanted
