"""The product as its users run it: workers, the service and commands in processes of their own, on shared parts."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

import redis
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from prometheus_client.parser import text_string_to_metric_families

from agents.worker import PROCESSORS
from stream.child import HOST, answers, free_port
from stream.core.books.ledger import decode_counts
from stream.state.keys import ShardKeys, shard_keys
from tests.parts import packages
from tests.parts.redis import blocking_client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from aiokafka import ConsumerRecord

Sent = tuple[bytes | None, bytes, int | None]
"""A record: key, value, timestamp in ms (None: now)."""
RESULTS = ("applied", "duplicate", "skipped", "rejected")


def until(condition: Callable[[], Any], seconds: float, what: str | Callable[[], object]) -> Any:
    """Wait until a condition holds and return what it gave; AssertionError when it does not come."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"waited {seconds} s for {what() if callable(what) else what}"
        time.sleep(0.05)
    return found


class Running:
    """A command that runs in the background. Its output goes to a file."""

    def __init__(
        self, plant: Plant, name: str, *arguments: str, module: str = "stream.cli", **settings: object
    ) -> None:
        self.name = name
        self.log = plant.folder / f"{name}-{time.monotonic_ns()}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, name, *arguments], stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, env=plant.environment(**settings), cwd=plant.folder,
            )  # fmt: skip

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """SIGTERM; AssertionError when it does not end well."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(20)
        assert code == 0, f"{self.name} ended with {code}:\n{self.said()[-3000:]}"

    def said(self) -> str:
        """All that it printed."""
        return self.log.read_text(errors="replace")

    def lives(self) -> None:
        """AssertionError when it has ended."""
        code = self.process.poll()
        assert code is None, f"{self.name} ended with {code}:\n{self.said()[-3000:]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        if self.process.poll() is None:
            if failed is None:
                self.stop()
            else:
                sys.stderr.write(f"--- end of {self.log}\n{self.said()[-3000:]}\n")
                self.kill()


class Service(Running):
    """`centralino serve`, asked over HTTP."""

    def __init__(self, plant: Plant, *arguments: str) -> None:
        self.port = free_port()
        super().__init__(plant, "serve", "--port", str(self.port), "--clock", "event", *arguments)
        request = f"GET /readyz HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode()
        until(lambda: self.lives() or b" 200 " in answers(self.port, request), 30, lambda: self.said()[-2000:])

    def get(self, path: str, **parameters: str) -> str:
        """The body of a page; AssertionError with the body when it is not served."""
        url = f"http://{HOST}:{self.port}{path}?{urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=20) as reply:
                return str(reply.read().decode())
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{url}: {error.code} {error.read().decode()}") from error

    def kpis(self, **parameters: str) -> list[dict[str, Any]]:
        """Rows of `/api/v1/kpis`."""
        rows: list[dict[str, Any]] = json.loads(self.get("/api/v1/kpis", **parameters))
        return rows

    def samples(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        """All samples of `/metrics`, by name and labels."""
        families = text_string_to_metric_families(self.get("/metrics"))
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
        }

    def values(self, name: str) -> list[float]:
        """The values of all samples of a name."""
        return [value for (sample, _), value in self.samples().items() if sample == name]

    def records(self) -> Counter[str]:
        """`stream_records_total` by result, over all topics that it knows."""
        found: Counter[str] = Counter()
        for (name, labels), value in self.samples().items():
            if name == "stream_records_total":
                found[dict(labels)["result"]] += int(value)
        return found


class Plant:
    """A broker, a store, settings of its own: what it takes to run the product and to look at what it did."""

    def __init__(
        self, folder: Path, kafka: str, redis_url: str, topic_prefix: str, key_prefix: str, **settings: object
    ) -> None:
        self.folder, self.kafka, self.redis_url = folder, kafka, redis_url
        self.topic_prefix, self.key_prefix = topic_prefix, key_prefix
        self.settings: dict[str, object] = {
            "group": f"{topic_prefix}group", "session_timeout_seconds": 6, "heartbeat_interval_seconds": 1,
            "partitions": 4, **settings,
        }  # fmt: skip

    def environment(self, **settings: object) -> dict[str, str]:
        """The variables of a process."""
        told = {
            "topic_prefix": self.topic_prefix, "key_prefix": self.key_prefix, **self.settings, **settings,
        }  # fmt: skip
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("CENTRALINO_")},
            **{f"CENTRALINO_{name.upper()}": str(value) for name, value in told.items()},
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka, "REDIS_URL": self.redis_url, "PYTHONPATH": packages.path(),
        }  # fmt: skip

    def run(self, *arguments: str) -> str:
        """A command, to its end; what it printed. AssertionError when it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "stream.cli", *arguments], env=self.environment(), cwd=self.folder,
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def replay(self, records: Iterable[dict[str, Any]]) -> None:
        """`centralino replay` of records as the acceptance data has them."""
        path = self.folder / f"records-{time.monotonic_ns()}.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
        self.run("replay", str(path))

    def worker(self, *arguments: str, **settings: object) -> Running:
        """Start a worker."""
        return Running(self, "worker", *arguments, **settings)

    def service(self) -> Service:
        """Start the service, and wait until it is ready."""
        return Service(self)

    async def ends(self) -> dict[tuple[str, int], int]:
        """Where the log of each partition ends that workers read; topics without prefix."""
        found = {}
        async with self._consumer() as consumer:
            for topic in {processor.topic for processor in PROCESSORS.values()}:
                partitions = await consumer._client._wait_on_metadata(self.topic_prefix + topic) and (
                    consumer.partitions_for_topic(self.topic_prefix + topic)
                )
                places = [TopicPartition(self.topic_prefix + topic, n) for n in partitions or ()]
                for place, end in (await consumer.end_offsets(places)).items():
                    found[topic, place.partition] = end
        return found

    async def have_records(self, lag: Iterable[tuple[str, int]]) -> bool:
        """Whether there is one that workers have yet to read: what a transaction has taken back is none."""
        counted = {(self.topic_prefix + topic, number): self.offset(topic, number) for topic, number in lag}
        async for record in self.log_of(*{topic for topic, _ in lag}):
            place = record.topic, record.partition
            if place in counted and record.offset >= counted[place]:
                return True
        return False

    async def records(self) -> int:
        """How many records workers find in their logs: markers of transactions are none."""
        topics = {processor.topic for processor in PROCESSORS.values()}
        return len([record async for record in self.log_of(*topics)])

    def _consumer(self, **options: str) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(bootstrap_servers=self.kafka, group_id=None, auto_offset_reset="earliest", **options)

    async def committed(self) -> dict[tuple[str, int], int]:
        """The offsets that Kafka's group was told, for lag tools; topics without prefix."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
        await admin.start()
        try:
            told = await admin.list_consumer_group_offsets(str(self.settings["group"]))
        finally:
            await admin.close()
        return {(tp.topic.removeprefix(self.topic_prefix), tp.partition): at.offset for tp, at in told.items()}

    def keys(self, topic: str, partition: int) -> ShardKeys:
        """The keys of a shard; `topic` without prefix."""
        return shard_keys(self.key_prefix, self.topic_prefix + topic, partition)

    def store(self) -> redis.Redis:
        """A client of the store."""
        return blocking_client(self.redis_url)

    def offset(self, topic: str, partition: int) -> int:
        """The stored offset of a shard; -1 before it is there."""
        with self.store() as client:
            stored = client.hget(self.keys(topic, partition).head, "offset")
        return -1 if stored is None else int(stored)

    def until_applied(self, *workers: Running, seconds: float = 60) -> None:
        """Wait until everything in the logs is in the store, and what came of it: digests, claims, what these route."""
        lag: dict[tuple[str, int], int] = {}

        def applied() -> bool:
            for worker in workers:
                worker.lives()
            ends = asyncio.run(self.ends())
            lag.clear()
            lag.update({place: end - at for place, end in ends.items() if (at := self.offset(*place)) != end})
            if any(self.offset(*place) < 0 for place in lag):  # nobody has taken it yet
                return False
            return not lag or not asyncio.run(self.have_records(lag))

        for _ in range(5):  # payloads; inputs; digests and events; claims; what they route: each sent before that look
            until(applied, seconds, lambda: f"a lag of {lag}")

    def until_shown(self, service: Service, seconds: float = 20) -> None:
        """Wait until the service has read what the store has."""

        def shown() -> bool:
            return service.records().total() == self.results()

        until(shown, seconds, lambda: f"{service.records()} to be {self.counts()}")

    def counts(self, topic: str = "*") -> Counter[str]:
        """What became of the records, over all shards (of a topic), by result and other kinds."""
        found: Counter[str] = Counter()
        with self.store() as client:
            for key in client.scan_iter(f"{self.key_prefix}{{{self.topic_prefix}{topic}:*}}:head", count=1000):
                counts = client.hget(key, "counts")
                found.update(decode_counts(counts) if counts else {})
        return found

    def results(self) -> int:
        """How many records have a result."""
        counts = self.counts()
        return sum(counts[result] for result in RESULTS)

    async def produce(self, topic: str, partition: int, records: Iterable[Sent]) -> None:
        """Append records to a partition, in whole batches."""
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka, max_batch_size=2**20, enable_idempotence=True)
        await producer.start()
        try:
            batch, sent = producer.create_batch(), []
            for key, value, timestamp_ms in records:
                if batch.append(timestamp=timestamp_ms, key=key, value=value) is None:
                    sent.append(await producer.send_batch(batch, self.topic_prefix + topic, partition=partition))
                    batch = producer.create_batch()
                    batch.append(timestamp=timestamp_ms, key=key, value=value)
            sent.append(await producer.send_batch(batch, self.topic_prefix + topic, partition=partition))
            await asyncio.gather(*sent)
        finally:
            await producer.stop()

    async def log_of(self, *topics: str) -> AsyncIterator[ConsumerRecord]:
        """All records of topics that are told for good, partition by partition."""
        async with self._consumer(isolation_level="read_committed") as consumer:
            places = []
            for name in (self.topic_prefix + topic for topic in topics):
                await consumer._client._wait_on_metadata(name)
                places += [TopicPartition(name, n) for n in consumer.partitions_for_topic(name)]
            consumer.assign(places)
            ends = {place: end for place, end in (await consumer.end_offsets(places)).items() if end}
            found: dict[TopicPartition, list[ConsumerRecord]] = {place: [] for place in ends}
            for place in ends:
                consumer.seek(place, 0)
            while behind := [place for place, end in ends.items() if await consumer.position(place) < end]:
                for place, records in (await consumer.getmany(*behind, timeout_ms=1000)).items():
                    found[place] += records
        for place in sorted(found):
            for record in found[place]:
                yield record
