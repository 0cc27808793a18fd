"""What downstream has been told, read as it reads, and held against what a worker tells that nothing befalls."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from tests.e2e.factory import PARTITIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stream.core.stage import Output
    from stream.settings import Settings

ENRICHED, INSIGHTS = "interactions.enriched", "customers.insights"
TOLD_TOPICS = (ENRICHED, INSIGHTS, "customers.timeline", "agents.timeline")
OPEN_SECONDS = 60
Name = tuple[Any, ...]


class Told(NamedTuple):
    """A record of an output topic. `name`: what only it may be called."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes
    event: dict[str, Any]

    @property
    def name(self) -> Name:
        """Topic, key, type, source, id, revision."""
        of = self.event
        return (self.topic, self.key, of["type"], of.get("origin", of["source"]), of["id"], of.get("revision", 0))

    @property
    def ours(self) -> bool:
        """Whether we have derived it; what is sent on comes as often as it came."""
        return bool(self.event["source"] == "centralino")


def as_told(outputs: Iterable[Output]) -> list[Told]:
    """What a fold tells, as if it had been read."""
    return [Told(o.topic, -1, n, o.key, o.value, msgspec.json.decode(o.value)) for n, o in enumerate(outputs)]


async def read(settings: Settings, *topics: str, isolation: str = "read_committed") -> list[Told]:
    """All records of the topics, in order by partition; waits until no transaction is open."""
    names = {settings.topic_prefix + topic: topic for topic in topics or TOLD_TOPICS}
    consumer: AIOKafkaConsumer[bytes, bytes]
    whole: AIOKafkaConsumer[bytes, bytes]
    address = settings.kafka_bootstrap_servers
    async with (
        AIOKafkaConsumer(
            bootstrap_servers=address, isolation_level=isolation, auto_offset_reset="earliest"
        ) as consumer,
        AIOKafkaConsumer(bootstrap_servers=address) as whole,
    ):
        places = [TopicPartition(name, n) for name in names for n in range(PARTITIONS)]
        consumer.assign(places)
        ends = await whole.end_offsets(places)
        found: list[Told] = []
        async with asyncio.timeout(OPEN_SECONDS):
            while behind := [place for place in places if await consumer.position(place) < ends[place]]:
                for place, records in (await consumer.getmany(*behind, timeout_ms=200)).items():
                    found += [
                        Told(
                            names[place.topic], place.partition, r.offset, r.key, r.value, msgspec.json.decode(r.value)
                        )
                        for r in records
                    ]
    return sorted(found, key=lambda told: told[:3])


def doubles(found: Iterable[Told]) -> dict[Name, int]:
    """What of ours was told more than once."""
    counted = Counter(told.name for told in found if told.ours)
    return {name: n for name, n in counted.items() if n > 1}


def differing(found: Iterable[Told]) -> list[Name]:
    """What was told more than once, and not by the same bytes."""
    values = defaultdict(set)
    for told in found:
        values[told.name].add(told.value)
    return [name for name, of in values.items() if len(of) > 1]


def wire(found: Iterable[Told], topic: str, *, ours: bool) -> Counter[tuple[bytes, bytes]]:
    """Keys and values of a topic, as often as they are there."""
    return Counter((told.key, told.value) for told in found if told.topic == topic and told.ours is ours)


def last(found: Iterable[Told], kind: str) -> dict[Name, Any]:
    """The content of the last revision of each event of a type, by topic, key and id."""
    revisions: dict[Name, tuple[int, Any]] = {}
    for told in found:
        if told.event["type"] == kind:
            name, revision = (told.topic, told.key, told.event["id"]), told.event.get("revision", 0)
            revisions[name] = max(revisions.get(name, (-1, None)), (revision, told.event["data"]), key=lambda of: of[0])
    return {name: data for name, (_, data) in revisions.items()}


def disordered(found: list[Told]) -> list[Told]:
    """Enriched events of an interaction that stand behind one with a higher revision, under the same key."""
    highest: dict[Name, int] = {}
    behind = []
    for told in found:
        if told.topic == ENRICHED:
            name, revision = (told.partition, told.key, told.event["data"]["interaction_id"]), told.event["revision"]
            if revision < highest.get(name, -1):
                behind.append(told)
            highest[name] = max(highest.get(name, -1), revision)
    return behind


def assert_nothing_is_missing(found: list[Told], folded: list[Told]) -> None:
    """All that a fold tells was told, at least once; of what depends on how batches are cut, the last."""
    for topic in TOLD_TOPICS:
        lost = wire(folded, topic, ours=False) - wire(found, topic, ours=False)
        assert not lost, f"{topic}: {len(lost)} of what is sent on are missing, such as {next(iter(lost))}"
    lost = wire(folded, ENRICHED, ours=True) - wire(found, ENRICHED, ours=True)
    assert not lost, f"{len(lost)} enriched events are missing, such as {next(iter(lost))}"
    for kind in ("interaction.digest", "agent.part"):
        assert last(found, kind) == last(folded, kind), kind


def assert_told_once(found: list[Told], folded: list[Told]) -> None:
    """Each of ours once and in order, nothing that a fold does not tell, and nothing missing."""
    assert not doubles(found)
    insights = Counter((told.key, told.event["id"]) for told in found if told.topic == INSIGHTS)
    assert insights, "no insight was told"
    assert max(insights.values()) == 1, [name for name, n in insights.items() if n > 1]
    foreign = wire(found, ENRICHED, ours=True) - wire(folded, ENRICHED, ours=True)
    assert not foreign, f"{len(foreign)} enriched events are none of a fold's, such as {next(iter(foreign))}"
    for topic in TOLD_TOPICS:
        assert wire(found, topic, ours=False) == wire(folded, topic, ours=False)
    assert not disordered(found), disordered(found)[:3]
    assert_nothing_is_missing(found, folded)
