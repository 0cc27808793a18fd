"""The file of docs/mapping.md, by the mapping that stands there, through Kafka to figures worked out by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.e2e.agreement import differences

if TYPE_CHECKING:
    from tests.e2e.plant import Plant

PAGE = (Path(__file__).parents[2] / "docs" / "mapping.md").read_text()
BLOCKS = dict(reversed(re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)))
AT = "2026-03-02T08:13:00Z"
SUPPORT = {
    "offered": 4,  # 4711, 4712, 4713, 4716
    "answered": 2,  # 4711 after 12 s, 4713 after 25
    "in_threshold": 1,  # 20 s
    "wait_ms": 37_000,
    "abandoned": 2,  # 4712 after 95 s, 4716 after 3
    "short_abandoned": 1,  # 5 s
    "abandoned_in_threshold": 1,
    "flowed_out": 0,
    "timed_out": 0,
    "handled": 2,
    "talk_ms": 600_000,  # 09:00:12 to 09:05:42 less a hold of 30 s, 09:03:25 to 09:08:25
    "hold_ms": 30_000,
    "held": 1,
    "wrap_up_ms": 20_000,  # 20 s and 0
    "handle_ms": 650_000,
    "asa_seconds": 18.5,
    "aht_seconds": 325.0,
    "abandonment": 1 / 3,  # without the short one: 1 of 3
}
SALES = {
    "offered": 2,  # 4714, 4715
    "answered": 1,
    "in_threshold": 1,
    "wait_ms": 4_000,
    "abandoned": 0,
    "flowed_out": 1,
    "flowed_out_by": {"timeout": 1},
    "handled": 1,
    "talk_ms": 120_000,  # 09:10:04 to 09:12:04
    "hold_ms": 0,
    "held": 0,
    "wrap_up_ms": 15_000,
    "handle_ms": 135_000,
    "asa_seconds": 4.0,
    "aht_seconds": 135.0,
}
FIRST_CONTACTS = {"first_contacts": 2, "resolved": 2, "repeated": 0, "unidentified": 1}
"""Of three calls that were served one, 4713, withheld its number."""


def test_a_csv_of_somebodys_own_gives_the_figures_worked_out_by_hand(plant: Plant) -> None:
    mapping, calls = plant.folder / "cdr.toml", plant.folder / "calls.csv"
    mapping.write_text(BLOCKS["toml"])
    calls.write_text(BLOCKS["csv"])
    plant.run("replay", "--map", str(mapping), str(calls))
    header, *rows = BLOCKS["csv"].splitlines()
    calls.write_text("\n".join([header, *reversed(rows)]))  # a later export, with all of it again
    plant.run("replay", "--map", str(mapping), str(calls))
    with plant.worker() as worker, plant.service() as service:
        plant.until_applied(worker)
        plant.until_shown(service)
        told = service.kpis(window="1h", by="channel,queue", at=AT)
        got: dict[str, dict[str, Any]] = {row["queue"]: row for row in told if row["channel"] == "phone"}
        assert differences(got["support"], SUPPORT) == []
        assert differences(got["sales"], SALES) == []
        (phone,) = (row for row in service.kpis(window="24h", by="channel", at=AT) if row["channel"] == "phone")
        assert (phone["interactions_offered"], phone["interactions_answered"], phone["interactions_lost"]) == (6, 3, 3)
        (phone,) = (row for row in service.kpis(window="7d", by="channel", at=AT) if row["channel"] == "phone")
        assert differences(phone["fcr"]["provisional"], FIRST_CONTACTS) == []
        assert service.records()["rejected"] == 0
        journey = json.loads(service.get("/api/v1/customers/tel:+393335550102/journey"))
        assert "rome-4712" in json.dumps(journey)
        assert "rome-4716" in json.dumps(journey)
