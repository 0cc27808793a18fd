"""One interaction's events, put in order and told as a story: which segments there were, and what each event did.

Pass one (`tell`) walks through the events once; pass two, in `interaction` and `threads`, measures the segments, so
that what comes later (a `transferred` after the next agent is on, an `updated`) can still say how an earlier part
ended or whose it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby

from tests.oracle.defaults import Settings
from tests.oracle.records import ORDER, Event


@dataclass
class Segment:
    """A stay in a queue, with an agent, or first the one and then the other. Instants in ms."""

    opened_at: int
    queue: str | None = None
    queued_at: int | None = None
    left: str | None = None  # answered, abandoned, flowed_out, timed_out
    left_at: int | None = None
    outcome: str | None = None
    agent: str | None = None
    answered_at: int | None = None
    answered_queue: str | None = None
    id: str | None = None
    answered_step: int | None = None
    transferred: tuple[int, int] | None = None  # (step, instant): the agent's own transferred
    succeeded: tuple[int, int] | None = None  # the next queued, or another agent's answered
    closed: tuple[int, int] | None = None  # the interaction's end
    told_hold: int | None = None

    @property
    def waiting(self) -> bool:
        return self.queued_at is not None and self.left is None

    @property
    def over(self) -> tuple[int, int] | None:
        """(step, instant) at which the agent's part is over, None while it goes on."""
        return self.transferred or self.succeeded or self.closed

    @property
    def connected(self) -> bool:
        return self.agent is not None and self.over is None

    @property
    def releasable(self) -> bool:
        """A `transferred` may still say when this agent's part was over."""
        return self.agent is not None and self.transferred is None and self.closed is None


@dataclass
class Step:
    """One event and what it did. `segment`: the last one opened by then; `chosen`: the one that the event is about."""

    event: Event
    segment: Segment | None = None
    chosen: Segment | None = None
    moves: bool = False  # a queued or answered that opened or answered a segment
    closes: bool = False
    reopens: bool = False


@dataclass
class Story:
    """All segments in the order in which they were opened, and all steps."""

    segments: list[Segment] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    is_closed: bool = False
    to_queue: str | None = None  # told by the latest transferred, for a segment that no queued opens


def tell(events: list[Event], settings: Settings) -> Story:
    """The story of a set of events, whatever their order in the list."""
    story = Story()
    by_time = sorted(events, key=lambda event: (event.at, ORDER.index(event.name), event.source, event.id))
    for _, group in groupby(by_time, key=lambda event: event.at):
        rest = list(group)
        while rest:
            event = next((event for event in rest if fits(event, story)), rest[0])
            rest.remove(event)
            happen(event, story, settings)
    return story


def fits(event: Event, story: Story) -> bool:
    """Whether an event fits what is open."""
    waiting = any(segment.waiting for segment in story.segments)
    connected = any(segment.connected for segment in story.segments)
    match event.name:
        case "started":
            return True
        case "offered" | "declined" | "flowed_out" | "answered" | "abandoned":
            return waiting
        case "transferred" | "held" | "resumed":
            return connected
        case "queued":
            return not waiting and not connected and not story.is_closed
        case "message" | "ended":
            return waiting or connected
        case "reopened":
            return story.is_closed
        case _:
            return False


def happen(event: Event, story: Story, settings: Settings) -> None:
    """Let one event happen."""
    step = Step(event)
    now = (len(story.steps), event.at)
    story.steps.append(step)
    waiting = next((segment for segment in story.segments if segment.waiting), None)
    match event.name:
        case "queued":
            step.moves = queued(event, story, waiting, now, settings)
        case "answered":
            step.moves = answered(event, story, waiting, now)
        case "held" | "resumed":
            step.chosen = about(event, story)
        case "transferred":
            step.chosen = about(event, story)
            if step.chosen and step.chosen.releasable:
                step.chosen.transferred = now
            story.to_queue = event.says("to_queue")
        case "updated":
            named = [
                segment
                for segment in story.segments
                if segment.id is not None and event.says("segment_id") == segment.id
            ]
            step.chosen = next(reversed(named or story.segments), None)
        case "flowed_out" if waiting:
            leave(waiting, "flowed_out", event.at, event.says("outcome"))
        case "abandoned" if waiting:
            leave(waiting, "abandoned", event.at)
            close(step, story, now)
        case "abandoned" if not story.is_closed and not any(segment.connected for segment in story.segments):
            close(step, story, now)
        case "ended" if not story.is_closed:
            ended(event, story, waiting)
            close(step, story, now)
        case "reopened" if story.is_closed:
            story.is_closed = False
            step.reopens = True
    step.segment = story.segments[-1] if story.segments else None


