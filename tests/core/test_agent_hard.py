"""Agents' histories in which nearly everything falls on the same few instants and is corrected, against the recount."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.events import Parted
from stream.core.agents import state as agent_state
from stream.core.rules import HOUR, MINUTE
from tests.core.agent_words import MONDAY, beat, part, told
from tests.core.test_agent_laws import END, counted, history, recounted

GRIDS = ((1000, 6), (5 * MINUTE, 12), (20 * MINUTE, 30), (10 * MINUTE, 60), (HOUR, 9))
"""(step in ms, steps): seconds apart, around the silence of heartbeats, and around that of the others."""


def crowded(seed: int, step: int, steps: int) -> list[Any]:
    """Presence and parts of two agents on a grid. Revisions change everything, instants too; both have a part each in
    the same segments, that comes, changes, is withdrawn and comes back."""
    random = Random(seed)

    def instant() -> int:
        return MONDAY + HOUR + random.randrange(steps) * step

    events: list[Any] = []
    for agent in ("anna", "bert"):
        for n in range(random.randint(0, 12)):
            make = random.choice([told, told, beat])
            slots = random.choice([None, {"phone": 1}, {"chat": 3, "phone": 1}, {"email": 5}])
            for revision in range(random.choice([1, 1, 1, 2, 3])):
                presence = random.choice(["available", "available", "not_ready", "logged_out"])
                events.append(make(agent, instant(), presence, name=f"{n}", revision=revision, slots=slots))
        for n in range(random.randint(0, 8)):
            channel = random.choice(["phone", "chat", "chat", "email"])
            for revision in range(random.randint(1, 4)):
                more = {"withdrawn": True} if random.random() < 0.2 else _stay(random, instant)
                at = max((at for at in more.values() if type(at) is int), default=instant())
                events.append(part(agent, f"i{n}", revision, at, channel=channel, **more))
    return events


def _stay(random: Random, instant: Any) -> dict[str, Any]:
    rang, answered, over, free = sorted(instant() for _ in range(4))
    if random.random() < 0.15:
        rang, answered = answered, rang
    more: dict[str, Any] = {"rang_at": rang} if random.random() < 0.7 else {}
    if random.random() < 0.25:
        return more | {"rang_until": answered, "declined": random.random() < 0.5}
    more["answered_at"] = answered
    if random.random() < 0.7:
        more |= {"over_at": over, "free_at": free, "wrapped": random.random() < 0.6, "handle_ms": 5}
        more |= {"timed_out": random.random() < 0.15, "closings": ((over, random.choice([True, False, None])),)}
    return more


@settings(deadline=None, max_examples=150)
@given(seed=st.integers(0, 100_000), grid=st.sampled_from(GRIDS), cut=st.sampled_from([1, 3, 1000]))
def test_ties_corrections_and_parts_that_come_back_are_what_the_recount_says(
    seed: int, grid: tuple[int, int], cut: int
) -> None:
    events = crowded(seed, *grid)
    random = Random(seed)
    mixed = events + [event for event in events if random.random() < 0.3]
    random.shuffle(mixed)
    assert counted(mixed, seed, cut=cut)[0] == recounted(events, END)


@pytest.mark.parametrize(("minutes", "words", "most"), [(60, 5, 20), (0, 1, 3)])
@pytest.mark.parametrize("seed", range(12))
def test_what_is_forgotten_changes_nothing_of_what_comes_in_its_order(
    monkeypatch: pytest.MonkeyPatch, seed: int, minutes: int, words: int, most: int
) -> None:
    for name, n in (("KEEP_MS", minutes * MINUTE), ("KEEP_WORDS", words), ("MOST_WORDS", most)):
        monkeypatch.setattr(agent_state, name, n)
    first: dict[Any, Any] = {}
    for event in history(seed):
        if not (isinstance(event, Parted) and event.data.withdrawn):
            revision = event.revision if isinstance(event, Parted) else 0
            first.setdefault((event.data.agent_id, event.source, event.id, revision), event)
    events = sorted(first.values(), key=lambda event: event.at)
    assert counted(events, seed, cut=3)[0] == recounted(events, END)
