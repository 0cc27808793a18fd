"""Two workers, killed again and again at any instant, with all else that can go wrong in between: told once."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from typing import TYPE_CHECKING, Self

import pytest

from tests.e2e.factory import Factory, until
from tests.e2e.faults import SIMPLE_STEPS, TRANSACTION_STEPS
from tests.e2e.once import assert_nothing_is_missing, assert_told_once, differing
from tests.e2e.once_case import QUICKLY, Case
from tests.parts.redis import copied, put_back

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.factory import Worker
    from tests.parts.kafka import Kafka
    from tests.parts.redis import Redis

KILLS = int(os.environ.get("CENTRALINO_ONCE_KILLS", "5"))
EVENTS = int(os.environ.get("CENTRALINO_ONCE_EVENTS", "16000"))
SEED = int(os.environ.get("CENTRALINO_ONCE_SEED", "1"))
WAYS = ["exactly_once", "at_least_once"] if KILLS > 5 else ["exactly_once"]
KILLS_BETWEEN_OTHERS = 8
ZOMBIE_SECONDS = float(QUICKLY["CENTRALINO_SESSION_TIMEOUT_SECONDS"]) + 1.5
HEALTHY = "none:0"


class Crew:
    """Two workers; who falls is replaced, as a supervisor does. `fallen`: exit codes."""

    def __init__(self, case: Case, way: str, chance: random.Random) -> None:
        self._case, self._way, self._chance = case, way, chance
        self._steps = TRANSACTION_STEPS if way == "exactly_once" else SIMPLE_STEPS
        self.workers = [self._start(HEALTHY), self._start(HEALTHY)]
        self.fallen: list[int] = []

    def _start(self, step: str) -> Worker:
        return self._case.worker(STEP=step, CENTRALINO_DELIVERY=self._way)

    def tend(self, step: str = HEALTHY) -> bool:
        """Replace who has fallen."""
        for number, worker in enumerate(self.workers):
            code = worker.process.poll()
            if code is not None:
                self.fallen.append(code)
                self.workers[number] = self._start(step)
        return True

    def one(self) -> Worker:
        """Any of them."""
        return self._chance.choice(self.workers)

    def kill(self) -> None:
        """Any of them, now; who comes in its place kills itself, perhaps, at any step."""
        self.one().kill()
        step = f"{self._chance.choice(self._steps)}:{self._chance.randrange(1, 60)}"
        self.tend(self._chance.choice((HEALTHY, step)))

    def stop(self) -> None:
        """All go, well, once they have come."""
        until(lambda: self.tend() and all(map(_has_come, self.workers)), 60, "both workers")
        assert [worker.stop() for worker in self.workers] == [0, 0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, wrong: type[BaseException] | None, *_: object) -> None:
        for worker in self.workers:
            worker.__exit__(wrong)


@pytest.mark.timeout(60 * KILLS)
@pytest.mark.parametrize("way", WAYS)
async def test_killed_again_and_again_everything_is_told(
    own_kafka: Kafka, own_redis: Redis, topic_prefix: str, key_prefix: str, tmp_path: Path, way: str
) -> None:
    case = Case(Factory(tmp_path, own_kafka.address, own_redis.url, topic_prefix, key_prefix), EVENTS, 10 + SEED)
    chance, copy = random.Random(SEED), tmp_path / "copy"
    faults = ["kill"] * KILLS
    for n in range(max(1, KILLS // KILLS_BETWEEN_OTHERS)):
        others = ["pause", "store", "back", "broker"]
        chance.shuffle(others)
        for number, other in enumerate(others):
            faults.insert(min(len(faults), 1 + (KILLS_BETWEEN_OTHERS + 4) * n + 2 * number), other)
    await case.produce(0, len(faults))
    with Crew(case, way, chance) as crew:
        for n, fault in enumerate(faults):
            _reach(case, crew, (n + chance.uniform(0.1, 0.6)) / len(faults))
            if n + 1 < len(faults):
                await case.produce(n + 1, len(faults))
            if fault == "kill":
                crew.kill()
            elif fault == "pause":
                paused = crew.one()
                paused.tell(signal.SIGSTOP)
                time.sleep(ZOMBIE_SECONDS)
                paused.tell(signal.SIGCONT)
            elif fault == "store":
                own_redis.kill()
                time.sleep(0.5)
                own_redis.restart()
            elif fault == "broker":
                own_kafka.kill()
                own_kafka.restart()
            else:
                copied(own_redis, copy)
                before = case.factory.offsets()
                _reach(case, crew, (n + 0.9) / len(faults))
                put_back(own_redis, copy)
                assert case.factory.offsets() < before + EVENTS / len(faults), "Redis did not go back"
                shutil.rmtree(copy)
        case.counted(tend=crew.tend)
        crew.stop()
    assert crew.fallen.count(-signal.SIGKILL) >= KILLS
    assert len(crew.fallen) <= 2 * KILLS + 4 * faults.count("broker") + 2 * faults.count("store"), crew.fallen
    found = await case.told()
    if way == "exactly_once":
        assert_told_once(found, case.expected)
    else:
        assert not differing(found)
        assert_nothing_is_missing(found, case.expected)


def _has_come(worker: Worker) -> bool:
    return "partitions taken" in worker.log.read_text()


def _reach(case: Case, crew: Crew, share: float) -> None:
    case.reached(share, tend=crew.tend)
