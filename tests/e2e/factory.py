"""Worker processes to be killed, and what they should have counted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from zlib import crc32

import redis
from aiokafka import AIOKafkaProducer

from agents import topics
from schemas.codec import decode, encode
from schemas.topics import TOPICS
from stream.core.agents.agent import Agents
from stream.core.books.cells import decode_cell, decode_total
from stream.core.books.entry import PIECE
from stream.core.books.ledger import Ledger, decode_counts
from stream.core.customers.customer import Customers
from stream.core.interactions.interaction import Interactions
from stream.core.rules import Rules
from stream.core.stage import Output
from stream.core.times.window import kept, zone_of
from stream.settings import Settings
from stream.state.keys import shard_keys
from tests.core.memory_shard import MemoryShard
from tests.e2e.history import Line
from tests.parts import packages
from tests.parts.redis import blocking_client

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from schemas.topics import TopicSpec
    from stream.core.stage import Stage
    from stream.state.keys import ShardKeys

PARTITIONS = 8
SHOWN_LINES = 60
PHONE, TIMELINE = TOPICS["interactions.phone"], TOPICS["customers.timeline"]
AGENTS, CUSTOMERS = TOPICS["agents.timeline"], TOPICS["customers.events"]
Figures = dict[str, dict[int, int]]
_Sums = Counter[tuple[str, int]]


class Worker:
    """One worker process. Its log goes to a file of its own."""

    def __init__(self, folder: Path, environment: dict[str, str], *processors: str) -> None:
        self.log = folder / f"worker-{time.monotonic_ns()}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.e2e.worker_entry", *processors], stdout=log, stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": packages.path(), **environment}, cwd=folder,
            )  # fmt: skip

    def tell(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, wrong: type[BaseException] | None, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()
        if wrong:
            said = self.log.read_text().splitlines()[-SHOWN_LINES:]
            sys.stderr.write("\n".join([f"{self.log.name}, its end:", *said, ""]))


class Factory:
    """A broker, a store, and what is needed to run workers on them and to recount what they did."""

    def __init__(self, folder: Path, kafka: str, redis_url: str, topic_prefix: str, key_prefix: str) -> None:
        self.folder, self.redis_url = folder, redis_url
        self.environment = {
            "KAFKA_BOOTSTRAP_SERVERS": kafka, "REDIS_URL": redis_url, "CENTRALINO_TOPIC_PREFIX": topic_prefix,
            "CENTRALINO_KEY_PREFIX": key_prefix, "CENTRALINO_GROUP": f"{topic_prefix}group",
            "CENTRALINO_PARTITIONS": str(PARTITIONS), "CENTRALINO_SESSION_TIMEOUT_SECONDS": "6",
            "CENTRALINO_HEARTBEAT_INTERVAL_SECONDS": "1", "CENTRALINO_MAX_POLL_RECORDS": "500",
            "CENTRALINO_CACHE_MB": "16",
        }  # fmt: skip
        self.settings = Settings(
            kafka_bootstrap_servers=kafka, redis_url=redis_url, topic_prefix=topic_prefix, key_prefix=key_prefix,
            group=f"{topic_prefix}group", partitions=PARTITIONS,
        )  # fmt: skip

    def worker(self, *processors: str, **environment: str) -> Worker:
        """Start a worker."""
        return Worker(self.folder, self.environment | environment, *processors)

    async def produce(self, logs: list[list[Line]], spec: TopicSpec = PHONE) -> None:
        """Append each partition's lines to a topic."""
        await topics.apply(self.settings)
        producer = AIOKafkaProducer(
            bootstrap_servers=self.settings.kafka_bootstrap_servers, max_batch_size=256 * 1024, enable_idempotence=True
        )
        await producer.start()
        name, waiting = spec.named(self.settings.topic_prefix), []
        for partition, lines in enumerate(logs):
            batch = producer.create_batch()
            for line in lines:
                if batch.append(timestamp=None, key=line.key, value=line.value) is None:
                    waiting.append(await producer.send_batch(batch, name, partition=partition))
                    batch = producer.create_batch()
                    batch.append(timestamp=None, key=line.key, value=line.value)
            if batch.record_count():
                waiting.append(await producer.send_batch(batch, name, partition=partition))
        for each in waiting:
            await each
        await producer.stop()

    def offsets(self, topic: str = PHONE.name) -> int:
        """How many records of a topic are behind the stored offsets; -1 while the store is away."""
        try:
            with blocking_client(self.redis_url) as client:
                keys = [self.head(p, topic) for p in range(PARTITIONS)]
                return sum(int(client.hget(key, "offset") or 0) for key in keys)
        except redis.RedisError:
            return -1

    def head(self, partition: int, topic: str = PHONE.name) -> str:
        """The key under which the stored offset of a partition is."""
        return self._keys(topic, partition).head

    def _keys(self, topic: str, partition: int) -> ShardKeys:
        return shard_keys(self.settings.key_prefix, self.settings.topic_prefix + topic, partition)

    def stored(self, topic: str = PHONE.name) -> tuple[Figures, Figures, dict[str, bytes], Counter[str]]:
        """Kept cells and balances, summed over partitions; entities; counts."""
        cells, balances, entities, counts = _Sums(), _Sums(), dict[str, bytes](), Counter[str]()
        with blocking_client(self.redis_url) as client:
            for partition in range(PARTITIONS):
                keys = self._keys(topic, partition)
                head = client.hgetall(keys.head)
                fields = {name.decode(): value for name, value in client.hgetall(keys.read).items()}
                _sum(cells, balances, fields, int(head[b"stream_time"]))
                states = client.hgetall(keys.state).items()
                entities |= {name.decode(): blob for name, blob in states if PIECE not in name}
                counts.update(decode_counts(head.get(b"counts", b"\x80")))
        return _nested(cells), _nested(balances), entities, counts


