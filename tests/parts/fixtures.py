"""The parts as fixtures.

`kafka`, `kfake`, `redis_server`, `valkey`: shared, started at their first use, stopped with the session.
`own_kafka`, `own_kfake`, `own_redis`, `own_valkey`: a test's alone, to be killed, paused and restarted.
`broker` and `store` run a test on both kinds; `own_broker` and `own_store` too, for tests that break them.
`topic_prefix` and `key_prefix` are a test's alone, so that shared parts need no cleaning.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from stream.child import Child
from stream.embedded import EmbeddedBroker, EmbeddedStore
from tests.parts.alertmanager import Alertmanager, Hook
from tests.parts.kafka import Kafka
from tests.parts.missing import PartMissing
from tests.parts.prometheus import Prometheus
from tests.parts.redis import Redis, Store

Broker = Kafka | EmbeddedBroker
AnyChild = TypeVar("AnyChild", bound=Child)
Folders = pytest.TempPathFactory

_numbers = itertools.count(1)


@contextmanager
def skipping() -> Iterator[None]:
    """Skip the test when a part is missing on this machine."""
    try:
        yield
    except PartMissing as missing:
        pytest.skip(str(missing))


@contextmanager
def _running(make: Callable[[Path], AnyChild], folders: Folders) -> Iterator[AnyChild]:
    with skipping():
        part = make(folders.mktemp("part"))
    part.start()
    try:
        yield part
    finally:
        part.stop()


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: Folders) -> Iterator[Kafka]:
    """Apache Kafka, shared."""
    with _running(Kafka, tmp_path_factory) as part:
        yield part


@pytest.fixture(scope="session")
def kfake(tmp_path_factory: Folders) -> Iterator[EmbeddedBroker]:
    """The embedded broker, shared."""
    with _running(EmbeddedBroker, tmp_path_factory) as part:
        yield part


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: Folders) -> Iterator[Redis]:
    """Redis, shared."""
    with _running(Redis, tmp_path_factory) as part:
        yield part


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: Folders) -> Iterator[EmbeddedStore]:
    """The embedded store, shared."""
    with _running(EmbeddedStore, tmp_path_factory) as part:
        yield part


@pytest.fixture
def own_kafka(tmp_path_factory: Folders) -> Iterator[Kafka]:
    """Apache Kafka, to be broken."""
    with _running(Kafka, tmp_path_factory) as part:
        yield part


@pytest.fixture
def own_kfake(tmp_path_factory: Folders) -> Iterator[EmbeddedBroker]:
    """The embedded broker, to be broken."""
    with _running(EmbeddedBroker, tmp_path_factory) as part:
        yield part


@pytest.fixture
def own_redis(tmp_path_factory: Folders) -> Iterator[Redis]:
    """Redis, to be broken."""
    with _running(Redis, tmp_path_factory) as part:
        yield part


@pytest.fixture
def own_valkey(tmp_path_factory: Folders) -> Iterator[EmbeddedStore]:
    """The embedded store, to be broken."""
    with _running(EmbeddedStore, tmp_path_factory) as part:
        yield part


@pytest.fixture(params=["embedded", "kafka"])
def broker(request: pytest.FixtureRequest) -> Broker:
    """Both brokers in turn, shared."""
    part: Broker = request.getfixturevalue({"embedded": "kfake", "kafka": "kafka"}[request.param])
    return part


@pytest.fixture(params=["valkey", "redis"])
def store(request: pytest.FixtureRequest) -> Store:
    """Both stores in turn, shared."""
    part: Store = request.getfixturevalue({"valkey": "valkey", "redis": "redis_server"}[request.param])
    return part


@pytest.fixture(params=["embedded", "kafka"])
def own_broker(request: pytest.FixtureRequest) -> Broker:
    """Both brokers in turn, to be broken."""
    part: Broker = request.getfixturevalue({"embedded": "own_kfake", "kafka": "own_kafka"}[request.param])
    return part


@pytest.fixture(params=["valkey", "redis"])
def own_store(request: pytest.FixtureRequest) -> Store:
    """Both stores in turn, to be broken."""
    part: Store = request.getfixturevalue({"valkey": "own_valkey", "redis": "own_redis"}[request.param])
    return part


@pytest.fixture
def start_prometheus(tmp_path_factory: Folders) -> Iterator[Callable[[str], Prometheus]]:
    """Starts a Prometheus with the given configuration; stopped with the test."""
    started: list[Prometheus] = []

    def start(configuration: str) -> Prometheus:
        with skipping():
            part = Prometheus(tmp_path_factory.mktemp("prometheus"), configuration)
        started.append(part)
        part.start()
        return part

    yield start
    for part in started:
        part.stop()


@pytest.fixture
def start_alertmanager(tmp_path_factory: Folders) -> Iterator[Callable[[str], Alertmanager]]:
    """Starts an Alertmanager with the given configuration; stopped with the test."""
    started: list[Alertmanager] = []

    def start(configuration: str) -> Alertmanager:
        with skipping():
            part = Alertmanager(tmp_path_factory.mktemp("alertmanager"), configuration)
        started.append(part)
        part.start()
        return part

    yield start
    for part in started:
        part.stop()


@pytest.fixture
def hook() -> Iterator[Hook]:
    """Somebody to be told of alerts."""
    with Hook() as part:
        yield part


@pytest.fixture
def topic_prefix() -> str:
    """A prefix of topic names that no other test has."""
    return f"test{next(_numbers)}."


@pytest.fixture
def key_prefix() -> str:
    """A prefix of Redis keys that no other test has."""
    return f"test{next(_numbers)}:"
