"""What one interaction contributes: a list of (instant, where, measure, n), a pure function of its events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tests.oracle.defaults import IDLE_LIMIT, Settings
from tests.oracle.records import Event
from tests.oracle.segments import agent_measures, holds_of, queue_measures, wrap_ups_of
from tests.oracle.story import Segment, Step, Story, tell
from tests.oracle.threads import thread


class Contribution(NamedTuple):
    """One number of one interaction. `level`: "queue" (with `queue` None for no queue), or "channel"."""

    at: int
    channel: str
    level: str
    queue: str | None
    direction: str  # "inbound" or "outbound", as counted
    measure: str
    n: int


@dataclass
class Waiting:
    """A segment that waits now."""

    channel: str
    queue: str | None
    direction: str
    since: int


@dataclass
class Facts:
    """One interaction as a whole: what it contributes, and what FCR needs to know of it."""

    channel: str
    id: str
    contributions: list[Contribution]
    waiting: Waiting | None
    customer: str | None
    reason: str | None
    direction: str
    started_at: int
    served: bool
    ends: list[int]
    reopenings: list[int]
    resolved: bool | None
    asked: tuple[int, bool] | None  # since when a response is waited for, and whether it is the first; timed out: None
    met_bot: bool
    contained: bool  # a bot ended it, and no agent was ever on
    queue: str | None  # that of its last segment
    agent: str | None  # the last who was on


def latest_told(story: Story, field: str) -> str | None:
    """The latest that was told; what `updated` tells beats the rest."""
    for steps in (
        [step for step in story.steps if step.event.name == "updated"],
        [step for step in story.steps if step.event.name != "updated"],
    ):
        for step in reversed(steps):
            if step.event.says(field) is not None:
                return str(step.event.says(field))
    return None


def counted_direction(story: Story) -> str:
    """Outbound only when it is told so and no customer had asked for the call back."""
    told = [step.event.says("initiation") for step in story.steps if step.event.name == "started"]
    callback = [initiation for initiation in told if initiation is not None][-1:] == ["callback"]
    return "outbound" if latest_told(story, "direction") == "outbound" and not callback else "inbound"


def recount(channel: str, id_: str, events: list[Event], at: int, settings: Settings) -> Facts:
    """Everything that one interaction says, as seen at `at` (ms): that is when a time-out may have come to pass."""
    story = tell(events, settings)
    for step in story.steps:
        if step.event.name == "updated" and step.chosen and step.event.says("queue") is not None:
            step.chosen.queue = step.event.says("queue")
    limit = IDLE_LIMIT[channel]
    timed_out_at = None if limit is None else max(event.at for event in events) + limit
    if timed_out_at is None or timed_out_at > at or story.is_closed:
        timed_out_at = None

    direction = counted_direction(story)
    found: list[Contribution] = []

    def count(at: int, segment: Segment | None, measure: str, n: int = 1) -> None:
        found.append(Contribution(at, channel, "queue", segment.queue if segment else None, direction, measure, n))

    def count_interaction(at: int, measure: str) -> None:
        found.append(Contribution(at, channel, "channel", None, direction, measure, 1))

    holds = holds_of(story)
    wrap_ups = wrap_ups_of(story)
    waiting = None
    for position, segment in enumerate(story.segments):
        if segment.queued_at is not None:
            if segment.waiting and timed_out_at is not None:
                segment.left, segment.left_at = "timed_out", timed_out_at
            queue_measures(segment, channel, settings, count)
            if segment.waiting:
                waiting = Waiting(channel, segment.queue, direction, segment.queued_at)
        if segment.agent is not None:
            if segment.over:
                agent_measures(segment, channel, settings, holds.get(position, []), wrap_ups.get(position), count)
            elif timed_out_at is not None:
                count(timed_out_at, segment, "timed_out_connected")

    for step in story.steps:
        event = step.event
        if event.name == "declined":
            queue = event.says("queue") or (step.segment.queue if step.segment else None)
            where = Segment(event.at, queue=queue)
            count(event.at, where, "declined")
            if event.says("result") is not None:
                count(event.at, where, f"declined_by.{event.says('result')}")
        if step.closes:
            count(event.at, step.segment, "ended")
        if step.reopens:
            count(event.at, step.segment, "reopened")
    for closing, answer in closings(story):
        if answer is not None:
            count(closing.event.at, closing.segment, "resolved_known")
        if answer is True:
            count(closing.event.at, closing.segment, "resolved")
    asked = thread(story, channel, direction, settings, count)
    count_interaction(started_at(story), "interactions_started")

    ends = [step.event.at for step in story.steps if step.closes]
    queued = [segment.queued_at for segment in story.segments if segment.queued_at is not None]
    answered = [segment.answered_at for segment in story.segments if segment.answered_at is not None]
    if queued:
        count_interaction(min(queued), "interactions_offered")
        if answered:
            count_interaction(min(answered), "interactions_answered")
        elif any(end >= min(queued) for end in ends):
            count_interaction(min(end for end in ends if end >= min(queued)), "interactions_lost")

    return Facts(
        channel=channel,
        id=id_,
        contributions=found,
        waiting=waiting,
        customer=latest_told(story, "customer_id"),
        reason=latest_told(story, "reason"),
        direction=direction,
        started_at=started_at(story),
        served=any(segment.agent is not None and segment.over for segment in story.segments)
        or ended_resolved_by_bot(story),
        ends=ends,
        reopenings=[step.event.at for step in story.steps if step.reopens],
        resolved=resolved(story),
        asked=None if timed_out_at is not None else asked,
        met_bot=met_bot(story),
        contained=ended_by_bot(story) and not any(segment.agent is not None for segment in story.segments),
        queue=story.segments[-1].queue if story.segments else None,
        agent=next((segment.agent for segment in reversed(story.segments) if segment.agent is not None), None),
    )


def closings(story: Story) -> list[tuple[Step, bool | None]]:
    """Each step that closed it, with the latest that an `ended` told from then on, while it was closed."""
    found: list[tuple[Step, bool | None]] = []
    closed = False
    for step in story.steps:
        if step.closes:
            found.append((step, None))
            closed = True
        if closed and step.event.name == "ended" and step.event.says("resolved") is not None:
            found[-1] = (found[-1][0], step.event.says("resolved"))
        if step.reopens or step.moves:
            closed = False
    return found


def met_bot(story: Story) -> bool:
    """A bot wrote, took it over, or ended it."""
    wrote = any(step.event.name == "message" and step.event.says("author") == "bot" for step in story.steps)
    took = any(step.event.name == "flowed_out" and step.event.says("outcome") == "bot" for step in story.steps)
    return wrote or took or ended_by_bot(story)


def started_at(story: Story) -> int:
    """The instant of the first `started`; without one the earliest event stands in."""
    started = [step.event.at for step in story.steps if step.event.name == "started"]
    return min(started or [step.event.at for step in story.steps])


def resolved(story: Story) -> bool | None:
    """The latest that an `ended` told, those that closed nothing included."""
    told = [step.event.says("resolved") for step in story.steps if step.event.name == "ended"]
    told = [answer for answer in told if answer is not None]
    return told[-1] if told else None


def ended_resolved_by_bot(story: Story) -> bool:
    """Whether a bot ended it, and as resolved."""
    return ended_by_bot(story) and resolved(story) is True


def ended_by_bot(story: Story) -> bool:
    """Whether an `ended` by a bot closed it."""
    return any(step.closes and step.event.name == "ended" and step.event.says("by") == "bot" for step in story.steps)
