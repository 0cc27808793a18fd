"""Membership: who joins and leaves. A member is who has joined and not left since.

Only a change counts: who joins twice has joined once, and whoever leaves without having joined has not left. Of one
instant joining comes first. A member who leaves within 90 days, the last millisecond included, was lost early: told
at the instant of joining, so that it belongs to those who joined then.
"""

from __future__ import annotations

from stream.core.customers.person import Person
from stream.core.measures import CODES, JOINED_IN
from stream.core.rules import DAY, HOUR, Rules
from stream.core.scope import CUSTOMERS
from stream.core.stage import Stamp
from stream.core.times.window import RINGS
from stream.core.times.zones import day_start

EARLY_MS = 90 * DAY
_C = CODES
_FINE = RINGS["f"].size_ms
_SHORT_MS, _LONG_MS = 49 * HOUR, RINGS["d"].keep_ms + 2 * DAY
"""A window of buckets finer than days is no longer than this; no window at all is as long as that."""


def stamps(person: Person, rules: Rules) -> list[Stamp]:
    """Each change of membership."""
    events = [(said.at, 0, said.source, said.id) for said in person.events("joined")]
    events += [(said.at, 1, said.source, said.id) for said in person.events("left")]
    found: list[Stamp] = []
    joined_at: int | None = None
    for at, leaves, _, _ in sorted(events):
        if leaves and joined_at is not None:
            early = at - joined_at <= EARLY_MS
            found.append(_joined(joined_at, early=early))
            found.append((at, CUSTOMERS, (_C["members"], -1, _C["customers_left"], 1, *_since(joined_at, at, rules))))
            joined_at = None
        elif not leaves and joined_at is None:
            joined_at = at
    if joined_at is not None:
        found.append(_joined(joined_at, early=False))
    return found


def _joined(at: int, *, early: bool) -> Stamp:
    return at, CUSTOMERS, (_C["members"], 1, _C["customers_joined"], 1, *((_C["left_early"], 1) if early else ()))


def _since(joined_at: int, left_at: int, rules: Rules) -> tuple[int, ...]:
    """When who leaves had joined: see `measures.JOINED_IN`. To the day, where a window of days alone can hold both."""
    if left_at - joined_at > _LONG_MS:
        return ()
    exact = left_at - joined_at <= _SHORT_MS
    return JOINED_IN + (joined_at if exact else day_start(joined_at, rules.zone)) // _FINE, 1
