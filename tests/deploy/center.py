"""A center that is watched: worker, service and Prometheus run, and all that the boards ask for has happened in it."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any
from urllib.parse import urlencode

from stream.child import HOST, free_port
from stream.simulator import Simulation
from tests.e2e.plant import Plant, until
from tests.parts.prometheus import Prometheus

ALL = """
count(contact_center_queue_forecast_wait_seconds) and on () count(delta(stream_anomalies_total[1m]))
and on () (min(up) == 1) and on () sum(
    delta(contact_center_handle_seconds_count[1m]) - delta(contact_center_handle_retracted_seconds_count[1m])
) > 0
"""
BEFORE = "sum(contact_center_handle_seconds_count)"
DAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
"""When the simulated hour begins. What must be older comes before."""
CONFIGURATION = """
global: {{scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 1s}}
rule_files: [rules.yml]
scrape_configs:
  - job_name: centralino
    static_configs: [{{targets: ["{host}:{service}"]}}]
  - job_name: centralino-workers
    static_configs: [{{targets: ["{host}:{worker}"]}}]
"""


def asked(prometheus: Prometheus, path: str, **parameters: str) -> Any:
    """An answer of Prometheus's API. AssertionError with its words when it is no success."""
    url = f"{prometheus.url}/api/v1/{path}?{urlencode(parameters)}"
    try:
        with urllib.request.urlopen(url, timeout=20) as reply:
            return json.loads(reply.read())["data"]
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{parameters}: {error.read().decode()}") from error


@contextmanager
def watched(
    plant: Plant, start_prometheus: Callable[[str, str], Prometheus], rules: str
) -> Iterator[tuple[Prometheus, str]]:
    """Runs it all; Prometheus, and an instant at which it has seen all. `rules`: a file of alerts for Prometheus."""
    port = free_port()
    past, present = plant.folder / "past.jsonl", plant.folder / "present.jsonl"
    told = [*_members(), *_simulated(DAY - timedelta(days=10), 20), *_simulated(DAY, 60)]
    past.write_text("".join(json.dumps(each) + "\n" for each in told))
    told = [*_simulated(DAY + timedelta(hours=1), 20), *_faults()]
    present.write_text("".join(json.dumps(each) + "\n" for each in told))
    with plant.worker(worker_port=port) as worker, plant.service() as service:
        prometheus = start_prometheus(CONFIGURATION.format(host=HOST, service=service.port, worker=port), rules)
        plant.run("replay", str(past))
        until(lambda: _value(prometheus, BEFORE), 60, "a scrape of what came first")
        plant.run("replay", str(present))
        plant.until_applied(worker)
        plant.until_shown(service)
        until(lambda: _value(prometheus, ALL), 60, "scrapes of all, and forecasts of the end, made every 5 s")
        at = asked(prometheus, "query", query=f"timestamp(({ALL}) > 0)")["result"][0]["value"][0]
        yield prometheus, str(at)


def _value(prometheus: Prometheus, query: str) -> float:
    found = asked(prometheus, "query", query=query)["result"]
    return float(found[0]["value"][1]) if found else 0.0


def _simulated(start: datetime, minutes: int) -> Iterator[dict[str, Any]]:
    start_ms = int(start.timestamp() * 1000)
    records = Simulation(seed=11, start_ms=start_ms, rate=2).records()
    for each in takewhile(lambda each: each.at_ms < start_ms + minutes * 60_000, records):
        told = {"topic": each.topic, "key": each.key.decode(), "timestamp_ms": each.timestamp_ms}
        yield {**told, "value": json.loads(each.value)}


def _told(topic: str, key: str, kind: str, at: datetime, **data: object) -> dict[str, Any]:
    told = at.isoformat().replace("+00:00", "Z")
    value = {"specversion": "1.0", "id": f"{key}-{kind}-{told}", "source": "/test", "type": kind, "time": told}
    return {
        "topic": topic, "key": key, "timestamp_ms": int(at.timestamp() * 1000), "value": {**value, "data": data},
    }  # fmt: skip


def _members() -> list[dict[str, Any]]:
    """Members of more than a year, of whom one leaves, and what they bought."""
    told = []
    for name in ("m-1", "m-2", "m-3", "m-4"):
        told.append(_customer(name, "joined", 390))
        told += [_customer(name, "purchased", n, order_id=f"{name}-{n}", amount=5000, currency="EUR") for n in (200, 9)]
    told.append(_customer("m-1", "left", 20))
    return sorted(told, key=lambda each: each["timestamp_ms"])


def _customer(name: str, kind: str, days: int, **data: object) -> dict[str, Any]:
    at = DAY - timedelta(days=days)
    return _told("customers.events", name, f"customer.{kind}", at, customer_id=name, **data)


def _faults() -> list[dict[str, Any]]:
    """What no source should send: a record that is no event, a hold of nobody."""
    at = DAY + timedelta(hours=1, minutes=14)
    call = {"interaction_id": "odd", "channel": "phone", "queue": "sales"}
    return [
        _told("interactions.phone", "odd", "interaction.started", at, **call),
        _told("interactions.phone", "odd", "interaction.held", at + timedelta(seconds=1), **call),
        _told("interactions.phone", "none", "interaction.queued", at, channel="phone"),
    ]
