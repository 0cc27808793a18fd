"""All that a customer counts: each module of this package says its part, as a function of the person alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from stream.core.customers import contacts, journeys, members, orders, reasons, surveys, voices
from stream.core.customers.person import Person
from stream.core.rules import Rules
from stream.core.stage import Stamp

Part = Callable[[Person, Rules], list[Stamp]]
PARTS: tuple[Part, ...] = (contacts.stamps, journeys.stamps, reasons.stamps)
OF_EVENTS: tuple[Part, ...] = (surveys.stamps, voices.stamps, members.stamps, orders.stamps)
"""Those that count nothing of who has told nothing."""
_FEW = 12


def stamps_of(person: Person, rules: Rules) -> list[Stamp]:
    """All stamps of a customer."""
    found: list[Stamp] = []
    for part in (*PARTS, *OF_EVENTS) if person.said else PARTS:
        found += part(person, rules)
    return found


def difference(before: list[Stamp], after: list[Stamp]) -> tuple[list[Stamp], list[Stamp]]:
    """The stamps to add and to take back, so that `after` stands where `before` did.

    >>> difference([(1, "a", (1, 1)), (2, "a", (1, 1))], [(1, "a", (1, 1)), (2, "b", (1, 1)), (3, "b", (1, 1))])
    ([(2, 'b', (1, 1)), (3, 'b', (1, 1))], [(2, 'a', (1, 1))])
    """
    first, shorter = 0, min(len(before), len(after))
    while first < shorter and before[first] == after[first]:
        first += 1
    removed, added = before[first:], after[first:]
    if not removed or not added:
        return added, removed
    if len(removed) > _FEW:
        gone, come = set(removed), set(added)
        if len(gone) == len(removed) and len(come) == len(added):
            return [stamp for stamp in added if stamp not in gone], [stamp for stamp in removed if stamp not in come]
        return _counted(added, removed)
    more = []
    for stamp in added:
        if stamp in removed:
            removed.remove(stamp)
        else:
            more.append(stamp)
    return more, removed


def _counted(added: list[Stamp], removed: list[Stamp]) -> tuple[list[Stamp], list[Stamp]]:
    gone, come = Counter(removed), Counter(added)
    return list((come - gone).elements()), list((gone - come).elements())
