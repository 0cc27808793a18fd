"""Bytes of a record → an event, or the reason why not; and back.

The fast path is one typed decode of the topic family's union and a few cheap checks. Whatever it does not take goes to
`faults`, which finds the reason in the contract's order, or takes the record after all. Only `Rejected` leaves this
module, whatever the bytes are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec
import xxhash

from schemas import faults
from schemas.catalogue import FAMILY_UNION, entity_id
from schemas.events import (
    Envelope,
    Event,
    Message,
    MessageData,
    SurveyAnswered,
    Told,
    Transferred,
    TransferredData,
)  # fmt: skip
from schemas.faults import EPOCH, MAX_AHEAD_MS, MILLISECOND, within_scale
from schemas.rejected import Rejected, Skipped
from schemas.topics import TOPICS, TopicSpec

__all__ = ["Decode", "Rejected", "Skipped", "decode", "decoder", "encode", "identity"]

Decode = Callable[[bytes | None, bytes | None, int], Event | Skipped]
"""`(key, value, timestamp_ms)`; raises `Rejected`."""

_WITH_DEFAULTS = frozenset({Message, Transferred})
_SMALL_BYTES = 2 * faults.MAX_DEPTH
_rounded_up = re.compile(rb"\.\d{3}999[5-9]").search
_digest = xxhash.xxh3_128_digest
_encode = msgspec.json.Encoder().encode


def decode(spec: TopicSpec, key: bytes | None, value: bytes | None, timestamp_ms: int) -> Event | Skipped:
    """One record of the topic → its event, with `at` and `identity` filled, or `Skipped` for an unknown type.

    `timestamp_ms` is the record's own, negative if it has none. Raises `Rejected` for everything else, `KeyError` for
    a topic that carries no input events.
    """
    return _BOUND[spec.name](key, value, timestamp_ms)


def decoder(spec: TopicSpec) -> Decode:
    """`decode` with everything about the topic bound, for a hot loop."""
    typed = msgspec.json.Decoder(FAMILY_UNION[spec.family]).decode
    id_of = entity_id(spec.family)
    channel, most = spec.channel, faults.most_bytes(spec)
    unusual = (msgspec.MsgspecError, ValueError, RecursionError)

    def decode_record(key: bytes | None, value: bytes | None, timestamp_ms: int) -> Event | Skipped:
        value = value or b""
        try:
            event: Event = typed(value)
        except unusual:
            return _judged(spec, key, value, timestamp_ms)
        data: Any = event.data
        since = event.time - EPOCH
        at = since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000
        kind = type(event)
        if (
            id_of(data).encode() != key
            or (channel and data.channel != channel)
            or at - timestamp_ms > MAX_AHEAD_MS
            or (len(value) > _SMALL_BYTES and (len(value) > most or faults.too_deep(value)))
            or not (value.isascii() or _is_utf8(value))
            or (value.rfind(b"999") >= 0 and _rounded_up(value))
            or (kind is SurveyAnswered and not within_scale(data.survey, data.score))
        ):
            return _judged(spec, key, value, timestamp_ms)
        event.at = at
        event.identity = _digest(f"{event.source}\0{event.id}".encode())
        if event.revision is None:
            event.revision = 0
        if kind in _WITH_DEFAULTS or (channel and data.queue == ""):
            _fill(data)
        return event

    return decode_record


def encode(event: Envelope) -> bytes:
    """The event as a record's value: without what is absent, and without what `decode` added."""
    if event.at or event.identity:
        event = msgspec.structs.replace(event, at=0, identity=b"")
    return _encode(event)


def identity(source: str, event_id: str) -> bytes:
    """The 16 bytes that stand for (source, id)."""
    return _digest(f"{source}\0{event_id}".encode())


def _judged(spec: TopicSpec, key: bytes | None, value: bytes, timestamp_ms: int) -> Event | Skipped:
    event = faults.judge(spec, key, value, timestamp_ms)
    if not isinstance(event, Skipped):
        event.at = (event.time - EPOCH) // MILLISECOND
        event.identity = _digest(f"{event.source}\0{event.id}".encode())
        event.revision = event.revision or 0
        _fill(event.data)
    return event


def _fill(data: Any) -> None:
    """What null and an empty queue's name stand for."""
    if isinstance(data, Told) and data.queue == "":
        data.queue = None
    if isinstance(data, MessageData) and data.public is None:
        data.public = True
    elif isinstance(data, TransferredData) and data.to_queue == "":
        data.to_queue = None


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


_BOUND = {spec.name: decoder(spec) for spec in TOPICS.values() if spec.family != "none"}
