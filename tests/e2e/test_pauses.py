"""Workers come and go under a steady load: nothing is lost or doubled; how long partitions stand still is printed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.e2e.factory import PARTITIONS, Factory, Worker, straight_fold, until
from tests.e2e.history import by_partition, history
from tests.e2e.pauses import Load, Pauses

if TYPE_CHECKING:
    from pathlib import Path

    from tests.parts.kafka import Kafka
    from tests.parts.redis import Redis

EVENTS = 100_000
TURNS = int(os.environ.get("CENTRALINO_PAUSE_TURNS", "1"))


def _taken(worker: Worker) -> int:
    return worker.log.read_text().count("partitions taken")


@pytest.mark.timeout(600)
async def test_workers_that_come_and_go_under_load_lose_nothing(
    kafka: Kafka, own_redis: Redis, topic_prefix: str, key_prefix: str, tmp_path: Path
) -> None:
    factory = Factory(tmp_path, kafka.address, own_redis.url, topic_prefix, key_prefix)
    lines = history(EVENTS * TURNS, 5)
    await factory.produce([[] for _ in range(PARTITIONS)])
    with factory.worker("phone") as stays, Pauses(factory) as pauses:
        until(lambda: _taken(stays) == 1, 60, "the first worker's partitions")
        with Load(factory, lines) as load:
            for _ in range(TURNS):
                for leave in (Worker.stop, Worker.kill):
                    pauses.all_move()
                    taken = _taken(stays)
                    pauses.begin()
                    with factory.worker("phone") as goes:
                        until(lambda: _taken(goes) and _taken(stays) > taken, 60, "both's partitions")  # noqa: B023
                        joining, taken = pauses.longest(), _taken(stays)
                        pauses.begin()
                        leave(goes)
                        until(lambda: _taken(stays) > taken, 60, "the other one's partitions")  # noqa: B023
                        leaving = pauses.longest()
                    print(f"a partition stands still: join {joining:.2f} s, {leave.__name__} {leaving:.2f} s")  # noqa: T201
        until(lambda: factory.offsets() == load.sent, 120, "all that was appended is counted")
        assert stays.stop() == 0
    assert factory.stored() == straight_fold(by_partition(lines[: load.sent], PARTITIONS))[:4]
