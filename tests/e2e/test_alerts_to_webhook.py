"""From events to somebody's webhook: worker, service, Prometheus with our rules, Alertmanager with our routes."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import yaml

from deploy.alertmanager import make
from stream.child import HOST, free_port
from tests.deploy.rules import FILES, FOLDER
from tests.e2e.plant import Plant, Sent, Service, until
from tests.e2e.test_prometheus import asked

if TYPE_CHECKING:
    from pathlib import Path

    from tests.parts.alertmanager import Alertmanager, Hook
    from tests.parts.prometheus import Prometheus

QUEUES = ("support", "sales", "orders", "claims")
SETTINGS = {
    "queues": json.dumps([{"channel": "phone", "name": name} for name in QUEUES]), "alert_window": "5m",
    "alert_minimum_sample": 5, "alert_hysteresis_seconds": 0.5,
}  # fmt: skip
BREACHED = "QueueSlaBreached"


def configured(folder: Path, *, service: int, worker: int, alertmanager: str) -> str:
    """The deployed configuration and rules, on this machine's ports, and quick: nothing waits for long."""
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    config["global"] = {"scrape_interval": "500ms", "scrape_timeout": "500ms", "evaluation_interval": "500ms"}
    config["alerting"]["alertmanagers"] = [{"static_configs": [{"targets": [alertmanager]}]}]
    targets = {
        "centralino": f"{HOST}:{service}",
        "centralino-workers": f"{HOST}:{worker}",
        "alertmanager": alertmanager,
    }
    config["scrape_configs"] = [
        {"job_name": job["job_name"], "static_configs": [{"targets": [targets[job["job_name"]]]}]}
        for job in config["scrape_configs"]
    ]
    config["rule_files"] = [str(folder / file.name) for file in FILES]
    for file in FILES:
        rules = yaml.safe_load(file.read_text())
        for group in rules["groups"]:
            group.pop("interval", None)
            for rule in group["rules"]:
                if "for" in rule:
                    rule["for"] = "1s"
        (folder / file.name).write_text(yaml.safe_dump(rules))
    return yaml.safe_dump(config)


def calls(queue: str, first: int, number: int, wait: float) -> Iterator[Sent]:
    """Calls that came a moment ago, each answered after so many seconds."""
    now = datetime.now(UTC)
    for n in range(first, first + number):
        queued = now - timedelta(seconds=wait + 10 + n / 100)
        for kind, at in (
            ("queued", queued), ("answered", queued + timedelta(seconds=wait)),
            ("ended", queued + timedelta(seconds=wait + 5)),
        ):  # fmt: skip
            value = {
                "specversion": "1.0", "id": f"{queue}-{n}-{kind}", "source": "/test", "type": f"interaction.{kind}",
                "time": at.isoformat(),
                "data": {"interaction_id": f"{queue}-{n}", "channel": "phone", "queue": queue, "agent_id": "ada"},
            }  # fmt: skip
            yield f"{queue}-{n}".encode(), json.dumps(value).encode(), None


