"""The parts as fixtures.

`kafka`, `kfake`, `redis_server`, `valkey`: shared, started at their first use, stopped with the session.
`own_kafka`, `own_kfake`, `own_redis`, `own_valkey`: a test's alone, to be killed, paused and restarted.
`broker` and `store` run a test on both kinds; `own_broker` and `own_store` too, for tests that break them.
`cluster` and `own_cluster` are a Redis Cluster. With CENTRALINO_TEST_STORE=cluster every store is one, whatever a test
asks for, and what is marked `one_redis` is left out.
`topic_prefix` and `key_prefix` are a test's alone, so that shared parts need no cleaning.
"""

from __future__ import annotations

import itertools
import os
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
from tests.parts.redis import Redis
from tests.parts.redis_cluster import RedisCluster

Broker = Kafka | EmbeddedBroker
AnyStore = Redis | EmbeddedStore | RedisCluster
AnyPart = TypeVar("AnyPart", bound=Child | RedisCluster)
Folders = pytest.TempPathFactory

CLUSTERED = os.environ.get("CENTRALINO_TEST_STORE") == "cluster"
STORES = {"cluster": "cluster"} if CLUSTERED else {"valkey": "valkey", "redis": "redis_server"}
OWN_STORES = {"cluster": "own_cluster"} if CLUSTERED else {"valkey": "own_valkey", "redis": "own_redis"}

_numbers = itertools.count(1)


@contextmanager
def skipping() -> Iterator[None]:
    """Skip the test when a part is missing on this machine."""
    try:
        yield
    except PartMissing as missing:
        pytest.skip(str(missing))


@contextmanager
def _running(make: Callable[[Path], AnyPart], folders: Folders) -> Iterator[AnyPart]:
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
def cluster(tmp_path_factory: Folders) -> Iterator[RedisCluster]:
    """A Redis Cluster, shared."""
    with _running(RedisCluster, tmp_path_factory) as part:
        yield part


@pytest.fixture(scope="session")
def redis_server(request: pytest.FixtureRequest, tmp_path_factory: Folders) -> Iterator[AnyStore]:
    """Redis, shared."""
    if CLUSTERED:
        yield request.getfixturevalue("cluster")
        return
    with _running(Redis, tmp_path_factory) as part:
        yield part


@pytest.fixture(scope="session")
def valkey(request: pytest.FixtureRequest, tmp_path_factory: Folders) -> Iterator[AnyStore]:
    """The embedded store, shared."""
    if CLUSTERED:
        yield request.getfixturevalue("cluster")
        return
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
def own_cluster(tmp_path_factory: Folders) -> Iterator[RedisCluster]:
    """A Redis Cluster, to be broken."""
    with _running(RedisCluster, tmp_path_factory) as part:
        yield part


@pytest.fixture
def own_redis(tmp_path_factory: Folders) -> Iterator[AnyStore]:
    """Redis, to be broken."""
    kind: Callable[[Path], AnyStore] = RedisCluster if CLUSTERED else Redis
    with _running(kind, tmp_path_factory) as part:
        yield part


@pytest.fixture
def own_valkey(tmp_path_factory: Folders) -> Iterator[AnyStore]:
    """The embedded store, to be broken."""
    kind: Callable[[Path], AnyStore] = RedisCluster if CLUSTERED else EmbeddedStore
    with _running(kind, tmp_path_factory) as part:
        yield part


@pytest.fixture(params=["embedded", "kafka"])
def broker(request: pytest.FixtureRequest) -> Broker:
    """Both brokers in turn, shared."""
    part: Broker = request.getfixturevalue({"embedded": "kfake", "kafka": "kafka"}[request.param])
    return part


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> AnyStore:
    """Both stores in turn, shared."""
    part: AnyStore = request.getfixturevalue(STORES[request.param])
    return part


@pytest.fixture(params=["embedded", "kafka"])
def own_broker(request: pytest.FixtureRequest) -> Broker:
    """Both brokers in turn, to be broken."""
    part: Broker = request.getfixturevalue({"embedded": "own_kfake", "kafka": "own_kafka"}[request.param])
    return part


@pytest.fixture(params=OWN_STORES)
def own_store(request: pytest.FixtureRequest) -> AnyStore:
    """Both stores in turn, to be broken."""
    part: AnyStore = request.getfixturevalue(OWN_STORES[request.param])
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
