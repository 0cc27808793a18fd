"""What there is to subscribe to: our output topics, and the event types of each."""

from __future__ import annotations

from typing import get_args

from schemas.alerts import Alert
from schemas.catalogue import wire_name
from schemas.enriched import ENRICHED_TYPES
from schemas.insights import Insight, ReasonSpike

TYPES: dict[str, tuple[str, ...]] = {
    "interactions.enriched": tuple(ENRICHED_TYPES),
    "customers.insights": tuple(wire_name(kind) for kind in (*get_args(Insight), ReasonSpike)),
    "queues.alerts": tuple(wire_name(kind) for kind in get_args(Alert)),
}
"""By topic, without prefix. The order of topics is that of resume tokens: a new one comes last."""
TOPICS = tuple(TYPES)

Positions = tuple[tuple[int, ...], ...]
"""By topic and by partition the offset of the next record; a partition that is not named was not there yet."""


def reaches(positions: Positions, wanted: Positions) -> bool:
    """Whether these positions are nowhere before the wanted ones.

    >>> reaches(((5, 7), (3,)), ((5, 6), ())), reaches(((5, 7),), ((6, 7),)), reaches(((5,),), ((5, 1),))
    (True, False, False)
    """
    return all(
        all(at >= least for at, least in zip(ours, theirs, strict=False)) and not any(theirs[len(ours) :])
        for ours, theirs in zip(positions, wanted, strict=True)
    )


def furthest(one: Positions, other: Positions) -> Positions:
    """Of each partition the later position.

    >>> furthest(((5, 7), (3,)), ((6,), (2, 1)))
    ((6, 7), (3, 1))
    """
    return tuple(
        (*map(max, ours, theirs), *ours[len(theirs) :], *theirs[len(ours) :])
        for ours, theirs in zip(one, other, strict=True)
    )
