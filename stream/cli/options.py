"""What options mean: durations, instants; and settings, or the line that says what is wrong with them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from stream.cli.problem import Problem
from stream.settings import Settings
from stream.settings_error import SettingsError

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")


def duration(text: str) -> float:
    """Seconds of `90`, `90s`, `30m`, `2h` or `1d`. Raises ValueError.

    >>> duration("30m"), duration("1.5h"), duration("90")
    (1800.0, 5400.0, 90.0)
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None or not float(found[1]):
        raise ValueError(f"{text!r} is no duration: write 90s, 30m, 2h or 1d")
    return float(found[1]) * UNITS[found[2] or "s"]


def moment(text: str) -> int:
    """Epoch milliseconds of an RFC 3339 instant. Raises ValueError.

    >>> moment("2026-03-02T15:00:00Z")
    1772463600000
    """
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no instant: write 2026-03-02T08:00:00Z") from None
    if told.tzinfo is None:
        raise ValueError(f"{text!r} has no zone: write 2026-03-02T08:00:00Z")
    return (told - EPOCH) // timedelta(milliseconds=1)


def settings(**given: Any) -> Settings:
    """The settings; options that were given (not None) beat file and environment. Raises `Problem`."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except SettingsError as error:
        raise Problem("; ".join(error.problems), 2) from error
