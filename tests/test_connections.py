"""TLS and SASL, on the real servers: what the settings say is what gets through."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis.asyncio
import redis.exceptions
import trustme
from aiokafka import AIOKafkaProducer
from cryptography.hazmat.primitives import serialization

from stream.child import free_port
from stream.connections import kafka_options, redis_options
from stream.settings import Settings
from stream.state.client import client_of
from tests.parts.fixtures import skipping
from tests.parts.kafka import Kafka
from tests.parts.redis import Redis
from tests.parts.topics import create_topics


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ca.pem, key.pem, cert.pem, and server.pem (key and certificate)."""
    folder = tmp_path_factory.mktemp("certificates")
    authority = trustme.CA()
    server = authority.issue_cert("localhost", "127.0.0.1")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    key = serialization.load_pem_private_key(server.private_key_pem.bytes(), None).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(key)
    (folder / "server.pem").write_bytes(key + server.cert_chain_pems[0].bytes())
    server.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    return folder


@pytest.fixture(scope="module")
def tls_redis(certificates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Redis that speaks TLS and wants a password."""
    port = free_port()
    options = [
        *("--tls-port", str(port), "--tls-auth-clients", "no"),
        *("--tls-cert-file", str(certificates / "cert.pem"), "--tls-key-file", str(certificates / "key.pem")),
        *("--tls-ca-cert-file", str(certificates / "ca.pem")),
        *("--user", "worker", "on", ">hush", "~*", "+@all"),
    ]
    with skipping():
        part = Redis(tmp_path_factory.mktemp("redis"), options=options)
    with part:
        yield f"rediss://localhost:{port}/0"


@pytest.fixture(scope="module")
def sasl_kafka(certificates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A Kafka with a second listener: TLS, and user and password."""
    login = "org.apache.kafka.common.security.plain.PlainLoginModule"
    settings = {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(certificates / "server.pem"),
        "listener.name.secure.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.secure.plain.sasl.jaas.config": f'{login} required user_worker="hush";',
    }
    with skipping():
        part = Kafka(tmp_path_factory.mktemp("kafka"), secure_protocol="SASL_SSL", settings=settings)
    with part:
        yield part


async def test_redis_is_reached_by_tls_with_user_and_password(tls_redis: str, certificates: Path) -> None:
    settings = Settings(
        redis_url=tls_redis, redis_username="worker", redis_password="hush",
        redis_ssl_ca_certs=str(certificates / "ca.pem"),
    )  # fmt: skip
    async with client_of(**redis_options(settings)) as client:
        assert await client.acl_whoami() == "worker"


async def test_a_redis_with_a_strange_certificate_is_not_trusted(tls_redis: str) -> None:
    settings = Settings(redis_url=tls_redis, redis_username="worker", redis_password="hush")
    async with client_of(**redis_options(settings)) as client:
        with pytest.raises(redis.exceptions.ConnectionError, match=r"(?i)certificate"):
            await client.ping()


async def test_kafka_is_reached_by_tls_with_user_and_password(sasl_kafka: Kafka, certificates: Path) -> None:
    await create_topics(sasl_kafka.address, 1, "secret")
    settings = Settings(
        kafka_bootstrap_servers=sasl_kafka.secure_address, kafka_security_protocol="SASL_SSL",
        kafka_sasl_mechanism="PLAIN", kafka_sasl_username="worker", kafka_sasl_password="hush",
        kafka_ssl_cafile=str(certificates / "ca.pem"),
    )  # fmt: skip
    async with AIOKafkaProducer(**kafka_options(settings)) as producer:
        sent = await producer.send_and_wait("secret", b"value", partition=0)
    assert sent.offset == 0
