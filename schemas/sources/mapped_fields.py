"""The fields of a mapped event, as they are written: a text with columns, a constant, or a table that says more."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import msgspec
from msgspec import inspect

from schemas.catalogue import Field
from schemas.sources.mapped_texts import (
    Alias,
    Constant,
    Expression,
    Read,
    Several,
    Table,
    Text,
    Worded,
    flag,
    text,
    whole,
)  # fmt: skip
from schemas.sources.mapped_times import LENGTH, milliseconds
from schemas.sources.people import email, phone

_CODE = re.compile(r"\+?[1-9]\d{0,2}", re.ASCII)
_FORMS = (
    '"{Column}", "text", { value = … }, { from = "{Column}", table = … },'
    ' { phone = "{Column}", country = "39" } or { email = … }'
)


class Unclear(ValueError):
    """A mapping that cannot be used: where, what, and what to write."""


class Fields:
    """Reads what is written for one field. `open_texts`: texts without columns that may be meant as columns."""

    def __init__(self, place: str, field: Field, tables: dict[str, dict[str, Any]]) -> None:
        self.open_texts: list[str] = []
        self._place, self._field, self._tables = place, field, tables
        self._kind = _plain(inspect.type_info(field.kind))

    def read(self, told: Any) -> Expression | None:
        """What stands for the field in a row; None for an empty text. Raises `Unclear`."""
        if told == "":
            return None
        if isinstance(self._kind, inspect.ListType):
            items = told if isinstance(told, list) else [told]
            return Several(tuple(self._one(each, self._kind.item_type) for each in items))
        if isinstance(self._kind, inspect.DictType):
            if not isinstance(told, dict):
                raise self._unclear(told, 'write { name = "{Column}" }')
            return Table({name: self._one(each, self._kind.value_type) for name, each in told.items()})
        return self._one(told, self._kind)

    def _one(self, told: Any, kind: inspect.Type) -> Expression:
        kind = _plain(kind)
        if isinstance(told, str):
            return self._read(self._text(told), kind) if "{" in told or "}" in told else self._constant(told, kind)
        if isinstance(told, bool | int | float):
            return Constant(self._fitting(told, told))
        match told:
            case {"value": str() | bool() | int() | float() as value, **rest} if not rest:
                return Constant(self._fitting(value, value))
            case {"from": str(start), "table": str() | dict() as table, **rest} if not rest:
                return self._read(Worded(self._text(start), self._table(table, kind)), kind)
            case {"from": str(start), **rest} if not rest:
                return self._read(self._text(start), kind)
            case {"phone": str(start), **rest} if not rest:
                return Alias(self._text(start), phone)
            case {"phone": str(start), "country": str(code), **rest} if _CODE.fullmatch(code) and _trunk(rest):
                named = partial(phone, country=code.removeprefix("+"), trunk=str(rest.get("trunk", "")))
                return Alias(self._text(start), named)
            case {"email": str(start), **rest} if not rest:
                return Alias(self._text(start), email)
        raise self._unclear(told, f"write {_FORMS}")

    def _text(self, told: str) -> Text:
        try:
            found = text(told)
        except ValueError as error:
            raise self._unclear(told, str(error)) from None
        if not found.names:
            raise self._unclear(told, 'no column is in it: write "{Column}"')
        return found

    def _constant(self, told: str, kind: inspect.Type) -> Constant:
        if isinstance(kind, inspect.StrType):
            self.open_texts.append(told)
        reading = self._reading(kind)
        try:
            value = told if reading is None else reading[0](told)
        except ValueError:
            value = told
        return Constant(self._fitting(value, told))

    def _read(self, told: Text | Worded, kind: inspect.Type) -> Expression:
        reading = self._reading(kind)
        return told if reading is None else Read(told, *reading)

    def _reading(self, kind: inspect.Type) -> tuple[Callable[[str], Any], str] | None:
        match kind:
            case inspect.IntType() if self._field.name.endswith("_ms"):
                return milliseconds, LENGTH
            case inspect.IntType():
                return whole, "a whole number"
            case inspect.BoolType():
                return flag, "true or false, yes or no, 1 or 0"
        return None

    def _table(self, told: str | dict[str, Any], kind: inspect.Type) -> dict[str, Any]:
        if isinstance(told, str):
            if told not in self._tables:
                raise self._unclear(told, f"there is no [tables.{told}]: {expected(told, self._tables)}")
            told = self._tables[told]
        reading = self._reading(kind)
        for word, ours in told.items():
            if reading is None or not isinstance(ours, str):
                self._fitting(ours, {word: ours})
        return told

    def _fitting(self, value: Any, told: Any) -> Any:
        listed: Any = value
        if isinstance(self._kind, inspect.ListType):
            listed = [value]
        elif isinstance(self._kind, inspect.DictType):
            listed = {"": value}
        try:
            msgspec.convert(listed, self._field.kind)
        except (msgspec.ValidationError, ValueError, OverflowError):
            raise self._unclear(told, f"it must be {self._field.words}") from None
        return value

    def _unclear(self, told: Any, words: str) -> Unclear:
        return Unclear(f"{self._place} is {told!r}: {words}")


def expected(name: Any, names: Iterable[str]) -> str:
    """What there is instead, the nearest first."""
    known = list(names)
    near = difflib.get_close_matches(str(name), known, 1)
    return (f"did you mean {near[0]!r}? " if near else "") + f"there are {', '.join(known) or 'none'}"


def _trunk(told: dict[Any, Any]) -> bool:
    """Whether that is all that may stand beside a country's code."""
    return not told or (list(told) == ["trunk"] and isinstance(told["trunk"], str) and told["trunk"].isdecimal())


def _plain(kind: inspect.Type) -> inspect.Type:
    """Without limits, and without null."""
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    if isinstance(kind, inspect.UnionType):
        kinds = [each for each in kind.types if not isinstance(each, inspect.NoneType)]
        return _plain(kinds[0])
    return kind
