"""What a real Prometheus has scraped is what a naive recount of the simulator's own file says."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from stream.child import HOST
from tests.e2e.plant import Plant, until
from tests.oracle import rows, totals
from tests.oracle.__main__ import load
from tests.oracle.records import read

if TYPE_CHECKING:
    from pathlib import Path

    from tests.parts.prometheus import Prometheus

CONFIGURATION = """
global: {{scrape_interval: 500ms, scrape_timeout: 500ms}}
scrape_configs:
  - job_name: centralino
    static_configs: [{{targets: ["{address}"]}}]
"""
GAUGES = {
    "contact_center_asa_seconds": "asa_seconds",
    "contact_center_aht_seconds": "aht_seconds",
    "contact_center_abandonment_ratio": "abandonment",
    "contact_center_service_level_live_ratio": "service_level_live",
}
LIVE = {
    "contact_center_queue_waiting": ("waiting", 1),
    "contact_center_queue_waiting_past_threshold": ("waiting_past_threshold", 1),
    "contact_center_queue_longest_wait_seconds": ("longest_wait_ms", 1000),
}
VARIANT = "short_abandons_excluded"
OUTCOMES = ("offered", "answered", "abandoned", "short_abandoned", "flowed_out", "handled", "timed_out")


def asked(prometheus: Prometheus, query: str, *labels: str) -> dict[tuple[str, ...], float]:
    """An instant query's answer, by the values of some labels."""
    with urllib.request.urlopen(f"{prometheus.url}/api/v1/query?{urlencode({'query': query})}", timeout=10) as reply:
        answer = json.loads(reply.read())
    assert answer["status"] == "success"
    series = answer["data"]["result"]
    found = {tuple(each["metric"].get(label, "") for label in labels): float(each["value"][1]) for each in series}
    assert len(found) == len(series)
    return found


def figures(recounted: list[dict[str, Any]], figure: str) -> dict[tuple[str, ...], float]:
    """One figure of rows by queue, where it has a value."""
    return {(row["channel"], row["queue"] or ""): row[figure] for row in recounted if row[figure] is not None}


def test_figures_in_prometheus_equal_a_recount_of_the_simulators_file(
    real_plant: Plant, start_prometheus: Callable[[str], Prometheus], tmp_path: Path
) -> None:
    file = tmp_path / "simulated.jsonl"
    real_plant.run(
        "simulate", "--out", str(file), "--seed", "11", "--rate", "2", "--duration", "2h",
        "--start", "2026-03-02T08:00:00Z",
    )  # fmt: skip
    records = load(file)
    real_plant.run("replay", str(file))
    with real_plant.worker() as worker, real_plant.service() as service:
        real_plant.until_applied(worker)
        real_plant.until_shown(service)
        prometheus = start_prometheus(CONFIGURATION.format(address=f"{HOST}:{service.port}"))
        until(lambda: asked(prometheus, "contact_center_segments_total", "channel", "queue", "outcome"), 30, "a scrape")

        latest, total = read(records).latest, totals(records)
        by_queue = rows(records, "1h", "channel,queue", latest)
        assert len(figures(by_queue, "asa_seconds")) >= 8
        for metric, figure in GAUGES.items():
            got = asked(prometheus, f'{metric}{{window="1h"}}', "channel", "queue")
            assert got == pytest.approx(figures(by_queue, figure), abs=1e-6), metric
        for metric, (figure, unit) in LIVE.items():
            waits = {labels: n / unit for labels, n in figures(by_queue, figure).items() if n}
            got = asked(prometheus, f"{metric} > 0", "channel", "queue")
            assert got == waits, metric
        got = asked(prometheus, 'contact_center_service_level_ratio{window="1h"}', "channel", "queue", "variant")
        levels = {
            (*labels, VARIANT): level[VARIANT]
            for labels, level in figures(by_queue, "service_level").items()
            if level[VARIANT] is not None
        }
        assert got == pytest.approx(levels, abs=1e-6)
        got = asked(prometheus, 'contact_center_wait_quantile_seconds{window="1h",quantile="0.9"}', "channel", "queue")
        waits = {labels: each["p90"] for labels, each in figures(by_queue, "wait_quantile_seconds").items()}
        assert got == pytest.approx({labels: wait for labels, wait in waits.items() if wait is not None}, rel=0.02)

        places = {
            (channel, place[1:]): counted
            for (channel, direction, place), counted in total.items()
            if direction == "inbound" and place != "*"
        }
        segments = "contact_center_segments_total - contact_center_segments_retracted_total"
        got = asked(prometheus, f"({segments}) != 0", "channel", "queue", "outcome")
        assert got == {
            (*labels, outcome): counted[outcome]
            for labels, counted in places.items()
            for outcome in OUTCOMES
            if counted.get(outcome)
        }
        sums = "contact_center_wait_seconds_sum - contact_center_wait_retracted_seconds_sum"
        waited = {labels: counted.get("wait_ms", 0) / 1000 for labels, counted in places.items()}
        got = asked(prometheus, sums, "channel", "queue")
        assert {labels: got[labels] for labels in waited} == pytest.approx(waited, abs=1e-6)

        by_channel = rows(records, "today", "channel", latest)
        fcr = {(row["channel"],): row["fcr"]["provisional"]["ratio"] for row in by_channel}
        got = asked(prometheus, 'contact_center_fcr_ratio{window="today",stage="provisional"}', "channel")
        assert got == pytest.approx({labels: ratio for labels, ratio in fcr.items() if ratio is not None}, abs=1e-6)
        assert len(got) >= 4
