"""The product on the embedded pair (broker and store of the one-command start) and on the real one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.plant import Plant

PAIRS = {"embedded": ("kfake", "valkey"), "real": ("kafka", "redis_server")}


@pytest.fixture
def new_plant(tmp_path: Path, topic_prefix: str, key_prefix: str) -> Callable[..., Plant]:
    def make(broker, store, **settings: object) -> Plant:
        return Plant(tmp_path, broker.address, store.url, topic_prefix, key_prefix, **settings)

    return make


@pytest.fixture(params=PAIRS)
def plant(request: pytest.FixtureRequest, new_plant: Callable[..., Plant]) -> Plant:
    """On both pairs in turn."""
    return new_plant(*(request.getfixturevalue(part) for part in PAIRS[request.param]))


@pytest.fixture
def real_plant(kafka, redis_server, new_plant: Callable[..., Plant]) -> Plant:
    """On Apache Kafka and Redis."""
    return new_plant(kafka, redis_server)
