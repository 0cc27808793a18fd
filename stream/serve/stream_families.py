"""The `stream_*` families: what became of the records, shard by shard, and whether the books balance."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from schemas.rejected import REASONS
from stream.core.measures import CODES
from stream.core.metrics import RECORD_RESULTS
from stream.core.scope import place
from stream.serve.families import Samples

if TYPE_CHECKING:
    from stream.serve.view import View
    from stream.state.snapshot import Snapshot

_LEFT = tuple(CODES[name] for name in ("answered", "abandoned", "flowed_out", "timed_out"))


def stream_families(samples: Samples, view: View, now: int) -> None:
    """Put the samples of all topics. A topic that nobody has written yet counts 0."""
    by_topic = {topic: Counter[str]() for topic in view.topics}
    latest = dict.fromkeys(view.topics, 0)
    for shard, known in view.snapshot.shards.items():
        by_topic[shard.topic].update(known.counts)
        latest[shard.topic] = max(latest[shard.topic], known.stream_time)
        if "records" in known.counts:
            residual = known.counts["records"] - sum(known.counts.get(result, 0) for result in RECORD_RESULTS)
            samples.put("stream_balance_residual", ("records", shard.topic, str(shard.partition), "", ""), residual)
    counts = sum(by_topic.values(), Counter[str]())
    for topic, of_topic in by_topic.items():
        for result in RECORD_RESULTS:
            samples.put("stream_records_total", (topic, result), of_topic[result])
        if latest[topic]:
            samples.put("stream_event_age_seconds", (topic,), max(now - latest[topic], 0) / 1000)
    for reason in REASONS:
        samples.put("stream_rejected_total", (reason,), counts[f"rejected.{reason}"])
    for name in sorted(name for name in counts if name.startswith("anomaly.")):
        samples.put("stream_anomalies_total", (name.removeprefix("anomaly."),), counts[name])
    samples.put("stream_out_of_order_total", (), counts["out_of_order"])
    samples.put("stream_late_total", (), counts["late"])
    for (channel, queue), residual in sorted(queue_residuals(view.snapshot).items()):
        samples.put("stream_balance_residual", ("queues", "", "", channel, queue), residual)


def queue_residuals(snapshot: Snapshot) -> dict[tuple[str, str], int]:
    """Offered less answered, abandoned, flowed out, timed out and waiting, by channel and queue, both directions."""
    found: Counter[tuple[str, str]] = Counter()
    for scope in snapshot.scopes():
        at = place(scope)
        if at.queue is None:
            continue
        gained, retracted = snapshot.totals.get(scope, ({}, {}))
        offered, *left = (gained.get(code, 0) - retracted.get(code, 0) for code in (CODES["offered"], *_LEFT))
        found[at.channel, at.queue] += offered - sum(left) - len(snapshot.open.queued.get(scope, ()))
    return dict(found)
