"""What is derived reaches its partition, whoever else sends there."""

from __future__ import annotations

import asyncio
import time

from aiokafka import AIOKafkaProducer

from agents.outputs import Outputs
from stream.core.stage import Output
from tests.parts.kafka import Kafka
from tests.parts.topics import create_topics

SENDERS, BUSY_SECONDS = 60, 0.03


async def busy() -> None:
    while True:
        time.sleep(BUSY_SECONDS)  # as a fold does
        await asyncio.sleep(0)


async def test_many_who_send_to_one_partition_wait_for_their_turn_and_no_longer(
    kafka: Kafka, topic_prefix: str
) -> None:
    await create_topics(kafka.address, 1, topic_prefix + "customers.timeline")
    producer: AIOKafkaProducer[bytes, bytes] = AIOKafkaProducer(
        bootstrap_servers=kafka.address, acks="all", enable_idempotence=True, request_timeout_ms=10_000
    )
    await producer.start()
    working = asyncio.create_task(busy())
    try:
        outputs = Outputs(producer, topic_prefix.__add__)
        sent = [Output("customers.timeline", b"c", b"%d" % n) for n in range(SENDERS)]
        await outputs.send(sent[:1])
        began = time.monotonic()
        await asyncio.gather(*(outputs.send([each]) for each in sent))
        assert time.monotonic() - began > SENDERS * BUSY_SECONDS, "each had to wait"
    finally:
        working.cancel()
        await producer.stop()
