"""What a customer's journeys count: touchpoints, the transitions between them, where they break. By day alone.

A journey is a run of touchpoints with at most 30 days between the end of one and the start of the next. All is counted
at the start of a touchpoint, with its phase and the customer's segments then: a transition at the second one; what
broke at the touchpoint where it broke, whenever that was felt; a journey at its first.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from schemas.events import Digest
from stream.core.customers.friction import Friction
from stream.core.customers.groups import Groups
from stream.core.customers.journey_scopes import FRICTION, JOURNEY, TOUCH, TRANSITION, journey_scope
from stream.core.customers.person import Person
from stream.core.customers.surveys import counted
from stream.core.customers.touchpoints import Touchpoint, touchpoints
from stream.core.figures.sketch import bin_of
from stream.core.measures import CODES, GAP_BINS, TOUCH_CODES, Cell
from stream.core.rules import DAY, Rules
from stream.core.stage import Stamp

GAP_MS = 30 * DAY
_C = CODES
_TOUCHES, _TRANSITIONS, _FRICTIONS = CODES["touches"], CODES["transitions"], CODES["frictions"]
BROKE = (_FRICTIONS, 1)
_JOURNEYS, _BROKEN = CODES["journeys"], CODES["journeys_broken"]
_WAITED, _WAIT_MS, _HANDLED, _HANDLE_MS = (
    CODES[name] for name in ("touches_waited", "wait_ms", "handled", "handle_ms")
)
scope_of = lru_cache(maxsize=8192)(journey_scope)


def gap_ms(before: Touchpoint, after: Touchpoint) -> int:
    """From the (first) end of one touchpoint to the start of the next; 0 when that starts before the end."""
    return max(after.at - (before.at if before.ended_at is None else before.ended_at), 0)


def journeys(touches: Iterable[Touchpoint]) -> list[list[Touchpoint]]:
    """The touchpoints, in order of time, by journey."""
    found: list[list[Touchpoint]] = []
    for touch in touches:
        if found and gap_ms(found[-1][-1], touch) <= GAP_MS:
            found[-1].append(touch)
        else:
            found.append([touch])
    return found


def stamps(person: Person, rules: Rules) -> list[Stamp]:
    """All stamps of a customer's journeys."""
    touches = touchpoints(person, rules)
    if not touches:
        return []
    segments_at, frictions_at = Groups(person, rules).at, Friction(person.journey, rules).at
    found: list[Stamp] = []
    broken: dict[tuple[str, str], None] = {}
    first, before = touches[0], None
    for touch in touches:
        at, phase, segments = touch.at, touch.phase, segments_at(touch.at)
        gap = 0 if before is None else gap_ms(before, touch)
        if gap > GAP_MS:
            found += whole(first.at, segments_at(first.at), first.phase, broken)
            first, before, broken = touch, None, {}
        if before is not None:
            scope = scope_of(TRANSITION, segments, phase, before.place, touch.place)
            found.append((at, scope, (_TRANSITIONS, 1, GAP_BINS + bin_of(gap), 1)))
        found.append((at, scope_of(TOUCH, segments, phase, touch.name), _counts(touch)))
        for why in frictions_at(touch):
            found.append((at, scope_of(FRICTION, segments, phase, why, touch.name), BROKE))
            broken[why, ""] = broken[why, touch.name] = None
        before = touch
    return found + whole(first.at, segments_at(first.at), first.phase, broken)


def whole(at: int, segments: tuple[str, ...], phase: str | None, broken: Iterable[tuple[str, str]]) -> list[Stamp]:
    """A journey that began so, and by which friction, at which touchpoint or at any (empty), it was broken."""
    scope = scope_of(JOURNEY, segments, phase)
    if not broken:
        return [(at, scope, (_JOURNEYS, 1))]
    breaks = [(at, scope_of(FRICTION, segments, phase, why, name), (_BROKEN, 1)) for why, name in broken]
    return [(at, scope, (_JOURNEYS, 1, _BROKEN, 1)), *breaks]


def counts_of(outcome: str, d: Digest | None) -> tuple[int, ...]:
    """What a touchpoint counts, but for what was felt about it."""
    found: tuple[int, ...] = (_TOUCHES, 1, TOUCH_CODES[outcome], 1)
    if d is None:
        return found
    if d.wait_ms is not None:
        found += _WAITED, 1, _WAIT_MS, d.wait_ms
    if d.handled:
        found += _HANDLED, d.handled, _HANDLE_MS, d.handle_ms
    return found


def _counts(touch: Touchpoint) -> tuple[int, ...]:
    found = counts_of(touch.outcome, touch.digest)
    if not touch.felt:
        return found
    cell: Cell = {}
    for said in touch.felt:
        if said.survey is not None and said.score is not None:
            more = counted(said.survey, said.score)
        else:
            more = (_C["complaints" if said.kind == "complained" else "reviews"], 1)
        for code, n in zip(more[::2], more[1::2], strict=True):
            cell[code] = cell.get(code, 0) + n
    return found + tuple(each for pair in cell.items() for each in pair)
