"""Agents, from events to figures: presence and interactions through Kafka and Redis to the API."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

from tests.core.agent_words import clock

if TYPE_CHECKING:
    from tests.e2e.plant import Plant

WORK = {
    "c1": ("phone", "support", "anna", "10:00", "10:01", "10:11", "10:13"),
    "c2": ("chat", "web", "bert", "10:05", "10:06", "10:26", "10:30"),
    "c3": ("chat", "web", "bert", "10:10", "10:11", "10:21", "10:21"),
}
"""Channel, queue, agent; queued, answered, ended, wrapped up."""


def record(topic: str, key: str, kind: str, at: str, data: dict[str, Any]) -> dict[str, Any]:
    """A line as `centralino replay` reads it."""
    hours, minutes = at.split(":")
    value = {
        "specversion": "1.0", "id": f"{key}-{kind}-{at}", "source": "/test", "type": kind,
        "time": f"2026-03-02T{hours}:{minutes}:00Z", "data": data,
    }  # fmt: skip
    return {"topic": topic, "key": key, "timestamp_ms": clock(at), "value": value}


def presence(agent: str, at: str, presence: str, kind: str = "state_changed", **more: Any) -> dict[str, Any]:
    data = {"agent_id": agent, "presence": presence, **more}
    return record("agents.presence", agent, f"agent.{kind}", at, data)


def morning() -> list[dict[str, Any]]:
    found = [
        presence("anna", "09:55", "available", queues=["support"], slots={"phone": 1}),
        presence("bert", "09:55", "available", queues=["web"], slots={"chat": 3}),
        presence("bert", "10:50", "not_ready", reason="lunch"),
        presence("carl", "09:55", "available"),
        presence("carl", "10:00", "logged_out"),
        presence("carl", "10:02", "available", "heartbeat"),
    ]
    for name, (channel, queue, agent, queued, answered, ended, wrapped) in WORK.items():
        for kind, at, more in (
            ("queued", queued, {"queue": queue}), ("offered", queued, {"agent_id": "carl", "queue": queue}),
            ("declined", answered, {"agent_id": "carl", "queue": queue, "result": "no_answer"}),
            ("answered", answered, {"agent_id": agent}), ("ended", ended, {"resolved": name == "c1"}),
            ("wrapped_up", wrapped, {"agent_id": agent}),
        ):  # fmt: skip
            data = {"interaction_id": name, "channel": channel, **more}
            found.append(record(f"interactions.{channel}", name, f"interaction.{kind}", at, data))
    found.append(presence("anna", "10:55", "available", "heartbeat"))
    return found


def test_agents_and_their_figures_are_right_in_any_order_doubled_and_after_a_kill(plant: Plant) -> None:
    plant.run("topics", "apply")
    records = morning()
    mixed = records + records
    random.Random(4).shuffle(mixed)
    plant.replay(mixed[:40])
    worker = plant.worker()
    plant.until_applied(worker)
    worker.kill()
    plant.replay(mixed[40:])
    with plant.worker() as worker, plant.service() as service:
        plant.until_applied(worker)
        plant.until_shown(service)
        agents = {agent["agent"]: agent for agent in json.loads(service.get("/api/v1/agents"))}
        rows = {row["agent"]: row for row in service.kpis(by="agent", window="24h")}
        queues = service.kpis(by="channel", window="24h")
        samples = service.samples()
    assert {name: (agent["presence"], agent["activity"], agent["reason"]) for name, agent in agents.items()} == {
        "anna": ("available", "available", None), "bert": ("not_ready", "not_ready", "lunch"),
        "carl": ("logged_out", "none", None),
    }  # fmt: skip
    assert agents["bert"]["slots"] == {"chat": {"slots": 3, "used": 0, "free": 0}}
    minutes = {
        name: {key: row[key] / 60_000 for key in ("engaged_ms", "session_ms", "idle_ms", "staffed_ms", "handle_ms")}
        for name, row in rows.items()
    }
    assert minutes == {
        "anna": {"engaged_ms": 12, "session_ms": 12, "idle_ms": 48, "staffed_ms": 60, "handle_ms": 12},
        "bert": {"engaged_ms": 24, "session_ms": 34, "idle_ms": 31, "staffed_ms": 60, "handle_ms": 34},
        "carl": {"engaged_ms": 0, "session_ms": 0, "idle_ms": 5, "staffed_ms": 5, "handle_ms": 0},
    }
    assert (rows["bert"]["concurrency"], rows["anna"]["occupancy"]) == (34 / 24, 12 / 60)
    assert rows["carl"]["declined_by"] == {"no_answer": 3}
    assert (rows["anna"]["resolution_rate"], rows["bert"]["resolution_rate"]) == (1.0, 0.0)
    for measure in ("handled", "talk_ms", "wrap_up_ms", "handle_ms", "declined", "resolved"):
        assert sum(row[measure] for row in rows.values()) == sum(row[measure] for row in queues), measure
    labels = frozenset({("presence", "not_ready"), ("activity", "not_ready")})
    assert samples["contact_center_agents", labels] == 1
