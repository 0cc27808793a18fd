"""The board *Pipeline health*: can the other boards be believed."""

from __future__ import annotations

from pathlib import Path

import yaml

from deploy.grafana import words
from deploy.grafana.board import Board, Rows, alerts, filled, frame
from deploy.grafana.panels import Query, Said, lines, number, sized, states
from deploy.grafana.promql import now, risen
from stream.core.figures.balance import BALANCES

UID, TITLE = "centralino-pipeline", "Pipeline health"
QUESTION = "Can the figures be believed: does everything arrive, is it counted once, in time?"
STALE = words.mapped((0, "fresh", words.GOOD), (1, "stale", words.BAD))
DECIDED = words.mapped((0, "nobody decides", words.BAD), (1, "decided", words.GOOD))
UP = words.mapped((0, "down", words.BAD), (1, "up", words.GOOD))
STANDS = words.mapped((0, "runs", words.GOOD), (1, "stands", words.BAD))
NONE_AT_ALL = words.steps((None, words.GOOD), (1, words.BAD))
TAKEN_BACK = "contact_center_segments_retracted_total"
RULES, ALWAYS = Path(__file__).parents[1] / "prometheus" / "rules" / "stream.yml", "Watchdog"
TARGETS = 'up{job=~"centralino.*"}'


def board() -> Board:
    """The board."""
    made = frame(UID, TITLE, QUESTION, hours=3, refresh="10s")
    made = alerts(made, "Alerts of the stream", f'alertname=~"{"|".join(_alerts())}"')
    return Board(UID, TITLE, QUESTION, filled(made, _rows()))


def _alerts() -> list[str]:
    """The alerts on the stream itself, but the one that is always there."""
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule["alert"] for group in groups for rule in group["rules"] if rule.get("alert", ALWAYS) != ALWAYS]


def _rows() -> Rows:
    return (
        ("Can it be believed", _belief()), ("Does everything arrive", _input()), ("What is wrong with it", _faults()),
        ("How fast", _speed()),
    )  # fmt: skip


def _belief() -> list[object]:
    return [
        sized(states("Input", Said(
            "`stream_input_stale` by reason. store: Redis does not answer; broker: Kafka does not answer; behind: what"
            " is in Kafka is not counted yet; silent: a queue is open, and its channel has long had no event.",
            "While any is stale, states of queues stand still and the alerts on them are held back: believe the"
            " reason, not the boards. Look below for the part that is down.",
        ), STALE, Query(now("stream_input_stale"), "{{reason}}")), 9),
        sized(states("States of queues", Said(
            "`contact_center_sla_decided`: 1 while one of all services decides of what state queues are, 0 when none"
            " has for half a minute.",
            "Nobody decides: no alert of a service level can come. See the services' logs for the lease in Redis.",
        ), DECIDED, Query(now("contact_center_sla_decided"), "decided")), 6),
        sized(states("Services and workers", Said(
            "1 while Prometheus can scrape it: `up` of each target.",
            "A worker that is down is not missed while another has its partitions; without any, lag grows.",
        ), UP, Query(f"max by (job, instance) ({TARGETS})", "{{job}} {{instance}}")), 9),
        sized(number("Balances", "short", Said(
            "The greatest residual, up or down, of each balance, 0 or something was lost or counted twice. "
            + " ".join(f"{name}: {what}" for name, what in BALANCES.items()),
            "Not 0: stop trusting figures, keep logs and topics, and report it. It is a fault of the program.",
        ), Query(f"max by (balance) (abs({now('stream_balance_residual', variables={})}))", "{{balance}}"),
            at=NONE_AT_ALL), 12, 6),
        sized(number("Lag", "short", Said(
            "Records that are in Kafka and not applied yet, over all partitions.",
            "Growing for minutes: start another worker. In one partition alone: see *Partitions that stand*.",
        ), Query("sum(max by (topic, partition) (stream_lag_records))", "records")), 6, 6),
        sized(number("Dead letters in an hour", "short", Said(
            "Records that were rejected and sent to `dead-letters` in the last hour, bytes unchanged.",
            "`centralino dlq list` shows them with their reasons, `centralino dlq replay` works them off.",
        ), Query(f"sum({risen('stream_rejected_total', '1h')})", "records"), at=NONE_AT_ALL), 6, 6),
    ]  # fmt: skip


