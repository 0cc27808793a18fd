"""Many open interactions, and room for few of them: what is forgotten is loaded again, and counted as it should be."""

from __future__ import annotations

import pytest
from redis import Redis

from bench.open_interactions import measure
from tests.parts.fixtures import skipping
from tests.parts.redis import Redis as RealRedis

OPEN, EVENTS, MEGABYTE = 30_000, 8000, 2**20


@pytest.mark.timeout(900)
def test_a_worker_that_remembers_next_to_nothing_counts_what_there_is(kafka, tmp_path) -> None:
    with skipping():
        part = RealRedis(tmp_path / "redis")
    with part, Redis.from_url(part.url) as store:
        told = measure(kafka.address, part.url, store, tmp_path, OPEN, EVENTS, {"CENTRALINO_CACHE_MB": "1"})
    assert told.opening.records + told.loading.records > OPEN
    assert told.peak_bytes < 300 * MEGABYTE
    assert 500 < told.redis_bytes < 3000
