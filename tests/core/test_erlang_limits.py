"""Erlang's sums at their limits: how long they take, and what no number of agents reaches."""

from __future__ import annotations

import time

import pytest

from stream.core.forecast.erlang import MOST_AGENTS, agents_needed, outlook


def test_patient_callers_of_too_few_agents_do_not_stop_the_service_to_count() -> None:
    begun = time.process_time()
    found = outlook(0.35, 300, 20, 20, 1.2e6)
    needed = agents_needed(0.35, 300, 20, 1.2e6, 0.8)
    assert time.process_time() - begun < 0.5
    assert found.service_level == pytest.approx(0, abs=1e-9)
    assert found.abandoned == pytest.approx(1 - 20 / 105, abs=1e-6)
    assert needed == 113


def test_that_all_are_answered_in_time_no_number_of_agents_reaches() -> None:
    with pytest.raises(ValueError, match="no number of agents"):
        agents_needed(100 / 1800, 180, 20, None, 1.0)
    assert agents_needed(0, 180, 20, None, 1.0) == 0


@pytest.mark.parametrize("patience_s", [None, 60.0])
def test_agents_are_looked_for_up_to_the_most(patience_s: float | None) -> None:
    erlangs = MOST_AGENTS - 100
    assert erlangs * 0.8 < agents_needed(erlangs / 180, 180, 20, patience_s, 0.8) <= MOST_AGENTS
    with pytest.raises(ValueError, match="more than"):
        agents_needed(2 * MOST_AGENTS / 180, 180, 20, patience_s, 0.8)
