"""The cost model: what it says of sizes that it was not made of, beside what Redis and the worker's tasks do."""

from __future__ import annotations

import json

import msgspec
import pytest
from msgspec import structs
from redis import Redis as Client

from bench.cost import drive, model, workload
from bench.cost.size import Found, Size
from checks import scaling_page
from stream.capacity.counts import remembered_s, stirred, touched, written
from stream.capacity.plan import Load, Plan, measured, plan
from stream.cli import main
from tests.parts.fixtures import Redis

BASE = Size(rate=16.0, seconds=900, warm_s=450, batch=300, cache=5000)
WITHIN = 0.2
EXACT = (
    "commits", "interactions written", "cells touched", "cells kept", "rows of open ones", "bytes to Redis", "memory",
    "records to customers.timeline", "records to agents.timeline",
)  # fmt: skip
OF_LOADS = ("interactions loaded", "bytes from Redis")
"""What can be said where interactions are loaded; without that next to nothing comes from Redis."""


def like(**told: float) -> Size:
    return structs.replace(BASE, **told)


THREE = (
    BASE, like(rate=8.0), like(rate=26.0), like(batch=100), like(batch=900), like(partitions=2), like(partitions=4),
    like(queues=120), like(queues=480), like(batch=100, cache=150), like(batch=100, cache=300), like(keep_s=100.0),
    like(keep_s=200.0),
)  # fmt: skip
FOURTH = (
    like(rate=20.0), like(batch=600), like(partitions=3), like(queues=240), like(batch=100, cache=220),
    like(keep_s=150.0),
    like(rate=21.0, partitions=3, queues=240, batch=200, cache=200),
)  # fmt: skip


async def found_at(size: Size, server: Redis) -> Found:
    Client.from_url(server.url).flushall()
    return (await drive.run(drive.Task(redis_url=server.url, size=size)))[workload.TOPIC]


@pytest.mark.timeout(900)
async def test_a_model_of_three_sizes_of_each_factor_says_what_a_fourth_one_takes(own_redis: Redis) -> None:
    fit = model.fitted([(size, await found_at(size, own_redis)) for size in THREE])
    off = {}
    for size in FOURTH:
        told = model.said(fit, size, await found_at(size, own_redis))
        for what in (*EXACT, *(OF_LOADS if size.cache < BASE.cache else ())):
            said, found = told[what]
            off[size.words(), what] = round(said / found - 1, 3)
    assert {of: error for of, error in off.items() if abs(error) > WITHIN} == {}


async def test_what_is_counted_is_the_same_each_time(own_redis: Redis) -> None:
    size = like(partitions=2, cache=300, keep_s=100.0)
    first, second = [structs.replace(await found_at(size, own_redis), cpu=0.0, redis_cpu=0.0) for _ in range(2)]
    for name in ("commits", "written", "loaded", "expired", "touched", "told", "told_bytes", "held", "cells", "calls"):
        assert getattr(first, name) == getattr(second, name), name
    assert first.net_in == pytest.approx(second.net_in, rel=0.001)
    assert sum(first.memory.values()) == pytest.approx(sum(second.memory.values()), rel=0.02)


def test_expected_counts_are_those_of_a_naive_recount_of_the_log() -> None:
    size = like(rate=40.0, seconds=1000)
    (log,) = workload.log(size)
    each, gaps = workload.lives(log)
    for batch in (50, 400, 3000):
        parts = [log[n : n + batch] for n in range(len(log) // 2, len(log) - batch, batch)]
        naive = sum(len({record.key for record in part}) for part in parts) / sum(map(len, parts))
        assert written(batch / size.rate, gaps, each) == pytest.approx(naive, rel=0.1)


def test_the_longer_a_commit_the_fewer_interactions_it_writes_for_each_event_and_the_more_cells_in_all() -> None:
    spans = (0.1, 1.0, 10.0, 100.0, 1000.0)
    each = [written(span, [1.0, 20.0, 300.0], 6.0) for span in spans]
    assert each == sorted(each, reverse=True)
    assert each[-1] > 1 / 6
    cells = [touched(span, 10.0, [0.3] * 5) for span in spans]
    assert cells == sorted(cells)
    assert [stirred(span, 60.0, 10.0, [0.0]) for span in spans] == [0.0] * 5
    kept = [remembered_s(100.0, cache, [1.0, 20.0, 300.0], 6.0) for cache in (10, 100, 1000)]
    assert kept == sorted(kept)


def test_more_of_anything_never_takes_less() -> None:
    load = Load(events=5000, queues=100, customers=1e6, agents=500, mean=1000)
    known, usual = measured(), plan(load, measured())

    def takes(found: Plan) -> tuple[float, float, float]:
        return sum(found.workers_by.values()), sum(found.memory.values()), found.redis_cores

    for more in ({"events": 50_000}, {"queues": 1000}, {"customers": 1e8}, {"agents": 5000}, {"mean": 5000.0}):
        found = plan(structs.replace(load, partitions=usual.partitions, **more), known)
        assert all(b >= a * 0.999 for a, b in zip(takes(usual), takes(found), strict=True)), more


def test_the_command_says_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["capacity", "--events", "1M", "--queues", "1000", "--customers", "100M", "--agents", "50k"])
    assert ended.value.code == 0
    told = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if line.startswith("workers"))
    words, load = scaling_page.PLANS[0]
    page = scaling_page.PAGE.read_text()
    assert f"| workers | {told['workers'].strip()} |" in page, words
    with pytest.raises(SystemExit):
        main(["capacity", "--events", "1M", "--queues", "1000", "--customers", "100M", "--agents", "50k", "--json"])
    as_json = json.loads(capsys.readouterr().out)
    assert msgspec.convert(as_json["plan"], Plan) == plan(load, measured())


@pytest.mark.parametrize("wrong", ["many", "-1", "1e99", ""])
def test_what_is_no_number_is_told_and_nothing_else(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["capacity", f"--events={wrong}"])
    assert ended.value.code == 2
    assert "is no number" in capsys.readouterr().err
