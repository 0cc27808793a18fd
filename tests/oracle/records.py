"""From raw records to the events that stand: checks, duplicates, revisions, and who belongs to which interaction."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from tests.oracle.defaults import CHANNELS, FLOW_OUTCOMES

Record = dict[str, Any]

ORDER = (
    "started", "offered", "declined", "transferred", "flowed_out", "resumed", "held", "queued", "answered", "abandoned",
    "message", "ended", "wrapped_up", "reopened", "updated",
)  # fmt: skip
CUSTOMER_TYPES = (
    "survey_answered", "purchased", "returned", "complained", "reviewed", "joined", "left", "touched", "updated",
    "identified",
)  # fmt: skip
AGENT_TYPES = ("state_changed", "heartbeat")
AGENT_TYPES = ("state_changed", "heartbeat")
REQUIRED = {
    "state_changed": ["presence"],
    "heartbeat": ["presence"],
    "offered": ["agent_id"],
    "declined": ["agent_id"],
    "answered": ["agent_id"],
    "wrapped_up": ["agent_id"],
    "message": ["author"],
    "flowed_out": ["outcome"],
    "survey_answered": ["survey", "score"],
    "purchased": ["order_id", "amount", "currency"],
    "returned": ["order_id"],
    "identified": ["aliases"],
    "reviewed": ["rating"],
}
CLOSED_LISTS = {
    "direction": ["inbound", "outbound"],
    "initiation": ["customer", "agent", "callback", "transfer", "api"],
    "author": ["customer", "agent", "bot", "system"],
    "outcome": list(FLOW_OUTCOMES),
    "by": ["customer", "agent", "system", "bot"],
    "channel": list(CHANNELS),
}


@dataclass(frozen=True)
class Event:
    """One event that stands. `at` in ms since the epoch; `data` without what was null."""

    at: int
    name: str  # the type without its family: "queued"
    source: str
    id: str
    data: dict[str, Any]

    def says(self, field: str) -> Any:
        """What the data says of a field, None when nothing."""
        return self.data.get(field)


class Log(NamedTuple):
    """The events that stand, by entity."""

    interactions: dict[tuple[str, str], list[Event]]
    customers: list[Event]
    latest: int  # the latest event time, ms


def parse_time(text: str) -> int:
    """RFC 3339 to ms since the epoch, floored. Raises ValueError."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", text)
    if match is None:
        raise ValueError(text)
    day, clock, fraction, zone = match.groups()
    whole = datetime.fromisoformat(f"{day}T{clock}{'+00:00' if zone in 'Zz' else zone}")
    seconds = (whole - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    return seconds * 1000 + int(((fraction or "") + "000")[:3])


def understood(record: Record) -> Event | None:
    """The event of a record, or None when the record is rejected, skipped or of a topic without KPIs."""
    family, _, rest = record["topic"].partition(".")
    value = record["value"]
    try:
        value = json.loads(value) if isinstance(value, (str, bytes)) else value
        at = parse_time(value["time"])
        data = {k: v for k, v in value["data"].items() if v is not None}
        kind, _, name = value["type"].partition(".")
        fine = value["specversion"] == "1.0" and bool(value["id"]) and bool(value["source"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if (family, kind) == ("interactions", "interaction") and name in ORDER:
        entity = data.get("interaction_id")
        fine = fine and data.get("channel") == rest
    elif (family, kind, rest) == ("customers", "customer", "events") and name in CUSTOMER_TYPES:
        entity = data.get("customer_id")
    elif (family, kind, rest) == ("agents", "agent", "presence") and name in AGENT_TYPES:
        entity = data.get("agent_id")
    else:
        return None
    fine = fine and isinstance(entity, str) and 1 <= len(entity) <= 128 and record["key"] == entity
    fine = fine and all(data.get(field) is not None for field in REQUIRED.get(name, []))
    if kind == "interaction":
        fine = fine and all(data[f] in allowed for f, allowed in CLOSED_LISTS.items() if f in data)
    fine = fine and at <= record["timestamp_ms"] + 300_000
    return Event(at, name, value["source"], value["id"], data) if fine else None


def revision(record: Record) -> int:
    """What the record says, 0 by default."""
    value = record["value"]
    value = json.loads(value) if isinstance(value, (str, bytes)) else value
    return int(value.get("revision") or 0)


def canonical(record: Record) -> str:
    """One text for one content, whatever the order of its keys."""
    value = record["value"]
    value = json.loads(value) if isinstance(value, (str, bytes)) else value
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read(records: Iterable[Record]) -> Log:
    """Select what stands: of each (source, id) of an entity the highest revision, of those the smallest."""
    candidates = defaultdict(list)
    for record in records:
        event = understood(record)
        if event is not None:
            entity = (record["topic"], record["key"])
            candidates[entity, event.source, event.id].append((-revision(record), event.at, canonical(record), event))
    log = Log(defaultdict(list), [], 0)
    latest = 0
    for ((topic, key), _, _), told in candidates.items():
        event = min(told, key=lambda candidate: candidate[:3])[3]
        latest = max(latest, *(candidate[1] for candidate in told))
        if topic == "customers.events":
            log.customers.append(event)
        elif topic != "agents.presence":
            log.interactions[topic.removeprefix("interactions."), key].append(event)
    return log._replace(latest=latest)
