"""A record of our output topics as subscribers get it: read once, however many they are."""

from __future__ import annotations

import msgspec
import structlog
from msgspec import Struct

_log = structlog.get_logger()


class _Segment(Struct):
    queue: str | None = None


class _Data(Struct):
    channel: str | None = None
    queue: str | None = None
    segment_queue: str | None = None
    segments: list[_Segment] | None = None


class _Whole(Struct):
    type: str
    data: _Data


class _Envelope(Struct):
    type: str


_NOWHERE = _Data()
_whole = msgspec.json.Decoder(_Whole).decode
_envelope = msgspec.json.Decoder(_Envelope).decode


class Event:
    """`type` None: the service's own word, for everybody. `queues`: of which it speaks; `frame`: all but its id."""

    __slots__ = ("channel", "frame", "offset", "partition", "queues", "topic", "type")

    def __init__(
        self, topic: str, partition: int, offset: int, frame: bytes, kind: str | None = None, data: _Data = _NOWHERE
    ) -> None:
        self.topic, self.partition, self.offset = topic, partition, offset
        self.type, self.frame, self.channel = kind, frame, data.channel
        told = [data.segment_queue, data.queue, *(segment.queue for segment in data.segments or ())]
        self.queues = tuple({queue for queue in told if queue is not None})


def frame(name: str, data: bytes) -> bytes:
    r"""A message of the protocol, without an id. What is on several lines comes on one: JSON has breaks between tokens.

    >>> frame("queue.sla.at_risk", b'{"a":1}')
    b'event: queue.sla.at_risk\ndata: {"a":1}\n\n'
    """
    if b"\n" in data or b"\r" in data:
        data = data.replace(b"\r", b" ").replace(b"\n", b" ")
    return b"event: %s\ndata: %s\n\n" % (name.encode(), data)


def event_of(topic: str, partition: int, offset: int, value: bytes | None) -> Event | None:
    """The event of a record; None for what is no event: that is logged, and nobody gets it."""
    try:
        kind, data = _read(value or b"")
    except ValueError as error:
        _log.warning("what is no event lies in a topic of events", topic=topic, partition=partition, error=str(error))
        return None
    return Event(topic, partition, offset, frame(kind, value or b""), kind, data)


def _read(value: bytes) -> tuple[str, _Data]:
    try:
        told = _whole(value)
        kind, data = told.type, told.data
    except msgspec.ValidationError:
        kind, data = _envelope(value).type, _NOWHERE
    if not kind or not kind.isprintable():
        raise ValueError(f"{kind!r} is no type")
    return kind, data
