"""What the wallboard says beside its queues: channels, agents, how fresh its input is. Pure reading of a view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemas.events import CHANNELS
from stream.core.figures.row import INTERACTION_MEASURES, fcr
from stream.core.measures import CODES, Cell
from stream.core.scope import channel_scope
from stream.core.times.window import matured_span, window
from stream.serve import agents_live

if TYPE_CHECKING:
    from stream.serve.view import View

_MEASURES = tuple((name, CODES[name]) for name in INTERACTION_MEASURES)
_TODAY, _WEEK = window("today"), window("7d")


def of(view: View, now: int) -> dict[str, Any]:
    """All of it at `now` (ms), by key."""
    return {
        "window": view.settings.alert_window,
        "stale": view.freshness.reasons(),
        "channels": channels(view, now) if view.loaded else [],
        "agents": agents(view, now),
    }


def channels(view: View, now: int) -> list[dict[str, Any]]:
    """Each channel's interactions of today, and its first-contact resolution: today's, and the matured of whole days.

    The matured one is of the first exported window of days, of 7 days without.
    """
    snapshot, rules = view.snapshot, view.rules
    of_days = (window(name) for name in view.settings.fcr_windows)
    days = next((each for each in of_days if matured_span(each, now, rules.zone, rules.repeat_window_ms)), _WEEK)
    span = matured_span(days, now, rules.zone, rules.repeat_window_ms)
    answer = []
    for channel in CHANNELS:
        scope = channel_scope(channel, inbound=True)
        today = snapshot.running(scope, _TODAY, now, rules.zone, rules.day_starts_ms)
        matured: Cell = {} if span is None else snapshot.cell(scope, span, rules.zone)
        answer.append(
            {
                "channel": channel,
                **{name: today.get(code, 0) for name, code in _MEASURES},
                "fcr": {
                    "provisional": {"window": _TODAY.name, **fcr(today)},
                    "matured": {"window": days.name, **fcr(matured)},
                },
            }
        )
    return answer


def agents(view: View, now: int) -> dict[str, Any]:
    """How many agents by presence and what they do, those there are; who is not ready, by reason."""
    found = agents_live.rows(view.snapshot, now)
    by = agents_live.by_activity(found, now)
    reasons = agents_live.not_ready(found, view.settings.not_ready_reasons, now)
    return {
        "by": [{"presence": presence, "activity": activity, "count": n} for (presence, activity), n in by.items() if n],
        "not_ready": {reason: n for reason, n in reasons.items() if n},
    }


def input_ages(view: View, now: int) -> dict[str, float | None]:
    """Seconds since the latest event of each topic; None before the first."""
    latest: dict[str, int] = {}
    for shard, known in view.snapshot.shards.items():
        latest[shard.topic] = max(latest.get(shard.topic, 0), known.stream_time)
    return {topic: max(now - latest[topic], 0) / 1000 if latest.get(topic) else None for topic in view.topics}
