"""`/metrics`: the whole text of a small center, its names and types, what is folded, what is there from the start."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

from stream.child import free_port
from stream.core.figures.metrics import METRICS
from stream.core.measures import HANDLE_BOUNDS, WAIT_BOUNDS
from stream.core.rules import DAY, MINUTE, SECOND
from tests.parts.fixtures import skipping
from tests.parts.prometheus import promtool
from tests.serve.shards import cell, cells, pack, total, wait, waiting

AT = 1_772_463_600_000
SUPPORT, DIRECT, CHANNEL = "phone|i|qsupport", "phone|i|-", "phone|i|*"
GOLDEN = Path(__file__).with_name("golden_metrics.txt")


async def loaded(view):
    for _ in range(100):
        if await view.reader.poll():
            return view
    raise AssertionError("never complete")


def values(text):
    """(name, labels without the empty) -> value."""
    return {
        (sample.name, tuple(sorted((k, v) for k, v in sample.labels.items() if v))): sample.value
        for family in parse(text)
        for sample in family.samples
    }


def of(text, name, **labels):
    return values(text)[name, tuple(sorted(labels.items()))]


@pytest.fixture
async def center(shard, view):
    one = shard()
    await one.declare(1)
    handled = cell(handled=1, handle_ms=90_000)
    fields = cells(SUPPORT, AT - MINUTE, wait(12_000) | cell(offered=1)) | cells(DIRECT, AT, handled)
    fields |= cells(CHANNEL, AT, cell(first_contacts=2, resolved_contacts=1))
    fields[f"cd|{(AT - AT % DAY) // 1000 - 8 * 86_400}|{CHANNEL}"] = pack(cell(first_contacts=4, resolved_contacts=3))
    gained = cell(offered=3, answered=2, wait_ms=42_000, handled=1, handle_ms=90_000)
    gained |= {WAIT_BOUNDS + 3: 1, WAIT_BOUNDS + 5: 1, HANDLE_BOUNDS + 8: 1}
    fields |= total(SUPPORT, gained, cell(answered=1, wait_ms=30_000) | {WAIT_BOUNDS + 5: 1})
    fields |= total(DIRECT, handled) | total(CHANNEL, cell(first_contacts=6, resolved_contacts=4))
    fields |= waiting("a", SUPPORT, AT - 25 * SECOND, None) | waiting("b", SUPPORT, AT - SECOND, None)
    counts = {"applied": 10, "duplicate": 2, "skipped": 1, "rejected": 3, "rejected.not_json": 3, "records": 16,
              "anomaly.expired": 1, "out_of_order": 4, "late": 5}  # fmt: skip
    await one.commit(fields, stream_time=AT, counts=counts)
    return await loaded(view(clock="event", windows=["5m", "today"], fcr_windows=["today", "7d"],
                             queues=[{"channel": "chat", "name": "sales"}]))  # fmt: skip


async def scrape(browse, view, **headers):
    answer = await browse(view).get("/metrics", headers=headers)
    assert answer.status_code == 200
    return answer.text


async def test_the_whole_text_of_a_small_center_is_as_it_was(center, browse):
    text = await scrape(browse, center)
    if "UPDATE_GOLDEN" in os.environ:
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text(), "a change that is meant: run again with UPDATE_GOLDEN=1"


async def test_promtool_finds_nothing_to_say_about_it(center, browse):
    text = await scrape(browse, center)
    with skipping():
        assert promtool("check", "metrics", stdin=text) == ""


async def test_it_is_openmetrics_for_whom_accepts_it(center, browse):
    text = await scrape(browse, center, accept="application/openmetrics-text; version=1.0.0")
    assert {family.name for family in openmetrics(text)} == {name.removesuffix("_total") for name in METRICS}


async def test_figures_counters_and_histograms_say_what_the_shards_say(center, browse):
    text = await scrape(browse, center)
    queue = {"channel": "phone", "queue": "support"}
    assert of(text, "contact_center_asa_seconds", **queue, window="5m") == 12.0
    assert of(text, "contact_center_aht_seconds", channel="phone", window="5m") == 90.0
    assert of(text, "contact_center_service_level_live_ratio", **queue, window="5m") == 0.5
    assert of(text, "contact_center_queue_longest_wait_seconds", **queue) == 25.0
    assert of(text, "contact_center_fcr_ratio", channel="phone", window="7d", stage="matured") == 0.75
    assert of(text, "contact_center_fcr_ratio", channel="phone", window="today", stage="provisional") == 0.5
    assert of(text, "contact_center_segments_total", **queue, outcome="answered") == 2
    assert of(text, "contact_center_segments_retracted_total", **queue, outcome="answered") == 1
    assert of(text, "contact_center_wait_seconds_bucket", **queue, le="15.0") == 1
    assert of(text, "contact_center_wait_seconds_bucket", **queue, le="+Inf") == 2
    assert of(text, "contact_center_wait_seconds_sum", **queue) == 42.0
    assert of(text, "contact_center_wait_retracted_seconds_count", **queue) == 1
    assert of(text, "stream_records_total", topic="interactions.phone", result="rejected") == 3
    assert of(text, "stream_balance_residual", balance="records", topic="interactions.phone", partition="0") == 0
    assert of(text, "stream_balance_residual", balance="queues", **queue) == 0


async def test_a_configured_queue_has_its_series_from_the_start_and_no_ratio_of_nothing(center, browse):
    text = await scrape(browse, center)
    sales = {"channel": "chat", "queue": "sales"}
    assert of(text, "contact_center_queue_waiting", **sales) == 0
    assert of(text, "contact_center_segments_total", **sales, outcome="offered") == 0
    assert of(text, "contact_center_service_level_threshold_seconds", **sales) == 60.0
    assert not re.search(r"^contact_center_a\w+{[^}]*sales", text, re.MULTILINE)


async def test_queues_beyond_the_limit_are_folded_into_other(shard, view, browse):
    one = shard()
    await one.declare(1)
    fields = {}
    for name in "abcd":
        scope = f"phone|i|q{name}"
        fields |= cells(scope, AT, wait(1000)) | total(scope, cell(offered=1, answered=1))
        fields |= waiting(name, scope, AT - SECOND, None)
    await one.commit(fields, stream_time=AT)
    settings = {"queues": [{"channel": "phone", "name": "d"}], "max_queues": 2}
    text = await scrape(browse, await loaded(view(clock="event", **settings)))
    assert set(re.findall(r'contact_center_queue_waiting{channel="phone",queue="(\w+)"}', text)) == {"d", "a", "other"}
    other = {"channel": "phone", "queue": "other"}
    assert of(text, "contact_center_queue_waiting", **other) == 2
    assert of(text, "contact_center_segments_total", **other, outcome="answered") == 2
    assert of(text, "contact_center_asa_seconds", **other, window="5m") == 1.0


async def test_what_is_remembered_from_scrape_to_scrape_is_what_a_new_service_says(shard, view, browse):
    one = shard()
    await one.declare(1)
    of_all = [f"phone|i|q{name}" for name in "abcd"]
    fields = waiting("a", of_all[0], AT, AT + MINUTE)
    for number in range(12):
        fields |= cells(of_all[number % 3], AT + number * SECOND, wait(1000 * number)) | cells(of_all[3], AT, wait(7))
    await one.commit(
        fields | {key: part for scope in of_all for key, part in total(scope, cell(offered=1)).items()}, stream_time=AT
    )
    same = await loaded(view(clock="event", max_queues=2, windows=["5m", "today"]))
    client, said = browse(same), set()
    for number in range(40):
        at = AT + number * 7 * SECOND
        fields = cells(of_all[number % 4], at, wait(number * SECOND)) if number % 3 else {}
        await one.commit(fields, stream_time=at)
        await loaded(same)
        text = (await client.get("/metrics")).text
        assert text == await scrape(browse, same)
        said.add(of(text, "contact_center_asa_seconds", channel="phone", queue="other", window="5m"))
    assert len(said) > 8


async def test_the_text_is_made_once_for_a_snapshot(center, browse, shard):
    client = browse(center)
    first = await client.get("/metrics")
    second = await client.get("/metrics")
    assert first.content == second.content
    one = shard()
    one.seq = 1
    await one.commit(total(SUPPORT, cell(offered=99)), stream_time=AT)
    await center.reader.poll()
    assert b"99.0" in (await client.get("/metrics")).content


async def test_nothing_is_served_before_the_shards_are_read(view, browse):
    client = browse(view())
    assert (await client.get("/healthz")).status_code == 200
    for path in ("/metrics", "/api/v1/kpis", "/api/v1/queues", "/readyz"):
        assert (await client.get(path)).status_code == 503


@asynccontextmanager
async def served(redis_server, key_prefix):
    port = free_port()
    settings = {"redis_url": redis_server.url, "key_prefix": key_prefix, "port": port, "clock": "event"}
    program = f"from stream.serve.service import run; from stream.settings import Settings; run(Settings(**{settings}))"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            for _ in range(500):
                try:
                    if (await client.get("/readyz")).status_code == 200:
                        break
                except httpx.ConnectError:
                    await asyncio.sleep(0.02)
            yield client
    finally:
        process.terminate()
        assert await process.wait() == 0


async def test_the_service_answers_over_http_until_it_is_told_to_stop(center, redis_server, key_prefix):
    async with served(redis_server, key_prefix) as client:
        body = (await client.get("/readyz")).json()
        assert (body["ready"], body["redis"], body["input_age_seconds"]["interactions.phone"]) == (True, True, 0)
        assert "contact_center_segments_total" in (await client.get("/metrics")).text


async def test_a_real_prometheus_reads_the_same_figure(center, redis_server, key_prefix, start_prometheus):
    async with served(redis_server, key_prefix) as client:
        target = f"{client.base_url.host}:{client.base_url.port}"
        jobs = f"[{{job_name: centralino, scrape_interval: 100ms, static_configs: [{{targets: ['{target}']}}]}}]"
        prometheus = await asyncio.to_thread(start_prometheus, f"scrape_configs: {jobs}")
        query = 'contact_center_asa_seconds{queue="support",window="5m"}'
        async with httpx.AsyncClient() as asking:
            for _ in range(200):
                answer = await asking.get(f"{prometheus.url}/api/v1/query", params={"query": query})
                found = answer.json()["data"]["result"]
                if found:
                    break
                await asyncio.sleep(0.1)
        assert [float(each["value"][1]) for each in found] == [12.0]
