"""What one segment contributes: how it left its queue, and what its agent did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.oracle.defaults import PARKED, Settings
from tests.oracle.records import Event
from tests.oracle.story import Segment, Story

Count = Callable[..., None]


@dataclass
class Hold:
    """One hold: the step that began it, and its instants in ms (`until` None: not resumed)."""

    step: int
    since: int
    until: int | None = None


def queue_measures(segment: Segment, channel: str, settings: Settings, count: Count) -> None:
    """Offered, and how the segment left its queue."""
    assert segment.queued_at is not None
    count(segment.queued_at, segment, "offered")
    if segment.left is None or segment.left_at is None:
        return
    wait = max(0, segment.left_at - segment.queued_at)
    in_threshold = wait <= settings.threshold(channel, segment.queue)
    count(segment.left_at, segment, segment.left)
    if segment.left == "answered":
        count(segment.left_at, segment, "wait_ms", wait)
        if in_threshold:
            count(segment.left_at, segment, "in_threshold")
    if segment.left == "abandoned":
        if wait <= settings.of(channel, segment.queue).short_abandon:
            count(segment.left_at, segment, "short_abandoned")
        if in_threshold:
            count(segment.left_at, segment, "abandoned_in_threshold")
    if segment.left == "flowed_out":
        count(segment.left_at, segment, f"flowed_out_by.{segment.outcome}")


def agent_measures(
    segment: Segment, channel: str, settings: Settings, holds: list[Hold], wrapped: Event | None, count: Count
) -> None:
    """Talk, hold, wrap-up and handle of a segment whose agent's part is over."""
    assert segment.over is not None
    assert segment.answered_at is not None
    assert segment.answered_step is not None
    over_step, over_at = segment.over
    part = max(0, over_at - segment.answered_at)
    mine = [hold for hold in holds if segment.answered_step < hold.step < over_step]
    hold = sum(max(0, min(over_at, over_at if held.until is None else held.until) - held.since) for held in mine)
    if not mine and segment.told_hold is not None:
        hold = min(segment.told_hold, part)
    talk = max(0, part - hold)
    wrap_up = 0
    if wrapped is not None:
        wrap_up = wrapped.says("wrap_up_ms")
        if wrap_up is None:
            wrap_up = max(0, wrapped.at - over_at)
        wrap_up = min(wrap_up, settings.of(channel, segment.queue).wrap_up_cap)
    handle = talk + wrap_up if channel in PARKED else talk + hold + wrap_up
    if wrapped is not None and wrapped.says("handle_ms") is not None:
        handle = wrapped.says("handle_ms")
    for measure, n in (
        ("handled", 1),
        ("talk_ms", talk),
        ("hold_ms", hold),
        ("wrap_up_ms", wrap_up),
        ("handle_ms", handle),
    ):
        count(over_at, segment, measure, n)
    if segment.transferred:
        count(over_at, segment, "transferred")
    if mine or segment.told_hold:
        count(over_at, segment, "held")


def holds_of(story: Story) -> dict[int, list[Hold]]:
    """Position of a segment -> its holds; a second `held` changes nothing."""
    holds: dict[int, list[Hold]] = {}
    for number, step in enumerate(story.steps):
        if step.chosen is None or step.event.name not in ("held", "resumed"):
            continue
        position = next(i for i, segment in enumerate(story.segments) if segment is step.chosen)
        mine = holds.setdefault(position, [])
        running = bool(mine) and mine[-1].until is None
        if step.event.name == "held" and not running:
            mine.append(Hold(number, step.event.at))
        if step.event.name == "resumed" and running:
            mine[-1].until = step.event.at
    return holds


def wrap_ups_of(story: Story) -> dict[int, Event]:
    """Position of a segment -> the wrapped_up that is its own."""
    own: dict[int, Event] = {}
    for number, step in enumerate(story.steps):
        if step.event.name != "wrapped_up":
            continue
        begun = [
            (position, segment)
            for position, segment in enumerate(story.segments)
            if segment.answered_step is not None and segment.answered_step < number
        ]
        named = [
            position
            for position, segment in begun
            if segment.id is not None and step.event.says("segment_id") == segment.id
        ]
        agents = [(position, segment) for position, segment in begun if segment.agent == step.event.says("agent_id")]
        free = [
            position
            for position, segment in agents
            if position not in own and segment.over and segment.over[0] < number
        ]
        candidates = named or free or [position for position, _ in agents]
        if candidates:
            own[candidates[-1]] = step.event
    return own
