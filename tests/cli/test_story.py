"""The story of a simulation: who gives up, who calls, and a hotline that drifts into breach and recovers."""

from __future__ import annotations

from functools import cache

import pytest

from schemas import events as e
from schemas.codec import decode
from schemas.topics import TOPICS
from stream.core.rules import Rules
from stream.simulator import ENDS, LEADS_IN, Record, Simulation, script
from stream.simulator.story import CUSTOMER, QUEUE, RUSH_BEGINS

MORNING = 1_772_442_000_000
"""2026-03-02 09:00 UTC, a Monday."""
STORY = MORNING + int(LEADS_IN * 1000)
WINDOW_MS = 300_000


@cache
def told(seed: int = 7, rate: float = 8.0) -> list[Record]:
    until = STORY + int(ENDS * 1000)
    records: list[Record] = []
    for record in Simulation(seed, MORNING, rate, story_ms=STORY).records():
        if record.at_ms >= until:
            return records
        records.append(record)
    raise AssertionError("unreachable")


def levels(records: list[Record]) -> dict[int, tuple[int, int]]:
    """Seconds of the story -> (in time, all) of the hotline's last five minutes, those who wait too long included."""
    threshold, queued, left = Rules().queue("phone", QUEUE).threshold_ms, {}, {}
    for record in records:
        event = decode(TOPICS[record.topic], record.key, record.value, record.timestamp_ms)
        if isinstance(event, e.Queued) and event.data.queue == QUEUE:
            queued[event.data.interaction_id] = event.at
        elif isinstance(event, e.Answered | e.Abandoned) and event.data.interaction_id in queued:
            left.setdefault(event.data.interaction_id, (event.at, isinstance(event, e.Answered)))
    found = {}
    for second in range(0, int(ENDS), 10):
        now = STORY + second * 1000
        lately = {name: each for name, each in left.items() if now - WINDOW_MS < each[0] <= now}
        good = sum(answered and at - queued[name] <= threshold for name, (at, answered) in lately.items())
        short = sum(not answered and at - queued[name] <= 5000 for name, (at, answered) in lately.items())
        late = sum(
            at < now - threshold and left.get(name, (now + 1,))[0] > now for name, at in queued.items() if at <= now
        )
        found[second] = good, len(lately) - short + late
    return found


@pytest.mark.parametrize(("seed", "rate"), [(5, 8.0), (1, 20.0), (3, 2.0)])
def test_the_hotline_is_well_then_breached_then_well_again(seed, rate) -> None:
    found = levels(told(seed, rate))
    calm = [good / n for second, (good, n) in found.items() if second < RUSH_BEGINS]
    assert min(calm) > 0.85
    breached = [second for second, (good, n) in found.items() if n >= 20 and good / n < 0.8]
    assert breached
    assert RUSH_BEGINS < breached[0] < RUSH_BEGINS + 180
    good, n = found[int(ENDS) - 10]
    assert n >= 20
    assert good / n > 0.85
    assert breached[-1] < ENDS - 70


def test_who_gives_up_in_the_chat_calls_about_the_same_matter() -> None:
    story = [
        event
        for record in told()
        if isinstance(event := decode(TOPICS[record.topic], record.key, record.value, record.timestamp_ms), e.Started)
        and event.data.customer_id == CUSTOMER
        and event.data.interaction_id.startswith("story")
    ]
    chat, call = story
    assert (chat.data.channel, call.data.channel) == ("chat", "phone")
    assert chat.data.reason == call.data.reason
    kinds = [type(each).__name__ for each in map(decoded, told()) if of(each) == chat.data.interaction_id]
    assert kinds == ["Started", "Message", "Queued", "Abandoned"]
    assert 0 < call.at - chat.at < 180_000


def test_the_script_says_when() -> None:
    assert script(STORY)[2].startswith("09:08:00Z ")


def decoded(record: Record) -> object:
    return decode(TOPICS[record.topic], record.key, record.value, record.timestamp_ms)


def of(event: object) -> str:
    return getattr(getattr(event, "data", None), "interaction_id", "")
