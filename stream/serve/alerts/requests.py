"""What people want of a queue's alerts, by the command line: left in Redis, taken up and told by who decides."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from schemas.alerts import Acknowledged, AcknowledgedData, Muted, MutedData
from schemas.envelope import Channel
from stream.core.customers.insight_data import moment
from stream.core.sla.known import identity

Kind = Literal["mute", "unmute", "ack"]
Instant = Annotated[int, Meta(ge=0, lt=253_402_300_800_000)]
"""In ms; a later one has no date."""


class Request(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`by`: who wants it; What is none of these is refused when it is decoded."""

    kind: Kind
    channel: Channel
    queue: str
    by: str
    at: Instant
    until: Instant | None = None
    note: str | None = None


encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Request).decode


def told(request: Request) -> Muted | Acknowledged:
    """The event that tells it; the end of a mute is one until then."""
    id_ = identity(request.kind, request.channel, request.queue, request.at, request.until or 0, request.by)
    common = {"channel": request.channel, "queue": request.queue, "by": request.by, "note": request.note}
    at = moment(request.at)
    if request.kind == "ack":
        return Acknowledged(
            id=id_,
            source="centralino",
            specversion="1.0",
            time=at,
            data=AcknowledgedData(at=at, **common),  # type: ignore[arg-type]
        )
    until = at if request.until is None else moment(request.until)
    return Muted(
        id=id_,
        source="centralino",
        specversion="1.0",
        time=at,
        data=MutedData(at=at, until=until, **common),  # type: ignore[arg-type]
    )
