"""Privacy on the real pair: with a key nobody's id or alias leaves the input topics, and who is forgotten is gone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from schemas.pseudonyms import Pseudonyms
from schemas.topics import TOPICS
from tests.core.center import call, said
from tests.e2e.plant import Plant, until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.plant import Service

KEY = "a key of the house, that nobody else knows"
NAMES = ("customer-anna-7731", "customer-bert-7732", "tel:+3905512345678", "mailto:anna@example.org")
ANNA, BERT, PHONE, MAIL = NAMES
MON = 1_772_438_400_000
"""2026-03-02T08:00:00Z"""
HOUR = 3_600_000
LONG_AGO = MON - 450 * 24 * HOUR
HISTORY = [
    *call("i1", ANNA, MON), *call("i2", PHONE, MON + HOUR, reason="bill"), *call("i3", BERT, MON, channel="chat"),
    *call("i4", MAIL, MON + 2 * HOUR, channel="email"), *call("i5", None, MON + HOUR),
    said("identified", ANNA, MON + 3 * HOUR, aliases=[PHONE, MAIL]), said("joined", ANNA, MON),
    said("survey_answered", ANNA, MON + 2 * HOUR, survey="nps", score=2, interaction_id="i1", channel="phone"),
    said("purchased", BERT, MON, order_id="o1", amount=990, currency="EUR"),
    said("complained", PHONE, MON + 3 * HOUR, channel="social", public=True), said("left", BERT, MON + HOUR),
    said("updated", ANNA, MON + HOUR, segment="gold"),
]  # fmt: skip
INPUTS = {name for name, spec in TOPICS.items() if spec.role in ("in", "source")}


def records(history: list[tuple[str, tuple[bytes, bytes]]] = HISTORY) -> list[dict[str, Any]]:
    """As `centralino replay` reads them; ids of events say nothing of whom they are about."""
    found = []
    for number, (topic, (key, value)) in enumerate(history):
        event = json.loads(value) | {"id": f"event-{number}"}
        found.append({"topic": topic, "key": key.decode(), "timestamp_ms": MON + 9 * HOUR, "value": event})
    return found


def stored(plant: Plant) -> list[bytes]:
    """All that is in the store: names of keys and fields, and what they hold."""
    found: list[bytes] = []
    with plant.store() as client:
        for key in client.scan_iter(f"{plant.key_prefix}*", count=1000):
            kind = client.type(key)
            found.append(key)
            if kind == b"hash":
                found += [part for pair in client.hgetall(key).items() for part in pair]
            elif kind == b"zset":
                found += client.zrange(key, 0, -1)
            else:
                assert kind == b"string", kind
                found.append(client.get(key))
    return found


async def sent(plant: Plant) -> list[bytes]:
    """All keys and values of the topics that are not inputs."""
    found: list[bytes] = []
    for topic in sorted(TOPICS.keys() - INPUTS):
        async for record in plant.log_of(topic):
            found += [record.key or b"", record.value or b"", *(part for _, part in record.headers)]
    return found


def holding(name: str, parts: list[bytes]) -> list[bytes]:
    """The parts that hold a name."""
    return [part for part in parts if name.encode() in part]


def figures(service: Service) -> dict[str, Any]:
    """All rows of a week and of a day, and all of metrics that depends on no time: states of queues are told some
    seconds after the start.
    """
    rows = {(by, window): service.kpis(by=by, window=window) for by in ("", "channel", "channel,queue") for window in
            ("24h", "7d")}  # fmt: skip
    metrics = {key: value for key, value in service.samples().items() if key[0].startswith(("contact_", "customer_"))
               and key[0] != "contact_center_queue_sla_state"}  # fmt: skip
    return {"rows": rows, "metrics": metrics}


@pytest.fixture
def with_key(kafka, redis_server, new_plant: Callable[..., Plant]) -> Plant:
    return new_plant(kafka, redis_server, pseudonym_key=KEY)


@pytest.fixture
def without(kafka, redis_server, tmp_path: Path, topic_prefix: str, key_prefix: str) -> Plant:
    return Plant(tmp_path, kafka.address, redis_server.url, f"plain.{topic_prefix}", f"plain.{key_prefix}")


def test_with_a_key_no_id_is_stored_or_sent_and_the_figures_are_those_without(with_key: Plant, without: Plant) -> None:
    told = []
    for plant in (without, with_key):
        plant.run("topics", "apply")
        plant.replay(records())
        with plant.worker() as worker, plant.service() as service:
            plant.until_applied(worker)
            plant.until_shown(service)
            told.append(figures(service))
            of = json.loads(service.get("/api/v1/interactions/chat/i3"))["customer_id"]
            assert of == (BERT if plant is without else Pseudonyms(KEY.encode()).of(BERT))
    assert told[0] == told[1]
    plain, known = stored(without), stored(with_key) + asyncio.run(sent(with_key))
    for name in NAMES:
        assert holding(name, plain)
        assert not holding(name, known)
    assert not holding(KEY, known)


def test_workers_with_another_key_or_none_are_refused(with_key: Plant) -> None:
    with_key.run("topics", "apply")
    with with_key.worker() as worker:
        with_key.until_applied(worker)
    for other in ("another key that somebody else knows", ""):
        worker = with_key.worker(pseudonym_key=other)
        assert worker.process.wait(60) == 1
        assert "the pseudonyms' key" in worker.said()
        assert KEY not in worker.said()
        assert not other or other not in worker.said()


@pytest.mark.parametrize("keyed", [True, False], ids=["with a key", "without"])
def test_who_is_forgotten_is_gone_and_stays_counted(keyed: bool, with_key: Plant, without: Plant) -> None:
    plant = with_key if keyed else without
    name = Pseudonyms(KEY.encode()).of(ANNA) if keyed else ANNA
    plant.run("topics", "apply")
    plant.replay(records())
    with plant.worker() as worker, plant.service() as service:
        plant.until_applied(worker)
        plant.until_shown(service)
        before = figures(service)
        said = plant.run("forget", PHONE, "--at", "2026-03-02T12:00:00Z")
        assert "an alias: who holds it is forgotten with it" in said
        plant.until_applied(worker)
        until(lambda: not held(plant, name), 20, "the shards to forget")
        plant.replay(records())
        plant.until_applied(worker)
        plant.until_shown(service)
        assert not held(plant, name)
        after = figures(service)
    for (by, window), rows in before["rows"].items():
        if window == "7d":
            assert after["rows"][by, window] == rows
    assert "nothing is kept of" in plant.run("forget", ANNA, "--at", "2026-03-02T12:00:00Z")


def held(plant: Plant, name: str) -> list[bytes]:
    """Values that still name the customer: what is left are names of tombstones, which hold nothing."""
    with plant.store() as client:
        return [
            value
            for key in client.scan_iter(f"{plant.key_prefix}*:state", count=1000)
            for value in client.hvals(key)
            if name.encode() in value
        ]


def test_what_is_past_its_keep_leaves_redis_when_time_moves_on(
    new_plant: Callable[..., Plant], kafka, redis_server
) -> None:
    plant = new_plant(kafka, redis_server, partitions=1, keep_customers_days=90)
    past = [
        *call("i1", "guest", LONG_AGO), *call("i2", "member", LONG_AGO), said("joined", "member", LONG_AGO),
        said("complained", "member", LONG_AGO), said("identified", "holder", LONG_AGO, aliases=["tel:1"]),
    ]  # fmt: skip
    later = [said("touched", "later", MON, touchpoint="site"), *call("i3", "later", MON)]
    plant.run("topics", "apply")
    with plant.worker() as worker:
        plant.replay(records(past))
        plant.until_applied(worker)
        assert kept(plant, "interactions.phone") == {"i1", "i2"}
        assert kept(plant, "customers.timeline") == {"guest", "member", "holder", "tel:1"}
        plant.replay(records(later))
        plant.until_applied(worker)
    assert kept(plant, "interactions.phone") == {"i3"}
    assert kept(plant, "customers.timeline") == {"member", "holder", "tel:1", "later"}
    with plant.store() as client:
        for topic in ("interactions.phone", "customers.timeline"):
            keys = plant.keys(topic, 0)
            fields = {name.decode() for name in client.hkeys(keys.read)}
            starts = [int(name.split("|")[1]) * 1000 for name in fields if name[0] == "c"]
            assert min(starts) >= MON - 24 * HOUR, topic
            listed = {member.decode() for member in client.zrange(keys.expiry, 0, -1)}
            assert {name[1:] for name in listed if name[0] == "s"} >= kept(plant, topic) - {"member", "holder", "tel:1"}
            assert {name[1:] for name in listed if name[0] == "r"} == {name for name in fields if name[0] == "c"}
        assert b"complained" not in client.hget(plant.keys("customers.timeline", 0).state, "member")


def kept(plant: Plant, topic: str) -> set[str]:
    """The entities of a topic's only shard."""
    with plant.store() as client:
        return {name.decode() for name in client.hkeys(plant.keys(topic, 0).state)}
