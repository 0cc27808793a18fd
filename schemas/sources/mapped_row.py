"""A row of somebody's own file: columns by name, or a JSON object by dotted paths; and what it must be to count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct
from xxhash import xxh3_128_hexdigest

from schemas.rejected import Rejected

_encode = msgspec.json.Encoder(order="sorted").encode


class Row:
    """The fields of a row. `empty`: words that stand for nothing, beside the empty text and null."""

    __slots__ = ("_empty", "_fields")

    def __init__(self, fields: Mapping[str, Any], empty: frozenset[str] = frozenset()) -> None:
        self._fields = fields
        self._empty = empty

    def __contains__(self, name: str) -> bool:
        return self._found(name) is not None

    def text(self, name: str) -> str | None:
        """A value as text, without blanks around it; None where it is empty. Raises `Rejected` when it is no value."""
        told = self._found(name)
        if told is None:
            return None
        if isinstance(told, bool):
            told = "true" if told else "false"
        elif isinstance(told, int | float):
            told = repr(told)
        elif not isinstance(told, str):
            kind = "a list" if isinstance(told, list) else "an object"
            raise Rejected("invalid_field", f"{name} is {kind}: name what is in it, as in {{{name}.…}}")
        told = told.strip()
        return None if told in self._empty else told or None

    def digest(self) -> str:
        """32 characters that stand for all that is in it, whatever the order of its fields. Raises `Rejected`."""
        try:
            return xxh3_128_hexdigest(_encode(self._fields))
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise Rejected("invalid_field", f"the row has what cannot be written: {error}"[:200]) from None

    def _found(self, name: str) -> Any:
        told = self._fields.get(name)
        if told is not None or "." not in name:
            return told
        told = self._fields
        for part in name.split("."):
            if isinstance(told, Mapping):
                told = told.get(part)
            elif isinstance(told, list) and part.isdecimal() and len(part) < 10 and int(part) < len(told):
                told = told[int(part)]
            else:
                return None
        return told


class Condition(Struct, frozen=True):
    """What a column must be. `words`: one of these, the empty one for nothing; `otherwise`: none of them."""

    name: str
    words: frozenset[str]
    otherwise: bool

    def holds(self, row: Row) -> bool:
        """Whether the row fits."""
        return ((row.text(self.name) or "") in self.words) is not self.otherwise


Conditions = tuple[Condition, ...]


def fits(conditions: Conditions, row: Row) -> bool:
    """Whether all of them hold."""
    return all(condition.holds(row) for condition in conditions)
