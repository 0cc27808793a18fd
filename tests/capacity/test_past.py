"""What docs/scaling.md says of agents who have worked for days and weeks."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.cost.past import PASTS, taken
from bench.cost.shifts import Past

PAGE = Path(__file__).parents[2] / "docs" / "scaling.md"


@pytest.mark.parametrize("past", PASTS)
def test_the_page_says_how_many_bytes_an_agents_past_takes(past: Past) -> None:
    begin = f"| {' | '.join(map(str, past))} |"
    (row,) = [line for line in PAGE.read_text().splitlines() if line.startswith(begin)]
    told = [int(cell.replace(",", "")) for cell in row.split("|")[4:7]]
    assert [*taken(past)[:3]] == pytest.approx(told, rel=0.05), "`python -m bench.cost.past` says so"
