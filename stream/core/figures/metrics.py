"""The catalogue of metrics: every name that `/metrics` may show. The exporter and docs/metrics.md derive from it.

A counter's name ends in `_total`. What a correction takes back is counted in the `retracted` twin: total - retracted is
the truth, and neither ever goes down. Label values come from closed sets; agent and customer ids are never labels.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from stream.core.figures.balance import BALANCES

Kind = Literal["gauge", "counter", "histogram", "summary"]

_QUEUE = ("channel", "queue")
_WINDOW = ("channel", "queue", "window")


class Metric(NamedTuple):
    """One family. `labels` in the order of their values, without those that the kind adds itself (le, quantile)."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str


_TABLE = (
    Metric("contact_center_aht_seconds", "gauge", _WINDOW, "Average handle time: talk, hold and wrap-up of a segment."),
    Metric("contact_center_asa_seconds", "gauge", _WINDOW, "Average speed of answer: wait of answered segments."),
    Metric("contact_center_fcr_ratio", "gauge", ("channel", "window", "stage"),
           "First-contact resolution; matured: of contacts whose repeat window is over."),
    Metric("contact_center_fcr_contacts", "gauge", ("channel", "window", "stage"),
           "First contacts that this is the ratio of."),
    Metric("contact_center_service_level_ratio", "gauge", (*_WINDOW, "variant"), "Service level by its own formula."),
    Metric("contact_center_service_level_live_ratio", "gauge", _WINDOW,
           "Service level with who waits past the threshold now as misses."),
    Metric("contact_center_service_level_target_ratio", "gauge", _QUEUE, "Target of the service level, a setting."),
    Metric("contact_center_service_level_threshold_seconds", "gauge", _QUEUE,
           "Waits up to this are in time, a setting."),
    Metric("contact_center_abandonment_ratio", "gauge", _WINDOW,
           "Abandoned, of these and the answered; short ones left out."),
    Metric("contact_center_wait_quantile_seconds", "summary", _WINDOW, "Quantiles of answered waits, within 2 %."),
    Metric("contact_center_handle_quantile_seconds", "summary", _WINDOW, "Quantiles of handle times, within 2 %."),
    Metric("contact_center_first_response_quantile_seconds", "summary", _WINDOW,
           "Quantiles of elapsed first responses, within 2 %."),
    Metric("contact_center_response_level_ratio", "gauge", _WINDOW,
           "First responses within the threshold, of all: the service level of email and social."),
    Metric("contact_center_response_level_live_ratio", "gauge", _WINDOW,
           "Response level with threads whose first response is past due now as misses."),
    Metric("contact_center_interactions_open", "gauge", _QUEUE,
           "Interactions that are not over, where they wait or had their last segment."),
    Metric("contact_center_queue_open", "gauge", _QUEUE, "1 while the queue is open by its calendar, always without."),
    Metric("contact_center_queue_sla_state", "gauge", _QUEUE,
           "State of its service level: 0 ok, 1 at risk, 2 breached, 3 closed. What `queues.alerts` tells."),
    Metric("contact_center_queue_muted", "gauge", _QUEUE, "1 while nobody wants to be told of it."),
    Metric("contact_center_queue_acknowledged", "gauge", _QUEUE, "1 while somebody looks after it, until it recovers."),
    Metric("contact_center_sla_decided", "gauge", (),
           "1 while one of all services decides of what state queues are, 0 when none has for half a minute."),
    Metric("contact_center_queue_waiting", "gauge", _QUEUE, "Interactions that wait now."),
    Metric("contact_center_queue_waiting_past_threshold", "gauge", _QUEUE, "Of these, past the threshold."),
    Metric("contact_center_queue_longest_wait_seconds", "gauge", _QUEUE, "The longest wait now, 0 when none waits."),
    Metric("contact_center_threads_waiting", "gauge", _QUEUE, "Threads whose customer waits for a response now."),
    Metric("contact_center_threads_past_due", "gauge", _QUEUE, "Of these, past the threshold in business time."),
    Metric("contact_center_threads_due_within_hour", "gauge", _QUEUE, "Of these, due in the next hour."),
    Metric("contact_center_thread_age_threads", "gauge", (*_QUEUE, "band"),
           "Of these, by the business hours that they have waited."),
    Metric("contact_center_queue_forecast_service_level_ratio", "gauge", (*_QUEUE, "horizon"),
           "Share of callers who will be answered in time, of all, in the next minutes (Erlang A)."),
    Metric("contact_center_queue_forecast_wait_seconds", "gauge", (*_QUEUE, "horizon"),
           "Mean wait of the answered in the next minutes."),
    Metric("contact_center_queue_forecast_agents_short", "gauge", (*_QUEUE, "horizon"),
           "Agents that are missing for the target in the next minutes, shared ones in parts."),
    Metric("contact_center_agents", "gauge", ("presence", "activity"), "Agents by presence and what they do."),
    Metric("contact_center_agents_not_ready", "gauge", ("reason",), "Agents who are not ready, by reason."),
    Metric("contact_center_queue_agents", "gauge", (*_QUEUE, "state"),
           "Agents by queue: staffed, and of these by what they do. One of several queues counts in each: never sum."),
    Metric("contact_center_queue_slots", "gauge", (*_QUEUE, "state"),
           "Slots, used and free, of a queue's agents whose presence is available, on its channel. Never sum queues."),
    Metric("contact_center_occupancy_ratio", "gauge", ("channel", "window"),
           "Time with work, of this and available time; without channel: of all live ones."),
    Metric("contact_center_concurrency", "gauge", ("channel", "window"),
           "Sessions at once, while there is any; without channel: of all live ones."),
    Metric("customer_nps", "gauge", ("window",), "Net promoter score, -100 to 100."),
    Metric("customer_csat_ratio", "gauge", ("channel", "window"),
           'Answers of 4 and 5, of 5; channel "": on all channels and on none.'),
    Metric("customer_ces_average", "gauge", ("window",), "Mean effort score, 1 to 7, 7 the easiest."),
    Metric("customer_complaints", "gauge", ("window",), "Complaints."),
    Metric("customer_churn_ratio", "gauge", ("window",), "Customers who left, of those at the start."),
    Metric("customer_early_churn_ratio", "gauge", ("window",), "Of those who joined, those who left within 90 days."),
    Metric("customer_retention_ratio", "gauge", ("window",), "Of the customers at the start, those who stayed."),
    Metric("customer_return_ratio", "gauge", ("window",), "Orders that ever came back, of all."),
    Metric("customer_repeat_purchase_ratio", "gauge", (),
           "Of those who bought in 365 days, those who did so twice or more."),
    Metric("customer_lifetime_value", "gauge", ("currency",),
           "What a customer who buys is expected to pay, in minor units."),
    Metric("contact_center_segments_total", "counter", (*_QUEUE, "outcome"), "Segments by what became of them."),
    Metric("contact_center_segments_retracted_total", "counter", (*_QUEUE, "outcome"), "Of these, taken back since."),
    Metric("contact_center_wait_seconds", "histogram", _QUEUE, "Waits of answered segments."),
    Metric("contact_center_wait_retracted_seconds", "histogram", _QUEUE, "Of these, taken back since."),
    Metric("contact_center_handle_seconds", "histogram", _QUEUE, "Handle times of handled segments."),
    Metric("contact_center_handle_retracted_seconds", "histogram", _QUEUE, "Of these, taken back since."),
    Metric("stream_records_total", "counter", ("topic", "result"), "Records by result, each counted exactly once."),
    Metric("stream_rejected_total", "counter", ("reason",), "Records sent to the dead letters."),
    Metric("stream_anomalies_total", "counter", ("kind",), "Events that do not fit what was known."),
    Metric("stream_out_of_order_total", "counter", (), "Events older than the newest of their interaction."),
    Metric("stream_late_total", "counter", (), "Events more than two hours behind the stream time."),
    Metric("stream_event_age_seconds", "gauge", ("topic",), "From the latest event applied of a topic to now."),
    Metric("stream_input_stale", "gauge", ("reason",),
           "1 while what is shown may not be of now: the store or the broker is away, counting is behind, or a live"
           " channel is silent."),
    Metric("stream_webhooks_total", "counter", ("vendor", "result"),
           "Webhooks by what became of them, those of this service alone: sum the services."),
    Metric("stream_subscribers", "gauge", (), "Streams of events (`/api/v1/stream`) that this service has open."),
    Metric("stream_subscription_events_total", "counter", ("topic",),
           "Events sent to subscribers, to each of them counted, by this service alone: sum the services."),
    Metric("stream_subscriptions_cut_total", "counter", ("reason",),
           "Subscribers cut off by this service: slow, too far behind; stuck, took nothing; refused, too many."),
    Metric("stream_balance_residual", "gauge", ("balance", "topic", "partition", "channel", "queue"),
           "What came in less what it became: 0, or something was lost or counted twice."),
)  # fmt: skip

