"""The order of an interaction's facts: by instant; within one instant, the first that fits what is open goes first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from stream.core.interactions.fact import (
    ABANDONED,
    ANSWERED,
    DECLINED,
    ENDED,
    FLOWED_OUT,
    HELD,
    MESSAGE,
    OFFERED,
    QUEUED,
    REOPENED,
    RESUMED,
    STARTED,
    TRANSFERRED,
    Fact,
)  # fmt: skip

WAITING: Final = 1
CONNECTED: Final = 2
CLOSED: Final = 4
"""What is open, as bits: a segment waits; an agent is on; the interaction is closed."""

_ANY = frozenset(range(8))
_WAITING = frozenset(p for p in range(8) if p & WAITING)
_CONNECTED = frozenset(p for p in range(8) if p & CONNECTED)
FITS: Final[dict[int, frozenset[int]]] = {
    STARTED: _ANY,
    OFFERED: _WAITING, DECLINED: _WAITING, FLOWED_OUT: _WAITING, ANSWERED: _WAITING, ABANDONED: _WAITING,
    TRANSFERRED: _CONNECTED, HELD: _CONNECTED, RESUMED: _CONNECTED,
    QUEUED: frozenset({0}),
    MESSAGE: _WAITING | _CONNECTED, ENDED: _WAITING | _CONNECTED,
    REOPENED: frozenset(p for p in range(8) if p & CLOSED),
}  # fmt: skip
"""Kind -> the phases (sums of the bits above) that it fits; the kinds that are not here never fit."""

_NEVER: Final[frozenset[int]] = frozenset()


def fits(kind: int, phase: int) -> bool:
    """Whether an event of this kind is what one would expect now."""
    return phase in FITS.get(kind, _NEVER)


Rank = tuple[int, str, str]
"""(kind, source, id)."""


def rank(f: Fact) -> Rank:
    """Where a fact stands among those of its instant."""
    return f.kind, f.source, f.id


def in_order(facts: Iterable[Fact], phase: Callable[[], int]) -> Iterator[Fact]:
    """Yield facts in their order. `phase` is asked what is open after each yielded fact has been stepped."""
    ordered = sorted(facts, key=lambda f: (f.at, f.kind, f.source, f.id))
    i, n = 0, len(ordered)
    while i < n:
        at = ordered[i].at
        j = i + 1
        while j < n and ordered[j].at == at:
            j += 1
        if j == i + 1:
            yield ordered[i]
        else:
            group = ordered[i:j]
            while group:
                now = phase()
                place = next((k for k, f in enumerate(group) if fits(f.kind, now)), 0)
                yield group.pop(place)
        i = j


def would_go_before(new: Rank, other: Rank, phase: int) -> bool:
    """Whether `new`, of the same instant, would have been stepped instead of `other` when `phase` was open."""
    new_fits, other_fits = fits(new[0], phase), fits(other[0], phase)
    if new_fits != other_fits:
        return new_fits
    return new < other
