"""Which types the contract has: what a source may send, what we send out. Topics between our own stages are no part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

from msgspec import Struct

from schemas.alerts import Alert
from schemas.catalogue import TYPES, wire_name
from schemas.contract.forgotten import Forgotten
from schemas.deadletter import DeadLetterHeaders
from schemas.enriched import ENRICHED_TYPES
from schemas.insights import Insight, ReasonSpike
from schemas.topics import TOPICS, TopicSpec

Direction = Literal["in", "out"]

OURS = frozenset({"interaction.forgotten", "customer.forgotten"})
"""What lies in input topics and is no source's to send. Customers' is told to everybody, by `centralino forget`."""
HEADERS = "dead-letter.headers"
"""The name of what stands beside dead letters."""

_OUT: dict[str, dict[str, type[Struct]]] = {
    "customers.events": {wire_name(Forgotten): Forgotten},
    "interactions.enriched": dict(ENRICHED_TYPES),
    "customers.insights": {wire_name(kind): kind for kind in (*get_args(Insight), ReasonSpike)},
    "queues.alerts": {wire_name(kind): kind for kind in get_args(Alert)},
    "dead-letters": {HEADERS: DeadLetterHeaders},
}


class PublicType(Struct, frozen=True):
    """A type of the contract. `direction`: as we see it; `topics`: where it lies, without prefix."""

    name: str
    struct: type[Struct]
    direction: Direction
    topics: tuple[str, ...]


def taken(spec: TopicSpec) -> dict[str, type[Struct]]:
    """The types that a source may send to a topic, by wire name; of vendors' payloads there are none."""
    if spec.role != "in":
        return {}
    return {name: kind for name, kind in TYPES[spec.family].items() if name not in OURS}


def told(spec: TopicSpec) -> dict[str, type[Struct]]:
    """The types that we send to a topic for others to read, by wire name."""
    return _OUT.get(spec.name, {})


def _public_types() -> dict[str, PublicType]:
    found: dict[str, PublicType] = {}
    directions: tuple[tuple[Direction, Callable[[TopicSpec], dict[str, type[Struct]]]], ...]
    directions = ("in", taken), ("out", told)
    for direction, types in directions:
        for spec in TOPICS.values():
            for name, struct in types(spec).items():
                topics = (*(found[name].topics if name in found else ()), spec.name)
                found[name] = PublicType(name, struct, direction, topics)
    return found


PUBLIC_TYPES: dict[str, PublicType] = _public_types()
"""All of them, by name: what we take, then what we tell, in the order of the topics."""
