"""A part's stays: where two versions of them differ, on a small grid, against a look at each instant."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import pytest

from stream.core.agents.levels import Levels
from stream.core.agents.part import kept
from stream.core.agents.stays import edges, of_part, touched
from stream.core.agents.time import FOREVER, Stay
from stream.core.rules import Rules
from tests.core.agent_words import part

LEVELS = Levels(Rules())
RING, PHONE = LEVELS.rings, 0
SPANS = [None, *combinations(range(5), 2)]


def at_each(stays: list[Stay]) -> list[frozenset[tuple[int, int]]]:
    """For each instant of the grid, how often there is something in each lane."""
    lanes = [[lane for end, start, lane in stays if start <= at < end] for at in range(5)]
    return [frozenset((lane, here.count(lane)) for lane in here) for here in lanes]


@pytest.mark.parametrize("ring", [(None, None), ((0, 2), (0, 2)), ((0, 1), None), (None, (2, 4)), ((1, 2), (0, 3))])
def test_what_is_touched_is_from_the_first_instant_that_differs_to_the_last(
    ring: tuple[tuple[int, int] | None, tuple[int, int] | None],
) -> None:
    for sessions in product(SPANS, repeat=2):
        old, new = (
            [(span[1], span[0], lane) for span, lane in ((rings, RING), (session, PHONE)) if span is not None]
            for rings, session in zip(ring, sessions, strict=True)
        )
        pairs = enumerate(zip(at_each(old), at_each(new), strict=True))
        differ = [at for at, (one, other) in pairs if one != other]
        assert touched(old, new) == ((differ[0], differ[-1] + 1) if differ else (FOREVER, -1))


@pytest.mark.parametrize(
    ("told", "stays"),
    [
        ({}, []),
        ({"rang_at": 10}, [(FOREVER, 10, RING)]),
        ({"rang_at": 10, "rang_until": 12}, [(12, 10, RING)]),
        ({"rang_at": 10, "rang_until": 10}, []),
        ({"rang_at": 10, "rang_until": 12, "answered_at": 14}, [(14, 10, RING), (FOREVER, 14, PHONE)]),
        ({"rang_at": 10, "answered_at": 10}, [(FOREVER, 10, PHONE)]),
        ({"rang_at": 10, "answered_at": 8, "free_at": 9}, [(9, 8, PHONE)]),
        ({"answered_at": 10, "over_at": 20, "free_at": 30}, [(30, 10, PHONE)]),
        ({"answered_at": 10, "over_at": 10, "free_at": 10}, []),
        ({"answered_at": 10, "over_at": 9, "free_at": 9}, []),
        ({"rang_at": 10, "answered_at": 10, "over_at": 10, "free_at": 11}, [(11, 10, PHONE)]),
        ({"answered_at": 10, "withdrawn": True}, []),
    ],
)
def test_a_part_rings_then_is_on_until_its_agent_is_free(told: dict[str, Any], stays: list[Stay]) -> None:
    packed = kept(part("anna", "1", 0, 10, **told))
    assert of_part(packed, PHONE, LEVELS, 0) == stays
    assert of_part(packed, None, LEVELS, 0) == []
    assert of_part(None, PHONE, LEVELS, 0) == []
    for horizon in range(8, 31):
        assert of_part(packed, PHONE, LEVELS, horizon) == [stay for stay in stays if stay[0] > horizon]


def test_stays_that_follow_one_another_have_one_edge_between_them_and_others_two() -> None:
    assert edges([(12, 10, RING), (50, 12, PHONE)]) == [(10, -1, RING), (12, RING, PHONE), (50, PHONE, -1)]
    assert edges([(12, 10, RING), (50, 13, PHONE)]) == [
        (10, -1, RING), (12, RING, -1), (13, -1, PHONE), (50, PHONE, -1),
    ]  # fmt: skip
    assert edges([]) == []
