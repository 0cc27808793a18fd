"""A vendor's payload, read field by field. What it lacks is None, what it tells wrongly is `Rejected`, with its place.

Vendors disagree with their own documentation: ids are numbers here and strings there, `null`, an empty string and a
missing field mean the same, objects come as lists. So reading is lenient about the spelling of a value, and strict
about what it is: a time that cannot be read is a fault, since no other would be right.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from schemas.faults import parsed
from schemas.rejected import Rejected

MAX_BYTES = 1024 * 1024
"""Of a payload: what Kafka takes in one record by default."""
MAX_TEXT = 1024
"""Of a text that we take over: an id, a name, a reason."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_YET = datetime(1971, 1, 1, tzinfo=UTC)
"""An instant before that stands for one that has not come."""
_LAST = datetime(9999, 12, 31, tzinfo=UTC)  # from here on there is no room for what is reckoned from an instant
_LAST_SECOND = 253_402_214_400
_INSTANT = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d{1,12}))?\s*(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII | re.IGNORECASE,
)
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,12})?", re.ASCII)
_SHOWN = 60


def read(payload: bytes) -> Node:
    """A payload that is one JSON object. Raises `Rejected`: too_large, not_json, not_an_event."""
    told = parsed(payload, MAX_BYTES)
    if not isinstance(told, dict):
        raise Rejected("not_an_event", f"the payload is {_shown(told)}: it must be one JSON object")
    return Node(told)


