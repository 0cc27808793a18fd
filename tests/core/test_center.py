"""Rows of a whole center against the naive recount: nasty days of interactions, customers and their aliases."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from stream.core.rules import DAY, HOUR, Rules
from stream.core.times.window import window
from stream.serve import kpis
from stream.state.snapshot import ShardId, Snapshot
from tests.core.world import World
from tests.e2e.agreement import compare
from tests.oracle import rows
from tests.oracle.defaults import Settings
from tests.oracle.histories import disordered, nasty
from tests.oracle.records import parse_time, read
from tests.oracle.windows import days, local_day

RECORDED = Path(__file__).parents[1] / "acceptance"
WINDOWS = ("5m", "1h", "24h", "today", "7d", "30d", "365d")
RATES = {"phone": 2400, "chat": 1800, "email": 2000, "social": 1900, "video": 2600}


def read_of(records: list[dict[str, Any]], rules: Rules) -> Snapshot:
    """What a reader knows when the whole log is counted, by several partitions of each topic."""
    world = World(2, seed=len(records), cut=200)
    world.rules = rules
    snapshot = Snapshot()
    for where, reader in world.take(records).readers.items():
        snapshot.progress(ShardId(*where), 0, reader.ledger.stream_time, {})
        snapshot.feed(ShardId(*where), [], [(name.encode(), value) for name, value in reader.shard.fields.items()])
    return snapshot


def disagreements(snapshot: Snapshot, rules: Rules, records: list[dict[str, Any]], settings: Settings) -> list[str]:
    """Every window, grouping and direction, at instants around the last event; of the past, at the end of a day."""
    found = []
    latest = read(records).latest
    for name in WINDOWS:
        past = days(1, local_day(latest - 3 * DAY, settings.zone), settings.zone)[1] - 1
        at = {"30d": latest + 5 * HOUR, "365d": past, "7d": past - DAY}.get(name, latest)
        for by in ("", "channel", "channel,queue", "queue"):
            for direction in ("inbound", "outbound", "all"):
                labels = tuple(label for label in by.split(",") if label)
                got = kpis.rows(snapshot, rules, window(name), labels, at, direction)
                told = rows(records, name, by, at, direction, settings=settings)
                found += compare(got, told, f"{name} {direction}")
    return found


@pytest.mark.parametrize("seed", range(4))
def test_nasty_days_are_counted_as_the_naive_recount_does(seed: int) -> None:
    records = nasty(seed, interactions=60, junk=True)
    assert disagreements(read_of(disordered(records, seed), Rules()), Rules(), records, Settings()) == []


def test_in_another_zone_with_rates_too() -> None:
    records = nasty(11, interactions=60)
    rules = Rules(zone="America/New_York", hourly_rates=RATES)
    settings = Settings(zone="America/New_York", hourly_rates=RATES)
    assert disagreements(read_of(disordered(records, 5), rules), rules, records, settings) == []


@pytest.mark.parametrize("doubled", [False, True])
def test_the_recorded_day_has_the_known_figures(doubled: bool) -> None:
    records = [json.loads(line) for line in gzip.decompress((RECORDED / "records.jsonl.gz").read_bytes()).splitlines()]
    snapshot = read_of(disordered(records + records[::2], 3) if doubled else records, Rules())
    found = []
    for question in json.loads((RECORDED / "expected.json").read_bytes()):
        labels = tuple(label for label in question["by"].split(",") if label)
        got = kpis.rows(snapshot, Rules(), window(question["window"]), labels, parse_time(question["at"]))
        found += compare(got, question["rows"], f"{question['window']} by {question['by']}")
    assert found == []
