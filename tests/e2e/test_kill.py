"""Whatever is killed, paused or put back: the figures are those of a straight fold of the log."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from stream.core.measures import CODES
from tests.e2e.factory import AGENTS, CUSTOMERS, PARTITIONS, PHONE, TIMELINE, Factory, straight_fold, until
from tests.e2e.history import Line, by_partition, history, last_calls, last_words, of_customers
from tests.parts.redis import copied, put_back

if TYPE_CHECKING:
    from pathlib import Path

    from tests.parts.kafka import Kafka
    from tests.parts.redis import Redis

SESSION_SECONDS = 6.0
EVENTS = 100_000
UNGUARDED_EVENTS = 60_000


def _chunks(lines: list[Line], n: int) -> list[list[list[Line]]]:
    size = -(-len(lines) // n)
    return [by_partition(lines[first : first + size], PARTITIONS) for first in range(0, len(lines), size)]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(1, 1 + int(os.environ.get("CENTRALINO_KILL_SEEDS", "1"))))
async def test_killed_paused_and_put_back_everything_is_counted_once(
    kafka: Kafka, own_redis: Redis, topic_prefix: str, key_prefix: str, tmp_path: Path, seed: int
) -> None:
    factory = Factory(tmp_path, kafka.address, own_redis.url, topic_prefix, key_prefix)
    lines, told = history(EVENTS, seed) + last_calls(EVENTS), of_customers(EVENTS, seed) + last_words(EVENTS)
    killed, paused, restarted, again = _chunks(lines, 4)
    of_them = iter(_chunks(told, 4))
    await factory.produce([[] for _ in range(PARTITIONS)])
    done = 0

    def reached(records: float) -> None:
        until(lambda: factory.offsets() >= records, 120, f"offset {records}, now {factory.offsets()}")

    processors = ("phone", "forward", "customers", "agents")
    with factory.worker(*processors) as first, factory.worker(*processors) as second:
        await factory.produce(next(of_them), CUSTOMERS)
        await factory.produce(killed)
        reached(EVENTS * 0.08)
        first.kill()
        assert factory.offsets() < EVENTS * 0.25, "the kill came too late to show anything"
        done += EVENTS // 4
        reached(done)

        with factory.worker(*processors) as third:
            until(lambda: "partitions taken" in third.log.read_text(), 30, "the third worker's partitions")
            await factory.produce(next(of_them), CUSTOMERS)
            await factory.produce(paused)
            reached(done + EVENTS * 0.05)
            third.tell(signal.SIGSTOP)
            assert factory.offsets() < done + EVENTS * 0.25, "the pause came too late to show anything"
            time.sleep(SESSION_SECONDS + 3)
            third.tell(signal.SIGCONT)
            done += EVENTS // 4
            reached(done)

            await factory.produce(next(of_them), CUSTOMERS)
            await factory.produce(restarted)
            reached(done + EVENTS * 0.08)
            own_redis.kill()
            time.sleep(1)
            own_redis.restart()
            assert factory.offsets() < done + EVENTS * 0.25, "Redis died too late to show anything"
            done += EVENTS // 4
            reached(done)

            await factory.produce(next(of_them), CUSTOMERS)
            await factory.produce(again)
            reached(done + EVENTS * 0.05)
            copy = tmp_path / "copy"
            copied(own_redis, copy)
            reached(done + EVENTS * 0.15)
            before = factory.offsets()
            put_back(own_redis, copy)
            assert before < done + EVENTS * 0.25, "Redis went back too late to show anything"
            reached(len(lines))
            folded = straight_fold(by_partition(lines, PARTITIONS), told)
            until(lambda: factory.stored(TIMELINE.name)[:2] == folded.customers, 120, "the customers' stage")
            until(lambda: factory.stored(AGENTS.name)[0] == folded.agents, 120, "the agents' stage")
            assert third.stop() == 0
        assert second.stop() == 0
    stored = factory.stored(PHONE.name)
    assert stored[3] == folded.counts
    assert stored[0] == folded.cells
    assert stored[1] == folded.balances
    assert stored[2] == folded.entities
    assert all(
        _total(folded.customers[1], measure) for measure in ("repeats_caused", "csat_answers", "orders", "members")
    )
    assert _total(folded.balances, "offered") == len(
        {line.key for line in lines if b'"interaction.queued"' in line.value}
    )


async def test_killed_where_the_session_is_long_the_others_and_the_next_one_go_on_at_once(
    kafka: Kafka, redis_server: Redis, topic_prefix: str, key_prefix: str, tmp_path: Path
) -> None:
    factory = Factory(tmp_path, kafka.address, redis_server.url, topic_prefix, key_prefix)
    factory.environment["CENTRALINO_SESSION_TIMEOUT_SECONDS"] = "80"
    lines = history(UNGUARDED_EVENTS, 11)
    await factory.produce([[] for _ in range(PARTITIONS)])
    first_half, second_half = _chunks(lines, 2)

    def reached(records: float) -> None:
        until(lambda: factory.offsets() >= records, 60, f"offset {records}, now {factory.offsets()}")

    with factory.worker("phone") as first, factory.worker("phone") as second:
        until(lambda: all("partitions taken" in each.log.read_text() for each in (first, second)), 60, "both's share")
        await factory.produce(first_half)
        reached(len(lines) * 0.1)
        first.kill()
        reached(len(lines) // 2)
        second.kill()
    await factory.produce(second_half)
    with factory.worker("phone") as third:
        reached(len(lines))
        assert third.stop() == 0
    assert factory.stored() == straight_fold(by_partition(lines, PARTITIONS))[:4]


def _total(balances: dict[str, dict[int, int]], measure: str) -> int:
    return sum(cell.get(CODES[measure], 0) for cell in balances.values())


async def test_who_leads_the_group_before_it_knows_of_any_topic_shares_them_out_once_it_does(
    kafka: Kafka, redis_server: Redis, topic_prefix: str, key_prefix: str, tmp_path: Path
) -> None:
    """A broker that dies as a worker starts answers when it is back; aiokafka would ask it anew after five minutes."""
    factory = Factory(tmp_path, kafka.address, redis_server.url, topic_prefix, key_prefix)
    lines = history(500, 3)
    await factory.produce(by_partition(lines, PARTITIONS))
    with factory.worker("phone", WITHOUT="topics") as worker:
        until(lambda: factory.offsets() >= len(lines), 60, f"all events: {worker.log}")
        assert worker.stop() == 0


async def test_without_the_comparison_with_the_base_position_a_store_that_went_back_loses_figures(
    kafka: Kafka, own_redis: Redis, topic_prefix: str, key_prefix: str, tmp_path: Path
) -> None:
    factory = Factory(tmp_path, kafka.address, own_redis.url, topic_prefix, key_prefix)
    lines = history(UNGUARDED_EVENTS, 7)
    logs = by_partition(lines, PARTITIONS)
    await factory.produce(logs)
    with factory.worker("phone", UNGUARDED="base", CENTRALINO_DELIVERY="at_least_once"):
        until(lambda: factory.offsets() >= UNGUARDED_EVENTS * 0.2, 60, "the first events")
        copy = tmp_path / "copy"
        copied(own_redis, copy)
        until(lambda: factory.offsets() >= UNGUARDED_EVENTS * 0.5, 60, "half of the events")
        put_back(own_redis, copy)
        await factory.produce(by_partition(lines[:800], PARTITIONS))  # doubles: something for every partition
        until(lambda: factory.offsets() >= len(lines) + 800, 60, "all events")
    folded = straight_fold(by_partition(lines + lines[:800], PARTITIONS))
    stored = factory.stored(PHONE.name)
    assert stored[3]["applied"] >= folded.counts["applied"], "it counts doubles again of whom it has forgotten"
    assert stored[0] != folded.cells
    assert stored[2] != folded.entities


async def test_without_comparing_base_and_owner_a_paused_worker_overwrites_its_successor(
    kafka: Kafka, own_redis: Redis, topic_prefix: str, key_prefix: str, tmp_path: Path
) -> None:
    for attempt in range(3):  # who wakes may hear of its successor before it commits, and then does no harm
        factory = Factory(tmp_path, kafka.address, own_redis.url, f"{topic_prefix}{attempt}.", f"{attempt}{key_prefix}")
        if await _overwritten(factory):
            return
    pytest.fail("three times nothing was overwritten: the comparison shows nothing")


async def _overwritten(factory: Factory) -> bool:
    """Whether a worker that was paused, and has a successor, has spoilt the figures."""
    lines = history(UNGUARDED_EVENTS, 7)
    logs = by_partition(lines, PARTITIONS)
    await factory.produce(logs)
    unguarded = {"UNGUARDED": "owner", "CENTRALINO_DELIVERY": "at_least_once"}
    with factory.worker("phone", **unguarded) as paused:
        until(lambda: factory.offsets() >= UNGUARDED_EVENTS * 0.2, 60, "the first events")
        paused.tell(signal.SIGSTOP)
        time.sleep(SESSION_SECONDS + 1)
        with factory.worker("phone", **unguarded):
            until(lambda: factory.offsets() >= len(lines), 60, "all events")
            paused.tell(signal.SIGCONT)
            until(lambda: paused.log.read_text().count("partitions taken") > 1, 30, "the group's new order")
            until(lambda: factory.offsets() >= len(lines), 60, "all events")
    return factory.stored()[:2] != straight_fold(logs)[:2]
