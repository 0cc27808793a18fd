"""Figures of customers that were worked out by hand: rows and the oracle both say them, in any order, doubled."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from stream.core.rules import Rules
from stream.core.times.window import window
from stream.serve import agent_rows, kpis
from stream.state.snapshot import Snapshot
from tests.core.by_hand import instant
from tests.core.by_hand_figures import CALL, FIGURES, Figures, records
from tests.core.test_center import read_of
from tests.oracle import rows
from tests.oracle.defaults import Settings

every_figure = pytest.mark.parametrize("name", FIGURES)


def question(of: Figures) -> tuple[str, str, int]:
    """Window, by, at."""
    name, by, *at = of.asked.split()
    return name, by.strip("-"), instant(at)


def shown(row: dict[str, Any], of: Figures) -> dict[str, Any]:
    """Of a row what is asked for."""
    told = row | row["customers"]
    return {key: (told | (told.get("clv") or {}))[key] for key in of.says}


def row_of(of: Figures, log: list[dict[str, Any]]) -> dict[str, Any]:
    """The product's row."""
    rules = Rules(zone=of.zone, hourly_rates=of.rates)
    name, by, at = question(of)
    labels = tuple(label for label in by.split(",") if label)
    found = kpis.rows(read_of(log, rules), rules, window(name), labels, at)
    return next(row for row in found if not labels or row["channel"] == of.says["channel"])


@every_figure
def test_rows_say_what_was_worked_out_by_hand(name: str) -> None:
    of = FIGURES[name]
    assert shown(row_of(of, records(of.told)), of) == pytest.approx(of.says)


@every_figure
def test_shuffled_and_doubled_they_say_the_same(name: str) -> None:
    of = FIGURES[name]
    for seed in range(3):
        log = records(of.told) * 2
        Random(seed).shuffle(log)
        assert shown(row_of(of, log), of) == pytest.approx(of.says)


@every_figure
def test_the_oracle_says_what_was_worked_out_by_hand(name: str) -> None:
    of = FIGURES[name]
    asked, by, at = question(of)
    found = rows(records(of.told), asked, by, at, settings=Settings(zone=of.zone, hourly_rates=of.rates))
    row = next(row for row in found if not by or row["channel"] == of.says["channel"])
    assert shown(row, of) == pytest.approx(of.says)


def agents(log: list[dict[str, Any]], asked: str, *by: str) -> list[dict[str, Any]]:
    """The rows of agents at noon."""
    snapshot: Snapshot = read_of(log, Rules())
    at = instant(["2026-03-02", "12:00:00"])
    return agent_rows.rows(snapshot, Rules(), {"day": ["ada"]}, window(asked), by, at, "inbound", at)


def test_first_contacts_and_answers_are_those_of_the_agent_who_had_them_last() -> None:
    told = CALL.replace("05:10 phone/7 ended", "05:10 phone/7 answered bo\n2026-03-02 10:06:00 phone/7 ended")
    log = records(
        told + "2026-03-02 11:00:00 anna answered csat 5 /7\n2026-03-02 11:00:00 bert answered csat 1 phone/7"
    )
    found = {row["agent"]: row for row in agents(log, "today", "agent")}
    contacts = {"first_contacts": 1, "resolved": 1, "repeated": 0, "ratio": 1.0, "repeat_rate": 0.0}
    assert found["bo"]["fcr"] == {"provisional": contacts, "matured": None}
    assert (found["bo"]["customers"]["csat_answers"], found["bo"]["customers"]["csat"]) == (1, 1.0)
    assert "ada" not in found or found["ada"]["fcr"]["provisional"]["first_contacts"] == 0


def test_teams_have_the_first_contacts_and_answers_of_their_agents() -> None:
    log = records(CALL + "2026-03-02 11:00:00 anna answered ces 6 /7")
    (row,) = agents(log, "7d", "channel", "team")
    assert (row["team"], row["channel"], row["customers"]["ces"]) == ("day", "phone", 6.0)
    assert row["fcr"]["provisional"]["ratio"] == 1.0
    assert row["fcr"]["matured"]["ratio"] is None
