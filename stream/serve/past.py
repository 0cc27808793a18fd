"""One interaction as it is kept: its events, segments and stamps, and what each arrival did to the figures. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from stream.core.interactions import history as told_again
from stream.core.interactions import kept
from stream.core.interactions.fact import KINDS, SPECIAL, UNNAMED, Fact
from stream.core.interactions.history import Counted
from stream.core.interactions.interaction import Interactions
from stream.core.interactions.segment import Segment
from stream.core.interactions.slots import SEGMENT_HANDLED, SEGMENT_LEFT, SEGMENT_TIMED_OUT
from stream.core.named import measures, pairs, where
from stream.core.stage import Stamp

_TYPES = {kind: str(msgspec.inspect.type_info(event).tag) for event, kind in KINDS.items()}  # type: ignore[attr-defined]
_IN_TIME = {"answered": "in_threshold", "abandoned": "abandoned_in_threshold"}
_NOBODY = ("customer_id", UNNAMED)
_TOLD = ("queue", "agent_id", "customer_id", "segment_id", "direction", "initiation", "reason")


def text(at_ms: int | None) -> str | None:
    """An instant in RFC 3339, UTC, to the millisecond.

    >>> text(1_772_463_615_999), text(None)
    ('2026-03-02T15:00:15.999Z', None)
    """
    if at_ms is None:
        return None
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event(f: Fact) -> dict[str, Any]:
    """What an event said, by the names of the wire."""
    said = {name: getattr(f, name) for name in _TOLD}
    said |= {wire: getattr(f, name) for name, wire in SPECIAL.get(f.kind, ())}
    data = {name: value for name, value in said.items() if value is not None and (name, value) != _NOBODY}
    head = {"time": text(f.at), "type": _TYPES[f.kind], "source": f.source, "id": f.id, "revision": f.revision}
    return head | {"data": data}


def contribution(at: int, scope: str, increments: Iterable[tuple[int, int]]) -> dict[str, Any]:
    """One instant and scope with what was counted there, by name."""
    return {"at": text(at), **where(scope), "measures": measures(increments)}


def _counted(counted: Counted) -> list[dict[str, Any]]:
    found = (contribution(at, scope, cell.items()) for (at, scope), cell in sorted(counted.items()))
    return [each for each in found if each["measures"]]


def arrival(did: told_again.Arrival) -> dict[str, Any]:
    """What one arrival did."""
    return {
        "arrival": did.number,
        **event(did.fact),
        "added": _counted(did.added),
        "taken_back": _counted(did.taken_back),
    }


def segment(stage: Interactions, of: Segment, slots: dict[int, Stamp], silent_at: int | None) -> dict[str, Any]:
    """A segment: where it waited, with whom it was, and what it counted.

    `silent_at`: when silence ended it, though no worker has written it (ms).
    """
    left, handled, silent = (
        slots.get(of.number * 4 + slot) for slot in (SEGMENT_LEFT, SEGMENT_HANDLED, SEGMENT_TIMED_OUT)
    )
    timed_out_at = silent_at if silent is None else silent[0]
    out = {} if left is None else measures(pairs(left[2]))
    work = {} if handled is None else measures(pairs(handled[2]))
    outcome: str | None = next((name for name in ("answered", "abandoned", "flowed_out") if name in out), None)
    if outcome is None:
        outcome = "direct" if of.queued_at is None else "waiting" if timed_out_at is None else "timed_out"
    spans = [*of.holds, *([] if of.held_at is None else [(of.held_at, None, True)])]
    counted = {name: work.get(name, 0) for name in ("talk_ms", "hold_ms", "wrap_up_ms", "handle_ms")} if work else {}
    if of.queued_at is not None and left is not None:
        counted = {"wait_ms": max(left[0] - of.queued_at, 0)} | counted
    return {
        "number": of.number,
        "segment_id": of.id,
        "queue": of.queue,
        "queued_at": text(of.queued_at),
        "left_at": None if left is None else text(left[0]),
        "outcome": outcome,
        "flowed_out_by": next((name.split(".")[1] for name in out if name.startswith("flowed_out_by.")), None),
        "in_threshold": _IN_TIME[outcome] in out if outcome in _IN_TIME else None,
        "threshold_ms": stage.rules.queue(stage.channel, of.queue).threshold_ms,
        "agent_id": of.agent,
        "answered_at": text(of.answered_at),
        "over_at": text(of.over_at),
        "over_by": of.over_by,
        "holds": [{"held_at": text(since), "resumed_at": text(until)} for since, until, _ in spans],
        "wrapped_up_at": text(of.wrapped_at),
        "timed_out_at": text(timed_out_at),
        "measures": counted,
    }


def interaction(stage: Interactions, entity_id: str, blob: bytes, now: int) -> dict[str, Any]:
    """All but the history: who, why and which way, the state at `now` (ms), events, segments, stamps, anomalies."""
    state = stage.load(entity_id, blob)
    due_at = stage.due_at(state)
    silent = state.timed_out or (due_at is not None and due_at <= now)
    open_row = stage.view(state)
    asked_at, answer_due_at = (None, None) if open_row is None else (open_row.asked_at, open_row.answer_due_at)
    life, told, facts = state.life, state.told, kept.arrivals(blob)
    more, missing = told_again.beyond(stage, entity_id, blob)
    slots = kept.by_slot(blob)
    stamps = sorted(slots.values(), key=lambda stamp: stamp[:2])
    return {
        "channel": stage.channel,
        "id": entity_id,
        "state": "timed_out" if silent else "closed" if life.closed else "open",
        "waiting": life.waiting is not None and not silent,
        "connected": life.on is not None and not silent,
        "started_at": text(life.started_at),
        "last_event_at": text(state.last_at),
        "silence_ends_it_at": text(due_at),
        "asked_at": text(asked_at),
        "answer_due_at": text(answer_due_at),
        "kept_until": text(stage.keep_until(state)),
        "customer_id": told.customer_id or None,
        "reason": told.reason,
        "direction": "inbound" if told.inbound else "outbound",
        "told_direction": told.direction,
        "initiation": told.initiation,
        "resolved": life.resolved,
        "ended_at": [text(at) for at in life.ended_at],
        "reopened_at": [text(at) for at in life.reopened_at],
        "events": [{"arrival": place + 1, **event(facts[place])} for place in told_again.in_the_order(stage, facts)],
        "segments": [
            segment(stage, of, slots, due_at if silent and of in (life.waiting, life.on) else None)
            for of in life.segments
        ],
        "stamps": [contribution(at, scope, pairs(increments)) for at, scope, increments in stamps],
        "beyond_the_events": {"counted": _counted(more), "not_counted": _counted(missing)},
        "anomalies": list(life.anomalies),
    }
