"""Several services on one store: all show the same, and one that dies takes nothing with it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from stream.core.rules import MINUTE, SECOND
from tests.serve.programs import serving_program
from tests.serve.shards import cell, cells, merged, total, waiting

AT = 1_772_463_600_000  # 2026-03-02T15:00:00Z
QUEUE = "phone|i|qqueue7"
DECIDED = "contact_center_sla_decided"


def written(offered, at):
    done = cell(offered=offered, answered=offered, wait_ms=5000 * offered, handled=offered, handle_ms=90_000 * offered)
    return merged(cells(QUEUE, at, done)) | total(QUEUE, done) | waiting("a", QUEUE, AT - MINUTE, None)


async def figures(client):
    """What a service exports of contact centers, and its rows; not whether it has heard who decides of states."""
    text = (await client.get("/metrics")).text
    lines = [line for line in text.splitlines() if line.startswith("contact_center_") and DECIDED not in line]
    return lines, (await client.get("/api/v1/kpis?by=queue")).json()


async def agreed(clients, offered):
    """Wait until all have heard of so many, and show the same."""
    wanted = f'contact_center_segments_total{{channel="phone",outcome="offered",queue="queue7"}} {offered}.0'
    told = []
    with suppress(TimeoutError):
        async with asyncio.timeout(60):
            while not told or any(wanted not in lines or (lines, rows) != told[0] for lines, rows in told):
                told = [await figures(each) for each in clients]
                await asyncio.sleep(0.05)
    for lines, rows in told:
        assert wanted in lines
        assert set(lines) ^ set(told[0][0]) == set()
        assert rows == told[0][1]


async def test_services_show_the_same_and_share_nothing_but_the_store(shard, redis_server, key_prefix, tmp_path):
    phone = shard()
    await phone.declare(1)
    await phone.commit(written(3, AT), stream_time=AT)
    async with (
        serving_program(redis_server, key_prefix, tmp_path) as (_, one),
        serving_program(redis_server, key_prefix, tmp_path) as (_, other),
    ):
        async with serving_program(redis_server, key_prefix, tmp_path) as (dying, third):
            await agreed([one, other, third], 3)
            dying.kill()
            await dying.wait()
        await phone.commit(written(8, AT + 20 * SECOND), stream_time=AT + 20 * SECOND)
        await agreed([one, other], 8)
        async with serving_program(redis_server, key_prefix, tmp_path) as (_, later):
            await agreed([one, other, later], 8)
