"""The rules fire when they should and only then, name what there is, and each alert says what to do."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from schemas.rejected import REASONS
from stream.core.figures.metrics import RECORD_RESULTS, SEGMENT_OUTCOMES
from stream.core.rules import CHANNEL_RULES
from stream.serve.agents_live import STATES
from stream.serve.freshness import REASONS as STALE
from stream.serve.inbox.counts import RESULTS as WEBHOOKS
from stream.settings import Settings
from tests.deploy.rules import FILES, FOLDER, ROOT, TESTS, alerts, catalogue, named, rules
from tests.parts.fixtures import skipping
from tests.parts.prometheus import promtool

SEVERITIES = {"page", "ticket", "info"}
ABOUT = {"service_level", "staffing"}
ALWAYS = {"Watchdog"}
"""Alerts that never stop."""
HELD = "alertname_channel_queue:alerts_held:info"
ABOUT_CLOSED = {"QueueClosedWithCallers"}
LIVE = [name for name, channel in CHANNEL_RULES.items() if channel.live]
VALUES = {
    ("contact_center_segments_total", "outcome"): SEGMENT_OUTCOMES,
    ("contact_center_segments_retracted_total", "outcome"): SEGMENT_OUTCOMES,
    ("channel_queue_outcome:contact_center_segments:net", "outcome"): SEGMENT_OUTCOMES,
    ("contact_center_queue_agents", "state"): STATES,
    ("contact_center_fcr_ratio", "stage"): ("provisional", "matured"),
    ("contact_center_fcr_contacts", "stage"): ("provisional", "matured"),
    ("contact_center_fcr_ratio", "window"): tuple(Settings.model_fields["fcr_windows"].default),
    ("contact_center_fcr_contacts", "window"): tuple(Settings.model_fields["fcr_windows"].default),
    ("contact_center_abandonment_ratio", "window"): tuple(Settings.model_fields["windows"].default),
    ("topic_result:stream_records:max", "result"): RECORD_RESULTS,
    ("reason:stream_rejected:max", "reason"): REASONS,
    ("stream_input_stale", "reason"): STALE,
    ("stream_webhooks_total", "result"): WEBHOOKS,
}
"""What a label of a metric can be, where that is a closed list."""


@pytest.fixture(scope="module")
def jobs():
    return {job["job_name"] for job in yaml.safe_load((FOLDER / "prometheus.yml").read_text())["scrape_configs"]}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_promtool_accepts_the_rules(file) -> None:
    with skipping():
        promtool("check", "rules", "--lint=all", "--lint-fatal", str(file))


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.stem)
def test_alerts_fire_when_they_should_and_not_when_they_should_not(file) -> None:
    with skipping():
        promtool("test", "rules", str(file))


def test_each_alert_is_seen_to_fire_and_not_to_fire() -> None:
    fires, silent = set(), set()
    for file in TESTS:
        for case in yaml.safe_load(file.read_text())["tests"]:
            for look in case.get("alert_rule_test", []):
                (fires if look["exp_alerts"] else silent).add(look["alertname"])
    assert fires == set(alerts())
    assert silent == set(alerts()) - ALWAYS


def test_each_alert_says_how_urgent_it_is_what_it_is_and_what_to_do() -> None:
    for name, alert in alerts().items():
        labels, said = alert["labels"], alert["annotations"]
        assert labels["severity"] in SEVERITIES, name
        assert said["summary"], name
        assert said["description"], name
        assert said["runbook_url"] == f"docs/runbooks.md#{name.lower()}"


def test_each_alert_has_its_heading_in_the_runbooks_and_each_heading_its_alert() -> None:
    page = (ROOT / "docs" / "runbooks.md").read_text()
    assert set(re.findall(r"^### (\w+)$", page, re.MULTILINE)) == set(alerts())
    for part in re.split(r"^### ", page, flags=re.MULTILINE)[1:]:
        name = part.split("\n", 1)[0]
        for word in ("**Means**", "**Look**", "**Do**", "**False when**"):
            assert word in part, (name, word)
        severity = alerts()[name]["labels"]["severity"]
        assert f"({severity})" in part.split("\n")[2], f"{name}: its first line says ({severity})"


def test_alerts_of_a_queue_can_be_silenced_are_held_meanwhile_and_quiet_while_it_is_closed() -> None:
    of_queues = {
        name: alert
        for name, alert in alerts().items()
        if "$labels.queue" in alert["annotations"]["summary"] and name not in {"QueueMuted", "QueueAcknowledged"}
    }
    assert of_queues == {name: alert for name, alert in alerts().items() if "about" in alert["labels"]}
    for name, alert in of_queues.items():
        assert alert["labels"]["about"] in ABOUT, name
        assert f'or on (channel, queue) {HELD}{{alertname="{name}"}}' in alert["expr"]
        assert "$value" not in str(alert["annotations"]), f"{name}: what is held has no value"
        if name not in ABOUT_CLOSED:
            assert re.search(r"unless on \(channel, queue\) max by .*contact_center_queue_open.* == 0", alert["expr"])


def test_rules_name_only_what_is_in_the_catalogue() -> None:
    known = catalogue()
    series = known | {
        rule["record"]: set(rule["record"].split(":")[0].split("_")) for rule in rules() if "record" in rule
    }
    for rule in rules():
        name = rule.get("alert") or rule["record"]
        found = named(rule["expr"])
        assert found.metrics <= set(series), name
        labels = set().union(*(series[metric] for metric in found.metrics), {"le"})
        assert found.grouped <= labels, name
        for metric, label, value in found.matchers:
            assert label in series[metric], (name, metric, label)
            if (metric, label) in VALUES:
                assert set(value.split("|")) <= set(VALUES[metric, label]), (name, metric, value)
        said = " ".join(rule.get("annotations", {}).values())
        assert set(re.findall(r"\b(?:contact_center|stream|customer)_\w+", said)) <= set(known), name


def test_rules_mean_the_channels_that_are_live(jobs) -> None:
    told = {value for rule in rules() for _, label, value in named(rule["expr"]).matchers if label == "channel"}
    assert {frozenset(value.split("|")) for value in told} == {frozenset(LIVE)}


def test_rules_know_the_jobs_that_are_scraped(jobs) -> None:
    told = {value for rule in rules() for _, label, value in named(rule["expr"]).matchers if label == "job"}
    assert {job for value in told for job in value.split("|")} == jobs


def test_dashboards_that_alerts_link_to_are_there() -> None:
    told = {
        match[1]
        for alert in alerts().values()
        if (match := re.match(r"/d/([\w-]+)", alert["annotations"].get("dashboard", "")))
    }
    boards = (ROOT / "deploy" / "grafana" / "dashboards").glob("*.json")
    assert told
    assert told <= {json.loads(board.read_text())["uid"] for board in boards}
