"""The command line as a process, as a person starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from tests.parts import packages

Run = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[2]


def environment(**settings: str) -> dict[str, str]:
    """This process's environment without any settings of ours but these."""
    ours = ("CENTRALINO_", "KAFKA_BOOTSTRAP_SERVERS", "REDIS_URL")
    rest = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**rest, "PYTHONPATH": packages.path(), "COLUMNS": "200", **settings}


async def everything(address: str, prefix: str) -> dict[str, list[ConsumerRecord]]:
    """All records of the topics with a prefix, by topic without it, in the order of time."""
    consumer = AIOKafkaConsumer(bootstrap_servers=address, auto_offset_reset="earliest", group_id=None)
    await consumer.start()
    try:
        names = [name for name in await consumer.topics() if name.startswith(prefix)]
        places = [TopicPartition(name, number) for name in names for number in range(8)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found: dict[str, list[ConsumerRecord]] = {}
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for place, records in (await consumer.getmany(timeout_ms=200)).items():
                found.setdefault(place.topic.removeprefix(prefix), []).extend(records)
        return found
    finally:
        await consumer.stop()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run("dlq", "list", REDIS_URL=...)`: the ended process; nobody may see a traceback."""

    def centralino(*arguments: str | Path, timeout: float = 60, **settings: str) -> subprocess.CompletedProcess[str]:
        ended = subprocess.run(
            [sys.executable, "-m", "stream.cli", *map(str, arguments)],
            cwd=tmp_path, env=environment(**settings), capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip
        assert "Traceback" not in ended.stderr, ended.stderr
        return ended

    return centralino
