"""What people want of a queue's alerts, by the command line: left in Redis, taken up and told by who decides."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

from schemas.alerts import Acknowledged, AcknowledgedData, Muted, MutedData
from stream.core.customers.insight_data import moment
from stream.core.sla.known import identity

Kind = Literal["mute", "unmute", "ack"]


class Request(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`by`: who wants it; `at`, `until` in ms."""

    kind: Kind
    channel: str
    queue: str
    by: str
    at: int
    until: int | None = None
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
