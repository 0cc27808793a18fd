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
from tests.e2e.plant import Plant, Service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SPEED, START = 60, "2026-03-02T08:56:00Z"
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
        watching = [asyncio.create_task(watch(service)), asyncio.create_task(scrape(service))]
        said = await asyncio.to_thread(
            real_plant.run, "simulate", "--story", "--start", START, "--speed", str(SPEED), "--duration", "21m",
            "--rate", "3", "--seed", "7",
        )  # fmt: skip
        assert f"calls phone/{QUEUE} about the same matter" in said

        async def recovered() -> list[dict[str, Any]]:
            told = [each for each in await topic(real_plant, "queues.alerts") if each["data"]["queue"] == QUEUE]
            return told if told and told[-1]["type"] == "queue.sla.recovered" else []

        async with asyncio.timeout(30):
            while not (alerts := await recovered()):
                await asyncio.sleep(0.2)
            while not states or states[-1] != "ok" or measured[-1:] != [0]:
                await asyncio.sleep(0.1)
        for each in watching:
            each.cancel()
        await asyncio.gather(*watching, return_exceptions=True)

        told_of = [each for each in await topic(real_plant, "customers.insights") if customer(each) == CUSTOMER]

    of = [(each["type"].removeprefix("customer."), each["data"]) for each in told_of]
    chat = {"abandoned", "repeated_on_another_channel"}
    assert {data["why"] for kind, data in of if kind == "friction" and data["channel"] == "chat"} == chat
    context = next(data for kind, data in of if kind == "context" and data["channel"] == "phone")
    assert (context["contact"], [each["channel"] for each in context["earlier"]]) == (2, ["chat"])
    kinds = [each["type"].removeprefix("queue.sla.") for each in alerts]
    assert kinds[0] == "at_risk"
    assert "breached" in kinds
    assert len({each["id"] for each in alerts}) == len(alerts)
    told = ["ok", *(each["data"]["state"] for each in alerts)]
    for seen in (states, [STATES[state] for state in measured]):
        in_order = iter(told)
        looks = [state for state, _ in groupby(seen)]
        assert all(state in in_order for state in looks), f"{looks} are no looks at {told}"
        assert {"ok", "breached"} <= set(looks)
    breach = next(each["data"] for each in alerts if each["type"] == "queue.sla.breached")
    assert breach["denominator"] >= breach["minimum_sample"]
    assert breach["numerator"] / breach["denominator"] < breach["target"]
    assert breach["drivers"]["arrivals"] > 20
