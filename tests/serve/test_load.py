"""Two hundred viewers at once and a scrape a second: nothing fails, nobody is left behind, memory stays."""

from __future__ import annotations

import os

from bench.viewers import VIEWERS, measure

SECONDS = float(os.environ.get("CENTRALINO_VIEWER_SECONDS", "10"))
"""`make soak` has a minute."""
MEGABYTE = 2**20


async def test_two_hundred_viewers_and_a_scraper_are_served(redis_server, key_prefix):
    told = await measure(redis_server.url, key_prefix, SECONDS)
    assert told.boards == VIEWERS
    assert len(told.delivered) >= VIEWERS * SECONDS / 4
    assert len(told.scrapes) >= SECONDS / 4
    _, settled = told.resident[len(told.resident) // 3]
    _, last = told.resident[-1]
    assert last - settled < 30 * MEGABYTE
    assert last < 500 * MEGABYTE
