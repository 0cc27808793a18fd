"""What a field of a mapping says: text with columns in it, a word of a table, an alias, a list or a table of such."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol

from msgspec import Struct

from schemas.rejected import Rejected
from schemas.sources.mapped_row import Row

_BRACES = re.compile(r"\{([^{}]*)\}")
_WHOLE = re.compile(r"([+-]?\d{1,19})(?:[.,]0{1,12})?", re.ASCII)
_TRUE = frozenset({"true", "yes", "y", "1"})
_FALSE = frozenset({"false", "no", "n", "0"})


class Expression(Protocol):
    """Something that a row has a value for."""

    def of(self, row: Row) -> Any:
        """The value, None where the row has none. Raises `Rejected`."""

    @property
    def names(self) -> frozenset[str]:
        """The columns that it is made of."""


class Text(Struct, frozen=True):
    """Text and columns in turn: `words` is one longer than `columns`. Nothing where one of the columns is empty."""

    words: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def names(self) -> frozenset[str]:
        """The columns."""
        return frozenset(self.columns)

    def of(self, row: Row) -> str | None:
        """The text, with what the row has in place of columns."""
        told = self.words[0]
        for column, words in zip(self.columns, self.words[1:], strict=True):
            value = row.text(column)
            if value is None:
                return None
            told += value + words
        return told or None


def text(told: str) -> Text:
    """Reads `{Date} {Time}`. Raises ValueError.

    >>> text("tel:{Caller}").of(Row({"Caller": " +39061234 "})), text("tel:{Caller}").of(Row({"Caller": ""}))
    ('tel:+39061234', None)
    """
    parts = _BRACES.split(told)
    words, columns = tuple(parts[::2]), tuple(each.strip() for each in parts[1::2])
    if any("{" in each or "}" in each for each in words):
        raise ValueError("a column stands in braces: {Queue}; text that has braces itself is written { value = … }")
    if not all(columns):
        raise ValueError("there is no column between the braces")
    return Text(words, columns)


class Constant(Struct, frozen=True):
    """The same for every row."""

    value: Any
    names: frozenset[str] = frozenset()

    def of(self, row: Row) -> Any:
        """The value."""
        del row
        return self.value


class Worded(Struct, frozen=True):
    """Their words → ours. A word that is not in the table stays."""

    told: Text
    table: dict[str, Any]

    @property
    def names(self) -> frozenset[str]:
        """The columns."""
        return self.told.names

    def of(self, row: Row) -> Any:
        """Our word."""
        word = self.told.of(row)
        return None if word is None else self.table.get(word, word)


class Alias(Struct, frozen=True):
    """A number or an address, as all channels name a customer; nothing where it is none."""

    told: Text
    named: Callable[[str | None], str | None]

    @property
    def names(self) -> frozenset[str]:
        """The columns."""
        return self.told.names

    def of(self, row: Row) -> str | None:
        """The alias."""
        return self.named(self.told.of(row))


class Several(Struct, frozen=True):
    """A list of what is there."""

    items: tuple[Expression, ...]

    @property
    def names(self) -> frozenset[str]:
        """The columns."""
        return frozenset[str]().union(*(each.names for each in self.items))

    def of(self, row: Row) -> list[Any] | None:
        """The list."""
        return [value for each in self.items if (value := each.of(row)) is not None] or None


class Table(Struct, frozen=True):
    """A table of what is there."""

    items: dict[str, Expression]

    @property
    def names(self) -> frozenset[str]:
        """The columns."""
        return frozenset[str]().union(*(each.names for each in self.items.values()))

    def of(self, row: Row) -> dict[str, Any] | None:
        """The table."""
        found = {name: each.of(row) for name, each in self.items.items()}
        return {name: value for name, value in found.items() if value is not None} or None


class Read(Struct, frozen=True):
    """Text, read as what the field is: a number, true or false, a length."""

    told: Expression
    read: Callable[[str], Any]
    words: str

    @property
    def names(self) -> frozenset[str]:
        """The columns."""
        return self.told.names

    def of(self, row: Row) -> Any:
        """The value."""
        value = self.told.of(row)
        if not isinstance(value, str):
            return value
        try:
            return self.read(value)
        except ValueError:
            raise Rejected("invalid_field", f"{shown(self, value)}: it must be {self.words}") from None


def whole(told: str) -> int:
    """A whole number. Raises ValueError.

    >>> whole("5"), whole("-3.00"), whole("4,0")
    (5, -3, 4)
    """
    found = _WHOLE.fullmatch(told)
    if found is None:
        raise ValueError(told)
    return int(found[1])


def flag(told: str) -> bool:
    """True or false. Raises ValueError.

    >>> flag("Yes"), flag("0")
    (True, False)
    """
    word = told.lower()
    if word not in _TRUE | _FALSE:
        raise ValueError(told)
    return word in _TRUE


def shown(told: Expression, value: str) -> str:
    """What a person has to look at: the columns, and what they gave."""
    names = " and ".join(f"{{{name}}}" for name in sorted(told.names)) or "it"
    verb = "gives" if len(told.names) < 2 else "give"
    return f"{names} {verb} {value!r}" if len(value) <= 60 else f"{names} {verb} {value[:59]!r}…"
