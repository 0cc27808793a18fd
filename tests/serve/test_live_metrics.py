"""`/metrics` of what is so right now: queues open or closed, threads by age, from the start."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

from stream.core.figures.sketch import bin_of
from stream.core.measures import RESPONSE_BINS
from stream.core.rules import DAY, HOUR, MINUTE
from tests.serve.shards import cell, cells, total, waiting

AT = 1_772_463_600_000  # Monday, 2026-03-02T15:00:00Z
CARE, POST, NOBODY = "email|i|qcare", "email|i|qpost", "email|i|-"
SETTINGS = {
    "windows": ["1h"],
    "calendars": [{"name": "office", "zone": "UTC", "hours": {"mon-fri": "09:00-15:00"}}],
    "queues": [{"channel": "email", "name": "care", "calendar": "office"}, {"channel": "phone", "name": "support"}],
}


async def loaded(view):
    for _ in range(100):
        if await view.reader.poll():
            return view
    raise AssertionError("never complete")


def thread(entity, scope, asked_at, due_at, *, first=True):
    return waiting(entity, scope, None, None, None, asked_at, asked_at, due_at, first)


@pytest.fixture
def scraped(shard, view, browse):
    async def made(**settings):
        one = shard("interactions.email")
        await one.declare(1)
        responses = cell(first_response=4, first_response_in_threshold=3) | {RESPONSE_BINS + bin_of(60_000): 4}
        fields = cells(CARE, AT - MINUTE, responses) | total(CARE, responses) | total(POST, cell(offered=1))
        fields |= thread("old", CARE, AT - 3 * DAY, AT - HOUR) | thread("new", CARE, AT - HOUR, AT + MINUTE)
        fields |= thread("post", POST, AT - 30 * HOUR, AT - HOUR, first=False) | thread("stray", NOBODY, AT, AT + DAY)
        await one.commit(fields, stream_time=AT)
        text = (await browse(await loaded(view(clock="event", **SETTINGS | settings))).get("/metrics")).text
        found = {}
        for family in parse(text):
            for sample in family.samples:
                found[sample.name.removeprefix("contact_center_"), *sample.labels.values()] = sample.value
        return found

    return made


async def test_threads_responses_and_opening_hours_have_series(scraped):
    found = await scraped()
    care = ("email", "care")
    assert found["queue_open", *care] == 0, "the end of an open span is closed"
    assert found["queue_open", "phone", "support"] == 1
    assert found["interactions_open", *care] == 2
    assert [found[f"threads_{name}", *care] for name in ("waiting", "past_due", "due_within_hour")] == [2, 1, 1]
    assert found["threads_waiting", "email", ""] == 1
    bands = [found["thread_age_threads", band, *care] for band in ("0-1h", "1-4h", "4-8h", "8-24h", "24h+")]
    assert bands == [0, 1, 1, 0, 0], "a weekend does not make a thread old"
    assert found["response_level_ratio", *care, "1h"] == 0.75
    assert found["response_level_live_ratio", *care, "1h"] == 3 / 5, "who waits past due is a miss already"
    assert found["first_response_quantile_seconds", "email", "0.9", "care", "1h"] == pytest.approx(60, rel=0.02)


async def test_a_configured_queue_has_them_from_the_start_and_phones_have_no_threads(scraped):
    found = await scraped(queues=[{"channel": "social", "name": "wall"}, {"channel": "phone", "name": "support"}])
    assert found["threads_waiting", "social", "wall"] == found["interactions_open", "social", "wall"] == 0
    assert found["thread_age_threads", "24h+", "social", "wall"] == 0
    assert ("threads_waiting", "phone", "support") not in found
    assert ("response_level_ratio", "social", "wall", "1h") not in found
    assert ("response_level_live_ratio", "phone", "support", "1h") not in found


async def test_folded_queues_add_up_their_threads_each_by_its_own_calendar(scraped):
    found = await scraped(queues=[{"channel": "phone", "name": "support"}], max_queues=1)
    assert found["threads_waiting", "email", "other"] == 3
    assert found["threads_past_due", "email", "other"] == 2
    assert found["response_level_live_ratio", "email", "other", "1h"] == 3 / 5, "one of them has had a response"
    assert found["thread_age_threads", "24h+", "email", "other"] == 2
    assert ("queue_open", "email", "other") not in found
