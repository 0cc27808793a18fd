"""The event types as a catalogue: by wire name, by topic family, with their fields in words.

Derived from the Structs alone; checks, messages and the reference page are derived from here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, reduce
from operator import attrgetter, or_
from typing import Any, get_args

from msgspec import Struct, inspect, structs

from schemas import events
from schemas.topics import Family

EventType = type[events.Envelope]

FAMILY_TYPES: dict[Family, tuple[EventType, ...]] = {
    "interaction": get_args(events.InteractionEvent),
    "agent": get_args(events.AgentEvent),
    "customer": get_args(events.CustomerEvent),
    "timeline": get_args(events.TimelineEvent),
    "agent_timeline": get_args(events.AgentTimelineEvent),
    "none": (),
}
FAMILY_UNION: dict[Family, Any] = {family: reduce(or_, types) for family, types in FAMILY_TYPES.items() if types}
ENTITY_ID: dict[Family, str] = {
    "interaction": "interaction_id",
    "agent": "agent_id",
    "customer": "customer_id",
    "timeline": "customer_id",
    "agent_timeline": "agent_id",
}
"""The field of `data` that a record of the family is keyed by."""


def wire_name(event_type: EventType) -> str:
    """`type` on the wire."""
    return str(event_type.__struct_config__.tag)


INPUT_TYPES: dict[str, EventType] = {
    wire_name(event_type): event_type
    for family in ("interaction", "agent", "customer")
    for event_type in FAMILY_TYPES[family]
}
"""What a source may send, by wire name. The digest is ours, and only known where it belongs."""


TYPES: dict[Family, dict[str, EventType]] = {
    family: {wire_name(event_type): event_type for event_type in types} for family, types in FAMILY_TYPES.items()
}
"""The event types that a topic of the family takes, by wire name."""


class Field(Struct, frozen=True):
    """A field as it is on the wire. `kind`: its annotation; `required`: neither absent nor null."""

    name: str
    kind: Any
    required: bool
    words: str


def fields_of(struct: type[Struct]) -> tuple[Field, ...]:
    """The wire fields of a Struct, in their order; what `codec` adds is left out."""
    return tuple(
        Field(field.encode_name, field.type, field.required, words_for(inspect.type_info(field.type)))
        for field in structs.fields(struct)
        if not field.encode_name.startswith("(")
    )


@cache
def data_of(event_type: EventType) -> type[Struct]:
    """The Struct of an event type's `data`."""
    found = {field.name: field.type for field in structs.fields(event_type)}["data"]
    assert isinstance(found, type)
    return found


def words_for(kind: inspect.Type) -> str:
    """A type in words, as told to whoever sent something else."""
    match kind:
        case inspect.Metadata(type=inner):
            return words_for(inner)
        case inspect.UnionType(types=types):
            return " or ".join(words_for(each) for each in types if not isinstance(each, inspect.NoneType))
        case inspect.LiteralType(values=values):
            return "one of " + ", ".join(str(value) for value in values) if len(values) > 1 else f'"{values[0]}"'
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            return f"a list, each {words_for(item)}"
        case inspect.DictType(value_type=value):
            return f"an object, each value {words_for(value)}"
        case inspect.BoolType():
            return "true or false"
        case inspect.DateTimeType():
            return "RFC 3339 with a zone"
        case inspect.IntType(ge=low, le=high):
            boundless = low is None or high is None or high >= 2**53
            return "an integer" if boundless else f"an integer from {low} to {high}"
        case inspect.FloatType():
            return "a number"
        case inspect.StrType(min_length=shortest, max_length=longest):
            if longest is not None:
                return f"a string of {shortest or 0} to {longest} characters"
            return "a string that is not empty" if shortest else "a string"
    return "an object"


def entity_id(family: Family) -> Callable[[Any], str]:
    """Reads the entity's id out of an event's `data`."""
    return attrgetter(ENTITY_ID[family])


def home_of(event: events.Event) -> tuple[str, str]:
    """Where an input event of ours belongs: the topic (without prefix) and the record key."""
    match type(event).__struct_config__.tag:
        case str(name) if name.startswith("agent."):
            return "agents.presence", event.data.agent_id  # type: ignore[union-attr,return-value]
        case str(name) if name.startswith("customer."):
            return "customers.events", event.data.customer_id  # type: ignore[return-value,union-attr]
    data: Any = event.data
    return f"interactions.{data.channel}", data.interaction_id
