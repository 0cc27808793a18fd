"""Has a Kafka leave an archive of the classes that it has loaded: the next ones start in half the time."""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from tests.parts.kafka import Kafka
from tests.parts.kafka_once import archive
from tests.parts.topics import create_topics

if TYPE_CHECKING:
    from collections.abc import Sequence


def record() -> None:
    """Write the archive, unless it is there; raises `PartMissing`."""
    if archive().exists():
        return
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # that a new broker's coordinators come up
    making = archive().with_suffix(f".{os.getpid()}")
    with tempfile.TemporaryDirectory() as folder:
        with Recorded(Path(folder), making) as kafka:
            asyncio.run(_use(kafka.address))
        if making.exists():
            making.rename(archive())


class Recorded(Kafka):
    """A broker that writes the archive when it ends."""

    stop_seconds = 60.0

    def __init__(self, folder: Path, making: Path) -> None:
        super().__init__(folder)
        self._making = making

    def classes(self) -> Sequence[str]:
        """To be written."""
        return [f"-XX:ArchiveClassesAtExit={self._making}", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"]


async def _use(address: str) -> None:
    """What tests do with a broker: topics, a transaction, a group."""
    await create_topics(address, 1, "used")
    producer = AIOKafkaProducer(bootstrap_servers=address, transactional_id="used")
    async with producer, producer.transaction():
        await producer.send_and_wait("used", b"x")
    consumer = AIOKafkaConsumer(
        "used", bootstrap_servers=address, group_id="used", auto_offset_reset="earliest",
        isolation_level="read_committed",
    )  # fmt: skip
    async with consumer:
        await consumer.getone()
        await consumer.commit()
