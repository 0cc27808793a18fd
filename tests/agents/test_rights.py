"""A worker on a Kafka with rights: those of docs/security.md are enough; without transactions it tells all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Int8, Int16, Int32, Schema, String

from agents import topics
from tests.agents.desk import Desk, event
from tests.e2e.factory import Factory, until
from tests.parts.kafka import Kafka

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tests.parts.redis import Store

TOPIC, GROUP, TRANSACTIONAL_ID = 2, 3, 5
LITERAL, PREFIXED = 3, 4
READ, WRITE, DESCRIBE = 3, 4, 8
ALLOW = 3


class Right(NamedTuple):
    """As Kafka has it: an entry that allows the user one operation."""

    resource: int
    name: str
    operation: int
    pattern: int = LITERAL


class _Created(Response):
    API_KEY = 30
    API_VERSION = 1
    SCHEMA = Schema(("throttle_time_ms", Int32), ("results", Array(("code", Int16), ("message", String("utf-8")))))


class _Creation(RequestStruct):
    API_KEY = 30
    API_VERSION = 1
    RESPONSE_TYPE = _Created
    SCHEMA = Schema(
        ("creations", Array(
            ("resource", Int8), ("name", String("utf-8")), ("pattern", Int8), ("principal", String("utf-8")),
            ("host", String("utf-8")), ("operation", Int8), ("permission", Int8),
        )),
    )  # fmt: skip


class _Create(Request[_Creation]):
    API_KEY = 30

    def __init__(self, rights: Iterable[Right]) -> None:
        self._rights = rights

    def build(self, request_struct_class: type[_Creation]) -> _Creation:
        rows = [
            (each.resource, each.name, each.pattern, "User:worker", "*", each.operation, ALLOW) for each in self._rights
        ]
        return request_struct_class(rows)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A Kafka that lets nobody do anything on its listener with passwords, and everything on the other one."""
    login = "org.apache.kafka.common.security.plain.PlainLoginModule"
    settings = {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
        "listener.name.secure.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.secure.plain.sasl.jaas.config": f'{login} required user_worker="hush";',
    }
    part = Kafka(tmp_path_factory.mktemp("kafka"), secure_protocol="SASL_PLAINTEXT", settings=settings)
    with part:
        yield part


@pytest.fixture
def factory(tmp_path: Path, guarded: Kafka, valkey: Store, topic_prefix: str, key_prefix: str) -> Factory:
    made = Factory(tmp_path, guarded.address, valkey.url, topic_prefix, key_prefix)
    made.environment |= {
        "KAFKA_BOOTSTRAP_SERVERS": guarded.secure_address, "CENTRALINO_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "CENTRALINO_KAFKA_SASL_MECHANISM": "PLAIN", "CENTRALINO_KAFKA_SASL_USERNAME": "worker",
        "CENTRALINO_KAFKA_SASL_PASSWORD": "hush", "CENTRALINO_APPLY_TOPICS": "false",
    }  # fmt: skip
    return made


def documented(prefix: str, group: str) -> list[Right]:
    """The table of docs/security.md, but for transactions and the marks' group."""
    read = ("interactions.", "agents.", "customers.", "sources.")
    written = ("interactions.", "customers.", "agents.timeline", "dead-letters")
    rights = [Right(TOPIC, prefix + name, READ, PREFIXED) for name in read]
    rights += [Right(TOPIC, prefix + name, WRITE, PREFIXED) for name in written]
    return [*rights, Right(GROUP, group, READ)]


def for_transactions(group: str) -> list[Right]:
    return [Right(GROUP, f"{group}-outputs", READ), Right(TRANSACTIONAL_ID, f"{group}/", WRITE, PREFIXED)]


async def allow(kafka: Kafka, rights: list[Right]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.address)
    await admin.start()
    try:
        client: Any = admin._client
        answer = await client.send(client.get_random_node(), _Create(rights))
        assert [code for code, _ in answer.results] == [0] * len(rights)
    finally:
        await admin.close()


async def told(factory: Factory, number: int) -> str:
    """What the worker said, once it has told of a call that starts."""
    async with Desk(factory.settings) as desk:
        await desk.send(*event(number))
        await desk.flush()
        with factory.worker("phone") as worker:
            until(lambda: factory.offsets() >= number, 30, worker.log.read_text()[-3000:] or "the record")
            records = await desk.read("interactions.enriched", number)
            assert worker.stop() == 0
    assert sorted(record.key for record in records if record.key) == [f"i{n}".encode() for n in range(1, number + 1)]
    return worker.log.read_text()


async def test_the_documented_rights_are_enough_and_without_transactions_it_tells_at_least_once(
    factory: Factory, guarded: Kafka, topic_prefix: str
) -> None:
    await topics.apply(factory.settings)
    await allow(guarded, documented(topic_prefix, factory.settings.group))
    log = await told(factory, 1)
    assert "Kafka has no transactions for us" in log
    assert "TransactionalIdAuthorizationFailed" in log
    assert "outputs are told at least once" in log
    with factory.worker("phone", CENTRALINO_DELIVERY="exactly_once") as refused:
        until(lambda: refused.process.poll() is not None, 30, "the worker's refusal")
    assert "delivery is exactly_once, and Kafka has no transactions for us" in refused.log.read_text()

    await allow(guarded, for_transactions(factory.settings.group))
    assert "outputs are told exactly once" in await told(factory, 2)