METRICS: dict[str, Metric] = {metric.name: metric for metric in _TABLE}
"""By name."""

SEGMENT_OUTCOMES = ("offered", "answered", "abandoned", "short_abandoned", "flowed_out", "handled", "timed_out")
RECORD_RESULTS = ("applied", "duplicate", "skipped", "rejected")


def markdown() -> str:
    """The catalogue as a page.

    >>> markdown().splitlines()[0]
    '# Metrics'
    """
    added = {"histogram": ("le",), "summary": ("quantile",)}
    lines = [
        "# Metrics",
        "",
        "What `GET /metrics` of `centralino serve` shows. Made from `stream/core/figures/metrics.py`: change it there.",
        'A ratio or a mean without anything to divide by has no sample. `queue=""` is work that no queue sent.',
        "",
        "| metric | type | labels | what |",
        "|---|---|---|---|",
    ]  # fmt: skip
    for metric in _TABLE:
        labels = ", ".join((*metric.labels, *added.get(metric.kind, ())))
        lines.append(f"| `{metric.name}` | {metric.kind} | {labels} | {metric.help} |")
    lines += [
        "",
        "## Balances",
        "",
        "`stream_balance_residual` is 0 at every commit, or something was lost or counted twice. By label `balance`:",
        "",
        "| balance | what is compared |",
        "|---|---|",
        *(f"| `{name}` | {what} |" for name, what in BALANCES.items()),
    ]
    return "\n".join(lines) + "\n"
