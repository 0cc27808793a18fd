"""What the service says of a file's time: the window that covers it, and the figures over that window."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from stream.cli.ask import asked
from stream.core.times.window import Span, span
from stream.core.times.window import window as window_named

if TYPE_CHECKING:
    from stream.core.rules import Rules
    from stream.settings import Settings

WINDOWS = ("24h", "7d", "30d", "90d", "365d")
ANSWER_SECONDS = 60.0

Row = dict[str, Any]
Queue = tuple[str, str | None]
"""Channel and queue; None: work that no queue sent."""


class Answers(NamedTuple):
    """Rows of `/api/v1/kpis` by channel and queue, by channel, and of all; settings of queues.

    `since_ms`: when the window begins. `variants`: by queue, the service-level formula that is its default.
    """

    window: str
    since_ms: int
    queues: list[Row]
    channels: list[Row]
    whole: Row
    thresholds_ms: dict[Queue, int]
    variants: dict[Queue, str]


def covering(first_ms: int, last_ms: int, rules: Rules) -> tuple[str, int]:
    """The shortest window that at `last_ms` reaches back to `first_ms`, else the longest; and when it begins (ms).

    >>> from stream.core.rules import DAY, Rules
    >>> [covering(days * DAY, 400 * DAY, Rules())[0] for days in (399.5, 394, 393.9, 100, 1)]
    ['24h', '7d', '30d', '365d', '365d']
    """
    zones = {rules.zone, *(rules.queue(*queue).zone for queue in rules.queues)}
    for name in WINDOWS:
        since_ms = max(_span(name, last_ms, zone).first * 1000 for zone in zones)
        if since_ms <= first_ms:
            break
    return name, since_ms


def answers(url: str, settings: Settings, first_ms: int, last_ms: int) -> Answers:
    """What the service at `url` says of the time from the first to the last event. Raises OSError, ValueError."""

    def get(path: str) -> Any:
        return json.loads(asked(url + path, settings.credentials(), ANSWER_SECONDS))

    rules = settings.rules()
    window, since_ms = covering(first_ms, last_ms, rules)
    queues = [row for row in get(f"/api/v1/kpis?window={window}&by=channel,queue") if _has_work(row)]
    channels = [row for row in get(f"/api/v1/kpis?window={window}&by=channel") if _has_work(row)]
    names: list[Queue] = [(row["channel"], row["queue"]) for row in queues]
    return Answers(
        window,
        since_ms,
        queues,
        channels,
        get(f"/api/v1/kpis?window={window}&by=")[0],
        {name: rules.queue(*name).threshold_ms for name in names},
        {name: settings.variant(*name) for name in names},
    )


def _span(name: str, at_ms: int, zone: str) -> Span:
    return span(window_named(name), at_ms, zone)


def _has_work(row: Row) -> bool:
    surveys = row.get("customers") or {}
    return any(row[name] for name in ("offered", "handled", "first_response", "ended", "declined", "waiting")) or any(
        surveys.get(name) for name in ("nps_answers", "csat_answers", "ces_answers", "interactions")
    )
