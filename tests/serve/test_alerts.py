"""States of queues are told once each, in order, by one of any number of services, whatever people and clocks do."""

from __future__ import annotations

import msgspec
import pytest
from structlog.testing import capture_logs

from stream.core.rules import DAY, HOUR, MINUTE, SECOND
from stream.core.sla.state import AT_RISK, BREACHED, CLOSED, OK
from stream.serve.alerts.mirror import Mirror
from stream.state.client import client_of
from tests.serve.alerting import AT, SALES, SUPPORT, Center, is_in, quick, told, until


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    quick(monkeypatch)


@pytest.fixture
async def center(kafka, redis_server, topic_prefix, key_prefix):
    redis = client_of(redis_server.url)

    async def made(**settings):
        found = Center(redis, redis_server.url, kafka.address, topic_prefix, key_prefix, **settings)
        await found.prepare()
        return found

    yield made
    await redis.aclose()


async def test_what_gets_worse_and_better_is_told_once_in_order_by_three_services(center):
    center = await center()
    async with center.service() as one, center.service() as two, center.service() as three:
        views = (one, two, three)

        async def all_show(state):
            for view in views:
                await until(is_in(view, "support", state), f"{state} of {view}")

        await all_show(OK)
        assert await center.told() == [], "a queue that is well at first sight is not told of"
        center.now += MINUTE
        await center.waits(SUPPORT, center.now - 15_001)
        await all_show(AT_RISK)
        breached_at = center.now = center.now + 10 * SECOND
        await center.answered(SUPPORT, late=15, in_time=5)
        await all_show(BREACHED)
        await center.gone()
        center.now += SECOND
        await center.answered(SUPPORT, in_time=400, late=80)
        await center.looked()
        center.now += MINUTE + 1
        await all_show(AT_RISK)
        center.now += SECOND
        await center.answered(SUPPORT, in_time=900)
        await center.looked()
        center.now += MINUTE + 1
        await all_show(OK)
        events = await told(center.kafka, center.topic)
        assert [(each["type"], each["data"]["state"], each["data"]["previous"]) for each in events] == [
            ("queue.sla.at_risk", "at_risk", "ok"), ("queue.sla.breached", "breached", "at_risk"),
            ("queue.sla.at_risk", "at_risk", "breached"), ("queue.sla.recovered", "ok", "at_risk"),
        ]  # fmt: skip
        assert len({each["id"] for each in events}) == 4
        assert events[1]["time"] == "2026-03-02T15:01:10Z"
        assert events[1]["data"] | {"drivers": None} == {
            "channel": "phone", "queue": "support", "state": "breached", "previous": "at_risk",
            "since": "2026-03-02T15:01:10Z", "figure": "service_level_live", "value": 5 / 21, "numerator": 5,
            "denominator": 21, "target": 0.8, "threshold_ms": 20_000, "minimum_sample": 20, "window": "30m",
            "waiting": 1, "waiting_past_threshold": 1, "longest_wait_ms": 25_001, "drivers": None,
        }  # fmt: skip
        assert breached_at == AT + 70 * SECOND
        assert sorted(await center.redis.keys(center.keys.lease.replace("lease", "*"))) == sorted(
            each.encode() for each in (center.keys.lease, center.keys.mirror)
        )


async def test_a_queue_that_closes_has_recovered_and_one_that_opens_is_not_told_of(center):
    hours = {"name": "office", "hours": {"mon": "08:00-15:30", "tue": "08:00-15:30"}}
    center = await center(calendars=[hours], channels={"phone": {"calendar": "office"}})
    async with center.service() as view:
        await until(is_in(view, "sales", OK))
        await center.answered(SUPPORT, late=20, in_time=0)
        await until(is_in(view, "support", BREACHED))
        center.now = AT + 30 * MINUTE
        await center.shard.commit(stream_time=center.now)
        await until(is_in(view, "support", CLOSED, center.now))
        await until(is_in(view, "sales", CLOSED, center.now))
        center.now = AT + 17 * HOUR
        await until(is_in(view, "support", OK, center.now))
    assert await center.told() == [
        ("sla.breached", "support", "breached"), ("sla.recovered", "support", "closed"),
    ]  # fmt: skip


