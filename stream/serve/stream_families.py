"""The `stream_*` families: what became of the records."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from schemas.rejected import REASONS
from stream.core.figures.metrics import RECORD_RESULTS
from stream.serve.families import Samples
from stream.serve.freshness import REASONS as STALE

if TYPE_CHECKING:
    from stream.serve.view import View


def stream_families(samples: Samples, view: View, now: int) -> None:
    """Put the samples of all topics. A topic that nobody has written yet counts 0."""
    by_topic = {topic: Counter[str]() for topic in view.topics}
    latest = dict.fromkeys(view.topics, 0)
    for shard, known in view.snapshot.shards.items():
        by_topic[shard.topic].update(known.counts)
        latest[shard.topic] = max(latest[shard.topic], known.stream_time)
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
    stale = view.freshness.reasons()
    for why in STALE:
        samples.put("stream_input_stale", (why,), int(why in stale))
    samples.put("stream_subscribers", (), view.subscriptions.subscribers)
    for topic, n in view.subscriptions.sent.items():
        samples.put("stream_subscription_events_total", (topic,), n)
    for why, n in view.subscriptions.ends.items():
        samples.put("stream_subscriptions_cut_total", (why,), n)
    for of, n in view.webhooks:
        samples.put("stream_webhooks_total", of, n)