class Node:
    """An object of a payload. Names may have dots: `node.text("detail.queue.id")`; of several the first that is there.

    `any_case`: names are the same in any case.
    """

    __slots__ = ("_any_case", "_fields", "path")

    def __init__(self, fields: dict[str, Any], path: str = "", *, any_case: bool = False) -> None:
        self.path = path
        self._any_case = any_case
        self._fields = {name.lower(): value for name, value in fields.items()} if any_case else fields

    def __bool__(self) -> bool:
        return bool(self._fields)

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __contains__(self, name: str) -> bool:
        return (name.lower() if self._any_case else name) in self._fields

    def in_any_case(self) -> Node:
        """The same, whose names are the same in any case, as those of all that lies in it."""
        return Node(self._fields, self.path, any_case=True)

    def raw(self, *names: str) -> Any:
        """A value as it is, None when it is missing, null or an empty text."""
        return self._found(names)[1]

    def text(self, *names: str) -> str | None:
        """A text, or a number as one, without blanks around it."""
        place, told = self._found(names)
        return None if told is None else _as_text(told, place)

    def words(self, *names: str) -> str:
        """A text of people, cut to what we take over; empty when there is none."""
        told = self._found(names)[1]
        return told.strip()[:MAX_TEXT] if isinstance(told, str) else ""

    def needed(self, *names: str) -> str:
        """A text that must be there."""
        told = self.text(*names)
        if told is None:
            raise self.missing(*names)
        return told

    def flag(self, *names: str) -> bool | None:
        """True or false, or one of them as a text."""
        place, told = self._found(names)
        if isinstance(told, str) and told.strip().lower() in {"true", "false"}:
            return told.strip().lower() == "true"
        if told is None or isinstance(told, bool):
            return told
        raise _invalid(place, told, "true or false")

    def number(self, *names: str) -> int | float | None:
        """A number, or a text that is one."""
        place, told = self._found(names)
        return None if told is None else _as_number(told, place)

    def whole(self, *names: str) -> int | None:
        """A whole number; a fraction is a fault."""
        told = self.number(*names)
        if told is None or told == int(told):
            return None if told is None else int(told)
        raise _invalid(self._found(names)[0], told, "a whole number")

    def duration_ms(self, *names: str, unit: int = 1000) -> int | None:
        """A length in ms, of a number of units of so many ms (default: seconds); one below zero is 0."""
        told = self.number(*names)
        return None if told is None else min(max(round(told * unit), 0), 10**12)

    def instant(self, *names: str) -> datetime | None:
        """ISO 8601, UTC where it names no zone; None also where it stands for "not yet" (before 1971)."""
        place, told = self._found(names)
        return None if told is None else _later(as_instant(told, place))

    def epoch(self, *names: str, unit: int = 1) -> datetime | None:
        """Seconds since 1970, or with `unit` 1000 milliseconds; a fraction counts, 0 is no instant."""
        place, told = self._found(names)
        return None if told is None else _later(_since_epoch(_as_number(told, place), unit, place, told))

    def node(self, *names: str) -> Node:
        """An object; an empty one where there is none, or something else: what it lacks is then missing."""
        place, told = self._found(names)
        if isinstance(told, list) and told:
            told = told[0]
        return Node(told if isinstance(told, dict) else {}, place, any_case=self._any_case)

    def nodes(self, *names: str) -> list[Node]:
        """The objects of a list; an object alone is a list of one."""
        place, told = self._found(names)
        if isinstance(told, dict):
            return [Node(told, place, any_case=self._any_case)]
        if not isinstance(told, list):
            return []
        return [
            Node(each, f"{place}[{number}]", any_case=self._any_case)
            for number, each in enumerate(told)
            if isinstance(each, dict)
        ]

    def embedded(self, *names: str) -> Node:
        """An object that is told as a text of JSON; an empty one where there is none."""
        place, told = self._found(names)
        if isinstance(told, dict):
            return Node(told, place, any_case=self._any_case)
        if not isinstance(told, str):
            return Node({}, place)
        try:
            inner = parsed(told.encode(), MAX_BYTES)
        except (Rejected, UnicodeEncodeError):
            raise _invalid(place, told, "a JSON object as a text") from None
        return Node(inner if isinstance(inner, dict) else {}, place, any_case=self._any_case)

    def missing(self, *names: str) -> Rejected:
        """The fault of what is not there."""
        return Rejected("missing_field", f"{self._place(' or '.join(names))} is missing: the event needs it")

    def invalid(self, name: str, words: str) -> Rejected:
        """The fault of what is there."""
        place, told = self._found((name,))
        return _invalid(place, told, words)

    def _found(self, names: tuple[str, ...]) -> tuple[str, Any]:
        for name in names:
            told: Any = self._fields
            for part in name.split(".") if "." in name else (name,):
                told = self._step(told, part)
            if told is not None and not (isinstance(told, str) and (not told or told.isspace())):
                return self._place(name), told
        return self._place(names[0]), None

    def _step(self, told: Any, part: str) -> Any:
        if not isinstance(told, dict):
            return None
        if not self._any_case:
            return told.get(part)
        part = part.lower()
        if told is self._fields:
            return told.get(part)
        return next((value for name, value in told.items() if name.lower() == part), None)

    def _place(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name


def _as_text(told: Any, place: str) -> str:
    if isinstance(told, int | float) and not isinstance(told, bool):
        told = repr(told)
    if not isinstance(told, str) or len(told) > MAX_TEXT:
        raise _invalid(place, told, f"a text of at most {MAX_TEXT} characters")
    return told.strip()


def _as_number(told: Any, place: str) -> int | float:
    if isinstance(told, str) and _NUMBER.fullmatch(told.strip()):
        told = float(told) if "." in told else int(told)
    if isinstance(told, bool) or not isinstance(told, int | float) or not math.isfinite(told) or abs(told) > 2**63:
        raise _invalid(place, told, "a number")
    return told


def as_instant(told: Any, place: str) -> datetime:
    """ISO 8601 in a text, UTC where it names no zone. Raises `Rejected`, which names the place."""
    found = _INSTANT.fullmatch(told.strip()) if isinstance(told, str) else None
    if found is None:
        raise _invalid(place, told, "an instant in ISO 8601")
    *parts, fraction, zone = found.groups()
    try:
        at = datetime(*map(int, parts), int((fraction or "0")[:6].ljust(6, "0")), tzinfo=_zone(zone))  # type: ignore[misc,arg-type]
        at = at.astimezone(UTC)
    except (ValueError, OverflowError):
        at = _LAST
    if at >= _LAST:
        raise _invalid(place, told, "an instant in ISO 8601")
    return at


def _zone(told: str | None) -> timezone:
    if told is None or told in {"Z", "z"}:
        return UTC
    digits = told[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if told[0] == "-" else offset)


def _since_epoch(number: float, unit: int, place: str, told: Any) -> datetime:
    micros = number * 1_000_000 // unit if isinstance(number, int) else round(number * 1_000_000 / unit)
    if not 0 <= micros < _LAST_SECOND * 1_000_000:
        raise _invalid(place, told, "an instant in " + ("milliseconds" if unit == 1000 else "seconds") + " since 1970")
    return _EPOCH + timedelta(microseconds=micros)


def _later(at: datetime) -> datetime | None:
    return at if at >= _NOT_YET else None


def _invalid(place: str, told: Any, words: str) -> Rejected:
    return Rejected("invalid_field", f"{place} is {_shown(told)}: it must be {words}")


def _shown(told: Any) -> str:
    text = "an object" if isinstance(told, dict) else "a list" if isinstance(told, list) else repr(told)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
