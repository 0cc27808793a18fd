"""Why an interaction counts what it counts: what each of its events, as it arrived, added to the figures and took back.

Only the facts and what stands are kept, so the past is told again: what the first n arrivals made is their fold, and
what the n-th one did is the difference to the fold before. A replaced record is seen as its last revision only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from stream.core.interactions import stamps
from stream.core.interactions.fact import Fact
from stream.core.interactions.interaction import Interaction, Interactions
from stream.core.interactions.kept import applied, arrivals, unapplied
from stream.core.interactions.life import Life
from stream.core.interactions.order import in_order
from stream.core.named import pairs
from stream.core.stage import Stamp

STEPS = 130_000
"""How many facts are folded for one history: all arrivals of 500 facts, the last ones of more."""

Counted = dict[tuple[int, str], dict[int, int]]
"""(instant in ms, scope) -> code -> n."""


class Arrival(NamedTuple):
    """What the `number`-th arrival (from 1) did: what it added to each instant and scope, and took back; n > 0."""

    number: int
    fact: Fact
    added: Counted
    taken_back: Counted


def difference(before: list[Stamp], after: list[Stamp]) -> tuple[Counted, Counted]:
    """What `after` counts more than `before`, and what less.

    >>> difference([(7, "s", (1, 1, 10, 5))], [(7, "s", (1, 1, 10, 3)), (9, "s", (4, 1))])
    ({(9, 's'): {4: 1}}, {(7, 's'): {10: 2}})
    """
    net: Counted = {}
    for sign, counted in ((1, after), (-1, before)):
        for at, scope, increments in counted:
            cell = net.setdefault((at, scope), {})
            for code, n in pairs(increments):
                cell[code] = cell.get(code, 0) + n * sign
    more = {where: {code: n for code, n in cell.items() if n > 0} for where, cell in net.items()}
    less = {where: {code: -n for code, n in cell.items() if n < 0} for where, cell in net.items()}
    return {where: cell for where, cell in more.items() if cell}, {where: cell for where, cell in less.items() if cell}


def standing(state: Interaction) -> list[Stamp]:
    """The stamps that follow from an interaction's facts."""
    return [*stamps.standing(state.life.stamps).values()]


def history(stage: Interactions, entity_id: str, blob: bytes) -> Iterator[Arrival]:
    """What each arrival did, in order of arrival; of very many facts only the last arrivals, see STEPS."""
    facts = arrivals(blob)
    n = len(facts)
    first = 0 if n * (n + 1) // 2 <= STEPS else n - STEPS // n
    before: list[Stamp] = []
    for number in range(first, n + 1):
        if number:
            after = standing(stage.load(entity_id, unapplied(blob, facts[:number])))
            if number > first:
                yield Arrival(number, facts[number - 1], *difference(before, after))
            before = after


def beyond(stage: Interactions, entity_id: str, blob: bytes) -> tuple[Counted, Counted]:
    """What stands in the figures and does not follow from the facts by today's settings, and what is missing of it.

    The first are time-outs, which silence has brought about. Whatever else there is, settings have changed since.
    """
    folded = standing(stage.load(entity_id, unapplied(blob, arrivals(blob))))
    return difference(folded, list(applied(blob)))


def in_the_order(stage: Interactions, facts: list[Fact]) -> Iterator[int]:
    """The places in `facts` in the order in which the events go."""
    life = Life(stage.desks)
    places = {id(f): place for place, f in enumerate(facts)}
    for f in in_order(facts, life.phase):
        yield places[id(f)]
        life.step(f)
