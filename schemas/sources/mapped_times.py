"""Instants of a mapping: a text in some format and zone, so much before or after it; and lengths.

An hour that a clock shows twice in autumn is taken as the first; one that it leaves out in spring, as if the clock had
not been put forward yet: 02:30 is 03:30.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from msgspec import Struct

from schemas.rejected import Rejected
from schemas.sources.mapped_row import Row
from schemas.sources.mapped_texts import Text, shown

ISO, EPOCH, EPOCH_MS = "iso", "epoch", "epoch_ms"
NAMED = (ISO, EPOCH, EPOCH_MS)
LENGTH = "a length such as 45s, 1500ms, 3m, 1:30 or 0:01:30"

_NOTHING = "0-:./ T"
"""What nothing but is an instant that has not come: 0, 0000-00-00 00:00:00."""
_FIRST = datetime(1971, 1, 1, tzinfo=UTC)
_START = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"\d{1,15}(?:[.,]\d{1,12})?", re.ASCII)
_LENGTH = re.compile(r"(\d{1,12}(?:[.,]\d{1,9})?)\s*(ms|s|m|h|d)", re.ASCII)
_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):(\d{2})(?:[.,](\d{1,9}))?", re.ASCII)
_OFFSET = re.compile(r" (?:UTC|GMT|([+-]\d{2}:?\d{2}))$", re.ASCII)
_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


class Moment(Struct, frozen=True):
    """`told` in `layout` (a strptime format, or one of `NAMED`), in `zone` where it names none, moved by lengths."""

    told: Text
    layout: str
    zone: tzinfo | None
    plus: tuple[Text, ...] = ()
    minus: tuple[Text, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The columns that it is made of."""
        return self.told.names.union(*(each.names for each in (*self.plus, *self.minus)))

    def of(self, row: Row) -> datetime | None:
        """The instant in UTC; None where something that it is made of is empty, or stands for no time at all."""
        value = self.told.of(row)
        lengths = [(each, each.of(row)) for each in (*self.plus, *self.minus)]
        if value is None or not value.strip(_NOTHING) or any(length is None for _, length in lengths):
            return None
        at = self._instant(value)
        try:
            for number, (told, length) in enumerate(lengths):
                moved = timedelta(milliseconds=_length(told, length or ""))
                at = at + moved if number < len(self.plus) else at - moved
        except OverflowError:
            raise Rejected("invalid_field", f"{shown(self.told, value)}, moved out of all times") from None
        return at if at >= _FIRST else None

    def _instant(self, value: str) -> datetime:
        try:
            at = _parsed(value, self.layout)
            if at.tzinfo is None and self.zone is None:
                raise Rejected("invalid_field", f'{shown(self.told, value)} without a zone: set zone = "Europe/Rome"')
            return (at if at.tzinfo is not None else at.replace(tzinfo=self.zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            words = "ISO 8601" if self.layout == ISO else self.layout
            raise Rejected("invalid_field", f"{shown(self.told, value)}: it must be a time in {words}") from None


def length_ms(told: str) -> int:
    """Milliseconds. Raises ValueError.

    >>> length_ms("45s"), length_ms("1.5 m"), length_ms("1:30"), length_ms("0:01:30.25")
    (45000, 90000, 90000, 90250)
    """
    found = _LENGTH.fullmatch(told.strip())
    if found is not None:
        return round(float(found[1].replace(",", ".")) * _UNITS[found[2]])
    clock = _CLOCK.fullmatch(told.strip())
    if clock is None:
        raise ValueError(told)
    hours, minutes, seconds, fraction = clock.groups()
    return ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int((fraction or "0")[:3].ljust(3, "0"))


def milliseconds(told: str) -> int:
    """A length; a bare number is one of milliseconds already. Raises ValueError."""
    return round(float(told.replace(",", "."))) if _NUMBER.fullmatch(told) else length_ms(told)


def checked_layout(layout: str) -> None:
    """Raises ValueError for a format of times that is none."""
    if layout in NAMED:
        return
    if "%" not in layout:
        raise ValueError(f"it must be one of {', '.join(NAMED)}, or a format such as %d/%m/%Y %H:%M:%S")
    try:
        year = datetime.strptime(datetime(2026, 3, 2, tzinfo=UTC).strftime(layout), layout).year  # noqa: DTZ007
    except (ValueError, re.error) as error:
        raise ValueError(f"no format of times: {error}") from None
    if year != 2026:
        raise ValueError("a format without a year tells no time")


def has_zone(layout: str) -> bool:
    """Whether a time of this format names its zone itself, as far as the format can tell."""
    return layout in NAMED or "%z" in layout


@lru_cache(1024)
def _parsed(value: str, layout: str) -> datetime:
    if layout == ISO:
        return datetime.fromisoformat(_OFFSET.sub(lambda found: found[1] or "Z", value))
    if layout in {EPOCH, EPOCH_MS}:
        if not _NUMBER.fullmatch(value):
            raise ValueError(value)
        return _START + timedelta(milliseconds=float(value.replace(",", ".")) * (1 if layout == EPOCH_MS else 1000))
    return datetime.strptime(value, layout)  # noqa: DTZ007 - its zone may stand beside it


def _length(told: Text, value: str) -> int:
    try:
        return length_ms(value)
    except ValueError:
        hint = f', as in "{{{told.columns[0]}}}s"' if told.columns and _NUMBER.fullmatch(value) else ""
        raise Rejected("invalid_field", f"{shown(told, value)}: it must be {LENGTH}{hint}") from None
