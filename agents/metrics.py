"""What a worker says of itself: `stream_*` of this process. Figures and shard counts are the service's to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from stream.state.shard import Word
from stream.state.store import REASONS

if TYPE_CHECKING:
    from faust.types import TP

    from agents.partition import Standing

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)


class Metrics:
    """Counters, gauges and histograms of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        at = ("topic", "partition")
        self._lag = Gauge("stream_lag_records", "Records not yet applied.", at, registry=self.registry)
        self._standing = Gauge(
            "stream_partition_standing", "1 while a partition is braked, or waits for an event of the future.",
            (*at, "why"), registry=self.registry,
        )  # fmt: skip
        self._records = Counter("stream_worker_records", "Records applied by this process.", at, registry=self.registry)
        self._dead = Counter("stream_worker_dead_letters", "Dead letters of this process.", at, registry=self.registry)
        self._outcomes = Counter(
            "stream_worker_recoveries", "Commits and loads that did not apply, by outcome.", ("outcome",),
            registry=self.registry,
        )  # fmt: skip
        for word in get_args(Word):
            if word != "applied":
                self._outcomes.labels(word)
        self._retries = Counter(
            "stream_worker_store_retries", "Commands that Redis could not answer yet, or another of its nodes had to.",
            ("why",), registry=self.registry,
        )  # fmt: skip
        for why in REASONS:
            self._retries.labels(why)
        self._batch = Histogram(
            "stream_batch_seconds", "A batch from decoding to its commit.", buckets=_SECONDS, registry=self.registry
        )
        self._commit = Histogram(
            "stream_redis_commit_seconds",
            "A commit's script, there and back.",
            buckets=_SECONDS,
            registry=self.registry,
        )

    def serve(self, host: str, port: int) -> None:
        """Answer scrapes on a thread of its own."""
        start_http_server(port, addr=host, registry=self.registry)

    def batch(self, tp: TP, records: int, seconds: float) -> None:
        """A batch was committed."""
        self._records.labels(*tp).inc(records)
        self._batch.observe(seconds)

    def commit(self, seconds: float) -> None:
        """A commit was answered."""
        self._commit.observe(seconds)

    def rejected(self, tp: TP, records: int) -> None:
        """So many dead letters were sent."""
        if records:
            self._dead.labels(*tp).inc(records)

    def outcome(self, word: str) -> None:
        """A shard was not where, or not whose, we believed."""
        self._outcomes.labels(word).inc()

    def store_retried(self, why: str) -> None:
        """A command is asked again, since the store is away, fails over, or moves its slot."""
        self._retries.labels(why).inc()

    def standing(self, tp: TP, standing: Standing, lag: int) -> None:
        """Where a partition stands."""
        self._lag.labels(*tp).set(lag)
        self._dead.labels(*tp)  # there with 0, or the first one would be no rise
        for why in ("braked", "waiting"):
            self._standing.labels(*tp, why).set(standing == why)

    def left(self) -> None:
        """No partition is ours any more."""
        self._lag.clear()
        self._standing.clear()
