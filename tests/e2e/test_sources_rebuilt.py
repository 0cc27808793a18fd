"""A store that is lost, and counted again from logs that have payloads as well as what came of them."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from schemas.topics import TOPICS
from tests.e2e.test_sources import put, until_taken
from tests.schemas.days import Day, day_of

if TYPE_CHECKING:
    from tests.e2e.plant import Plant, Service

EPOCHS = {"twilio": rb"1795\d{6}", "asterisk": rb"1772\d{6}"}
DAYS_AGO = (60, 30, 9)
"""What is closed is kept for three days."""
TWILIO_ID = b"7a10c3e5b2d94f6081a3"
FORGOTTEN = 10
"""So many of the first payloads are past their retention: a PBX's log then begins without its members."""


def earlier(day: Day, days: int) -> list[bytes]:
    """The day's payloads, as if all had been some days earlier, with ids of their own."""
    epochs = re.compile(EPOCHS[day.vendor.name])
    return [
        epochs.sub(lambda found: b"%d" % (int(found[0]) - days * 86_400), payload).replace(
            TWILIO_ID, TWILIO_ID[:-2] + b"%02d" % days
        )
        for payload in day.payloads
    ]


@pytest.mark.parametrize("name", EPOCHS)
def test_a_store_counted_again_takes_in_no_payload_twice_and_none_too_few(real_plant: Plant, name: str) -> None:
    plant, day = real_plant, day_of(name)
    plant.settings |= {"sources": json.dumps({name: day.wanted["options"]})}
    with plant.worker() as worker, plant.service() as service:
        until_taken(worker)
        for days in DAYS_AGO:
            put(plant, name, earlier(day, days))
            plant.until_applied(worker)
        plant.until_shown(service)
        before = shown(service)
    said = asyncio.run(said_by_intakes(plant))
    asyncio.run(forget_the_first(plant, day.vendor.topic))
    lose(plant)
    with plant.worker("--rebuild") as worker, plant.service() as service:
        plant.until_applied(worker)
        plant.until_shown(service)
        assert asyncio.run(said_by_intakes(plant)) == said
        assert shown(service) == before
    lose(plant)
    put(plant, name, day.payloads)
    with plant.worker("--rebuild") as worker:
        plant.until_applied(worker)
        assert len(asyncio.run(said_by_intakes(plant))) > len(said)
    with plant.worker() as worker, plant.service() as service:
        plant.until_applied(worker)
        plant.until_shown(service)
        at, window = day.wanted["at"], day.wanted["window"]
        own = {(row["channel"], row["queue"]): row for row in service.kpis(window=window, by="channel,queue", at=at)}
        for row in day.rows("by_queue"):
            assert own[row["channel"], row["queue"]]["offered"] == row["offered"]


def lose(plant: Plant) -> None:
    """Empty the store."""
    with plant.store() as client:
        client.unlink(*client.scan_iter(f"{plant.key_prefix}*", count=1000))


async def forget_the_first(plant: Plant, topic: str) -> None:
    """What retention does to a topic."""
    admin = AIOKafkaAdminClient(bootstrap_servers=plant.kafka)
    await admin.start()
    try:
        name, ends = plant.topic_prefix + topic, await plant.ends()
        places = {TopicPartition(name, at): RecordsToDelete(min(FORGOTTEN, ends[topic, at])) for at in range(4)}
        await admin.delete_records(places)
    finally:
        await admin.close()


async def said_by_intakes(plant: Plant) -> list[tuple[str, int, int, bytes | None]]:
    """All records of input topics."""
    return [
        (spec.name, record.partition, record.offset, record.value)
        for spec in TOPICS.values()
        if spec.role == "in"
        async for record in plant.log_of(spec.name)
    ]


def shown(service: Service) -> list[dict[str, Any]]:
    """Figures of a year and of a day, and the agents."""
    found = [
        row
        for window in ("365d", "24h")
        for by in ("channel,queue", "channel", "agent")
        for row in service.kpis(window=window, by=by)
    ]
    return found + [
        {"agent": each["agent"], "presence": each["presence"]} for each in json.loads(service.get("/api/v1/agents"))
    ]
