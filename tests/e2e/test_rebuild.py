"""Definitions change: the log is counted again beside the live figures, compared, and switched over, on real parts."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Self

import pytest

from tests.e2e.plant import Running, until
from tests.e2e.rebuild_entry import STEPS

if TYPE_CHECKING:
    from tests.e2e.plant import Plant, Service

OLD = {"channels": json.dumps({"phone": {"threshold_seconds": 20}})}
NEW = {"channels": json.dumps({"phone": {"threshold_seconds": 30}})}
START = 1_772_441_000
WAITS = (5, 25, 28, 40)
"""Of four calls, answered: one in 20 s, three in 30 s."""
AGAIN = 75


def events(first: int, calls: int) -> list[dict[str, Any]]:
    """Calls as records, each with its wait; a caller calls again and again, so that there are insights."""
    found = []
    for n in range(first, first + calls):
        at, wait = START + 20 * n, WAITS[n % len(WAITS)]
        common = {"interaction_id": f"i{n}", "channel": "phone", "queue": "support", "customer_id": f"c{n % 7}"}
        steps = (
            (0, "started", {}), (0, "queued", {}), (wait, "answered", {"agent_id": f"a{n % 3}"}),
            (wait + 60, "ended", {"by": "customer", "resolved": False}),
        )  # fmt: skip
        for step, (after, kind, more) in enumerate(steps):
            value = {
                "specversion": "1.0", "id": f"{n}-{step}", "source": "made-up", "type": f"interaction.{kind}",
                "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at + after)), "data": common | more,
            }  # fmt: skip
            found.append({
                "topic": "interactions.phone", "key": f"i{n}", "timestamp_ms": (at + after) * 1000, "value": value,
            })  # fmt: skip
    return found


def figures(service: Service) -> list[dict[str, Any]]:
    """All that is counted, without what is of this moment."""
    rows = service.kpis(window="365d", by="channel,queue") + service.kpis(window="365d", by="channel")
    return [{name: value for name, value in row.items() if "live" not in name} for row in rows]


def in_time(service: Service) -> tuple[int, int, float]:
    """Answered, answered in time, and the threshold that is shown (s)."""
    row = next(row for row in service.kpis(window="365d", by="channel,queue") if row["queue"] == "support")
    shown = service.values("contact_center_service_level_threshold_seconds")
    return row["answered"], row["in_threshold"], shown[0] if shown else 0.0


def rebuild(plant: Plant, *arguments: str, **settings: object) -> Running:
    """`centralino rebuild` in the background, with the new definitions."""
    return Running(plant, "rebuild", *arguments, **(NEW | settings))


def done(running: Running, code: int = 0) -> str:
    """What it said, ended; AssertionError when it ended otherwise."""
    assert running.process.wait(120) == code, running.said()[-3000:]
    return running.said()


def kind_of(answered: int, in_threshold: int) -> str:
    """Whose figures these are: a quarter is in time by the old definitions, three by the new; none is neither."""
    assert answered >= 40
    kinds = {"old": answered / 4, "new": answered * 3 / 4}
    (found,) = (kind for kind, wanted in kinds.items() if abs(in_threshold - wanted) < 4)
    return found


class Watched:
    """Who asks a service every few milliseconds, and keeps what it saw."""

    def __init__(self, service: Service) -> None:
        self.seen: list[tuple[int, int]] = []
        self._service, self._stop = service, threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._stop.is_set():
            row = next(row for row in self._service.kpis(window="365d", by="channel") if row["channel"] == "phone")
            self.seen.append((row["answered"], row["in_threshold"]))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


async def told(plant: Plant, topic: str) -> list[tuple[str, str, int]]:
    """Source, id and revision of all that was told and committed, in order."""
    found = []
    async for record in plant.log_of(topic):
        event = json.loads(record.value)
        found.append((event.get("origin", event["source"]), event["id"], event.get("revision", 0)))
    return found


@pytest.fixture
def plant(real_plant: Plant) -> Plant:
    real_plant.settings |= {"partitions": 2, "clock": "event", **OLD}
    return real_plant


def test_definitions_change_at_once_and_nothing_is_told_twice(plant: Plant) -> None:
    straight, wanted = counted_straight(plant, 100)
    with plant.worker() as worker, plant.service() as service:
        plant.replay(events(0, 40))
        plant.until_applied(worker)
        plant.until_shown(service)
        assert in_time(service) == (40, 10, 20)
        said = done(rebuild(plant, "--as", "v2", "--json"))
        assert in_time(service) == (40, 10, 20)
        compared = json.loads(next(line for line in said.splitlines() if line.startswith("{")))
        differing = {(row["window"], row.get("queue"), row["figure"]): row for row in compared["differences"]}
        assert differing["365d", "support", "in_threshold"] == {
            "window": "365d", "channel": "phone", "queue": "support", "figure": "in_threshold", "old": 10, "new": 30,
        }  # fmt: skip
        assert ("365d", "support", "answered") not in differing
        worker.lives()
        plant.replay(events(40, 20))
        with Watched(service) as watched:
            switching = rebuild(plant, "--as", "v2", "--switch")
            plant.replay(events(60, 20))
            done(switching)
            assert worker.process.wait(30) == AGAIN, worker.said()[-3000:]
            assert "start again" in worker.said()
            until(lambda: in_time(service)[2] == 30, 20, "the new figures")
            with plant.worker(**NEW) as next_one:
                plant.replay(events(80, 20))
                until(lambda: figures(service) == wanted, 60, lambda: (in_time(service), next_one.said()[-2000:]))
        kinds = [kind_of(*each) for each in watched.seen]
        assert kinds == sorted(kinds, reverse=True)
        assert {*kinds} == {"old", "new"}
    for topic in ("interactions.enriched", "customers.insights"):
        events_told = asyncio.run(told(plant, topic))
        assert max(Counter(events_told).values()) == 1
        names = {(source, name) for source, name, _ in asyncio.run(told(straight, topic))}
        assert {(source, name) for source, name, _ in events_told} == names


def counted_straight(plant: Plant, calls: int) -> tuple[Plant, list[dict[str, Any]]]:
    """The same calls, counted by the new definitions alone; where, and their figures."""
    straight = plant_of(plant, "straight")
    with straight.worker(**NEW) as worker, straight.service() as service:
        straight.replay(events(0, calls))
        straight.until_applied(worker)
        straight.until_shown(service)
        return straight, figures(service)


def plant_of(plant: Plant, name: str) -> Plant:
    """Another one on the same parts."""
    settings = plant.settings | {"group": f"{plant.settings['group']}{name}"}
    return type(plant)(
        plant.folder, plant.kafka, plant.redis_url, f"{name}.{plant.topic_prefix}", f"{name}.{plant.key_prefix}",
        **settings,
    )  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
def test_a_switch_that_is_killed_leaves_the_old_or_the_new_figures_and_can_be_called_again(
    plant: Plant, step: str
) -> None:
    with plant.worker() as worker, plant.service() as service:
        plant.replay(events(0, 20))
        plant.until_applied(worker)
        plant.until_shown(service)
        killed = Running(
            plant, "rebuild", "--as", "v2", "--switch", module="tests.e2e.rebuild_entry", **NEW, killed_before=step
        )
        assert killed.process.wait(120) == -signal.SIGKILL, killed.said()[-3000:]
        plant.replay(events(20, 20))
        if step == "after":
            assert worker.process.wait(30) == AGAIN
        else:
            until(lambda: in_time(service) == (40, 10, 20), 60, lambda: (in_time(service), worker.said()[-3000:]))
            done(until_free(plant))
            assert worker.process.wait(30) == AGAIN
        with plant.worker(**NEW) as next_one:
            plant.replay(events(40, 20))
            until(lambda: in_time(service) == (60, 45, 30), 60, lambda: (in_time(service), next_one.said()[-2000:]))
    for topic in ("interactions.enriched", "customers.insights"):
        assert max(Counter(asyncio.run(told(plant, topic))).values()) == 1
    enriched = {name for _, name, _ in asyncio.run(told(plant, "interactions.enriched"))}
    assert {f"{n}-{k}" for n in range(60) for k in range(4)} <= enriched


def until_free(plant: Plant) -> Running:
    """The rebuild, called again until nobody else switches."""
    while True:
        running = rebuild(plant, "--as", "v2", "--switch")
        running.process.wait(120)
        if "somebody else switches" not in running.said():
            return running


def test_a_rebuild_that_is_killed_goes_on_from_where_it_was_and_switches_back(plant: Plant) -> None:
    with plant.worker() as worker, plant.service() as service:
        plant.replay(events(0, 40))
        plant.until_applied(worker)
        plant.until_shown(service)
        killed = rebuild(plant, "--from", "2026-03-02T08:50:00Z", "--as", "late")
        until(lambda: plant_in(plant, "late"), 60, killed.said)
        killed.kill()
        said = done(rebuild(plant, "--as", "late"))
        assert "stays beside first" in said
        refused = done(rebuild(plant, "--from", "2026-03-02T08:51:00Z", "--as", "late"), 1)
        assert "late counts from 2026-03-02T08:50:00Z on" in refused
        done(rebuild(plant, "--as", "late", "--switch"))
        assert worker.process.wait(30) == AGAIN
        begun = asyncio.run(queued_since(plant, 1_772_441_400_000))
        assert 0 < begun < 40
        until(lambda: in_time(service)[2] == 30, 20, "the new figures")
        offered = next(row for row in service.kpis(window="365d", by="channel,queue") if row["queue"] == "support")
        assert offered["offered"] == begun
        with plant.worker(**NEW) as next_one:
            plant.replay(events(40, 4))
            until(lambda: in_time(service)[0] >= begun + 4, 60, next_one.said)
            assert "other definitions" in done(rebuild(plant, "--as", "first"), 1)
            back = Running(plant, "rebuild", "--as", "first", "--switch")
            assert "first is live" in done(back)
            assert next_one.process.wait(30) == AGAIN
            next_one.process.returncode = 0
        until(lambda: in_time(service) == (44, 11, 20), 20, lambda: in_time(service))
        assert "late is gone" in done(rebuild(plant, "--as", "late", "--drop"))
        assert not plant_in(plant, "late")
        assert "there is no namespace late" in done(rebuild(plant, "--as", "late", "--drop"), 1)
        with plant.worker() as last:
            plant.replay(events(44, 4))
            until(lambda: in_time(service) == (48, 12, 20), 60, last.said)
    insights = asyncio.run(told(plant, "customers.insights"))
    assert max(Counter(insights).values()) == 1
    latest: dict[str, int] = {}
    for _, name, revision in insights:
        assert revision > latest.get(name, -1)
        latest[name] = revision


async def queued_since(plant: Plant, at_ms: int) -> int:
    """How many calls have come from the first record of each partition that has this timestamp or a later one."""
    begun: set[int] = set()
    found = 0
    async for record in plant.log_of("interactions.phone"):
        if record.timestamp >= at_ms:
            begun.add(record.partition)
        found += record.partition in begun and b"interaction.queued" in record.value
    return found


def plant_in(plant: Plant, namespace: str) -> list[bytes]:
    """The keys of a namespace that has counted something."""
    with plant.store() as client:
        return list(client.scan_iter(f"{plant.key_prefix[:-1]}@{namespace}:*head", count=1000))


def test_equal_definitions_make_no_difference(plant: Plant) -> None:
    with plant.worker() as worker:
        plant.replay(events(0, 12))
        plant.until_applied(worker)
        said = done(rebuild(plant, **OLD))
        assert "no differences" in said
        assert "v2 stays beside first" in said
    with plant.store() as client:
        client.unlink(*client.scan_iter(f"{plant.key_prefix[:-1]}*", count=1000))
    lost = plant.worker(group=f"{plant.settings['group']}-another")
    assert "Redis is empty" in done(lost, 1)


def test_what_cannot_be_done_is_said(plant: Plant) -> None:
    assert "start a worker" in done(rebuild(plant, "--as", "v2"), 1)
    assert "is no name" in done(rebuild(plant, "--as", "V 2"), 2)
    assert "first is live" in done(rebuild(plant, "--as", "first", "--drop"), 1)
    assert "there is no namespace v9" in done(rebuild(plant, "--as", "v9", "--drop"), 1)
    assert "--from" in done(rebuild(plant, "--from", "yesterday"), 2)
    with plant.worker() as worker:
        plant.until_applied(worker)
    assert "first is live" in done(rebuild(plant, "--as", "first"), 1)
    away = type(plant)(
        plant.folder, "127.0.0.1:1", plant.redis_url, plant.topic_prefix, plant.key_prefix, **plant.settings
    )
    assert "no Kafka broker answers" in done(rebuild(away, "--as", "v2"), 1)
