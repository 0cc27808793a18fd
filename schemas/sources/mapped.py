"""Rows of any file → our events, by a mapping that its owner has written. Pure."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from schemas.catalogue import ENTITY_ID
from schemas.codec import decode, encode
from schemas.rejected import Rejected
from schemas.sources.conversion import Sending
from schemas.sources.mapped_row import Conditions, Row, fits
from schemas.sources.mapped_texts import Expression, Text
from schemas.sources.mapped_times import Moment
from schemas.topics import TOPICS, Family

_encode = msgspec.json.Encoder().encode
_FAR = 2**62
"""A record's timestamp that no event is ahead of."""


class Layout(Struct, frozen=True):
    """How the file is written. `kind` (csv, json), `delimiter`: None where it shows; `rows`: where they lie."""

    kind: str | None = None
    delimiter: str | None = None
    encoding: str = "utf-8-sig"
    rows: str | None = None
    empty: frozenset[str] = frozenset()


class MappedEvent(Struct, frozen=True):
    """One event that a row may tell. `part`: the end of its id; `fields`: of its data; `revision`: of its envelope."""

    type: str
    family: Family
    part: str
    when: Conditions
    time: Moment
    fields: dict[str, Expression]
    revision: Expression | None

    def of(self, row: Row) -> dict[str, Any] | None:
        """The event without its identity; None where the row does not tell it. Raises `Rejected`."""
        if not fits(self.when, row):
            return None
        at = self.time.of(row)
        if at is None:
            return None
        data = {name: each.of(row) for name, each in self.fields.items()}
        told = {"specversion": "1.0", "type": self.type, "time": at}
        if self.revision is not None:
            told["revision"] = self.revision.of(row)
        return told | {"data": {name: value for name, value in data.items() if value is not None}}


class Mapping(Struct, frozen=True):
    """A whole mapping. `id`: what names a row; None: all that is in it.

    `names`: the columns that it speaks of. `constants`: field and text of those that no column is in.
    """

    source: str
    id: Text | None
    when: Conditions
    events: tuple[MappedEvent, ...]
    layout: Layout
    names: frozenset[str]
    constants: tuple[tuple[str, str], ...]

    def convert(self, row: Row) -> list[Sending]:
        """The events of a row, all of them or none. Raises `Rejected`, which names the event."""
        if not fits(self.when, row):
            return []
        name = row.digest() if self.id is None else self.id.of(row)
        if name is None:
            raise Rejected("missing_field", f"id: {' or '.join(sorted(self.id.names if self.id else ()))} is empty")
        found: list[Sending] = []
        for event in self.events:
            try:
                told = event.of(row)
                if told is not None:
                    found.append(_sending(event, told | {"source": self.source, "id": f"{name}:{event.part}"}))
            except Rejected as rejected:
                raise Rejected(rejected.reason, f"{event.type}: {rejected.detail}") from None
        return found


def _sending(event: MappedEvent, told: dict[str, Any]) -> Sending:
    data = told["data"]
    topic = {"agent": "agents.presence", "customer": "customers.events"}.get(event.family)
    if topic is None:
        topic = f"interactions.{data.get('channel')}"
    key = str(data.get(ENTITY_ID[event.family], ""))
    try:
        read: Any = decode(TOPICS.get(topic, TOPICS["interactions.phone"]), key.encode(), _encode(told), _FAR)
        return Sending(topic, key.encode(), encode(read), read.at)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Rejected("invalid_field", f"the row has what no event can have: {error}"[:200]) from None