def queued(event: Event, story: Story, waiting: Segment | None, now: tuple[int, int], settings: Settings) -> bool:
    """Enter a queue with a new segment; False for the late word of one that was answered already."""
    for segment in reversed(story.segments):
        if segment.queued_at is None and segment.answered_at is not None:
            same_queue = segment.answered_queue is not None and segment.answered_queue == event.says("queue")
            same_segment = segment.id is not None and event.says("segment_id") == segment.id
            if event.at - segment.answered_at <= settings.clock_skew and (same_queue or same_segment):
                segment.queued_at = event.at
                segment.queue = event.says("queue")
                segment.left, segment.left_at = "answered", segment.answered_at
                return False
    if waiting:
        leave(waiting, "flowed_out", event.at, "other")
    succeed(story, now, but=None)
    story.is_closed = False
    story.to_queue = None
    story.segments.append(Segment(event.at, queue=event.says("queue"), queued_at=event.at, id=event.says("segment_id")))
    return True


def answered(event: Event, story: Story, waiting: Segment | None, now: tuple[int, int]) -> bool:
    """An agent is on, from the queue or directly; False for one who is on already and does not begin anew."""
    agent = event.says("agent_id")
    if waiting:
        leave(waiting, "answered", event.at)
        segment = waiting
    elif any(other.connected and other.agent == agent for other in story.segments):
        return False
    else:
        segment = Segment(event.at, queue=event.says("queue") or story.to_queue)
        story.segments.append(segment)
    succeed(story, now, but=agent)
    segment.agent, segment.answered_at, segment.answered_step = agent, event.at, now[0]
    segment.answered_queue = event.says("queue")
    segment.id = segment.id or event.says("segment_id")
    story.is_closed = False
    story.to_queue = None
    return True


def ended(event: Event, story: Story, waiting: Segment | None) -> None:
    """What an `ended` that closes says of the segments."""
    if waiting:
        by = event.says("by")
        if by in (None, "customer"):
            leave(waiting, "abandoned", event.at)
        else:
            leave(waiting, "flowed_out", event.at, "bot" if by == "bot" else "other")
    if event.says("hold_ms") is not None:
        segment = about(event, story)
        if segment and segment.connected:
            segment.told_hold = event.says("hold_ms")


def close(step: Step, story: Story, now: tuple[int, int]) -> None:
    """The interaction is over, and with it every part that is still open."""
    step.closes = True
    story.is_closed = True
    for segment in story.segments:
        if segment.closed is None:
            segment.closed = now


def succeed(story: Story, now: tuple[int, int], but: str | None) -> None:
    """Somebody or something follows: failing a `transferred` of their own, the parts of others are over now."""
    for segment in story.segments:
        if segment.connected and segment.agent != but:
            segment.succeeded = now


def leave(segment: Segment, how: str, at: int, outcome: str | None = None) -> None:
    """Leave the queue."""
    segment.left, segment.left_at, segment.outcome = how, at, outcome


def about(event: Event, story: Story) -> Segment | None:
    """The agent's segment that an event is about: by segment_id, else the agent's latest, else the connected one."""
    with_agent = [segment for segment in story.segments if segment.agent is not None]
    for segment in reversed(with_agent):
        if segment.id is not None and event.says("segment_id") == segment.id:
            return segment
    if event.says("agent_id") is not None:
        return next((segment for segment in reversed(with_agent) if segment.agent == event.says("agent_id")), None)
    on = [segment for segment in with_agent if segment.connected]
    on = on or [segment for segment in with_agent if segment.releasable]
    return on[-1] if on else None
