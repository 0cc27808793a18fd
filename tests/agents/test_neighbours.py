"""A killed worker is missed at once, and nobody who lives is: Kafka's session is longer than a minute here."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any, Self

import pytest
from aiokafka.client import AIOKafkaClient, ConnectionGroup, CoordinationType
from aiokafka.protocol.group import LeaveGroupRequest

from agents import topics
from stream.state.keys import store_keys
from tests.agents.desk import Desk, event
from tests.e2e.factory import PARTITIONS, Factory, Worker, until
from tests.parts.redis import blocking_client
from tests.parts.redis_cluster import slot_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.parts.fixtures import AnyStore, Broker
    from tests.parts.kafka import Kafka
    from tests.parts.redis import Redis
    from tests.parts.redis_cluster import RedisCluster

HANG_SECONDS, START_SECONDS = 45, 150
LOOKS = 8
GONE, NOT_SHOWN = "a neighbour is gone", "does not show us our neighbours"


class Group:
    """Workers with a long session, calls for them to count, and what they note of themselves."""

    def __init__(self, folder: Path, broker: Broker, store: AnyStore, topic_prefix: str, key_prefix: str) -> None:
        self.factory = Factory(folder, broker.address, store.url, topic_prefix, key_prefix)
        self.factory.environment["CENTRALINO_SESSION_TIMEOUT_SECONDS"] = "80"
        self.key, self._sent = store_keys(key_prefix).members, 0
        self.client: Any = blocking_client(store.url)

    async def made(self) -> Self:
        """With its topics."""
        await topics.apply(self.factory.settings)
        return self

    def worker(self, **environment: str) -> Worker:
        """Start one."""
        return self.factory.worker("phone", **environment)

    def user(self, *rights: str) -> str:
        """The URL for a user with these rights alone."""
        prefix = self.factory.settings.key_prefix
        keys = (f"~{prefix}*", f"~{prefix[:-1]}@*")
        self.client.execute_command("ACL", "SETUSER", "worker", "on", ">hush", *keys, *rights)
        return self.factory.redis_url.replace("://", "://worker:hush@")

    async def counts(self) -> None:
        """Wait until a call in each partition is counted."""
        async with Desk(self.factory.settings) as desk:
            for number in range(self._sent, self._sent + PARTITIONS):
                await desk.send(*event(number), partition=number % PARTITIONS)
            await desk.flush()
        self._sent += PARTITIONS
        until(lambda: self.factory.offsets() == self._sent, HANG_SECONDS, f"{self._sent} calls")

    def notes(self) -> dict[str, str]:
        """Member → its connection."""
        return {member.decode(): note.decode() for member, note in self.client.hgetall(self.key).items()}

    def share(self, *workers: Worker) -> None:
        """Wait until each has partitions and has noted itself."""
        until(lambda: all(taken(each) for each in workers), START_SECONDS, "all workers' partitions")
        until(lambda: len(self.notes()) == len(workers), HANG_SECONDS, "all workers' notes")

    def looks(self) -> int:
        """How often workers have looked at each other's connections."""
        return int(self.client.info("commandstats")["cmdstat_client|list"]["calls"])


def taken(worker: Worker) -> int:
    return worker.log.read_text().count("partitions taken")


async def test_who_stays_and_who_is_started_again_go_on_after_a_kill(
    tmp_path: Path, broker: Broker, store: AnyStore, topic_prefix: str, key_prefix: str
) -> None:
    group = await Group(tmp_path, broker, store, topic_prefix, key_prefix).made()
    with group.worker() as first, group.worker() as second:
        group.share(first, second)
        await group.counts()
        first.kill()
        await group.counts()
        second.kill()
    with group.worker() as third:
        await group.counts()
        assert GONE in third.log.read_text()
        group.share(third)
        assert third.stop() == 0
    assert group.notes() == {}


async def test_on_a_cluster_they_meet_where_the_slot_is(
    tmp_path: Path, kafka: Kafka, cluster: RedisCluster, topic_prefix: str, key_prefix: str
) -> None:
    group = await Group(tmp_path, kafka, cluster, topic_prefix, key_prefix).made()
    with group.worker() as first, group.worker() as second:
        group.share(first, second)
        slot = slot_of(group.key)
        to = next(node for node in cluster.nodes if node is not cluster.owner(slot))
        cluster.move(slot, to)
        run = str(to.ask("INFO", "server")["run_id"])
        until(lambda: all(note.startswith(run) for note in group.notes().values()), HANG_SECONDS, "notes at the other")
        first.kill()
        await group.counts()
        assert GONE in second.log.read_text()