def faults(prometheus: Prometheus) -> dict[str, str]:
    """The rules that Prometheus could not evaluate, and why."""
    with urllib.request.urlopen(f"{prometheus.url}/api/v1/rules", timeout=10) as reply:
        groups = json.loads(reply.read())["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) > len(FILES)
    return {rule["name"]: rule.get("lastError", "") for rule in rules if rule["health"] != "ok"}


@pytest.fixture
def plant(kafka, redis_server, new_plant: Callable[..., Plant]) -> Plant:
    return new_plant(kafka, redis_server, worker_port=free_port(), **SETTINGS)


def test_a_breach_is_told_and_its_end_but_not_while_muted_nor_of_a_stale_input(
    plant: Plant,
    start_prometheus: Callable[[str], Prometheus],
    start_alertmanager: Callable[[str], Alertmanager],
    hook: Hook,
    tmp_path: Path,
) -> None:
    settings = {"webhook_url": hook.url, "group_wait": "500ms", "group_interval": "1s"}
    manager = start_alertmanager(make.written(make.settings_of([], {}) | settings))
    worker = plant.worker()
    with Service(plant, "--clock", "wall") as service:
        prometheus = start_prometheus(
            configured(
                tmp_path, service=service.port, worker=int(str(plant.settings["worker_port"])),
                alertmanager=manager.address,
            )
        )  # fmt: skip

        def states() -> dict[str, float]:
            return {
                queue: state for (queue,), state in asked(prometheus, "contact_center_queue_sla_state", "queue").items()
            }

        def happen(*events: Sent) -> None:
            asyncio.run(plant.produce("interactions.phone", 0, events))

        def told(status: str) -> set[str]:
            return {queue for name, queue in hook.told(status) if name == BREACHED}

        until(lambda: states() == dict.fromkeys(QUEUES, 0), 30, lambda: (states(), service.said()))
        plant.run("mute", "sales", "--for", "30m", "--note", "training")
        until(lambda: asked(prometheus, 'contact_center_queue_muted{queue="sales"} == 1', "queue"), 10, "the mute")
        happen(*calls("support", 0, 10, 40), *calls("sales", 0, 10, 40), *calls("orders", 0, 10, 40))
        until(lambda: told("firing") == {"support", "orders"}, 20, lambda: (states(), manager.alerts(), hook.messages))
        until(lambda: manager.alerts().get((BREACHED, "sales")) == "suppressed", 10, manager.alerts)
        page = next(message for message in hook.messages if message["commonLabels"].get("queue") == "support")
        assert page["receiver"] == "page"
        assert page["groupLabels"] == {"channel": "phone", "queue": "support"}

        happen(*calls("support", 100, 100, 1))
        until(lambda: told("resolved") == {"support"}, 20, lambda: (states(), manager.alerts()))

        assert ("InputStale", "") not in hook.told("firing")
        worker.stop()
        happen(*calls("claims", 0, 10, 40))
        until(lambda: ("InputStale", "") in hook.told("firing"), 30, manager.alerts)
        assert ("WorkersDown", "") in hook.told("firing")
        until(lambda: manager.alerts()[BREACHED, "orders"] == "suppressed", 10, manager.alerts)
        assert states() == {"support": 0, "sales": 2, "orders": 2, "claims": 0}

        with plant.worker():
            until(lambda: "claims" in told("firing"), 30, lambda: (states(), manager.alerts()))
            until(lambda: ("InputStale", "") in hook.told("resolved"), 10, manager.alerts)

            plant.run("mute", "orders", "--for", "30m")
            until(lambda: manager.alerts()[BREACHED, "orders"] == "suppressed", 10, manager.alerts)
            happen(*calls("orders", 100, 100, 1))
            until(lambda: states()["orders"] == 0, 10, states)
            assert told("resolved") == {"support"}
            plant.run("unmute", "orders")
            until(lambda: told("resolved") == {"support", "orders"}, 20, lambda: (states(), manager.alerts()))
            before = len(hook.messages)
            happen(*calls("orders", 200, 100, 40))
            until(
                lambda: any(
                    message["status"] == "firing" and message["groupLabels"].get("queue") == "orders"
                    for message in hook.messages[before:]
                ), 20, lambda: (states(), manager.alerts()),
            )  # fmt: skip
        counted = {
            "channel_queue:service_level_sample:net": {"support": 110, "sales": 10, "orders": 210, "claims": 10},
            "channel_queue:service_level_missed:net": dict.fromkeys(QUEUES, 10) | {"orders": 110},
        }
        for name, by_queue in counted.items():
            expected = {(queue,): number for queue, number in by_queue.items()}
            until(lambda name=name, expected=expected: asked(prometheus, name, "queue") == expected, 10, name)
        assert faults(prometheus) == {}
        assert told("firing") == {"support", "orders", "claims"}
        assert told("resolved") == {"support", "orders"}
        assert all(queue != "sales" for _, queue in hook.told("firing"))
