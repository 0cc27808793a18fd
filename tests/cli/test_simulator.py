"""The simulated center: the contract's events, in order, repeatable, and like a center's."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from functools import cache
from itertools import islice, pairwise
from statistics import mean

import pytest

from schemas import events as e
from schemas.codec import Skipped, decode
from schemas.events import CHANNELS
from schemas.topics import TOPICS
from stream.simulator import PROFILES, Record, Simulation

MORNING = 1_772_442_000_000
"""2026-03-02 09:00 UTC, a Monday."""
HOUR_MS = 3_600_000


@cache
def told(profile: str = "center", rate: float = 8.0, hours: float = 3.0, seed: int = 7) -> list[Record]:
    end_ms = MORNING + int(hours * HOUR_MS)
    records: list[Record] = []
    for batch in Simulation(seed, MORNING, rate, PROFILES[profile]).batches():
        records += [record for record in batch if record.at_ms < end_ms]
        if batch and batch[-1].at_ms >= end_ms:
            return records
    raise AssertionError("unreachable")


@cache
def decoded(profile: str = "center") -> list[e.Event]:
    found = [decode(TOPICS[each.topic], each.key, each.value, each.timestamp_ms) for each in told(profile)]
    assert not [each for each in found if isinstance(each, Skipped)]
    return found


def test_the_same_seed_tells_the_same_bytes_and_another_one_others() -> None:
    one, same, other = (list(islice(Simulation(seed, MORNING, 20).records(), 5000)) for seed in (1, 1, 2))
    assert one == same
    assert [each.value for each in one] != [each.value for each in other]


def test_there_are_as_many_customers_as_are_asked_for() -> None:
    told_of = islice(Simulation(1, MORNING, 20, customers=3).records(), 2000)
    names = {json.loads(each.value)["data"].get("customer_id") for each in told_of}
    assert names == {None, "tel:+390550000000", "c-000001", "c-000002"}


@pytest.mark.parametrize("profile", PROFILES)
def test_records_come_in_the_order_of_time_and_decode_with_ids_of_their_own(profile: str) -> None:
    records = told(profile)
    assert all(one.at_ms <= next_.at_ms for one, next_ in pairwise(records))
    assert all(0 <= record.timestamp_ms - record.at_ms < 1000 for record in records)
    events = decoded(profile)
    assert [event.at for event in events] == [record.at_ms for record in records]
    assert len({event.identity for event in events}) == len(events)


@pytest.mark.parametrize(("profile", "rate"), [("center", 8.0), ("phone", 60.0)])
def test_the_rate_is_about_what_was_asked_for(profile: str, rate: float) -> None:
    settled = [record for record in told(profile, rate, 1.0) if record.at_ms >= MORNING + HOUR_MS // 2]
    wanted = rate * PROFILES[profile].demand(9)
    assert 0.75 * wanted < len(settled) / 1800 < 1.25 * wanted


def test_every_kind_of_event_happens() -> None:
    kinds = {type(event) for event in decoded()}
    assert kinds >= {
        e.Started, e.Queued, e.Offered, e.Declined, e.Answered, e.Held, e.Resumed, e.Message, e.Transferred,
        e.Abandoned, e.FlowedOut, e.Ended, e.WrappedUp, e.Reopened, e.AgentStateChanged, e.AgentHeartbeat,
        e.SurveyAnswered, e.Purchased, e.Complained, e.Identified, e.Touched, e.CustomerUpdated, e.Joined, e.Reviewed,
    }  # fmt: skip
    assert {event.data.kind for event in decoded() if isinstance(event, e.Transferred)} == {"blind", "attended"}
    assert {event.data.outcome for event in decoded() if isinstance(event, e.FlowedOut)} >= {"callback"}


def test_phone_queues_look_like_a_centers() -> None:
    waits, offered, abandoned, queued = [], 0, 0, {}
    for event in decoded():
        if isinstance(event, e.Queued) and event.data.channel == "phone":
            queued[event.data.interaction_id] = event.at
            offered += 1
        elif isinstance(event, e.Answered) and event.data.interaction_id in queued:
            waits.append((event.at - queued.pop(event.data.interaction_id)) / 1000)
        elif isinstance(event, e.Abandoned) and event.data.interaction_id in queued:
            del queued[event.data.interaction_id]
            abandoned += 1
    assert 3 < mean(waits) < 60
    assert 0.5 < sum(wait <= 20 for wait in waits) / (len(waits) + abandoned) < 0.97
    assert 0.005 < abandoned / offered < 0.2


def test_an_agent_has_no_more_contacts_than_sessions() -> None:
    sessions = {"phone": 1, "video": 1, "chat": 3}
    busy: defaultdict[str, set[str]] = defaultdict(set)
    for event in decoded():
        data = event.data
        if not isinstance(data, e.Told) or data.agent_id is None or data.channel not in sessions:
            continue
        if isinstance(event, e.Answered):
            busy[data.agent_id].add(data.interaction_id)
            assert len(busy[data.agent_id]) <= sessions[data.channel], data.agent_id
        elif isinstance(event, e.WrappedUp):
            busy[data.agent_id].discard(data.interaction_id)


def test_agents_say_what_they_serve_send_heartbeats_while_they_are_there_and_take_breaks() -> None:
    there: dict[str, int] = {}
    reasons: Counter[str] = Counter()
    for event in decoded():
        if not isinstance(event, e.AgentStateChanged | e.AgentHeartbeat):
            continue
        data = event.data
        assert data.queues
        assert data.slots
        assert event.at - there.get(data.agent_id, event.at) <= 120_000
        if isinstance(event, e.AgentHeartbeat):
            assert data.agent_id in there
        if data.presence == "logged_out":
            del there[data.agent_id]
        else:
            there[data.agent_id] = event.at
        if data.presence == "not_ready":
            reasons[data.reason or ""] += 1
    assert reasons.keys() >= {"break", "lunch", "coaching", "missed"}


def test_what_enters_a_queue_leaves_it_once_or_still_waits() -> None:
    waiting: Counter[str] = Counter()
    for event in decoded():
        if isinstance(event, e.Queued):
            waiting[event.data.interaction_id] += 1
        elif isinstance(event, e.Abandoned | e.FlowedOut) or (
            isinstance(event, e.Answered) and waiting[event.data.interaction_id]
        ):
            waiting[event.data.interaction_id] -= 1
        assert not isinstance(event, e.Queued | e.Abandoned | e.FlowedOut) or (
            waiting[event.data.interaction_id] in (0, 1)
        )


def test_as_many_threads_end_as_begin() -> None:
    threads: set[str] = set()
    for record in told(rate=2.0, hours=12.0):
        if record.topic in ("interactions.email", "interactions.social"):
            event = decode(TOPICS[record.topic], record.key, record.value, record.timestamp_ms)
            if isinstance(event, e.Started | e.Reopened):
                threads.add(event.data.interaction_id)
            elif isinstance(event, e.Ended):
                threads.discard(event.data.interaction_id)
    assert len(threads) < 60, "no more than began in the last half an hour"


def test_some_customers_come_back_on_another_channel() -> None:
    channels: defaultdict[str, set[str]] = defaultdict(set)
    for event in decoded():
        if isinstance(event, e.Started) and event.data.customer_id:
            channels[event.data.customer_id].add(event.data.channel)
    share = sum(len(each) > 1 for each in channels.values()) / len(channels)
    assert 0.01 < share < 0.3


def test_journeys_lead_over_site_and_contact_to_order_and_invoice() -> None:
    doing: defaultdict[str, list[str]] = defaultdict(list)
    for event in decoded():
        if isinstance(event, e.Touched):
            doing[event.data.customer_id].append(event.data.touchpoint or "")
        elif isinstance(event, e.Purchased):
            doing[event.data.customer_id].append("purchase")
        elif isinstance(event, e.Started) and event.data.customer_id:
            doing[event.data.customer_id].append(event.data.channel)
    steps = Counter(step for done in doing.values() for step in pairwise(done))
    assert {("purchase", "invoice"), ("site", "phone"), ("app", "chat"), ("phone", "purchase")} <= steps.keys()
    contacts = sum(step in CHANNELS for done in doing.values() for step in done)
    assert 0.15 < sum(first in ("site", "app") for first, then in steps.elements() if then in CHANNELS) / contacts < 0.4
    assert all(event.data.outcome for event in decoded() if isinstance(event, e.Touched))


def test_a_rate_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="must be positive"):
        Simulation(1, MORNING, 0)
