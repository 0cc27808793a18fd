"""Random days of calls, as each platform would tell them, come to the figures that counting the calls gives."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.sources.options import NONE, Options
from schemas.sources.vendors import VENDORS
from tests.schemas import sources_model_asterisk as asterisk
from tests.schemas import sources_model_connect as connect
from tests.schemas import sources_model_genesys as genesys
from tests.schemas import sources_model_twilio as twilio
from tests.schemas.sources_model import AGENTS, QUEUES, Call, Kind, Writer, a_day, counted, figures, told, unlike

SEEDS = range(3)
SHUFFLES = [None, 1]
RINGS = ("declined", "declined_by.no_answer", "declined_by.rejected")
GENESYS = Options(
    queues={genesys.named("queue", name): name for name in QUEUES},
    agents={genesys.named("agent", name): name for name in AGENTS},
)
CONNECT = Options(
    queues={connect.queue_id(name): name for name in QUEUES}, agents={connect.agent_id(name): name for name in AGENTS}
)


def mixed(payloads: list[bytes], seed: int | None) -> list[bytes]:
    """In any order, half of them twice; `seed` None: as they are."""
    if seed is None:
        return payloads
    draw = random.Random(seed)
    found = [*payloads, *draw.sample(payloads, len(payloads) // 2)]
    draw.shuffle(found)
    return found


def wrong(
    vendor: str, calls: list[Call], payloads: list[bytes], options: Options, *, inherited: bool = False, **more: Any
) -> list[str]:
    """What comes out otherwise than by counting, inbound and outbound."""
    records = told(VENDORS[vendor], payloads, options)
    return [
        *unlike(counted(records), figures(calls, inherited=inherited), **more),
        *unlike(counted(records, outbound=True), figures(calls, outbound=True), **more),
    ]


def days(kind: Kind, that: Callable[[Call], bool] = bool) -> list[list[Call]]:
    """Some days of calls that are so."""
    return [[call for call in a_day(seed, kind) if that(call)] for seed in SEEDS]


def written(calls: list[Call], *writers: Writer) -> list[bytes]:
    """What all of these tell of all calls, one after the other."""
    return [payload for write in writers for call in calls for payload in write(call)]


OF_EVENTS = replace(genesys.KIND, last_outcomes=("timeout",), advice=False)
"""What detail events can tell of: neither which flow it was that took the customer, nor who was only asked."""


def moments(call: Call) -> list[bytes]:
    """Its record as it is found at some moments, and when all is over."""
    draw = random.Random(call.number)
    length = call.until - call.at
    return [*(genesys.record(call, call.at + draw.randrange(length)) for _ in range(3)), genesys.record(call)]


@pytest.mark.parametrize("shuffle", SHUFFLES)
def test_a_day_of_genesys_by_its_detail_events(shuffle: int | None) -> None:
    for calls in days(OF_EVENTS):
        bare, bridged = written(calls, genesys.events), written(calls, genesys.bridged)
        for payloads in (bare, bridged, [*bridged, *bare]):
            assert wrong("genesys", calls, mixed(payloads, shuffle), GENESYS, without=("held",)) == []


@pytest.mark.parametrize("shuffle", SHUFFLES)
def test_a_day_of_genesys_by_its_records(shuffle: int | None) -> None:
    for calls in days(genesys.KIND):
        assert wrong("genesys", calls, mixed(written(calls, moments), shuffle), GENESYS) == []


@pytest.mark.parametrize("shuffle", SHUFFLES)
def test_a_day_of_genesys_by_both_and_the_records_first(shuffle: int | None) -> None:
    for calls in days(genesys.KIND):
        payloads = [*written(calls, moments)[::-1], *written(calls, genesys.events)]
        assert wrong("genesys", calls, mixed(payloads, shuffle), GENESYS) == []


def test_events_of_one_moment_of_genesys_come_some_ms_apart() -> None:
    def write(call: Call) -> list[bytes]:
        draw, found = random.Random(call.number), []
        for payload in genesys.events(call):
            event = json.loads(payload)
            event["eventBody"]["eventTime"] += draw.randrange(4)
            found.append(json.dumps(event).encode())
        return found

    names = ("held", "in_threshold", "short_abandoned", "abandoned_in_threshold")
    for calls in days(OF_EVENTS, lambda call: all(stay.left in {"answered", "abandoned"} for stay in call.stays)):
        payloads = mixed(written(calls, write), 1)
        assert wrong("genesys", calls, payloads, GENESYS, without=names, within_ms=8) == []


def test_records_of_genesys_tell_one_moment_some_ms_apart_too() -> None:
    def write(call: Call) -> list[bytes]:
        draw, found = random.Random(call.number), json.loads(genesys.record(call))
        for participant in found["participants"]:
            until = None
            for segment in participant["sessions"][0]["segments"]:
                start, end = (datetime.fromisoformat(segment[name]) for name in ("segmentStart", "segmentEnd"))
                segment["segmentStart"] = until or (start + timedelta(milliseconds=draw.randrange(4))).isoformat()
                until = segment["segmentEnd"] = (end + timedelta(milliseconds=draw.randrange(4))).isoformat()
        return [json.dumps(found).encode()]

    names = ("in_threshold", "short_abandoned", "abandoned_in_threshold")
    for calls in days(genesys.KIND):
        assert wrong("genesys", calls, written(calls, write), GENESYS, without=names, within_ms=8) == []


BLIND = replace(connect.KIND, ways_on=("blind",), direct=False)


@pytest.mark.parametrize("shuffle", SHUFFLES)
def test_a_day_of_amazon_connect_by_its_contact_events(shuffle: int | None) -> None:
    unknown = (*RINGS, "held", "hold_ms", "talk_ms")
    for calls in days(BLIND):
        payloads = written(calls, connect.events, connect.bare)
        assert wrong("amazon_connect", calls, mixed(payloads, shuffle), CONNECT, without=unknown) == []


@pytest.mark.parametrize("shuffle", SHUFFLES)
def test_a_day_of_amazon_connect_by_contact_events_and_agents(shuffle: int | None) -> None:
    for calls in days(BLIND):
        payloads = [*connect.agent_events(calls), *written(calls, connect.events)]
        assert wrong("amazon_connect", calls, mixed(payloads, shuffle), CONNECT) == []


@pytest.mark.parametrize("shuffle", SHUFFLES)
def test_transfers_of_amazon_connect_to_who_was_asked_before_leave_handle_right_by_contact_events(
    shuffle: int | None,
) -> None:
    unknown = (*RINGS, "held", "hold_ms", "talk_ms", "wrap_up_ms")
    for calls in days(connect.KIND):
        payloads = written(calls, connect.events)
        assert wrong("amazon_connect", calls, mixed(payloads, shuffle), CONNECT, without=unknown) == []


@pytest.mark.parametrize("kind", [connect.KIND, replace(BLIND, advice=True)], ids=["taken over", "asked"])
@pytest.mark.parametrize("shuffle", SHUFFLES)
def test_a_day_of_amazon_connect_by_all_feeds_and_the_records_first(kind: Kind, shuffle: int | None) -> None:
    for calls in days(kind):
        recorded = written(calls, connect.later_records, connect.records)
        payloads = [*recorded, *connect.agent_events(calls), *written(calls, connect.events)]
        assert wrong("amazon_connect", calls, mixed(payloads, shuffle), CONNECT, within_ms=3000) == []


def test_contact_events_of_amazon_connect_that_are_lost_are_made_up_for_by_other_feeds() -> None:
    late = ("in_threshold", "short_abandoned", "abandoned_in_threshold")
    for calls in days(replace(connect.KIND, advice=True)):
        draw = random.Random(len(calls))
        come = [payload for payload in written(calls, connect.events) if draw.random() > 0.3]
        payloads = mixed([*come, *connect.agent_events(calls), *written(calls, connect.records)], 1)
        assert wrong("amazon_connect", calls, payloads, CONNECT, without=late, within_ms=3000) == []


@pytest.mark.parametrize("shuffle", SHUFFLES)
def test_a_day_of_amazon_connect_by_its_records(shuffle: int | None) -> None:
    unknown = (*RINGS, "held", "hold_ms", "talk_ms")
    for calls in days(replace(connect.KIND, unit_ms=1000)):
        payloads = written(calls, connect.records)
        assert wrong("amazon_connect", calls, mixed(payloads, shuffle), CONNECT, without=unknown) == []


def met_agents(call: Call) -> bool:
    """Whether an agent took the customer of every contact."""
    return bool(call.stays) and all(stay.part for stay in call.stays)


@pytest.mark.parametrize("shuffle", SHUFFLES)
def test_a_day_of_amazon_connect_of_those_who_met_agents_by_agent_events(shuffle: int | None) -> None:
    for calls in days(replace(BLIND, longest_stays=2), met_agents):
        payloads = connect.agent_events(calls)
        assert wrong("amazon_connect", calls, mixed(payloads, shuffle), CONNECT) == []


def told_apart(call: Call) -> bool:
    """Whether TaskRouter tells all of it: what happened in one second to one queue, and who wrapped up last, it not."""
    parts = [stay.part for stay in call.stays if stay.part is not None]
    entered = [(stay.queue, stay.at // 1000) for stay in call.stays if stay.queue is not None]
    over = [part.until + part.wrap_ms for part in parts]
    return bool(entered) and len({*entered}) == len(entered) and (not over or over[-1] == max(over))


@pytest.mark.parametrize("shuffle", SHUFFLES)
def test_a_day_of_twilio_by_callbacks_and_streams(shuffle: int | None) -> None:
    for calls in days(twilio.KIND, told_apart):
        called, streamed = written(calls, twilio.events), written(calls, twilio.streamed)
        for payloads in (called, streamed, [*streamed, *called]):
            assert wrong("twilio", calls, mixed(payloads, shuffle), NONE, inherited=True) == []


def left_at_once(calls: list[Call]) -> list[Call]:
    """Some pass on to where no queue is, and who finds a queue empty leaves it at once."""
    found = []
    for call in calls:
        stays = tuple(
            replace(stay, at=stay.left_at, rings=()) if stay.left == "no_agents" else stay for stay in call.stays
        )
        gone = next((n for n, stay in enumerate(stays) if stay.part is not None and stay.part.how == "blind"), None)
        part = None if gone is None else stays[gone].part
        if part is not None and gone is not None and call.number % 3 == 0:
            call = replace(call, until=part.until, by="system")  # noqa: PLW2901
            stays = stays[: gone + 1]
        found.append(replace(call, stays=stays))
    return found


@pytest.mark.parametrize("late_transfers", [False, True])
@pytest.mark.parametrize("shuffle", SHUFFLES)
def test_a_day_of_asterisk_by_its_queue_log(shuffle: int | None, late_transfers: bool) -> None:
    for calls in days(asterisk.KIND, lambda call: bool(call.stays)):
        lines = asterisk.lines(calls, late_transfers=late_transfers)
        assert wrong("asterisk", calls, mixed([line.encode() for line in lines], shuffle), NONE) == []
        others = left_at_once(calls)
        lines = asterisk.lines(others, late_transfers=late_transfers)
        assert wrong("asterisk", others, mixed(asterisk.shipped(lines), shuffle), NONE) == []
