"""Measures of a thread: first response, next responses, resolution. Chat, email and social only."""

from __future__ import annotations

from tests.oracle.defaults import THREADED, Settings
from tests.oracle.hours import business
from tests.oracle.segments import Count
from tests.oracle.story import Segment, Story


def thread(story: Story, channel: str, direction: str, settings: Settings, count: Count) -> tuple[int, bool] | None:
    """Count the thread's measures; all instants and durations in ms.

    Returns since when the customer waits for a response now, and whether it would be the first one.
    """
    if channel not in THREADED:
        return None
    told = [step.event.at for step in story.steps if step.event.name == "started"]
    started = min(told or [step.event.at for step in story.steps])
    since = started  # what the first response is measured from
    resolving_since = started
    bot_spoke = False
    replied = False
    ended_before = False
    unanswered: int | None = None

    def both(since: int, at: int, segment: Segment | None, measure: str) -> int:
        queue = segment.queue if segment else None
        business_ms = business(settings.of(channel, queue).calendar, since, at)
        count(at, segment, measure)
        count(at, segment, f"{measure}_ms", max(0, at - since))
        count(at, segment, f"{measure}_business_ms", business_ms)
        return business_ms

    for step in story.steps:
        event = step.event
        match event.name:
            case "message" if event.says("author") == "customer":
                unanswered = event.at if unanswered is None else unanswered
            case "message" if event.says("author") == "bot":
                bot_spoke = True
            case "message" if event.says("author") == "agent" and event.says("public") is not False:
                if not replied and direction == "inbound":
                    took = both(since, event.at, step.segment, "first_response")
                    queue = step.segment.queue if step.segment else None
                    if took <= settings.threshold(channel, queue):
                        count(event.at, step.segment, "first_response_in_threshold")
                elif unanswered is not None:
                    both(unanswered, event.at, step.segment, "next_response")
                replied = True
                unanswered = None
            case "queued" | "answered" if bot_spoke and step.moves:
                since = max(since, event.at)
                bot_spoke = False
        if step.reopens:
            since = max(since, event.at)
            resolving_since = event.at
        if event.name == "ended" and step.closes:
            both(resolving_since, event.at, step.segment, "resolution")
            if not replied and not ended_before and direction == "inbound":
                count(event.at, step.segment, "closed_unanswered")
            ended_before = True
        if step.closes:
            unanswered = None
    with_bot = bot_spoke and not any(segment.waiting or segment.connected for segment in story.segments)
    if story.is_closed or with_bot:
        return None
    if not replied and direction == "inbound":
        return since, True
    return None if unanswered is None else (unanswered, False)
