"""Reasons with more contacts than usual are told once a half-hour each, and again only when that failed."""

from __future__ import annotations

import json

import pytest
from aiokafka.errors import KafkaConnectionError

from stream.core.rules import DAY, MINUTE
from stream.serve.spikes import Spikes
from tests.serve.shards import cell, cells, merged, total
from tests.serve.test_kpis import loaded
from tests.serve.test_reasons import AT, BILL, BILL_BY_CHAT, FAULT, history


class Center:
    """A shard, a service that looks at it, and what that has told."""

    def __init__(self, shard, view):
        self.shard, self.view, self.told, self.away = shard, view, [], False
        self.now = AT
        self.spikes = Spikes(view, self.send)

    async def send(self, outputs):
        if self.away:
            raise KafkaConnectionError
        self.told += [(output.topic, output.key, json.loads(output.value)) for output in outputs]

    async def count(self, contributions):
        fields = merged(*(cells(scope, at, content) for scope, at, content in contributions))
        for scope in {each[0] for each in contributions}:
            fields |= total(scope, cell(identified=1))
        await self.shard.commit(fields, stream_time=max(at for _, at, _ in contributions))
        await loaded(self.view)


@pytest.fixture
async def center(shard, view):
    one = shard("customers.timeline")
    await one.declare(1)
    return Center(one, view(clock="event"))


async def test_a_spike_is_told_once(center):
    await center.spikes.look()
    await center.count(history(14))
    await center.spikes.look()
    assert center.told == []
    await center.count(history(15))
    await center.spikes.look()
    assert center.told == [("customers.insights", b"bill", {
        "type": "reason_spike", "id": "reason/2026-03-02T15:00:00.000Z/bill", "source": "centralino",
        "specversion": "1.0", "time": "2026-03-02T15:20:00Z", "data": {
            "reason": "bill", "starts_at": "2026-03-02T15:00:00Z", "ends_at": "2026-03-02T15:30:00Z", "contacts": 15,
            "usual": 7,
        },
    })]  # fmt: skip
    await center.count([*history(40), (BILL_BY_CHAT, AT + MINUTE, cell(identified=30))])
    await center.spikes.look()
    assert len(center.told) == 1


async def test_another_half_hour_and_another_reason_are_told_again(center):
    await center.count(history(15))
    await center.spikes.look()
    await center.count([*history(15), (FAULT, AT + 5 * MINUTE, cell(identified=10))])
    await center.spikes.look()
    later = AT + 20 * MINUTE
    await center.count([*history(15), (BILL, later, cell(identified=10)), (BILL_BY_CHAT, later, cell(identified=8))])
    await center.spikes.look()
    assert [told["id"] for _, _, told in center.told] == [
        "reason/2026-03-02T15:00:00.000Z/bill", "reason/2026-03-02T15:00:00.000Z/fault",
        "reason/2026-03-02T15:30:00.000Z/bill",
    ]  # fmt: skip
    assert center.told[-1][2]["data"]["contacts"] == 18


async def test_what_could_not_be_told_is_told_later(center):
    await center.count(history(15))
    center.away = True
    with pytest.raises(KafkaConnectionError):
        await center.spikes.look()
    center.away = False
    await center.spikes.look()
    assert len(center.told) == 1


async def test_nothing_is_told_while_the_usual_is_not_known(center):
    await center.count([(BILL, AT, cell(identified=500)), (BILL, AT - 6 * DAY, cell(identified=1))])
    await center.spikes.look()
    assert center.told == []