async def test_who_takes_over_knows_what_was_told_and_how_a_clock_behind_is_met(center):
    center = await center()
    async with center.service() as view:
        await center.answered(SUPPORT, late=15, in_time=5)
        await until(is_in(view, "support", BREACHED, AT))
    center.now -= 10 * SECOND
    async with center.service() as view:
        await until(is_in(view, "support", BREACHED, AT))
        await center.looked()
        await center.answered(SUPPORT, SALES, late=15, in_time=5)
        await until(is_in(view, "sales", BREACHED))
    assert sorted(await center.told()) == [
        ("sla.breached", "sales", "breached"), ("sla.breached", "support", "breached"),
    ]  # fmt: skip


async def test_while_the_input_is_stale_no_state_changes(center):
    center = await center()
    async with center.service() as view:
        await until(is_in(view, "support", OK))
        stale = ["behind"]
        view.freshness.reasons = lambda: tuple(stale)
        await center.looked()
        await center.answered(SUPPORT, late=15, in_time=5)
        await center.looked()
        await center.looked()
        assert is_in(view, "support", OK)()
        stale.clear()
        await until(is_in(view, "support", BREACHED))
        await center.answered(SUPPORT, in_time=400)
        await center.looked()
        stale.append("broker")
        await center.looked()
        center.now += 2 * MINUTE
        stale.clear()
        await center.looked()
        assert is_in(view, "support", BREACHED)(), "nobody knows that it was better all the time"
        center.now += MINUTE
        await until(is_in(view, "support", OK))


async def test_a_silent_channel_keeps_its_own_states_alone(center):
    center = await center()
    async with center.service() as view:
        await until(is_in(view, "support", OK))
        view.freshness.reasons = lambda: ("silent",)
        view.freshness.silence.channels = ["chat"]
        await center.answered(SUPPORT, late=15, in_time=5)
        await until(is_in(view, "support", BREACHED))
        view.freshness.silence.channels = ["phone"]
        await center.looked()
        await center.answered(SALES, late=15, in_time=5)
        await center.looked()
        await center.looked()
        assert is_in(view, "sales", OK)()
        view.freshness.silence.channels = []
        await until(is_in(view, "sales", BREACHED))


async def test_a_store_without_any_shard_says_nothing(center):
    center = await center()
    async with center.service() as view:
        await center.answered(SUPPORT, late=15, in_time=5)
        await until(is_in(view, "support", BREACHED))
        await center.redis.delete(center.shard.keys.head)
        await center.redis.delete(f"{center.shard.prefix}topics")
        await until(lambda: not view.snapshot.shards)
        center.now += HOUR
        await center.looked()
        assert is_in(view, "support", BREACHED)()


async def test_while_a_queue_is_muted_nothing_is_told_and_afterwards_what_is_new(center):
    center = await center()
    with capture_logs() as logs:
        await _muted(center)
    (logged,) = [each for each in logs if each.get("type") == "queue.alerts.muted"]
    assert (logged["queue"], logged["by"], logged["note"]) == ("support", "anna", "drill")


async def _muted(center):
    async with center.service() as view:
        await until(is_in(view, "support", OK))
        await center.ask("mute", "support", until=center.now + 30 * MINUTE, note="drill")
        await until(lambda: view.sla.muted_until("phone", "support") == AT + 30 * MINUTE)
        center.now += SECOND
        await center.answered(SUPPORT, SALES, late=15, in_time=5)
        await until(is_in(view, "support", BREACHED))
        await until(is_in(view, "sales", BREACHED))
        assert sorted(await center.told()) == [("alerts.muted", "support", None), ("sla.breached", "sales", "breached")]
        center.now += 30 * MINUTE
        await center.answered(SUPPORT, SALES, late=15, in_time=5)
        assert view.sla.muted_until("phone", "support") is None
        await until(lambda: _told(center, 3))
        events = [each for each in await told(center.kafka, center.topic) if each["data"]["queue"] == "support"]
        muted, breached = events
        assert muted["data"] == {
            "channel": "phone", "queue": "support", "by": "anna", "note": "drill", "at": "2026-03-02T15:00:00Z",
            "until": "2026-03-02T15:30:00Z",
        }  # fmt: skip
        assert (breached["time"], breached["data"]["previous"]) == ("2026-03-02T15:00:01Z", "ok")


async def _told(center, n):
    return len(await center.told()) >= n


