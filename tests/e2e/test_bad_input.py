"""What cannot be understood goes to the dead letters, bytes unchanged, and stops and changes nothing."""

from __future__ import annotations

import asyncio
import json
import random
import time
import urllib.error
import urllib.request
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from agents.worker import PROCESSORS
from schemas.codec import Rejected, decode
from schemas.rejected import REASONS
from schemas.topics import TOPICS
from stream.child import HOST, free_port
from tests.e2e.agreement import compare
from tests.e2e.history import Line, by_partition, history
from tests.e2e.plant import Plant, until
from tests.oracle import rows
from tests.oracle.records import read
from tests.schemas.records import examples
from tests.schemas.test_mutations import damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.plant import Sent

PHONE = TOPICS["interactions.phone"]
RECORDS = 100_000
PARTITIONS = 4


async def dead_letters(plant: Plant) -> list[tuple[dict[str, str], bytes | None, bytes]]:
    """Headers, key and value of each."""
    return [
        ({name: value.decode() for name, value in record.headers}, record.key, record.value or b"")
        async for record in plant.log_of("dead-letters")
    ]


def test_every_rejected_example_lands_in_the_dead_letters_bytes_unchanged_with_its_reason(plant: Plant) -> None:
    plant.run("topics", "apply")
    consumed = {processor.topic for processor in PROCESSORS.values()}
    by_topic = {topic: [each for each in examples("rejected") if each.topic == topic] for topic in sorted(consumed)}
    for topic, own in by_topic.items():
        if own:
            asyncio.run(plant.produce(topic, 1, [(each.key, each.value, each.timestamp_ms) for each in own]))
    with plant.worker() as worker:
        plant.until_applied(worker)
    wanted = {
        (plant.topic_prefix + topic, "1", str(offset)): (each.reason, each.key, each.value)
        for topic, own in by_topic.items()
        for offset, each in enumerate(own)
    }
    got = asyncio.run(dead_letters(plant))
    assert {
        (headers["topic"], headers["partition"], headers["offset"]): (headers["reason"], key, value)
        for headers, key, value in got
    } == wanted
    assert len(got) == len(wanted) == plant.counts()["rejected"]
    assert all(headers["detail"] for headers, _, _ in got)
    assert {headers["reason"] for headers, _, _ in got} == {*REASONS} - {"bug"}


def bad_records(seed: int) -> Iterator[Sent]:
    """Damaged examples without end, four of five from the topic itself."""
    draw = random.Random(seed)
    while True:
        example, key, value = damaged(draw)
        if example.topic == PHONE.name or draw.random() < 0.1:
            yield key, value, example.timestamp_ms


def rejected(record: Sent) -> bool:
    """Whether the codec has nothing to say for it; what it does say is tested where the codec is."""
    try:
        decode(PHONE, record[0], record[1], record[2] or 2**60)
    except Rejected:
        return True
    return False


@pytest.mark.timeout(900)
def test_damaged_records_among_as_many_valid_ones_stop_nothing_and_lose_nothing(real_plant: Plant) -> None:
    plant = real_plant
    plant.run("topics", "apply")
    valid, bad = history(RECORDS, seed=3), bad_records(seed=4)
    letters: Counter[tuple[bytes | None, bytes]] = Counter()
    lengths = []
    for partition, lines in enumerate(by_partition(valid, PARTITIONS)):
        log: list[Sent] = []
        for line in lines:  # one by one: never more than half of a thousand are bad, so that the brake stays off
            log += ((line.key, line.value, None), next(bad))
        letters.update((key, value) for key, value, at in log if rejected((key, value, at)))
        lengths.append(len(log))
        asyncio.run(plant.produce(PHONE.name, partition, log))
    assert sum(lengths) == 2 * RECORDS
    with plant.worker() as worker, plant.service() as service:
        plant.until_applied(worker, seconds=400)
        plant.until_shown(service)
        counts = plant.counts(PHONE.name)
        assert sum(counts[result] for result in ("applied", "duplicate", "skipped", "rejected")) == 2 * RECORDS
        assert [plant.offset(PHONE.name, partition) for partition in range(PARTITIONS)] == lengths
        assert counts["rejected"] == letters.total() > RECORDS * 0.8
        assert sum(counts[f"rejected.{reason}"] for reason in REASONS) == counts["rejected"]
        assert counts["rejected.bug"] == 0
        records = [as_record(line) for line in valid]
        wanted = rows(records, "7d", "channel,queue", read(records).latest, "all")
        got = service.kpis(window="7d", by="channel,queue", direction="all")
        ours = {row["queue"] for row in wanted}
        assert (
            compare([row for row in got if row["queue"] in ours and row["channel"] == "phone"], wanted, "valid") == []
        )
    found = asyncio.run(dead_letters(plant))
    assert Counter((key, value) for _, key, value in found) == letters


