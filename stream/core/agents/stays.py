"""A part's stays on its agent's time line, and between which instants, or at which, another version of them differs."""

from __future__ import annotations

from typing import TypeVar

from stream.core.agents.levels import Levels
from stream.core.agents.part import Kept
from stream.core.agents.time import FOREVER, Stay

Edge = tuple[int, int, int]
"""(instant, lane before, lane from then on) of one part; lane -1 is none."""
T = TypeVar("T", int, Edge)


def of_part(part: Kept | None, lane: int | None, levels: Levels, horizon: int) -> list[Stay]:
    """The ring, then the session, of a part, as far as they last beyond the horizon (ms). `lane` None: not live."""
    if part is None or part.withdrawn or lane is None:
        return []
    found: list[Stay] = []
    rang_at, answered_at = part.rang_at, part.answered_at
    if rang_at is not None:
        end = part.rang_until if answered_at is None else answered_at
        if end is None:
            end = FOREVER
        if end > rang_at and end > horizon:
            found.append((end, rang_at, levels.rings))
    if answered_at is not None:
        end = FOREVER if part.free_at is None else part.free_at
        if end > answered_at and end > horizon:
            found.append((end, answered_at, lane))
    return found


def edges(stays: list[Stay]) -> list[Edge]:
    """The instants at which a part's own stays, in their order, begin, end, or follow one another.

    >>> edges([(12, 10, 3), (50, 12, 0)])
    [(10, -1, 3), (12, 3, 0), (50, 0, -1)]
    """
    found: list[Edge] = []
    for end, start, lane in stays:
        if found and found[-1][0] == start:
            found[-1] = start, found[-1][1], lane
        else:
            found.append((start, -1, lane))
        found.append((end, lane, -1))
    return found


def apart(old: list[T], new: list[T]) -> tuple[list[T], list[T]]:
    """What is only in the old one, and what only in the new one.

    >>> apart([1, 2], [2, 3])
    ([1], [3])
    """
    if not old or not new:
        return old, new
    return [each for each in old if each not in new], [each for each in new if each not in old]


def touched(old: list[Stay], new: list[Stay]) -> tuple[int, int]:
    """Between which instants two sets of stays differ: (FOREVER, -1) when they do not.

    >>> touched([(FOREVER, 10, 0)], [(50, 10, 0)]) == (50, FOREVER)
    True
    """
    first, last = FOREVER, -1
    if not old and new:
        return min(start for _, start, _ in new), max(end for end, _, _ in new)
    for lane in {lane for _, _, lane in (*old, *new)}:
        spans = [[(start, end) for end, start, of in stays if of == lane] for stays in (old, new)]
        if spans[0] == spans[1]:
            continue
        starts, ends = {start for start, _ in (*spans[0], *spans[1])}, {end for _, end in (*spans[0], *spans[1])}
        if not spans[0] or not spans[1] or len(starts) == 2 == len(ends):
            one, two = min(starts), max(ends)
        elif len(starts) == 1:
            one, two = min(ends), max(ends)
        else:
            one, two = min(starts), max(starts)
        first, last = min(first, one), max(last, two)
    return first, last