def _input() -> list[object]:
    return [
        sized(lines("Records by what became of them", "suffix: records/s", Said(
            "A second, of all topics: applied, duplicate, skipped (unknown types, expired, too many), rejected.",
            "Applied at 0 in the daytime: a source has stopped. Duplicates for hours: a source sends all again.",
        ), Query(f"sum by (result) ({risen('stream_records_total', a_second=True)})", "{{result}}"), stacked=True), 8),
        sized(lines("Applied, by topic", "suffix: records/s", Said(
            "Applied records of each topic, a second.",
            "One topic at 0 while others run: that source, or its connector, is down.",
        ), Query(risen("stream_records_total", a_second=True, result="applied"), "{{topic}}"), stacked=True), 8),
        sized(lines("Age of the newest event", "s", Said(
            "now - time of the latest event applied, by topic.",
            "A saw is a quiet source; a ramp on all topics is a pipeline that stands.",
        ), Query(now("stream_event_age_seconds"), "{{topic}}")), 8),
        sized(lines("Lag by topic", "short", Said(
            "Records in Kafka and not applied yet, each partition by the worker that has it.",
            "A bump after a restart is catching up. A ramp: more comes in than is applied; start another worker.",
        ), Query("sum by (topic) (max by (topic, partition) (stream_lag_records))", "{{topic}}")), 8),
        sized(lines("Applied, by worker", "suffix: records/s", Said(
            "What each worker applied, a second. It begins at 0 with the process.",
            "Very uneven: few partitions have most keys, or a worker has just come and waits for its share.",
        ), Query("sum by (instance) (rate(stream_worker_records_total[$__rate_interval]))", "{{instance}}")), 8),
        sized(lines("Webhooks by what became of them", "short", Said(
            "Webhooks of the last 15 minutes, by platform, over all services: accepted are in Kafka.",
            "unsigned: a secret was changed, or somebody tries. stale: compare clocks. unavailable: Kafka is away, and"
            " the platform may send again. closed: set the platform's secret.",
        ), Query("sum by (vendor, result) (max by (instance, vendor, result) (increase(stream_webhooks_total[15m])))",
                 "{{vendor}} {{result}}")), 8),
        sized(lines("Events to subscribers", "suffix: events/s", Said(
            "Events sent to subscribers of the service's stream, a second, by topic; and how many there are.",
            "Subscribers and no events while the topics fill: Kafka is away for the service.",
        ), Query("sum by (topic) (max by (instance, topic) (rate(stream_subscription_events_total[$__rate_interval])))",
                 "{{topic}}"), Query("sum(max by (instance) (stream_subscribers))", "subscribers")), 8),
        sized(lines("Subscribers cut off", "short", Said(
            "Subscribers of the service's stream that were let go in the last 15 minutes, over all services.",
            "slow: one takes less than comes; let it ask for fewer types. stuck: its network, or it reads nothing."
            " refused: raise max_subscribers, or start another service.",
        ), Query("sum by (reason) (max by (instance, reason) (increase(stream_subscriptions_cut_total[15m])))",
                 "{{reason}}")), 8),
    ]  # fmt: skip


def _faults() -> list[object]:
    return [
        sized(lines("Rejected, by reason", "short", Said(
            "Records of the last 15 minutes that could not be understood, by reason.",
            "not_json or missing_field after a release of a source: tell its people, and replay when it is fixed. bug:"
            " a fault of the program, with a stack in the worker's log.",
        ), Query(risen("stream_rejected_total", "15m"), "{{reason}}")), 8),
        sized(lines("Dead letters, by worker", "short", Said(
            "Dead letters that each worker sent in the last 15 minutes, by topic.",
            "One topic: its source. All at once: look at what changed in common, as an encoding or a clock.",
        ), Query("sum by (instance, topic) (increase(stream_worker_dead_letters_total[15m]))",
                 "{{instance}} {{topic}}")), 8),
        sized(states("Partitions that stand", Said(
            "1 while a partition is braked (more than half of its last records are rejected) or waits for an event of"
            " the future.",
            "braked: look at `centralino dlq list`, then `centralino resume TOPIC PARTITION`. waiting: a source's"
            " clock runs ahead.",
        ), STANDS, Query("max by (topic, why) (stream_partition_standing)", "{{topic}} {{why}}")), 8),
        sized(lines("Anomalies", "short", Said(
            "Events of the last hour that do not fit what was known, by kind. They are counted, never lost.",
            "A kind that appears with a source's release is a bug of that source.",
        ), Query(risen("stream_anomalies_total", "1h"), "{{kind}}")), 8),
        sized(lines("Out of order and late", "short", Said(
            "Events of the last hour that are older than the newest of their interaction, and those more than two"
            " hours behind the stream time. Both are counted where they belong.",
            "Late ones change the past: expect corrections in figures that were read before.",
        ), Query(risen("stream_out_of_order_total", "1h"), "out of order"),
            Query(risen("stream_late_total", "1h"), "late")), 8),
        sized(lines("Taken back", "short", Said(
            "Segments of the last hour that a correction took back, by outcome: the twins of the counters.",
            "Many, without a replay: a source sends corrections as a rule; figures of the last minutes will move.",
        ), Query(f"sum by (outcome) ({risen(TAKEN_BACK, '1h')})", "{{outcome}}")), 8),
    ]  # fmt: skip


def _speed() -> list[object]:
    return [
        *(
            sized(lines(title, "s", Said(f"{what} p50 and p99 over all workers, from a histogram.", act), *(
                Query(f"histogram_quantile({q}, sum by (le) (rate({name}_bucket[$__rate_interval])))", legend)
                for q, legend in ((0.5, "p50"), (0.99, "p99"))
            )), 8)
            for title, what, name, act in (
                ("A batch", "From decoding a batch to its commit.", "stream_batch_seconds",
                 "Seconds: batches are large because it lags, or Redis is slow; see the commit beside."),
                ("A commit", "The commit's script in Redis, there and back.", "stream_redis_commit_seconds",
                 "Above 50 ms at p99: Redis shares its machine, saves to a slow disk, or is far away."),
            )
        ),
        sized(lines("Recoveries", "short", Said(
            "Commits and loads of the last 15 minutes that did not apply, by outcome: a shard was not where, or not"
            " whose, the worker believed.",
            "A few at a rebalance are as they should be. All the time: two groups of workers share one store.",
        ), Query("sum by (outcome) (increase(stream_worker_recoveries_total[15m]))", "{{outcome}}")), 8),
        sized(lines("Asked again of Redis", "short", Said(
            "Commands of the last 15 minutes that Redis could not answer yet, by why, or that another node of its"
            " cluster had to.",
            "moved and ask come with a slot that moves; connection, loading, readonly and clusterdown with a node that"
            " is away or fails over. For more than a minute of one: see to that node, workers end after 60 s.",
        ), Query("sum by (why) (increase(stream_worker_store_retries_total[15m]))", "{{why}}")), 8),
    ]  # fmt: skip
