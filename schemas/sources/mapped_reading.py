"""A mapping as it is written, in TOML, taken in: each fault names its table and key."""

from __future__ import annotations

import codecs
import tomllib
from collections import Counter
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct, field

from schemas.catalogue import INPUT_TYPES, EventType, Field, data_of, fields_of
from schemas.envelope import Name, Whole
from schemas.sources.mapped import Layout, MappedEvent, Mapping
from schemas.sources.mapped_fields import Fields, Unclear, expected
from schemas.sources.mapped_row import Condition, Conditions
from schemas.sources.mapped_texts import Text, text
from schemas.sources.mapped_times import ISO, Moment, checked_layout, has_zone
from schemas.topics import Family

__all__ = ["Unclear", "read"]

_FAMILIES: dict[str, Family] = {"interaction": "interaction", "agent": "agent", "customer": "customer"}
_TYPES = {name: kind for name, kind in INPUT_TYPES.items() if not name.endswith(".forgotten")}
_OWN = ("type", "time", "when")
_REVISION = Field("revision", Whole, required=False, words="an integer")
_TIME_KEYS = ("from", "format", "zone", "plus", "minus")
_FORMATS = ("csv", "json")


class _File(Struct, forbid_unknown_fields=True):
    source: Name
    event: list[dict[str, Any]]
    id: str | None = None
    format: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    rows: str | None = None
    empty: list[str] = []
    zone: str | None = None
    time_format: str = ISO
    when: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)


def read(content: str) -> Mapping:
    """The mapping that a text tells. Raises `Unclear`."""
    try:
        told = tomllib.loads(content)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Unclear(f"it is not TOML: {error}") from None
    for name in told:
        if name not in _File.__struct_fields__:
            _unknown("at the top", name, _File.__struct_fields__)
    if "source" not in told:
        raise Unclear('source is missing: name the system that the rows come from, as "/cdr/milan"')
    if not told.get("event"):
        raise Unclear("there is no [[event]]: write one for each event that a row tells")
    try:
        return _Reading(msgspec.convert(told, _File)).mapping()
    except (msgspec.ValidationError, RecursionError) as error:
        raise Unclear(_in_words(str(error))) from None


def _in_words(error: str) -> str:
    """What msgspec says, with the place in front."""
    words, _, place = error.partition(" - at `$.")
    return f"{place.removesuffix('`')}: {words}" if place else words


class _Reading:
    def __init__(self, file: _File) -> None:
        self._file = file
        self._tables = {name: _table(name, told) for name, told in file.tables.items()}
        self._constants: dict[tuple[str, str], None] = {}
        self._parts: Counter[str] = Counter()

    def mapping(self) -> Mapping:
        file = self._file
        _checked_layout("time_format", file.time_format)
        if file.zone is not None:
            _zone("zone", file.zone)
        types = [self._type(number, told) for number, told in enumerate(file.event, 1)]
        for name in file.fields:
            if not any(name in _fields(kind) for kind in types):
                _unknown("fields", name, sorted({each for kind in types for each in _fields(kind)}))
        events = tuple(
            self._event(f"event {number} ({told['type']})", told, kind)
            for number, (told, kind) in enumerate(zip(file.event, types, strict=True), 1)
        )
        id_ = None if file.id is None else _text("id", file.id)
        if id_ is not None and not id_.names:
            raise Unclear(f'id: {file.id!r} is the same for every row: name a column, as in "{{Call ID}}"')
        when = _conditions("when", file.when)
        names = {each.name for each in when} | (id_.names if id_ else set())
        for event in events:
            names |= {each.name for each in event.when} | event.time.names
            names = names.union(*(each.names for each in event.fields.values()))
            names |= event.revision.names if event.revision else set()
        return Mapping(
            file.source, id_, when, events, _layout(file), frozenset(names), tuple(self._constants)
        )  # fmt: skip

    def _type(self, number: int, told: dict[str, Any]) -> EventType:
        name = told.get("type")
        if not isinstance(name, str) or name not in _TYPES:
            raise Unclear(f"event {number}: type is {name!r}: {expected(name, _TYPES)}")
        return _TYPES[name]

    def _event(self, where: str, told: dict[str, Any], kind: EventType) -> MappedEvent:
        fields = _fields(kind)
        for name in told:
            if name not in fields and name not in _OWN:
                _unknown(where, name, [*_OWN, *fields])
        if "time" not in told:
            raise Unclear(f"{where}: time is missing: say when it happened")
        merged = {name: each for name, each in self._file.fields.items() if name in fields}
        merged |= {name: each for name, each in told.items() if name not in _OWN}
        found = {}
        for name, each in merged.items():
            place = f"{where}: {name}" if name in told else f"fields: {name}"
            reader = Fields(place, fields[name], self._tables)
            expression = reader.read(each)
            if expression is not None:
                found[name] = expression
            self._constants |= dict.fromkeys((place, each) for each in reader.open_texts)
        for each in fields.values():
            if each.required and each.name not in found:
                raise Unclear(f"{where}: {each.name} is missing: {told['type']} needs it, {each.words}")
        revision = found.pop(_REVISION.name, None)
        part = told["type"].partition(".")[2]
        self._parts[part] += 1
        if self._parts[part] > 1:
            part += f".{self._parts[part]}"
        when = _conditions(f"{where}: when", told.get("when", {}))
        family = _FAMILIES[told["type"].partition(".")[0]]
        return MappedEvent(told["type"], family, part, when, self._moment(where, told["time"]), found, revision)

    def _moment(self, where: str, told: Any) -> Moment:
        where = f"{where}: time"
        told = {"from": told} if isinstance(told, str) else told
        if not isinstance(told, dict) or "from" not in told:
            raise Unclear(f'{where} is {told!r}: write "{{Start}}" or {{ from = "{{Start}}", plus = "{{Wait}}s" }}')
        for name in told:
            if name not in _TIME_KEYS:
                _unknown(where, name, _TIME_KEYS)
        layout, zone = told.get("format", self._file.time_format), told.get("zone", self._file.zone)
        _checked_layout(f"{where}: format", layout)
        if zone is None and not has_zone(layout):
            raise Unclear(f'{where}: format {layout!r} names no zone: set zone, as in zone = "Europe/Rome"')
        start = _text(f"{where}: from", told["from"])
        if not start.names:
            raise Unclear(f'{where} is {told["from"]!r} for every row: name a column, as in "{{Start}}"')
        plus, minus = (_texts(f"{where}: {name}", told.get(name, [])) for name in ("plus", "minus"))
        return Moment(start, layout, None if zone is None else _zone(f"{where}: zone", zone), plus, minus)


