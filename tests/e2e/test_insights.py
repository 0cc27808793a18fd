"""Insights through Kafka and Redis: each soon after what causes it, and each once, whatever is killed."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from tests.core.center import said, told
from tests.e2e.plant import until

if TYPE_CHECKING:
    from tests.core.center import Record
    from tests.e2e.plant import Plant

MONDAY, MINUTE, HOUR = 1_772_438_400_000, 60_000, 3_600_000
HANG_SECONDS = 20
ANNA, NUMBER = "anna", "tel:+39021"
Line = tuple[str, "Record"]


def step(channel: str, name: str, kind: str, at: int, customer: str | None = None, **more: Any) -> Line:
    """An event of an interaction."""
    data = {"interaction_id": name, "channel": channel, "customer_id": customer, **more}
    return told(f"interactions.{channel}", name, f"interaction.{kind}", at, f"{name}-{kind}", **data)


def life(customer: str, at: int, number: str | None = None) -> list[tuple[Line, set[str]]]:
    """A chat that did not help, a call that nobody answered, and what the customer said: what each causes to be told.

    `number`: from which the call came; whose it is turns out during the call.
    """
    chat, call, later = f"{customer}-chat", f"{customer}-call", at + HOUR
    repeat = {f"repeat/phone/{call}/{customer}", f"friction/repeated_on_another_channel/chat/{chat}/{customer}"}
    begun = {f"context/phone/{call}/{customer}"} | repeat
    found: list[tuple[Line, set[str]]] = [
        (step("chat", chat, "started", at, customer, reason="bill"), {f"context/chat/{chat}/{customer}"}),
        (step("chat", chat, "queued", at + 1000, queue="web"), set()),
        (step("chat", chat, "answered", at + 11_000, agent_id="ada"), set()),
        (step("chat", chat, "ended", at + MINUTE, by="customer"), set()),
        (step("phone", call, "started", later, number or customer),
         {f"context/phone/{call}/{number}"} if number else begun),
    ]  # fmt: skip
    if number is not None:
        found.append((said("identified", customer, later + 1, aliases=[number]), begun))
    survey, complaint = f"{customer}-nps", f"{customer}-complaint"
    return [
        *found,
        (step("phone", call, "queued", later + 1000, queue="support"), set()),
        (step("phone", call, "abandoned", later + 91_000),
         {f"friction/{why}/phone/{call}/{customer}" for why in ("abandoned", "long_wait")}),
        (said("survey_answered", customer, later + 2 * MINUTE, survey, survey="nps", score=2),
         {f"friction/low_score/s/{survey}/{customer}", f"at_risk/detractor/s/{survey}/{customer}"}),
        (said("complained", customer, later + 3 * MINUTE, complaint, about="bill"),
         {f"friction/complaint/s/{complaint}/{customer}", f"at_risk/complaint/s/{complaint}/{customer}"}),
    ]  # fmt: skip


class Listener:
    """All that `customers.insights` carries, as it comes."""

    def __init__(self, plant: Plant) -> None:
        self._name = f"{plant.topic_prefix}customers.insights"
        self._consumer = AIOKafkaConsumer(bootstrap_servers=plant.kafka, group_id=None, auto_offset_reset="earliest")
        self.heard: list[dict[str, Any]] = []

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        await self._consumer._client._wait_on_metadata(self._name)
        self._consumer.assign([TopicPartition(self._name, n) for n in self._consumer.partitions_for_topic(self._name)])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def poll(self) -> None:
        for records in (await self._consumer.getmany(timeout_ms=20)).values():
            for record in records:
                insight = json.loads(record.value)
                assert record.key.decode() == insight["data"]["customer_id"]
                self.heard.append(insight)

    async def until(self, wanted: set[str]) -> None:
        """Wait until all these ids were heard."""
        async with asyncio.timeout(HANG_SECONDS):
            while not wanted <= {insight["id"] for insight in self.heard}:
                await self.poll()


async def test_each_insight_comes_soon_after_what_causes_it(real_plant: Plant, capsys) -> None:
    real_plant.run("topics", "apply")
    waits: list[float] = []
    expected: set[str] = set()
    with real_plant.worker():
        async with AsyncExitStack() as parts:
            listener = await parts.enter_async_context(Listener(real_plant))
            producer = AIOKafkaProducer(bootstrap_servers=real_plant.kafka)
            await producer.start()
            parts.push_async_callback(producer.stop)
            warm = life("warm", MONDAY - HOUR)
            for (topic, (key, value)), _ in warm:
                await producer.send_and_wait(real_plant.topic_prefix + topic, value, key=key)
            await asyncio.wait_for(listener.until(set().union(*(ids for _, ids in warm))), 60)
            for (topic, (key, value)), ids in life(ANNA, MONDAY, NUMBER):
                await producer.send_and_wait(real_plant.topic_prefix + topic, value, key=key)
                appended = time.monotonic()
                await listener.until(ids)
                if ids:
                    waits.append(time.monotonic() - appended)
                expected |= ids
            await listener.poll()
    heard = [insight for insight in listener.heard if "warm" not in insight["id"]]
    assert sorted(insight["id"] for insight in heard) == sorted(expected)
    with capsys.disabled():
        sys.stdout.write(f"\ninsights after their causes, in ms: {', '.join(f'{wait * 1000:.0f}' for wait in waits)}\n")


def test_each_insight_is_told_once_whatever_is_killed(real_plant: Plant) -> None:
    customers = 250
    lives = [life(f"c{n}", MONDAY + n * 1000) for n in range(customers)]
    lines = sorted((json.loads(line[1][1])["time"], line) for of in lives for line, _ in of)
    real_plant.run("topics", "apply")
    real_plant.replay(
        {"topic": topic, "key": key.decode(), "timestamp_ms": MONDAY + 9 * HOUR, "value": json.loads(value)}
        for _, (topic, (key, value)) in lines
    )

    def told_so_far() -> int:
        return sum(real_plant.offset("customers.timeline", n) for n in range(4))

    for share in (0.2, 0.5):
        with real_plant.worker(max_poll_records=40) as worker:
            until(lambda share=share: told_so_far() > share * customers * 5, 60, "the first insights")
            worker.kill()
        assert told_so_far() < customers * 8, "the kill came too late to show anything"
    with real_plant.worker() as worker:
        real_plant.until_applied(worker)
    by_id: dict[str, set[str]] = {}
    for insight in asyncio.run(heard_in_all(real_plant)):
        by_id.setdefault(insight["id"], set()).add(json.dumps(insight, sort_keys=True))
    assert by_id.keys() == set().union(*(ids for of in lives for _, ids in of))
    assert {name: len(contents) for name, contents in by_id.items() if len(contents) > 1} == {}


async def heard_in_all(plant: Plant) -> list[dict[str, Any]]:
    """All insights that the topic holds."""
    return [json.loads(record.value) async for record in plant.log_of("customers.insights")]


def test_the_service_tells_a_reason_that_has_more_contacts_than_usual(real_plant: Plant) -> None:
    week = 7 * 24 * HOUR
    lines = [step("phone", f"now-{n}", "started", MONDAY + n * 1000, f"c{n}", reason="outage") for n in range(12)]
    lines.insert(0, step("phone", "before", "started", MONDAY - week, "c", reason="outage"))
    real_plant.run("topics", "apply")
    with real_plant.worker() as worker, real_plant.service() as service:
        real_plant.replay(
            {"topic": topic, "key": key.decode(), "timestamp_ms": MONDAY + HOUR, "value": json.loads(value)}
            for topic, (key, value) in lines
        )
        real_plant.until_applied(worker)
        spikes: list[dict[str, Any]] = []

        def told_of() -> bool:
            heard = asyncio.run(heard_in_all(real_plant))
            spikes[:] = [insight for insight in heard if insight["type"] == "reason_spike"]
            return bool(spikes)

        until(told_of, HANG_SECONDS, "a spike")
        (row,) = json.loads(service.get("/api/v1/reasons"))["reasons"]
    assert [spike["id"] for spike in spikes] == ["reason/2026-03-02T08:00:00.000Z/outage"]
    assert (spikes[0]["data"]["usual"], row["contacts"], row["spike"]) == (1, 12, True)
    assert spikes[0]["data"]["contacts"] >= 10
