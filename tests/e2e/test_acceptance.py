"""The recorded day, and days made up to be nasty, through broker, worker, store and service to the known figures."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.agreement import compare
from tests.e2e.plant import until
from tests.oracle import rows
from tests.oracle.__main__ import load
from tests.oracle.defaults import CHANNELS, DAY, DEFAULTS, HOUR, QueueSettings, Settings
from tests.oracle.histories import disordered, nasty
from tests.oracle.records import read
from tests.oracle.scenarios import QUEUES

if TYPE_CHECKING:
    from tests.e2e.plant import Plant, Service

RECORDED = Path(__file__).parents[1] / "acceptance"


@pytest.fixture(scope="module")
def recorded() -> list[dict[str, Any]]:
    return load(RECORDED / "records.jsonl.gz")


@pytest.fixture(scope="module")
def questions() -> list[dict[str, Any]]:
    """The answers that are known."""
    known: list[dict[str, Any]] = json.loads((RECORDED / "expected.json").read_bytes())
    return known


def disagreements(service: Service, questions: list[dict[str, Any]]) -> list[str]:
    return [
        line
        for question in questions
        for line in compare(
            service.kpis(window=question["window"], by=question["by"], at=question["at"]),
            question["rows"],
            f"{question['window']} by {question['by']}",
        )
    ]


def instant(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")


def ordered(records: list[dict[str, Any]], order: str) -> list[dict[str, Any]]:
    if order == "shuffled":
        return disordered(records, seed=1, within=30 * HOUR)
    if order == "doubled":
        late = Random(2).sample(records, len(records))
        return disordered([*records, *late], seed=2, within=2 * HOUR)
    return records


@pytest.mark.parametrize("order", ["in order", "shuffled", "doubled"])
def test_the_recorded_day_has_the_known_figures(
    plant: Plant, order: str, recorded: list[dict[str, Any]], questions: list[dict[str, Any]]
) -> None:
    plant.replay(ordered(recorded, order))
    with plant.worker() as worker, plant.service() as service:
        plant.until_applied(worker)
        plant.until_shown(service)
        assert disagreements(service, questions) == []
        assert plant.results() == asyncio.run(plant.records())
        assert service.records()["rejected"] == 0
        residuals = service.values("stream_balance_residual")
        assert len(residuals) > 20
        assert set(residuals) == {0}


def test_a_worker_is_killed_in_mid_stream_twice_and_the_figures_are_the_known_ones(
    plant: Plant, recorded: list[dict[str, Any]], questions: list[dict[str, Any]]
) -> None:
    plant.replay(ordered(recorded, "doubled"))
    small = {"max_poll_records": 5, "session_timeout_seconds": 3}
    with plant.service() as service:
        for records in (400, 900):
            with plant.worker(**small) as worker:
                until(lambda n=records: plant.results() >= n, 60, f"{records} records")
                worker.kill()
                assert plant.results() < 3000, "the kill came too late to show anything"
        with plant.worker(**small) as first, plant.worker(**small) as second:
            plant.until_applied(first, second)
            plant.until_shown(service)
            assert disagreements(service, questions) == []


def test_an_emptied_store_is_refused_and_counted_again_from_the_log_when_told_so(
    plant: Plant, recorded: list[dict[str, Any]], questions: list[dict[str, Any]]
) -> None:
    plant.replay(recorded)
    with plant.worker() as worker:
        plant.until_applied(worker)
    assert asyncio.run(plant.committed()) == asyncio.run(plant.ends())
    with plant.store() as client:
        client.unlink(*client.scan_iter(f"{plant.key_prefix}*", count=1000))
    with plant.worker() as worker:
        assert worker.process.wait(30) == 1
        assert "start one worker with --rebuild" in worker.said()
    assert plant.results() == 0
    with plant.worker("--rebuild") as worker, plant.service() as service:
        plant.until_applied(worker)
        plant.until_shown(service)
        assert disagreements(service, questions) == []


WINDOWS = ("1h", "24h", "7d", "8d", "30d", "365d", "today")
CENTER = """
zone = "Pacific/Auckland"
repeat_window_days = 3
clock_skew_seconds = 2
channels.chat.threshold_seconds = 30
hourly_rates = {phone = 2400, email = 2000, chat = 1800, social = 1900, video = 2600}
queues = [
  {channel = "phone", name = "support", zone = "America/New_York", threshold_seconds = 60, short_abandon_seconds = 20},
  {channel = "phone", name = "sales", wrap_up_cap_seconds = 10},
  {channel = "email", name = "a|b", zone = "Asia/Kolkata"},
]
"""


def of_the_center(channel: str, queue: str) -> QueueSettings:
    """What CENTER says, for the recount."""
    own: dict[str, Any] = {
        ("phone", "support"): {"zone": "America/New_York", "threshold": 60_000, "short_abandon": 20_000},
        ("phone", "sales"): {"wrap_up_cap": 10_000},
        ("email", "a|b"): {"zone": "Asia/Kolkata"},
    }.get((channel, queue), {})
    threshold = {"threshold": 30_000} if channel == "chat" else {}
    return QueueSettings(**{"zone": "Pacific/Auckland", **threshold, **own})


def agree_on(plant: Plant, records: list[dict[str, Any]], seed: int, settings: Settings = DEFAULTS) -> None:
    """Every window, grouping and direction, at instants around the last event."""
    plant.replay(disordered(records, seed))
    latest = read(records).latest
    with plant.worker() as worker, plant.service() as service:
        plant.until_applied(worker)
        plant.until_shown(service)
        found = []
        for window in WINDOWS:
            at = {"30d": latest + 5 * HOUR, "8d": latest - DAY}.get(window, latest)
            for by in ("", "channel", "channel,queue", "queue"):
                for direction in ("inbound", "outbound", "all"):
                    told = rows(records, window, by, at, direction, settings=settings)
                    got = service.kpis(window=window, by=by, at=instant(at), direction=direction)
                    found += compare(got, told, f"{window} {direction}")
        assert found == []
        assert set(service.values("stream_balance_residual")) == {0}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nasty_days_are_counted_as_the_naive_recount_does(real_plant: Plant, seed: int) -> None:
    agree_on(real_plant, nasty(seed, interactions=150, junk=True), seed)


def test_settings_of_center_channels_and_queues_are_counted_by_as_the_naive_recount_does(real_plant: Plant) -> None:
    (real_plant.folder / "centralino.toml").write_text(CENTER)
    queues = {(channel, queue): of_the_center(channel, queue) for channel in CHANNELS for queue in QUEUES}
    rates = {"phone": 2400, "email": 2000, "chat": 1800, "social": 1900, "video": 2600}
    settings = Settings(queues, "Pacific/Auckland", 3 * DAY, clock_skew=2000, hourly_rates=rates)
    agree_on(real_plant, nasty(4, interactions=150), 4, settings)
