"""The parts that other tests stand on: they start, answer, and keep their data through a kill."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from stream.child import HOST, Child, PartFailed, free_port
from stream.embedded import EmbeddedStore
from stream.state.client import client_of
from tests.parts import redis_cluster
from tests.parts.fixtures import Broker
from tests.parts.redis import Store
from tests.parts.topics import create_topics


async def _send(address: str, topic: str, *values: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=address, acks="all", enable_idempotence=True) as producer:
        for value in values:
            await producer.send_and_wait(topic, value, key=b"k")


async def _read(address: str, topic: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(bootstrap_servers=address, auto_offset_reset="earliest", enable_auto_commit=False)
    async with consumer:
        consumer.assign([TopicPartition(topic, 0)])
        return [(await consumer.getone()).value for _ in range(count)]


async def test_what_a_broker_acknowledged_survives_its_being_killed(own_broker: Broker, topic_prefix: str) -> None:
    topic = topic_prefix + "kept"
    await create_topics(own_broker.address, 1, topic)
    await _send(own_broker.address, topic, b"one", b"two")
    address = own_broker.address
    own_broker.kill()
    assert own_broker.restart() == address
    assert await _read(address, topic, 2) == [b"one", b"two"]


async def test_a_store_keeps_its_data_through_a_stop(own_store: Store, key_prefix: str) -> None:
    async with client_of(own_store.url) as client:
        await client.set(key_prefix + "kept", "yes")
    own_store.restart()
    async with client_of(own_store.url) as client:
        assert await client.get(key_prefix + "kept") == b"yes"
        assert (await client.config_get("maxmemory-policy"))["maxmemory-policy"] == "noeviction"


def test_two_servers_never_share_a_folder(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path), pytest.raises(PartFailed, match="is in use by embedded-store"):
        EmbeddedStore(tmp_path).start()


def test_a_taken_port_is_named_when_it_was_asked_for(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path / "first") as first, pytest.raises(PartFailed, match=f"port {first.port}"):
        EmbeddedStore(tmp_path / "second", port=first.port).start()


class Forking(Child):
    """A server with a child of its own, as a store that is writing its log anew."""

    name = "forking"

    def command(self) -> list[str]:
        return ["sh", "-c", "sleep 60 & touch forked; exec sleep 60"]

    def ready(self) -> bool:
        return (self.folder / "forked").exists()


def test_a_killed_server_takes_its_own_children_along_and_starts_again_in_its_folder(tmp_path: Path) -> None:
    with Forking(tmp_path) as server:
        server.kill()
        server.restart()
        assert server.running
        server.kill()


def test_a_node_of_a_cluster_that_cannot_listen_to_the_others_is_started_on_another_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        taken = other.getsockname()[1]
        ports = iter([taken])
        monkeypatch.setattr(redis_cluster, "free_port", lambda: next(ports, None) or free_port())
        with redis_cluster.RedisCluster(tmp_path) as cluster:
            assert taken not in {node.bus for node in cluster.nodes}
        assert next(ports, None) is None
