"""What a request asks for: its parameters, each checked, each error saying what is wrong, where, and what to write."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, cast, get_args

from starlette.datastructures import QueryParams

from schemas.events import CHANNELS
from stream.core.times.window import UnknownWindow, Window, window
from stream.serve.kpis import Direction

BY = ("channel", "queue")
BY_AGENT = ("channel", "queue", "agent", "team")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})")


class BadRequest(ValueError):
    """A parameter that cannot be served (HTTP 400): which, what is wrong with it, what to do."""

    def __init__(self, parameter: str, error: str, hint: str) -> None:
        super().__init__(f"{parameter}: {error}")
        self.parameter, self.error, self.hint = parameter, error, hint


class KpiQuery(NamedTuple):
    """A request for rows. `at_ms` None: now."""

    window: Window
    by: tuple[str, ...]
    at_ms: int | None
    direction: Direction


def kpi_query(parameters: Mapping[str, str]) -> KpiQuery:
    """Read the parameters of `/api/v1/kpis`. Raises BadRequest.

    >>> kpi_query({"window": "1h", "by": "queue,channel"}).by
    ('channel', 'queue')
    """
    only(parameters, "window", "by", "at", "direction")
    at = parameters.get("at")
    by = by_of(parameters, "", BY_AGENT)
    if "queue" in by and not {"agent", "team"}.isdisjoint(by):
        hint = "agents' time has no queue: by= agent or team, with channel or without"
        raise BadRequest("by", "agents' figures are not split by queue", hint)
    return KpiQuery(window_of(parameters, "1h"), by, None if not at else instant(at), direction_of(parameters))


def only(parameters: Mapping[str, str], *names: str) -> None:
    """Refuse a parameter that is none of these, or told twice: one that changes nothing would look like an answer."""
    unknown = sorted(set(parameters) - set(names))
    if unknown:
        there_are = f"there are {', '.join(names)}" if names else "there are none"
        raise BadRequest(unknown[0], "is no parameter", there_are)
    if isinstance(parameters, QueryParams):
        told = Counter(name for name, _ in parameters.multi_items())
        twice = next((name for name, n in told.items() if n > 1), None)
        if twice is not None:
            raise BadRequest(twice, "is told more than once", f"{twice}= once")


def window_of(parameters: Mapping[str, str], default: str) -> Window:
    """The parameter `window`. Raises BadRequest."""
    try:
        return window(parameters.get("window", default))
    except UnknownWindow as error:
        hint = "window=today, or minutes, hours or days: window=30m, window=1h, window=7d"
        raise BadRequest("window", str(error), hint) from None


def by_of(parameters: Mapping[str, str], default: str, labels: tuple[str, ...] = BY) -> tuple[str, ...]:
    """The parameter `by`: labels in their own order, each once. Raises BadRequest."""
    asked = [label for label in parameters.get("by", default).split(",") if label]
    strange = next((label for label in asked if label not in labels), None)
    if strange is not None:
        raise BadRequest("by", f"cannot group by {strange!r}", f"by= any of {','.join(labels)}; empty: one row")
    return tuple(label for label in labels if label in asked)


def channel_of(parameters: Mapping[str, str]) -> str | None:
    """The parameter `channel`; None: all. Raises BadRequest."""
    channel = parameters.get("channel") or None
    if channel is not None and channel not in CHANNELS:
        raise BadRequest("channel", f"{channel!r} is no channel", f"channel= one of {', '.join(CHANNELS)}")
    return channel


def direction_of(parameters: Mapping[str, str]) -> Direction:
    """The parameter `direction`. Raises BadRequest."""
    direction = parameters.get("direction", "inbound")
    if direction not in get_args(Direction):
        hint = f"direction= one of {', '.join(get_args(Direction))}"
        raise BadRequest("direction", f"{direction!r} is no direction", hint)
    return cast("Direction", direction)


def instant(text: str, parameter: str = "at") -> int:
    """An RFC 3339 instant in ms since the epoch, floored. A `+` that a URL turned into a space is understood.

    >>> instant("2026-03-02T16:00:00.0019+01:00"), instant("2026-03-02T16:00:00 01:00"), instant("2026-03-02T15:00:00Z")
    (1772463600001, 1772463600000, 1772463600000)
    """
    hint = f"{parameter}= an RFC 3339 instant with a zone: {parameter}=2026-03-02T15:00:00Z"
    meant = re.sub(r" (\d{2}:\d{2})$", r"+\1", text) if len(text) > 19 else text
    if not _INSTANT.fullmatch(meant):
        raise BadRequest(parameter, f"{text!r} is no instant", hint)
    try:
        found = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", meant.upper()))
        since = found - _EPOCH
    except (ValueError, OverflowError) as error:
        raise BadRequest(parameter, f"{text!r}: {error}", hint) from None
    if not _EPOCH <= found <= _LATEST:
        raise BadRequest(parameter, f"{text!r} lies outside of 1970 to 9000", hint)
    return since // timedelta(milliseconds=1)
