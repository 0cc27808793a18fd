"""The slow path of the codec: the first fault of a record, in the contract's order.

Works on plain decoded JSON. Each field is checked against the annotation of the very Struct that the fast path
decodes into, so that both agree. A record without fault is converted and returned: only an unusual spelling of a valid
event (a field twice, more digits of a second than we keep, a huge number in a field that is not ours) comes that far.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec

from schemas import catalogue
from schemas.events import Envelope, Event, Name, SurveyAnswered, SurveyData
from schemas.rejected import Rejected, Skipped
from schemas.topics import TopicSpec

MAX_BYTES = 256 * 1024
OUR_MAX_BYTES = 2 * MAX_BYTES
"""Of a record that we have made ourselves out of one: names stand in it once more."""
MAX_DEPTH = 400
MAX_AHEAD_MS = 5 * 60 * 1000

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
_BRACKET = re.compile(rb"[][{}]")
_FRACTION = re.compile(r"(\.\d{6})\d+")
_ENVELOPE = tuple(field for field in catalogue.fields_of(Envelope) if field.name != "specversion")
_TYPE = catalogue.Field("type", Name, required=True, words="a string that is not empty")
_DATA = catalogue.Field("data", dict, required=True, words="an object")
_DATA_FIELDS = {
    event_type: catalogue.fields_of(catalogue.data_of(event_type))
    for family in catalogue.FAMILY_TYPES
    for event_type in catalogue.FAMILY_TYPES[family]
}


def judge(spec: TopicSpec, key: bytes | None, value: bytes, timestamp_ms: int) -> Event | Skipped:
    """The event without `at` and `identity`, or `Skipped`. Raises `Rejected` with the first fault."""
    envelope = parsed(value, most_bytes(spec))
    if not isinstance(envelope, dict):
        raise Rejected("not_an_event", f"the value is {_shown(envelope)}: send one CloudEvents 1.0 JSON object")
    if envelope.get("specversion") != "1.0":
        told = _shown(envelope.get("specversion"))
        raise Rejected("not_an_event", f'specversion is {told}: send CloudEvents with specversion "1.0"')
    _check_envelope(envelope)
    name = envelope["type"]
    event_type = catalogue.TYPES[spec.family].get(name)
    if event_type is None:
        if name not in catalogue.INPUT_TYPES:
            return Skipped(name)
        raise Rejected("wrong_topic", f"{name} does not belong in {spec.name}: send it to {_home(name)}")
    data = _check_data(event_type, envelope["data"])
    _check_place(spec, key, data)
    event = _convert(event_type, envelope)
    _check_time(event, timestamp_ms)
    return event


def too_deep(value: bytes) -> bool:
    """Whether brackets nest deeper than `MAX_DEPTH`: a limit of our own, so that no stack's depth decides it."""
    if value.count(b"[") + value.count(b"{") <= MAX_DEPTH:
        return False
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", value)):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            return True
    return False


def within_scale(survey: str, score: int) -> bool:
    """Whether a score is one that the survey knows."""
    low, high = SurveyData.RANGE[survey]
    return low <= score <= high


def most_bytes(spec: TopicSpec) -> int:
    """How large a record of a topic may be."""
    return OUR_MAX_BYTES if spec.role == "internal" else MAX_BYTES


def parsed(value: bytes, most: int) -> Any:
    """JSON of at most so many bytes, as plain objects. Raises `Rejected`: too_large, not_json."""
    if len(value) > most:
        raise Rejected("too_large", f"{len(value)} bytes: a record is at most {most}")
    if too_deep(value):
        raise Rejected("not_json", f"nested deeper than {MAX_DEPTH} levels: flatten it")
    try:
        text = value.decode()
        try:
            return msgspec.json.decode(value)
        except msgspec.ValidationError:  # JSON, with a number beyond what msgspec reads
            told = json.loads(text, parse_int=_integer)
            json.dumps(told, ensure_ascii=False).encode()  # half of a surrogate pair, escaped, is no text
            return told
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Rejected("not_json", f"{_short(str(error))}: send one JSON object in UTF-8") from None


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < 400 else float("inf")


def _check_envelope(envelope: dict[str, Any]) -> None:
    for field in (*_ENVELOPE, _TYPE, _DATA):
        if field.required and envelope.get(field.name) is None:
            raise Rejected("missing_field", f"{field.name} is missing: an event needs it, {field.words}")
    for field in (*_ENVELOPE, _TYPE):
        told = envelope.get(field.name)
        if field.name == "time" and isinstance(told, str):
            told = envelope["time"] = _FRACTION.sub(r"\1", told)
        _check_field(field, told, field.name)


def _check_data(event_type: catalogue.EventType, data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise Rejected("invalid_field", f"data is {_shown(data)}: it must be an object")
    name = catalogue.wire_name(event_type)
    for field in _DATA_FIELDS[event_type]:
        if field.required and data.get(field.name) is None:
            raise Rejected("missing_field", f"data.{field.name} is missing: {name} needs it, {field.words}")
    for field in _DATA_FIELDS[event_type]:
        _check_field(field, data.get(field.name), f"data.{field.name}")
    if event_type is SurveyAnswered and not within_scale(data["survey"], data["score"]):
        low, high = SurveyData.RANGE[data["survey"]]
        told = _shown(data["score"])
        raise Rejected("invalid_field", f"data.score is {told}: {data['survey']} goes from {low} to {high}")
    return data


def _check_field(field: catalogue.Field, told: Any, where: str) -> None:
    if told is None:
        return
    try:
        msgspec.convert(told, field.kind)
    except (msgspec.ValidationError, ValueError, OverflowError, RecursionError):
        raise Rejected("invalid_field", f"{where} is {_shown(told)}: it must be {field.words}") from None


def _check_place(spec: TopicSpec, key: bytes | None, data: dict[str, Any]) -> None:
    if spec.channel is not None and data["channel"] != spec.channel:
        told = data["channel"]
        raise Rejected("wrong_topic", f"data.channel is {told} in {spec.name}: send it to interactions.{told}")
    owner = catalogue.ENTITY_ID[spec.family]
    if key is None:
        raise Rejected("invalid_field", f"the record has no key: key it by data.{owner}, its partition depends on it")
    if key != data[owner].encode():
        told = _shown(key.decode(errors="replace"))
        raise Rejected("invalid_field", f"the record key is {told}, data.{owner} {_shown(data[owner])}: key it by that")


def _convert(event_type: catalogue.EventType, envelope: dict[str, Any]) -> Event:
    own = {name: told for name, told in envelope.items() if not name.startswith("(")}
    return cast("Event", msgspec.convert(own, event_type))


def _check_time(event: Envelope, timestamp_ms: int) -> None:
    ahead_ms = (event.time - EPOCH) // MILLISECOND - timestamp_ms
    if timestamp_ms >= 0 and ahead_ms > MAX_AHEAD_MS:
        raise Rejected(
            "time_in_future",
            f"time is {ahead_ms} ms after the record's timestamp, at most {MAX_AHEAD_MS}: correct the source's clock",
        )


def _home(name: str) -> str:
    family = name.partition(".")[0]
    return {"interaction": "interactions.<channel>", "agent": "agents.presence"}.get(family, "customers.events")


def _shown(told: Any) -> str:
    return _short(json.dumps(told, default=str) if not isinstance(told, str) else f'"{told}"')


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79] + "…"