def _fields(kind: EventType) -> dict[str, Field]:
    return {each.name: each for each in (*fields_of(data_of(kind)), _REVISION)}


def _layout(file: _File) -> Layout:
    if file.format is not None and file.format not in _FORMATS:
        raise Unclear(f"format is {file.format!r}: it must be one of {', '.join(_FORMATS)}")
    if file.delimiter is not None and (
        len(file.delimiter) != 1 or file.delimiter in '"\r\n' or file.delimiter > "\xff"
    ):
        raise Unclear(f"delimiter is {file.delimiter!r}: it must be one character")
    encoding = file.encoding or "utf-8-sig"
    try:
        codecs.lookup(encoding)
        "".encode(encoding)
    except (LookupError, ValueError):
        raise Unclear(f"encoding is {encoding!r}: it must be one such as utf-8, latin-1, cp1252 or utf-16") from None
    encoding = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
    return Layout(file.format, file.delimiter, encoding, file.rows, frozenset(file.empty))


def _conditions(where: str, told: Any) -> Conditions:
    if not isinstance(told, dict):
        raise Unclear(f'{where} is {told!r}: write {{ Result = "ANSWERED" }}')
    return tuple(_condition(f"{where}: {name}", name, each) for name, each in told.items())


def _condition(where: str, name: str, told: Any) -> Condition:
    otherwise = isinstance(told, dict) and list(told) == ["not"]
    words = told["not"] if otherwise else told
    listed = words if isinstance(words, list) else [words]
    if not all(isinstance(each, str | int | float) for each in listed) or not listed:
        raise Unclear(f'{where} is {told!r}: write a word, a list of words, or {{ not = "…" }}')
    return Condition(name, frozenset(_word(each) for each in listed), otherwise)


def _word(told: Any) -> str:
    return str(told).lower() if isinstance(told, bool) else str(told).strip()


def _table(name: str, told: dict[str, Any]) -> dict[str, Any]:
    for word, ours in told.items():
        if not isinstance(ours, str | int | float):
            raise Unclear(f"tables.{name}: {word} is {ours!r}: it must be a text, a number, true or false")
    return told


def _texts(where: str, told: Any) -> tuple[Text, ...]:
    return tuple(_text(where, each) for each in (told if isinstance(told, list) else [told]))


def _text(where: str, told: Any) -> Text:
    if not isinstance(told, str):
        raise Unclear(f'{where} is {told!r}: it must be a text, as "{{Column}}"')
    try:
        return text(told)
    except ValueError as error:
        raise Unclear(f"{where} is {told!r}: {error}") from None


def _zone(where: str, told: Any) -> ZoneInfo:
    try:
        return ZoneInfo(told)
    except (ValueError, OSError, TypeError, LookupError):
        raise Unclear(f"{where} is {told!r}: it must be one such as Europe/Rome") from None


def _checked_layout(where: str, told: Any) -> None:
    try:
        checked_layout(told if isinstance(told, str) else "")
    except (ValueError, OverflowError) as error:
        raise Unclear(f"{where} is {told!r}: {error}") from None


def _unknown(where: str, name: str, names: Any) -> NoReturn:
    raise Unclear(f"{where}: there is no {name!r}: {expected(name, names)}")