def as_record(line: Line) -> dict[str, object]:
    return {"topic": PHONE.name, "key": line.key.decode(), "timestamp_ms": 2**60, "value": json.loads(line.value)}


def queued_at(at: int) -> Sent:
    """A good event of an instant (ms), in a record of the same instant."""
    value = {
        "specversion": "1.0", "id": "1", "source": "s", "type": "interaction.queued", "time": instant(at),
        "data": {"interaction_id": "i", "channel": "phone", "queue": "q"},
    }  # fmt: skip
    return b"i", json.dumps(value).encode(), at


def test_an_event_of_the_future_holds_its_partition_alone_and_is_rejected_when_told_so(plant: Plant) -> None:
    plant.run("topics", "apply")
    early = queued_at(int(time.time() * 1000) + 600_000)
    lines: list[Sent] = [(line.key, line.value, None) for line in history(500, seed=6)]
    asyncio.run(plant.produce(PHONE.name, 0, [*lines[:100], early, *lines[100:200]]))
    asyncio.run(plant.produce(PHONE.name, 1, lines[200:]))
    port = free_port()
    waiting = f'{{partition="0",topic="{plant.topic_prefix}{PHONE.name}",why="waiting"}} 1.0'
    with plant.worker(worker_port=port) as worker:
        until(lambda: worker.lives() or waiting in scraped(port), 30, lambda: f"{waiting} in {scraped(port)}")
        until(lambda: worker.lives() or plant.offset(PHONE.name, 1) == 300, 20, "the other partition")
        assert plant.offset(PHONE.name, 0) == 100
        assert "partition waits for an event of the future" in worker.said()
    with plant.worker(on_future="reject") as worker:
        plant.until_applied(worker)
    ((headers, key, value),) = asyncio.run(dead_letters(plant))
    assert (headers["reason"], key, value) == ("time_in_future", *early[:2])
    assert plant.counts(PHONE.name)["rejected.time_in_future"] == 1


def instant(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")


def scraped(port: int) -> str:
    """A worker's own metrics; nothing before it serves them."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/metrics", timeout=5) as reply:
            return str(reply.read().decode())
    except urllib.error.URLError:
        return ""


def test_the_brake_stops_a_partition_of_junk_alone_and_resume_releases_it(plant: Plant) -> None:
    plant.run("topics", "apply")
    lines: list[Sent] = [(line.key, line.value, None) for line in history(2000, seed=5)]
    junk: list[Sent] = [(b"k", b"junk %d" % n, None) for n in range(600)]
    asyncio.run(plant.produce(PHONE.name, 0, [*lines[:300], *junk, *lines[300:400]]))
    asyncio.run(plant.produce(PHONE.name, 1, lines[400:1000]))
    port = free_port()
    with plant.worker(worker_port=port) as worker:
        until(lambda: worker.lives() or "partition braked" in worker.said(), 30, worker.said)
        standing = f'stream_partition_standing{{partition="0",topic="{plant.topic_prefix}{PHONE.name}",why="braked"}} '
        until(lambda: standing + "1.0" in scraped(port), 10, "the metric")
        stands_at = plant.offset(PHONE.name, 0)
        assert 300 + 500 < stands_at < 900
        asyncio.run(plant.produce(PHONE.name, 1, lines[1000:]))
        until(lambda: worker.lives() or plant.offset(PHONE.name, 1) == 1600, 20, "the other partition")
    with plant.worker(worker_port=port) as worker:
        until(lambda: worker.lives() or "partition braked" in worker.said(), 30, worker.said)
        assert plant.offset(PHONE.name, 0) == stands_at
        said = plant.run("resume", "interactions.phone", "0")
        assert f"{plant.topic_prefix}interactions.phone:0 goes on" in said
        plant.until_applied(worker)
        until(lambda: standing + "0.0" in scraped(port), 10, "the metric")
        assert "partition released" in worker.said()
    counts = plant.counts(PHONE.name)
    assert counts["rejected"] == len(junk)
    assert counts["applied"] + counts["duplicate"] == len(lines)
    assert Counter(value for _, _, value in asyncio.run(dead_letters(plant))) == Counter(value for _, value, _ in junk)
