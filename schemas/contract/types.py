"""Which types the contract has: what a source may send, what we send out. Topics between our own stages are no part."""

from __future__ import annotations

from typing import Literal, get_args

from msgspec import Struct

from schemas.alerts import Alert
from schemas.catalogue import TYPES, wire_name
from schemas.deadletter import DeadLetterHeaders
from schemas.enriched import ENRICHED_TYPES
from schemas.insights import Insight, ReasonSpike
from schemas.topics import TOPICS, TopicSpec

Direction = Literal["in", "out"]

OURS = frozenset({"interaction.forgotten", "customer.forgotten"})
"""What lies in input topics and is no source's to send: `centralino forget` writes it."""
HEADERS = "dead-letter.headers"
"""The name of what stands beside dead letters."""

_OUT: dict[str, dict[str, type[Struct]]] = {
    "interactions.enriched": dict(ENRICHED_TYPES),
    "customers.insights": {wire_name(told): told for told in (*get_args(Insight), ReasonSpike)},
    "queues.alerts": {wire_name(told): told for told in get_args(Alert)},
    "dead-letters": {HEADERS: DeadLetterHeaders},
}


class PublicType(Struct, frozen=True):
    """A type of the contract. `direction`: as we see it; `topics`: where it lies, without prefix."""

    name: str
    struct: type[Struct]
    direction: Direction
    topics: tuple[str, ...]


def types_in(spec: TopicSpec) -> dict[str, type[Struct]]:
    """The types of a topic, by wire name; none for a topic that is not public, or carries others' payloads."""
    if spec.role == "in":
        return {name: kind for name, kind in TYPES[spec.family].items() if name not in OURS}
    return _OUT[spec.name] if spec.role == "out" else {}


def _public_types() -> dict[str, PublicType]:
    found: dict[str, PublicType] = {}
    for spec in TOPICS.values():
        for name, struct in types_in(spec).items():
            direction: Direction = "in" if spec.role == "in" else "out"
            topics = (*(found[name].topics if name in found else ()), spec.name)
            found[name] = PublicType(name, struct, direction, topics)
    return found


PUBLIC_TYPES: dict[str, PublicType] = _public_types()
"""All of them, by name, in the order of the topics."""
