"""`/events`: the whole board on connect, then only what is new; one making of it for all who watch."""

from __future__ import annotations

import asyncio
import json

import pytest

from stream.core.rules import HOUR, MINUTE, SECOND
from tests.serve.shards import cell, cells, total, waiting

AT = 1_772_463_600_000  # Monday, 2026-03-02T15:00:00Z
SUPPORT, CARE = "phone|i|qsupport", "email|i|qcare"
DONE = cell(offered=4, answered=3, in_threshold=2, abandoned=1, wait_ms=36_000, handled=3, handle_ms=600_000)


@pytest.fixture
async def center(shard, view):
    phone, email = shard(), shard("interactions.email")
    await phone.declare(1)
    await email.declare(1)
    await phone.commit(
        cells(SUPPORT, AT - MINUTE, DONE) | total(SUPPORT, DONE)
        | waiting("a", SUPPORT, AT - 30 * SECOND, AT + HOUR, None, AT - MINUTE),
        stream_time=AT,
    )  # fmt: skip
    replied = cell(offered=2, first_response=3, first_response_in_threshold=3)
    await email.commit(
        cells(CARE, AT - 20 * MINUTE, replied) | total(CARE, replied)
        | waiting("late", CARE, None, None, None, AT - 9 * HOUR, AT - 9 * HOUR, AT - HOUR, True)
        | waiting("next", CARE, None, None, None, AT - 2 * HOUR, AT - 2 * HOUR, AT - HOUR, False),
        stream_time=AT - 5 * MINUTE,
    )  # fmt: skip
    made = view(clock="event", queues=[{"channel": "phone", "name": "sales"}])
    while not await made.reader.poll():
        pass
    made.phone = phone
    return made


class Viewer:
    """Reads server-sent events line by line."""

    def __init__(self, answer):
        self._lines = answer.aiter_lines()

    async def next(self):
        name, data = None, None
        async for line in self._lines:
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                data = json.loads(line.removeprefix("data: "))
            elif not line and name:
                return name, data
        raise AssertionError("the stream has ended")


async def test_who_connects_gets_the_whole_board(center, serving):
    async with serving(center) as client, client.stream("GET", "/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        name, board = await asyncio.wait_for(Viewer(answer).next(), 5)
    assert name == "board"
    assert (board["at"], board["window"], board["stale"]) == ("2026-03-02T15:00:00.000Z", "30m", [])
    assert board["input_age_seconds"]["interactions.email"] == 300
    care, sales, support = board["queues"]
    assert (care["queue"], sales["queue"], support["queue"]) == ("care", "sales", "support")
    assert support["longest_since_at"] == "2026-03-02T14:59:30.000Z"
