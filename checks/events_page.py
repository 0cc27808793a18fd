"""docs/events.md, written from the event types themselves."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from schemas import catalogue, insights
from schemas.catalogue import EventType, Field
from schemas.envelope import Envelope
from schemas.events import AgentData, CustomerData, Told
from schemas.rejected import REASONS
from schemas.topics import TOPICS, Family

PAGE = Path(__file__).parents[1] / "docs" / "events.md"

HEAD = """\
# Events

<!-- Written from schemas/ by `make docs-write`; not by hand. -->

CloudEvents 1.0 in structured JSON, one event a record, at most 256 KiB, keyed by the entity's id. Unknown attributes
and fields are ignored, `null` means absent, events of a type that is not here are counted and skipped. Golden records
of every type lie in `schemas/examples/`.
"""

FAMILIES: tuple[tuple[Family, str, type], ...] = (
    ("interaction", "Interactions", Told),
    ("agent", "Agents", AgentData),
    ("customer", "Customers", CustomerData),
)
INSIGHTS = """\
What `customers.insights` carries, keyed by the customer (a spike by its reason): what to know, and to act on, while it
can be acted on. `source` is `centralino`; `time` that of the event that caused it, `revision` its record's offset in
`customers.timeline`. An `id` always says the same, and each is told once: dedupe by it, since after a crash some come
again. Nothing is told of what lies more than a day behind the latest event, and nothing is called back.

`data` of each but `reason_spike`:
"""
CONTACTS = "A contact (`earlier`, `open`, `first`, `previous`, `again`) is:"
SCORES = "A score is:"
TABLE = ("| field | required | what |", "| --- | --- | --- |")


def page() -> str:
    """The whole page."""
    lines = [HEAD, "## Envelope", "", *TABLE, *map(_row, catalogue.fields_of(Envelope))]
    lines += ["| `type` | yes | one of the types below |", "| `data` | yes | an object, see the types below |"]
    for family, title, common in FAMILIES:
        lines += ["", f"## {title}", "", _topics(family), "", "`data` of each:", ""]
        lines += [*TABLE, *map(_row, catalogue.fields_of(common))]
        lines += ["", "| type | means | more `data` |", "| --- | --- | --- |"]
        lines += [_type_row(event_type, common) for event_type in catalogue.FAMILY_TYPES[family]]
    lines += _insights()
    lines += ["", "## Topics", "", "| topic | role | record key |", "| --- | --- | --- |"]
    lines += [f"| `{spec.name}` | {spec.role} | {spec.key} |" for spec in TOPICS.values()]
    lines += [
        "",
        "## Reasons of rejection",
        "",
        "The envelope is looked at before `data`; the first fault is the reason:",
        "",
    ]
    lines += [", ".join(f"`{reason}`" for reason in REASONS) + ".", ""]
    return "\n".join(lines)


def _insights() -> list[str]:
    lines = ["", "## Insights", "", INSIGHTS, *TABLE, *map(_row, catalogue.fields_of(insights.InsightData))]
    lines += ["", "| type | means | more `data` |", "| --- | --- | --- |"]
    lines += [_type_row(told, insights.InsightData) for told in (*get_args(insights.Insight), insights.ReasonSpike)]
    for words, struct in ((CONTACTS, insights.Contact), (SCORES, insights.Score)):
        lines += ["", words, "", *TABLE, *map(_row, catalogue.fields_of(struct))]
    return lines


def _row(field: Field) -> str:
    return f"| `{field.name}` | {'yes' if field.required else ''} | {field.words} |"


def _type_row(event_type: EventType, common: type) -> str:
    known = {field.name: field.required for field in catalogue.fields_of(common)}
    more = [
        f"`{field.name}`: {field.words}{' (required)' if field.required else ''}"
        for field in catalogue.fields_of(catalogue.data_of(event_type))
        if known.get(field.name) != field.required
    ]
    means = " ".join((event_type.__doc__ or "").split()).rstrip(".")
    return f"| `{catalogue.wire_name(event_type)}` | {means} | {'; '.join(more)} |"


def _topics(family: Family) -> str:
    names = [f"`{spec.name}`" for spec in TOPICS.values() if spec.family == family]
    return f"In {', '.join(names)}, keyed by `{catalogue.ENTITY_ID[family]}`."