def _sum(cells: _Sums, balances: _Sums, fields: dict[str, bytes], stream_time: int) -> None:
    for name, value in fields.items():
        if name[0] == "c":
            ring, start, _ = name[1:].split("|", 2)
            if kept(ring, int(start), stream_time):
                cells.update({(name, code): n for code, n in decode_cell(value).items()})
        elif name[0] == "t":
            gained, retracted = decode_total(value)
            balances.update({(name, code): n for code, n in gained.items()})
            balances.subtract({(name, code): n for code, n in retracted.items()})


def _nested(flat: _Sums) -> Figures:
    figures: Figures = {}
    for (name, code), n in flat.items():
        if n:
            figures.setdefault(name, {})[code] = n
    return figures


class Folded(NamedTuple):
    """What one process counts that never fails: as `Factory.stored`; cells and balances of customers; agents' cells.

    `told`: all that it sends, by its stages in turn.
    """

    cells: Figures
    balances: Figures
    entities: dict[str, bytes]
    counts: Counter[str]
    customers: tuple[Figures, Figures]
    agents: Figures
    told: list[Output]


def straight_fold(logs: list[list[Line]], told: Sequence[Line] = (), *, enriched: bool = False) -> Folded:
    """Fold each partition's lines, and what is sent to the second stages, in one go; `told`: of customers."""
    rules = Rules()
    cells, balances, entities, counts = _Sums(), _Sums(), dict[str, bytes](), Counter[str]()
    sent = [Output(TIMELINE.name, line.key, encode(decode(CUSTOMERS, line.key, line.value, 2**60))) for line in told]
    for lines in logs:
        stage = Interactions(rules, "phone", enriched=enriched)
        ledger, shard = Ledger(stage, partial(zone_of, rules)), MemoryShard()
        events = [(i, decode(PHONE, line.key, line.value, 2**60)) for i, line in enumerate(lines)]
        for first in range(0, len(events), 1000):
            shard.fold(ledger, events[first : first + 1000])
        _sum(cells, balances, shard.fields, ledger.stream_time)
        entities |= shard.states
        counts.update(ledger.counts, records=len(lines))
        sent += shard.outputs
    *customers, more = _second(TIMELINE, Customers, sent, rules)
    agents = _second(AGENTS, Agents, sent, rules)[0]
    return Folded(
        _nested(cells), _nested(balances), entities, counts, (customers[0], customers[1]), agents, sent + more
    )


def _second(
    spec: TopicSpec, stage: Callable[[Rules], Stage], sent: list[Output], rules: Rules
) -> tuple[Figures, Figures, list[Output]]:
    """By partition, as the broker cuts the topic: what lies ahead of a partition's own time is not counted yet.

    What is sent to the topic itself comes behind all that was sent by then. Agents' work is put in order, else the last
    partition's is late by all of the others': that takes an hour for 600,000 events.
    """
    books = [(Ledger(stage(rules), partial(zone_of, rules)), MemoryShard()) for _ in range(PARTITIONS)]
    offsets, told = [0] * PARTITIONS, list[Output]()
    while sent:
        logs: list[list[tuple[int, Any]]] = [[] for _ in range(PARTITIONS)]
        for output in sent:
            if output.topic == spec.name:
                where = partition_of(output.key)
                logs[where].append((offsets[where], decode(spec, output.key, output.value, 2**60)))
                offsets[where] += 1
        for (ledger, shard), events in zip(books, logs, strict=True):
            if spec is AGENTS:
                events.sort(key=lambda told: told[1].at)
            for first in range(0, len(events), 1000):
                shard.fold(ledger, events[first : first + 1000])
        sent = [output for _, shard in books for output in shard.outputs]
        told += sent
        for _, shard in books:
            shard.outputs = []
    cells, balances = _Sums(), _Sums()
    for ledger, shard in books:
        _sum(cells, balances, shard.fields, ledger.stream_time)
    return _nested(cells), _nested(balances), told


def partition_of(key: bytes) -> int:
    """Where workers put a key."""
    return crc32(key) % PARTITIONS


def until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for a condition; AssertionError when it does not come."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.02)
