"""The scopes of journeys: by day alone, `*|*|n` and then kind|segments|phase|names, in which `|` and `%` are written %.

Segments are those of the customer at that instant, all of them together: each thing is counted once, and what a segment
counts is the sum of the scopes that hold it. Names: of touchpoints, transitions (from, to) and friction (why, where).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import unquote

BEGIN = "*|*|n"
TOUCH, TRANSITION, FRICTION, JOURNEY = "t", "m", "f", "j"
"""Kinds: touchpoints; moves between two; friction; whole journeys."""


class JourneyScope(NamedTuple):
    """One of them, read."""

    kind: str
    segments: tuple[str, ...]
    phase: str | None
    names: tuple[str, ...]


def journey_scope(kind: str, segments: Sequence[str], phase: str | None, *names: str) -> str:
    """The scope of what was counted.

    >>> journey_scope(TRANSITION, ("new", "vip"), "after", "phone", "50% | off")
    '*|*|nm|new+vip|after|phone|50%25 %7C off'
    """
    told = "+".join(_escaped(segment).replace("+", "%2B") for segment in segments)
    return "|".join((BEGIN + kind, told, phase or "", *map(_escaped, names)))


def read_scope(scope: str) -> JourneyScope | None:
    """A scope of journeys; None for any other.

    >>> read_scope("*|*|nm|new+vip||phone|50%25 %7C off").names, read_scope("phone|i|qsales") is None
    (('phone', '50% | off'), True)
    """
    if not scope.startswith(BEGIN):
        return None
    kind, segments, phase, *names = scope[len(BEGIN) :].split("|")
    told = tuple(unquote(segment) for segment in segments.split("+")) if segments else ()
    return JourneyScope(kind, told, phase or None, tuple(map(unquote, names)))


def _escaped(name: str) -> str:
    return name.replace("%", "%25").replace("|", "%7C")