async def test_a_mute_that_is_ended_is_over_and_is_remembered_by_the_topic(center):
    center = await center()
    async with center.service() as view:
        await until(is_in(view, "support", OK))
        await center.ask("mute", "support", until=center.now + HOUR)
        await center.ask("mute", "sales", until=center.now + HOUR)
        await until(lambda: view.sla.muted_until("phone", "sales"))
        center.now += SECOND
        await center.ask("unmute", "support")
        await until(lambda: view.sla.muted_until("phone", "support") is None)
    await center.redis.delete(*center.keys)
    async with center.service() as view:
        await until(lambda: view.sla.muted_until("phone", "sales") == AT + HOUR)
        assert view.sla.muted_until("phone", "support") is None
        await center.looked()
    assert sorted(await center.told()) == [("alerts.muted", "sales", None), *[("alerts.muted", "support", None)] * 2]


async def test_who_acknowledged_what_was_before_has_not_acknowledged_what_is_now(center):
    center = await center()
    async with center.service() as view:
        await center.answered(SUPPORT, late=15, in_time=5)
        await until(is_in(view, "support", BREACHED))
        center.now -= 2 * MINUTE
        await center.ask("ack", "support")
        await center.looked()
        assert view.sla.acknowledged("phone", "support") is None
        assert await center.redis.llen(center.keys.requests) == 0


async def test_once_it_is_acknowledged_only_the_recovery_is_told(center):
    center = await center()
    async with center.service() as view:
        await until(is_in(view, "support", OK))
        await center.ask("ack", "support")
        await center.looked()
        assert view.sla.acknowledged("phone", "support") is None, "there is nothing to look after"
        await center.waits(SUPPORT, center.now - 16 * SECOND)
        await until(is_in(view, "support", AT_RISK))
        await center.ask("ack", "support", note="on it")
        await until(lambda: view.sla.acknowledged("phone", "support") == "anna")
        center.now += SECOND
        await center.answered(SUPPORT, late=15, in_time=5)
        await until(is_in(view, "support", BREACHED))
        await center.gone()
        await center.answered(SUPPORT, in_time=400)
        await center.looked()
        center.now += MINUTE + SECOND
        await until(is_in(view, "support", OK))
        assert view.sla.acknowledged("phone", "support") is None
        center.now += SECOND
        await center.waits(SUPPORT, center.now - 16 * SECOND)
        await until(is_in(view, "support", AT_RISK))
    assert await center.told() == [
        ("sla.at_risk", "support", "at_risk"), ("alerts.acknowledged", "support", None),
        ("sla.recovered", "support", "ok"), ("sla.at_risk", "support", "at_risk"),
    ]  # fmt: skip


async def test_with_the_clock_of_events_states_are_of_event_time(center):
    center = await center(clock="event")
    async with center.service() as view:
        await until(is_in(view, "support", OK, AT))
        center.now += DAY
        await center.waits(SUPPORT, center.now - 16 * SECOND)
        await until(is_in(view, "support", AT_RISK, AT + DAY))
        center.now += 10 * DAY
        await center.looked()
        assert is_in(view, "support", AT_RISK, AT + DAY)()


async def test_what_is_no_request_and_what_is_no_alert_is_passed_over(center):
    center = await center()
    far, nowhere = ({"kind": "mute", "queue": "q", "by": "b", "at": 0, **more} for more in (
        {"channel": "phone", "until": 10**18}, {"channel": "pager", "until": 10**12},
    ))  # fmt: skip
    await center.redis.rpush(center.keys.requests, b"nonsense", *map(msgspec.msgpack.encode, (far, nowhere)))
    async with center.service() as view:
        await until(is_in(view, "support", OK))
        await center.ask("mute", "support", until=center.now + HOUR)
        await until(lambda: view.sla.muted_until("phone", "support"))
        assert await center.redis.llen(center.keys.requests) == 0
    assert await center.told() == [("alerts.muted", "support", None)]


async def test_that_nobody_can_tell_is_a_stale_input(center):
    center, now = await center(), [5.0]
    async with center.service() as view:
        view.sla._monotonic = lambda: now[0]
        await until(is_in(view, "support", OK))
        await center.looked()
        now[0] += 60
        await until(lambda: view.sla.undecided_seconds == 0, "a beat")
    now[0] += 31
    assert "broker" in view.freshness.reasons()


def test_how_long_nobody_has_decided_is_known_once_somebody_watches():
    assert Mirror(lambda: AT, lambda: 5.0).undecided_seconds == 0
