"""A payload of TaskRouter, callback or stream, → its kind and its fields, named as the callbacks name them.

Event callbacks are forms: every value is a text. Event Streams sends the same facts as JSON, its names in small letters
with underscores, inside a CloudEvent.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import unquote_to_bytes

from schemas.rejected import Rejected, Skipped
from schemas.sources.payload import MAX_BYTES, Node, read

_STREAM = "com.twilio.taskrouter."
_STRAY = re.compile(r"%(?![0-9A-Fa-f]{2})")
_DIGITS = re.compile(r"\s*\d+(?:\.\d+)?\s*", re.ASCII)
_MAX_FIELDS = 1000


def told(payload: bytes) -> tuple[str, Node] | Skipped:
    """The kind of an event (`task.created`) and its fields (`TaskSid`). Raises `Rejected`."""
    if payload.lstrip()[:1] in {b"{", b"["}:
        return _streamed(read(payload))
    node = Node(dict(_form(payload)))
    kind = node.text("EventType")
    if kind is None:
        raise Rejected("not_an_event", "the form has no EventType: TaskRouter's event callbacks have one")
    return kind, node


def instant(node: Node, name: str) -> datetime | None:
    """Seconds since 1970 where it is told as a number, as callbacks do, else ISO 8601, as streams do."""
    raw = node.raw(name)
    number = _DIGITS.fullmatch(raw) if isinstance(raw, str) else not isinstance(raw, bool)
    return node.epoch(name) if number else node.instant(name)


def happened_at(node: Node) -> datetime:
    """When it happened, by TaskRouter's clock: in milliseconds, or where only that is told in seconds."""
    at = node.epoch("TimestampMs", unit=1000) or instant(node, "Timestamp")
    if at is None:
        raise node.missing("TimestampMs", "Timestamp")
    return at


def _streamed(event: Node) -> tuple[str, Node] | Skipped:
    kind = event.text("type")
    if kind is None or "data" not in event:
        raise Rejected("not_an_event", "it has no type and data: Event Streams sends CloudEvents, which have both")
    if not kind.startswith(_STREAM):
        return Skipped(kind[:100])
    payload = event.embedded("data.payload")
    if not payload:
        raise event.missing("data.payload")
    fields: dict[str, Any] = {_as_callback(name): payload.raw(name) for name in payload if "." not in name}
    fields.setdefault("Sid", event.raw("data.sid"))
    fields.setdefault("AccountSid", event.raw("data.account_sid"))
    return kind.removeprefix(_STREAM), Node(fields)


def _as_callback(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _form(payload: bytes) -> dict[str, str]:
    if len(payload) > MAX_BYTES:
        raise Rejected("too_large", f"{len(payload)} bytes: a payload is at most {MAX_BYTES}")
    try:
        text = payload.decode().strip()
    except UnicodeDecodeError as error:
        raise Rejected("not_json", f"neither JSON nor a form: byte {error.start} is not UTF-8") from None
    if "=" not in text:
        raise Rejected("not_json", "neither JSON nor a form: it has no field")
    pieces = [piece for piece in text.split("&") if piece]
    if len(pieces) > _MAX_FIELDS:
        raise Rejected("not_an_event", f"a form of {len(pieces)} fields: TaskRouter's have at most {_MAX_FIELDS}")
    fields: dict[str, str] = {}
    for piece in pieces:
        name, _, value = piece.partition("=")
        name = _plain(name, "a name")
        if name in fields:
            raise Rejected("not_an_event", f"{name[:60]} is there twice: which of them counts is unknown")
        fields[name] = _plain(value, name[:60])
    return fields


def _plain(coded: str, place: str) -> str:
    if "%" not in coded:
        return coded.replace("+", " ")
    if _STRAY.search(coded):
        raise Rejected("not_json", f"{place} has a % without two hex digits: encode it as %25")
    try:
        return unquote_to_bytes(coded.replace("+", " ")).decode()
    except UnicodeError:
        raise Rejected("not_json", f"{place} is not UTF-8 once decoded") from None
