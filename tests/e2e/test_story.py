"""All follow the simulator's story: the board's events, the metric and the topic say the same, in the same order."""

from __future__ import annotations

import asyncio
import json
from itertools import groupby
from typing import TYPE_CHECKING, Any

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition

from stream.child import HOST
from stream.simulator.story import CUSTOMER, QUEUE
from tests.e2e.plant import Plant, Running, Service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

STORY = (
    "--story", "--start", "2026-03-02T08:56:00Z", "--duration", "110m", "--speed", "60", "--rate", "3", "--seed", "7",
)  # fmt: skip
STATES = ["ok", "at_risk", "breached", "closed"]


async def shown(service: Service) -> AsyncIterator[dict[str, Any]]:
    """What the wallboard is sent, event by event."""
    url = f"http://{HOST}:{service.port}/events"
    async with httpx.AsyncClient(timeout=60) as client, client.stream("GET", url) as reply:
        async for line in reply.aiter_lines():
            if line.startswith("data:"):
                yield json.loads(line[5:])


async def topic(plant: Plant, name: str) -> list[dict[str, Any]]:
    """All committed records of a topic."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=plant.kafka, group_id=None, auto_offset_reset="earliest", isolation_level="read_committed"
    )
    async with consumer:
        await consumer._client._wait_on_metadata(plant.topic_prefix + name)
        numbers = consumer.partitions_for_topic(plant.topic_prefix + name) or set()
        places = [TopicPartition(plant.topic_prefix + name, number) for number in numbers]
        consumer.assign(places)
        ends, found = await consumer.end_offsets(places), []
        while [place for place in places if await consumer.position(place) < ends[place]]:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [json.loads(record.value) for record in records]
    return found


def customer(event: dict[str, Any]) -> str | None:
    return event["data"].get("customer_id")


def not_told(seen: list[list[str]], alerts: list[dict[str, Any]]) -> list[list[str]]:
    """Those looks at the queue's states, in order, that are none at the states which alerts told of."""
    told = ["ok", *(each["data"]["state"] for each in alerts)]
    return [looks for looks in seen for states in [iter(told)] if not all(state in states for state in looks)]


async def test_page_metric_and_topic_follow_the_story(real_plant: Plant) -> None:
    real_plant.settings |= {"alert_window": "5m"}
    states: list[str] = []
    measured: list[int] = []

    async def watch(service: Service) -> None:
        async for event in shown(service):
            rows = (row for row in event.get("queues", ()) if row["queue"] == QUEUE)
            states.extend(row["state"] for row in rows if row["state"] is not None)

    async def scrape(service: Service) -> None:
        name = "contact_center_queue_sla_state", frozenset({("channel", "phone"), ("queue", QUEUE)})
        while True:
            value = (await asyncio.to_thread(service.samples)).get(name)
            measured.extend([] if value is None else [int(value)])
            await asyncio.sleep(0.2)

    with real_plant.worker(), real_plant.service() as service:
        looks = [asyncio.create_task(watch(service)), asyncio.create_task(scrape(service))]

        async def alerts() -> list[dict[str, Any]]:
            return [each for each in await topic(real_plant, "queues.alerts") if each["data"]["queue"] == QUEUE]

        def seen() -> list[list[str]]:
            return [[state for state, _ in groupby(each)] for each in (states, [STATES[state] for state in measured])]

        # Who is slow to look sees little of the calm between two calls that wait: the center lives on until it does.
        with Running(real_plant, "simulate", *STORY) as simulator:
            async with asyncio.timeout(120):
                while not all("breached" in each and each[-1] == "ok" for each in seen()):
                    await asyncio.sleep(0.1)
                    simulator.lives()
            simulator.kill()
        for each in looks:
            each.cancel()
        await asyncio.gather(*looks, return_exceptions=True)
        assert f"calls phone/{QUEUE} about the same matter" in simulator.said()
        async with asyncio.timeout(30):
            while not_told(seen(), told := await alerts()):
                await asyncio.sleep(0.2)

        told_of = [each for each in await topic(real_plant, "customers.insights") if customer(each) == CUSTOMER]

    of = [(each["type"].removeprefix("customer."), each["data"]) for each in told_of]
    chat = {"abandoned", "repeated_on_another_channel"}
    assert {data["why"] for kind, data in of if kind == "friction" and data["channel"] == "chat"} == chat
    context = next(data for kind, data in of if kind == "context" and data["channel"] == "phone")
    assert (context["contact"], [each["channel"] for each in context["earlier"]]) == (2, ["chat"])
    kinds = [each["type"].removeprefix("queue.sla.") for each in told]
    assert kinds[0] == "at_risk"
    assert "recovered" in kinds[kinds.index("breached") :]
    assert len({each["id"] for each in told}) == len(told)
    breach = next(each["data"] for each in told if each["type"] == "queue.sla.breached")
    assert breach["denominator"] >= breach["minimum_sample"]
    assert breach["numerator"] / breach["denominator"] < breach["target"]
    assert breach["drivers"]["arrivals"] > 20
