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
from tests.oracle.histories import disordered, nasty
from tests.oracle.records import read

if TYPE_CHECKING:
    from tests.e2e.plant import Plant, Service

RECORDED = Path(__file__).parents[1] / "acceptance"
HOUR, DAY = 3_600_000, 86_400_000


@pytest.fixture(scope="module")
def recorded() -> list[dict[str, Any]]:
    return load(RECORDED / "records.jsonl.gz")


@pytest.fixture(scope="module")
def questions(recorded: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers that are known; FCR without what surveys and aliases do to it, which is not counted yet."""
    known = json.loads((RECORDED / "expected.json").read_bytes())
    for question in known:
        if "queue" not in question["by"]:
            told = rows(recorded, question["window"], question["by"], question["at"], aliases_and_surveys=False)
            fcr = {row.get("channel"): row["fcr"] for row in told}
            for row in question["rows"]:
                row["fcr"] = fcr[row.get("channel")]
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
        assert plant.results() == sum(asyncio.run(plant.ends()).values())
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


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nasty_days_are_counted_as_the_naive_recount_does(real_plant: Plant, seed: int) -> None:
    records = nasty(seed, interactions=150, junk=True)
    real_plant.replay(disordered(records, seed))
    latest = read(records).latest
    with real_plant.worker() as worker, real_plant.service() as service:
        real_plant.until_applied(worker)
        real_plant.until_shown(service)
        found = []
        asked = {"1h": latest, "24h": latest, "7d": latest, "30d": latest + 5 * HOUR, "8d": latest - DAY}
        for window, at in asked.items():
            for by in ("", "channel", "channel,queue"):
                for direction in ("inbound", "outbound", "all"):
                    wanted = rows(records, window, by, at, direction, aliases_and_surveys=False)
                    got = service.kpis(window=window, by=by, at=instant(at), direction=direction)
                    found += compare(got, wanted, f"{window} {direction}")
        assert found == []
