"""What every event has, and the kinds of values that several events share. CloudEvents 1.0, structured JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct, field

HEADERS = (("content-type", b"application/cloudevents+json; charset=UTF-8"),)
"""Of a record with an event in structured JSON, as CloudEvents' binding to Kafka has it."""

Channel = Literal["phone", "email", "chat", "social", "video"]
CHANNELS: tuple[str, ...] = get_args(Channel)

Name = Annotated[str, Meta(min_length=1)]
EntityId = Annotated[str, Meta(min_length=1, max_length=128)]
Instant = Annotated[datetime, Meta(tz=True)]
Whole = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Milliseconds = Annotated[int, Meta(ge=0, le=10**12)]


class Envelope(Struct, tag_field="type", kw_only=True, omit_defaults=True, gc=False):
    """What every event has. `at` is `time` in milliseconds, floored; `identity` 16 bytes of (source, id)."""

    id: Name
    source: Name
    specversion: Literal["1.0"]
    time: Instant
    revision: Whole | None = 0
    at: int = field(name="(at)", default=0)
    identity: bytes = field(name="(identity)", default=b"")
