"""Where a customer met us, over all channels and by time; what came of it, and what the customer said about it.

Touchpoints are what the customer did: interactions in either direction, `customer.touched`, purchases and returns. What
the customer *felt* (surveys, complaints, reviews) belongs to one of them: a survey to its interaction, all else to the
last one before it, within 30 days and on the same channel when one is told. What belongs to none is one by itself.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from operator import attrgetter

from msgspec import Struct

from schemas.events import Digest, Said
from stream.core.customers.person import Person
from stream.core.customers.phases import Phases, first_purchases
from stream.core.measures import TOUCH_CODES
from stream.core.rules import DAY, Rules

FELT_MS = 30 * DAY
FELT = {"survey_answered": "survey", "complained": "complaint", "reviewed": "review"}
"""What customers feel: the kind of event -> the name of one that is about nothing we know."""
_SOLD = {"purchased": ("purchase", "bought"), "returned": ("return", "returned")}
_order = attrgetter("order")
_at = attrgetter("at")


class Touchpoint(Struct, kw_only=True):
    """One, from `at` to `ended_at` (ms; None: not over, or it is an instant).

    `name`: channel/queue, or a word of a closed list; `place`: the same without the queue. `outcome`: one of
    `measures.TOUCH_OUTCOMES`. `phase`: of a purchase. `digest` or `said`: what it is; `felt`: what was said about it.
    """

    at: int
    name: str
    place: str
    outcome: str
    phase: str | None
    order: tuple[int, str, str, str]
    ended_at: int | None = None
    digest: Digest | None = None
    said: Said | None = None
    felt: list[Said] = []


def touchpoints(person: Person, rules: Rules) -> list[Touchpoint]:
    """All touchpoints of a customer, in order of time; of one instant by kind, channel or source, and id."""
    if not person.said:
        phases = Phases([])
        return [of_digest(d, phases) for d in person.journey.all]
    bought = first_purchases(person)
    phases = Phases([said.at for said in bought])
    found = [of_digest(d, phases) for d in person.journey.all]
    told = [*bought, *person.events("touched"), *person.events("returned")]
    found = sorted(found + [_of_said(said, phases, rules) for said in told], key=_order)
    felt = [said for kind in FELT for said in person.events(kind)]
    by_id: dict[str, list[Touchpoint]] = {}
    if any(said.interaction_id is not None for said in felt):
        for touch in found:
            if touch.digest is not None:
                by_id.setdefault(touch.digest.interaction_id, []).append(touch)
    alone = [said for said in felt if not _belongs(said, found, by_id)]
    if alone:
        found = sorted(found + [_of_said(said, phases, rules) for said in alone], key=_order)
    for touch in found:
        if len(touch.felt) > 1:
            touch.felt.sort(key=lambda said: (said.at, said.source, said.id))
    return found


def name_of(d: Digest) -> str:
    """What an interaction is called as a touchpoint."""
    return d.channel if d.queue is None else f"{d.channel}/{d.queue}"


def outcome_of(d: Digest) -> str:
    """What came of an interaction as a touchpoint."""
    return "open" if not d.ended_at else d.outcome or "untold"


def of_digest(d: Digest, phases: Phases) -> Touchpoint:
    """An interaction as a touchpoint."""
    return Touchpoint(
        at=d.started_at, name=name_of(d), place=d.channel, outcome=outcome_of(d), phase=phases.at(d.started_at),
        order=(d.started_at, "", d.channel, d.interaction_id), ended_at=d.ended_at[0] if d.ended_at else None, digest=d,
    )  # fmt: skip


def _of_said(said: Said, phases: Phases, rules: Rules) -> Touchpoint:
    """An event as a touchpoint; what comes back comes back after its purchase."""
    phase = said.phase or ("after" if said.kind == "returned" else phases.at(said.at))
    if said.kind == "touched":
        name = listed(said.name, rules.touchpoints)
        outcome = "untold" if said.outcome is None else said.outcome if said.outcome in TOUCH_CODES else "other"
    else:
        name, outcome = _SOLD.get(said.kind) or (FELT[said.kind], "untold")
    order = said.at, said.kind, said.source, said.id
    felt = [said] if said.kind in FELT else []
    return Touchpoint(
        at=said.at, name=name, place=name, outcome=outcome, phase=phase, order=order, said=said, felt=felt
    )


def listed(name: str | None, names: Iterable[str]) -> str:
    """The name when it is one of a closed list, else `other`.

    >>> listed("shop", ("site", "shop")), listed("kiosk 17", ("site", "shop")), listed(None, ())
    ('shop', 'other', 'other')
    """
    return name if name is not None and name in names else "other"


def _belongs(said: Said, found: list[Touchpoint], by_id: dict[str, list[Touchpoint]]) -> bool:
    """Whether what was felt is about one of those found; then it is with that one."""
    if said.interaction_id is None:
        own = _last_before(said, found)
    else:
        named = (touch for touch in by_id.get(said.interaction_id, ()) if said.channel in (None, touch.place))
        own = max(named, key=_order, default=None)
    if own is not None:
        own.felt.append(said)
    return own is not None


def _last_before(said: Said, found: list[Touchpoint]) -> Touchpoint | None:
    for place in range(bisect_right(found, said.at, key=_at) - 1, -1, -1):
        touch = found[place]
        if said.at - touch.at > FELT_MS:
            return None
        if said.channel in (None, touch.place):
            return touch
    return None
