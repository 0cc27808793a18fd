"""What every peer does with an event: an interaction is held in state, an event changes it, and may count something.

It counts for a channel, a queue and ten seconds. No order is mended, nothing is found out afterwards: what is read
twice is counted twice. Stock Faust and Quix Streams run these very steps on state of their own; `bench/kafka-streams`
has them in Java. Needs nothing but msgspec: Quix Streams has an environment of its own.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from schemas.events import InteractionEvent

MEASURES = (
    "offered", "answered", "in_threshold", "wait_ms", "abandoned", "short_abandoned", "flowed_out", "handled",
    "talk_ms", "hold_ms", "handle_ms", "wrap_up_ms",
)  # fmt: skip
BUCKET_MS, THRESHOLD_MS, SHORT_MS, WRAP_UP_CAP_MS = 10_000, 20_000, 5_000, 1_800_000

decode_event = msgspec.json.Decoder(InteractionEvent).decode


class Interaction(msgspec.Struct, array_like=True):
    """One interaction as it stands: instants in ms, None where it is not in that state."""

    queue: str | None = None
    seen_at: int = 0
    queued_at: int | None = None
    answered_at: int | None = None
    agent: str | None = None
    held_at: int | None = None
    hold_ms: int = 0
    over: bool = False
    parts: dict[str, tuple[str | None, int]] = {}

    @property
    def settled(self) -> bool:
        """Nothing more is expected of it: it need not be kept."""
        return self.over and not self.parts


class Counted(NamedTuple):
    """What an event counts: for a queue, at an instant."""

    queue: str | None
    at: int
    measures: dict[str, int]


def instant(event: Any) -> int:
    """When it happened, in ms."""
    return int(event.time.timestamp() * 1000)


def cell(channel: str, queue: str | None, at: int) -> str:
    """The name of a cell."""
    return f"{channel}|{queue}|{at // BUCKET_MS * BUCKET_MS}"


def step(state: Interaction, event: Any) -> Counted | None:
    """Let an event change its interaction; what it counts."""
    state.seen_at = at = instant(event)
    change = _STEPS.get(type(event).__name__)
    return change(state, event.data, at) if change else None


def _queued(state: Interaction, data: Any, at: int) -> Counted:
    state.queue, state.queued_at = data.queue, at
    return Counted(state.queue, at, {"offered": 1})


def _answered(state: Interaction, data: Any, at: int) -> Counted | None:
    counted = None
    if state.queued_at is None:
        state.queue = data.queue
    else:
        wait = at - state.queued_at
        measures = {"answered": 1, "wait_ms": wait, "in_threshold": int(wait <= THRESHOLD_MS)}
        counted = Counted(state.queue, at, measures)
    state.queued_at, state.answered_at, state.agent, state.held_at, state.hold_ms = None, at, data.agent_id, None, 0
    return counted


def _held(state: Interaction, _: Any, at: int) -> None:
    state.held_at = at


def _resumed(state: Interaction, _: Any, at: int) -> None:
    if state.held_at is not None:
        state.hold_ms += at - state.held_at
        state.held_at = None


def _part_over(state: Interaction, _: Any, at: int) -> Counted | None:
    if state.answered_at is None:
        return None
    if state.held_at is not None:
        state.hold_ms += at - state.held_at
    handle = at - state.answered_at
    measures = {"handled": 1, "talk_ms": handle - state.hold_ms, "hold_ms": state.hold_ms, "handle_ms": handle}
    state.parts[state.agent or ""] = (state.queue, at)
    state.answered_at = state.agent = state.held_at = None
    return Counted(state.queue, at, measures)


def _ended(state: Interaction, data: Any, at: int) -> Counted | None:
    state.over = True
    return _part_over(state, data, at)


def _abandoned(state: Interaction, _: Any, at: int) -> Counted | None:
    state.over = True
    if state.queued_at is None:
        return None
    wait, state.queued_at = at - state.queued_at, None
    return Counted(state.queue, at, {"abandoned": 1, "short_abandoned": int(wait <= SHORT_MS)})


def _flowed_out(state: Interaction, _: Any, at: int) -> Counted | None:
    if state.queued_at is None:
        return None
    state.queued_at = None
    return Counted(state.queue, at, {"flowed_out": 1})


def _wrapped_up(state: Interaction, data: Any, at: int) -> Counted | None:
    part = state.parts.pop(data.agent_id, None)
    if part is None:
        return None
    wrap_up = min(at - part[1], WRAP_UP_CAP_MS)
    return Counted(*part, {"wrap_up_ms": wrap_up, "handle_ms": wrap_up})


_STEPS: dict[str, Any] = {
    "Queued": _queued, "Answered": _answered, "Held": _held, "Resumed": _resumed, "Transferred": _part_over,
    "Ended": _ended, "Abandoned": _abandoned, "FlowedOut": _flowed_out, "WrappedUp": _wrapped_up,
}  # fmt: skip
