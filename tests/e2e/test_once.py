"""Killed or paused at whichever step of telling: downstream is told everything once, in order, and Redis agrees."""

from __future__ import annotations

import signal
from itertools import count
from typing import TYPE_CHECKING

import pytest

from tests.e2e.factory import CUSTOMERS, Factory, until
from tests.e2e.faults import SIMPLE_STEPS, TRANSACTION_STEPS
from tests.e2e.once import assert_nothing_is_missing, assert_told_once, differing, doubles
from tests.e2e.once_case import Case, lives
from tests.parts.kafka import Kafka

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.parts.fixtures import Broker
    from tests.parts.redis import Redis

EVENTS, FEWER = 12_000, 5000
PASSES = 12
EMBEDDED_STEPS = ("some", "offsets", "ended", "told")


@pytest.fixture
def new_case(redis_server: Redis, topic_prefix: str, key_prefix: str, tmp_path: Path) -> Callable[[Broker, int], Case]:
    numbers = count()

    def make(broker: Broker, events: int) -> Case:
        topics, keys = f"{topic_prefix}{next(numbers)}.", f"{next(numbers)}{key_prefix}"
        return Case(Factory(tmp_path, broker.address, redis_server.url, topics, keys), events, 5)

    return make


@pytest.mark.timeout(300)
async def test_killed_at_each_step_everything_is_told_once(broker: Broker, new_case) -> None:
    case = new_case(broker, EVENTS)
    await case.produce()
    await case.killed_at(TRANSACTION_STEPS if isinstance(broker, Kafka) else EMBEDDED_STEPS, PASSES)
    with case.worker() as worker:
        case.counted(worker)
        assert worker.stop() == 0
    assert_told_once(await case.told(), case.expected)


@pytest.mark.timeout(300)
async def test_killed_at_each_step_of_simple_telling_all_is_told_and_doubles_are_the_same_bytes(
    kafka: Kafka, new_case
) -> None:
    case = new_case(kafka, FEWER)
    await case.produce()
    simply = {"CENTRALINO_DELIVERY": "at_least_once"}
    await case.killed_at(SIMPLE_STEPS, PASSES, **simply)
    with case.worker(**simply) as worker:
        case.counted(worker)
        assert worker.stop() == 0
    found = await case.told()
    assert doubles(found), "no kill came between telling and storing"
    assert not differing(found)
    assert_nothing_is_missing(found, case.expected)


async def _paused(case: Case, step: str, **environment: str) -> None:
    """A worker that stops in a step of telling, until another has done the work; then it goes on."""
    await case.produce()
    with case.worker(STEP=f"{step}:{PASSES}:STOP", **environment) as paused:
        until(lambda: f"at the step {step}" in paused.log.read_text(), 40, f"the pause at {step}")
        with case.worker(**environment) as second:
            until(lambda: lives([second]) and case.factory.offsets() == len(case.lines), 90, "all events")
            until(lambda: case.factory.offsets(CUSTOMERS.name) == len(case.of_customers), 60, "all words")
            paused.tell(signal.SIGCONT)
            until(lambda: paused.log.read_text().count("partitions taken") > 1, 30, "the group's new order")
            lives([paused, second])
            assert second.stop() == 0
        assert paused.stop() == 0


@pytest.mark.parametrize("step", ["records", "offsets"])
async def test_a_worker_that_wakes_inside_its_transaction_tells_nothing_more(kafka: Kafka, new_case, step: str) -> None:
    case = new_case(kafka, FEWER)
    await _paused(case, step)
    with case.worker() as worker:
        case.counted(worker)
    assert_told_once(await case.told(), case.expected)


@pytest.mark.timeout(600)
async def test_with_an_id_of_its_own_for_each_owner_who_wakes_tells_again(kafka: Kafka, new_case) -> None:
    for _ in range(3):  # who wakes after Kafka has given its transaction up does no harm
        case = new_case(kafka, FEWER)
        await _paused(case, "records", WITHOUT="fence")
        if doubles(await case.told()):
            return
    pytest.fail("three times nothing was told again: the fence shows nothing")


async def test_without_the_mark_outputs_come_again(kafka: Kafka, new_case) -> None:
    case = new_case(kafka, FEWER)
    await case.produce()
    await case.killed_at(["told"], PASSES, WITHOUT="mark")
    with case.worker(WITHOUT="mark") as worker:
        case.counted(worker)
    found = await case.told()
    assert doubles(found)
    assert_nothing_is_missing(found, case.expected)


async def test_with_the_store_ahead_of_what_is_told_outputs_are_missing(kafka: Kafka, new_case) -> None:
    case = new_case(kafka, FEWER)
    await case.produce()
    await case.killed_at(["stored"], PASSES, WITHOUT="order")
    with case.worker() as worker:
        case.reached(1, worker)
        until(lambda: case.factory.offsets(CUSTOMERS.name) == len(case.of_customers), 60, "all words")
        assert worker.stop() == 0
    found = await case.told()
    assert not doubles(found)
    with pytest.raises(AssertionError, match="missing"):
        assert_nothing_is_missing(found, case.expected)