@pytest.mark.one_redis
async def test_who_stands_still_or_is_of_another_run_of_redis_is_left_to_the_session(
    tmp_path: Path, kafka: Kafka, own_redis: Redis, topic_prefix: str, key_prefix: str
) -> None:
    group = await Group(tmp_path, kafka, own_redis, topic_prefix, key_prefix).made()
    with group.worker() as looks, group.worker() as stands:
        group.share(looks, stands)
        assert group.client.ttl(group.key) > 0
        stands.tell(signal.SIGSTOP)
        members, run = group.notes(), next(iter(group.notes().values())).partition(":")[0]
        group.client.hset(group.key, mapping={"stranger": f"{'0' * 40}:1", "ghost": f"{run}:999999999"})
        begun = group.looks()
        until(lambda: group.looks() >= begun + LOOKS, HANG_SECONDS, "some looks")
        until(lambda: "ghost" not in group.notes(), HANG_SECONDS, "the end of a member that nobody knows")
        assert group.notes() == {**members, "stranger": f"{'0' * 40}:1"}
        assert looks.log.read_text().count(GONE) == 1
        stands.tell(signal.SIGCONT)
        await group.counts()
        assert looks.log.read_text().count(GONE) == 1


@pytest.mark.one_redis
async def test_who_loses_the_connection_notes_the_next_one_and_goes_on(
    tmp_path: Path, kafka: Kafka, own_redis: Redis, topic_prefix: str, key_prefix: str
) -> None:
    group = await Group(tmp_path, kafka, own_redis, topic_prefix, key_prefix).made()

    def renewed(before: dict[str, str]) -> bool:
        return len(group.notes()) == 2 and not set(group.notes().values()) & set(before.values())

    with group.worker() as first, group.worker() as second:
        group.share(first, second)
        before = group.notes()
        own_redis.kill()
        own_redis.restart()
        until(lambda: renewed(before), HANG_SECONDS, "notes of the other run")
        assert GONE not in first.log.read_text() + second.log.read_text()
        before = group.notes()
        for note in before.values():
            group.client.client_kill_filter(_id=note.partition(":")[2])
        until(lambda: renewed(before), HANG_SECONDS, "notes of the other connections")
        await group.counts()
        assert first.stop() == second.stop() == 0
    assert group.notes() == {}


async def test_who_is_taken_for_dead_and_lives_joins_again(
    tmp_path: Path, kafka: Kafka, redis_server: Redis, topic_prefix: str, key_prefix: str
) -> None:
    group = await Group(tmp_path, kafka, redis_server, topic_prefix, key_prefix).made()
    name = group.factory.settings.group
    client = AIOKafkaClient(bootstrap_servers=kafka.address)
    await client.bootstrap()
    with group.worker() as first, group.worker() as second:
        group.share(first, second)
        await group.counts()
        before = group.notes()
        at = await client.coordinator_lookup(CoordinationType.GROUP, name)
        assert await client.ready(at, group=ConnectionGroup.COORDINATION)
        for member in before:
            answer = await client.send(at, LeaveGroupRequest(name, member), group=ConnectionGroup.COORDINATION)
            assert answer.error_code == 0
        until(lambda: len(group.notes()) == 2 and not group.notes().keys() & before, HANG_SECONDS, "members anew")
        await group.counts()
        assert GONE not in first.log.read_text() + second.log.read_text()
        assert first.stop() == second.stop() == 0
    await client.close()


@pytest.mark.one_redis
async def test_the_documented_rights_are_enough(
    tmp_path: Path, kafka: Kafka, own_redis: Redis, topic_prefix: str, key_prefix: str
) -> None:
    group = await Group(tmp_path, kafka, own_redis, topic_prefix, key_prefix).made()
    rights = ("+@all", "-@dangerous", "-client", "+info", "+client|id", "+client|list")
    with group.worker(REDIS_URL=group.user(*rights)) as worker:
        group.share(worker)
        assert worker.stop() == 0
    assert NOT_SHOWN not in worker.log.read_text()


@pytest.mark.one_redis
@pytest.mark.parametrize("lacking", ["client|list", "client", "info"])
async def test_without_the_right_to_look_a_worker_says_so_once_and_works(
    tmp_path: Path, kafka: Kafka, own_redis: Redis, topic_prefix: str, key_prefix: str, lacking: str
) -> None:
    group = await Group(tmp_path, kafka, own_redis, topic_prefix, key_prefix).made()
    with group.worker(REDIS_URL=group.user("+@all", f"-{lacking}")) as worker:
        await group.counts()
        until(lambda: NOT_SHOWN in worker.log.read_text(), HANG_SECONDS, "the worker's word")
        await group.counts()
        assert group.notes() == {}
        assert worker.stop() == 0
    assert worker.log.read_text().count(NOT_SHOWN) == 1
