"""What differs between two sets of figures, told to people and programs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from agents.beside import _cut
from agents.records import Batch
from stream.cli import rebuild_differences
from stream.cli.console import out
from stream.cli.rebuild_differences import Difference, Place, as_json, differences, show

if TYPE_CHECKING:
    from stream.cli.rebuild_differences import Figures

LEVEL = "service_level.short_abandons_excluded"
WINDOWS = ("today", "7d")


def of(figure: str, queue: str | None = "support", window: str = "today") -> Place:
    return Place(window, "phone", queue, figure)


OLD: Figures = {of("offered"): 4, of(LEVEL): 0.25, of("asa_seconds"): None, of("held"): 1, of("gone", None): 2}
NEW: Figures = {of("offered"): 4, of(LEVEL): 0.75, of("asa_seconds"): 12.5, of("held"): 3, of("new", ""): 1}


def test_only_what_differs_is_found_and_what_one_side_lacks_has_no_value() -> None:
    found, compared = differences(OLD, NEW)
    assert compared == 6
    assert set(found) == {
        Difference(of(LEVEL), 0.25, 0.75), Difference(of("asa_seconds"), None, 12.5), Difference(of("held"), 1, 3),
        Difference(of("gone", None), 2, None), Difference(of("new", ""), None, 1),
    }  # fmt: skip
    assert differences(OLD, OLD).found == []


def test_programs_get_all_of_them() -> None:
    told = as_json(differences(OLD, NEW), "v2", "first")
    assert (told["live"], told["rebuilt"], told["compared"], len(told["differences"])) == ("first", "v2", 6, 5)
    assert {"window": "today", "channel": "phone", "queue": "support", "figure": "held", "old": 1, "new": 3} in (
        told["differences"]
    )
    assert {"window": "today", "channel": "phone", "figure": "gone", "old": 2, "new": None} in told["differences"]


def test_people_get_a_table_that_fits_a_narrow_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    long = {of("offered", "a queue with a long name, as some have", window): n for n, window in enumerate(WINDOWS)}
    monkeypatch.setattr(out, "_width", 80)
    show(differences(OLD | long, NEW | dict.fromkeys(long, 1234567)), "short_abandons_excluded", WINDOWS)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    table = {tuple(line.split()) for line in lines}
    assert ("today", "phone", "support", "service_level", "0.250", "0.750", "+0.500") in table
    assert ("today", "phone", "support", "asa_seconds", "-", "12.500") in table
    assert lines[-1] == "7 of 8 figures differ; 3 more of them: --json has all"
    assert [line.split()[0] for line in lines[1:-1]] == ["today"] * 3 + ["7d"]


def test_no_differences_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    show(differences(OLD, OLD), "short_abandons_excluded", WINDOWS)
    assert capsys.readouterr().out == "no differences: 5 figures are the same\n"


def test_what_is_of_this_moment_is_not_compared() -> None:
    row = {"waiting": 3, "service_level_live": 0.5, "offered": 1, "longest_wait_ms": None}
    assert dict(rebuild_differences.flat(row)) == {"offered": 1}


def test_a_batch_is_cut_at_the_bound_and_positions_stay_whole() -> None:
    records = [SimpleNamespace(offset=offset) for offset in (5, 6, 9)]
    batch = Batch(("t", 0), 5, 11, records)  # type: ignore[arg-type]
    assert _cut(batch, 5) == (None, batch)
    assert _cut(batch, 11) == (batch, None)
    now, rest = _cut(batch, 8)
    assert now == Batch(("t", 0), 5, 8, records[:2])  # type: ignore[arg-type]
    assert rest == Batch(("t", 0), 8, 11, records[2:])  # type: ignore[arg-type]
