"""The alerting and recording rules as they are written, and what their queries name."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from agents.metrics import Metrics
from stream.core.figures.metrics import METRICS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "prometheus"
FILES = sorted((FOLDER / "rules").glob("*.yml"))
TESTS = sorted((FOLDER / "tests").glob("*.yml"))

_WORDS = {"and", "or", "unless", "by", "on", "without", "ignoring", "bool", "offset", "group_left", "group_right"}
_LABELS = re.compile(r"\b(?:by|on)\s*\(([^)]*)\)")
_NAME = re.compile(r"\b[a-z_][a-z0-9_]*(?::[a-z0-9_]+)*\b(?!\s*\()", re.IGNORECASE)
_SELECTOR = re.compile(r"([a-z_][a-z0-9_:]*)\{([^}]*)\}", re.IGNORECASE)
_MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')


@cache
def rules() -> list[dict[str, Any]]:
    """All rules of all files."""
    found = [yaml.safe_load(file.read_text()) for file in FILES]
    return [rule for file in found for group in file["groups"] for rule in group["rules"]]


@cache
def alerts() -> dict[str, dict[str, Any]]:
    """The alerting rules, by name."""
    found = [rule for rule in rules() if "alert" in rule]
    assert len({rule["alert"] for rule in found}) == len(found)
    return {rule["alert"]: rule for rule in found}


class Named(NamedTuple):
    """What a query names."""

    metrics: set[str]
    matchers: set[tuple[str, str, str]]
    """(metric, label, value or pattern)."""
    grouped: set[str]
    """Labels that are aggregated or matched by."""


def named(query: str) -> Named:
    """The metrics, matchers and labels of a query."""
    matchers = {
        (metric, label, value)
        for metric, inside in _SELECTOR.findall(query)
        for label, _, value in _MATCHER.findall(inside)
    }
    grouped = {label.strip() for inside in _LABELS.findall(query) for label in inside.split(",") if label.strip()}
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]', " ", _LABELS.sub(" ", query))
    return Named({name for name in _NAME.findall(bare) if name not in _WORDS}, matchers, grouped)


def catalogue() -> dict[str, set[str]]:
    """Every series that the service or a worker may show, with its labels; and the few of others."""
    found: dict[str, set[str]] = {
        "up": {"job"}, "alertmanager_notifications_failed_total": {"integration"},
        "ALERTS": {"alertname", "alertstate", "about", "channel", "queue", "topic"},
    }  # fmt: skip
    for metric in METRICS.values():
        labels = set(metric.labels)
        if metric.kind == "histogram":
            found |= {f"{metric.name}_bucket": labels | {"le"}}
            found |= {f"{metric.name}_{part}": labels for part in ("sum", "count")}
        else:
            found[metric.name] = labels | ({"quantile"} if metric.kind == "summary" else set())
    for name, collector in Metrics().registry._names_to_collectors.items():
        found.setdefault(name, set(collector._labelnames))
    return found
