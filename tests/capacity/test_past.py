"""What docs/scaling.md says of agents who have worked for days and weeks."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.cost.past import AGENT, PASTS, Past, grown
from stream.core.agents.agent import Agents
from stream.core.rules import Rules

PAGE = Path(__file__).parents[2] / "docs" / "scaling.md"


@pytest.mark.parametrize("past", PASTS)
def test_the_page_says_how_many_bytes_an_agents_past_takes(past: Past) -> None:
    stage = Agents(Rules())
    blob = stage.dump(grown(stage, past))
    assert stage.dump(stage.load(AGENT, blob)) == blob
    row = f"| {' | '.join(map(str, past))} | {len(blob):,} |"
    assert row in PAGE.read_text(), f"`python -m bench.cost.past` says otherwise: {row}"
