"""A small center of the same kinds as the big ones: all sums and exported numbers are the naive ones."""

from __future__ import annotations

from bench import center
from bench.reading import measure

SMALL = center.Size(10, 4, 8000, 300, center.WIDE.shares, center.WIDE.content, 400)


async def test_what_is_read_and_exported_is_a_naive_sum(redis_server, key_prefix):
    await center.build(redis_server.url, key_prefix, SMALL)
    told = await measure(redis_server.url, key_prefix, SMALL, 3)
    assert told["cells"] >= SMALL.cells
