"""docs/events.md, written from the event types themselves."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from schemas import alerts, catalogue, enriched, insights
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
ENRICHED = """\
What `interactions.enriched` carries, keyed by the customer as known then, else by the interaction: each `interaction.*`
event that was applied, as `enriched.interaction.*`, with what there is to say of the interaction after it. Duplicates,
and what was skipped or rejected, are not told; what its source corrects (by a higher `revision` of its own) is told
again. `source` is `centralino`, `id` and `time` are the input's, `origin` is its source, `subject` the record's key.
`revision` is the offset of the input's record in its topic, so it grows with each event of an interaction, and not by
one. One `origin`, `id` and `revision` always say the same: dedupe by these. Of several revisions of one event the
highest stands. When a customer turns out later, the key changes: what is of one interaction is then in order by
`revision`.

`data` is what was sent, without fields that are none of ours, and what follows. `segment` is the number (from 0) of the
one that the event is about: which it names or changes, else the latest of the agent whom it names, else the last one
begun by its time.
"""
MEASURES = "`measures`, of the interaction with all events that were known by then, later ones of its life included:"
CLOSED = """\
`enriched.interaction.closed` is told when an event closes an interaction, and again whenever a later one changes what
it says, for as long as it is closed: each time the whole, of which the highest `revision` stands. Opened again, it is
told when it is closed the next time. Its `id` is `closed/<channel>/<interaction>`, `time` that of the event that caused
it. `data`:"""
CLOSED_SEGMENT = "Each of `segments`:"
SLA = "`sla`, as of the time of the event, also if it came late; of `closed`, as of the end:"
INSIGHTS = """\
What `customers.insights` carries, keyed by the customer (a spike by its reason): what to know, and to act on, while it
can be acted on. `source` is `centralino`; `time` that of the event that caused it, `revision` its record's offset in
`customers.timeline`. An `id` always says the same, and each is told once: dedupe by it, since after a crash some come
again. Nothing is told of what lies more than a day behind the latest event, and nothing is called back.

`data` of each but `reason_spike`:
"""
CONTACTS = "A contact (`earlier`, `open`, `first`, `previous`, `again`) is:"
SCORES = "A score is:"
ALERTS = """\
What `queues.alerts` carries, keyed `channel/queue`: that a queue is at risk, breached, or well again, once each and in
order ([how states are decided](decisions/alerts.md)). `source` is `centralino`; `time` that since when the queue is in
that state, so a mute may have held it back. The `id` is a hash of the queue, the state and since when: nobody tells the
same under two. Read the topic with `isolation.level=read_committed`: what a service that was killed had begun to tell
lies in it too, and was taken back.

`data` of `queue.sla.at_risk`, `queue.sla.breached` and `queue.sla.recovered`:
"""
DRIVERS = "`drivers`, over the window; usual is the median of the same half-hour in the last four weeks:"
LONGEST = "Each of `longest_waiting`:"
WANTED = "`data` of what people want, `queue.alerts.muted` and `queue.alerts.acknowledged`; `until` of mutes alone:"
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
    lines += _enriched() + _insights() + _alerts()
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


def _enriched() -> list[str]:
    added = {field.name for field in catalogue.fields_of(Told)}
    plain = catalogue.data_of(enriched.ENRICHED_TYPES["enriched.interaction.started"])
    lines = ["", "## Enriched events", "", ENRICHED, *TABLE]
    lines += [_row(field) for field in catalogue.fields_of(plain) if field.name not in added]
    for words, struct in (
        (MEASURES, enriched.Measures), (SLA, enriched.Sla), (CLOSED, enriched.ClosedData),
        (CLOSED_SEGMENT, enriched.ClosedSegment),
    ):  # fmt: skip
        lines += ["", words, "", *TABLE, *map(_row, catalogue.fields_of(struct)), *_said(struct)]
    return lines


def _said(struct: type) -> list[str]:
    return ["", *(line.strip() for line in (struct.__doc__ or "").strip().splitlines())]


def _insights() -> list[str]:
    lines = ["", "## Insights", "", INSIGHTS, *TABLE, *map(_row, catalogue.fields_of(insights.InsightData))]
    lines += ["", "| type | means | more `data` |", "| --- | --- | --- |"]
    lines += [_type_row(told, insights.InsightData) for told in (*get_args(insights.Insight), insights.ReasonSpike)]
    for words, struct in ((CONTACTS, insights.Contact), (SCORES, insights.Score)):
        lines += ["", words, "", *TABLE, *map(_row, catalogue.fields_of(struct))]
    return lines


def _alerts() -> list[str]:
    lines = ["", "## Alerts", "", ALERTS, *TABLE, *map(_row, catalogue.fields_of(alerts.AlertData))]
    for words, struct in ((DRIVERS, alerts.Drivers), (LONGEST, alerts.Waiting), (WANTED, alerts.MutedData)):
        lines += ["", words, "", *TABLE, *map(_row, catalogue.fields_of(struct))]
    lines += ["", "| type | means |", "| --- | --- |"]
    lines += [f"| `{catalogue.wire_name(told)}` | {_means(told)} |" for told in get_args(alerts.Alert)]
    return lines


def _means(event_type: EventType) -> str:
    return " ".join((event_type.__doc__ or "").split()).rstrip(".")


def _row(field: Field) -> str:
    return f"| `{field.name}` | {'yes' if field.required else ''} | {field.words} |"


def _type_row(event_type: EventType, common: type) -> str:
    known = {field.name: field.required for field in catalogue.fields_of(common)}
    more = [
        f"`{field.name}`: {field.words}{' (required)' if field.required else ''}"
        for field in catalogue.fields_of(catalogue.data_of(event_type))
        if known.get(field.name) != field.required
    ]
    return f"| `{catalogue.wire_name(event_type)}` | {_means(event_type)} | {'; '.join(more)} |"


def _topics(family: Family) -> str:
    names = [f"`{spec.name}`" for spec in TOPICS.values() if spec.family == family]
    return f"In {', '.join(names)}, keyed by `{catalogue.ENTITY_ID[family]}`."
