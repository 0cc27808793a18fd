"""Whatever is seen and wanted, and wherever the world fails: each alert and each wish is told once, in order.

Topic and mirror are lists here; each may fail before or after it has done what was asked for.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from types import SimpleNamespace

import msgspec
import pytest
from aiokafka.errors import KafkaError
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.exceptions import RedisError

from schemas.alerts import Alert, Drivers
from stream.core.rules import QueueRules
from stream.core.sla.state import Seen
from stream.serve.alerts import requests
from stream.serve.alerts.decider import Deciding
from stream.serve.alerts.requests import Request
from stream.serve.alerts.seen import Sight
from stream.serve.alerts.topic import Record
from stream.settings import Settings

AT = 1_772_463_600_000
SUPPORT, SALES = ("phone", "support"), ("phone", "sales")
SHARES = {"ok": (100, 100, True), "at_risk": (82, 100, True), "breached": (10, 100, True), "closed": (0, 0, False)}


def sight(state):
    numerator, denominator, is_open = SHARES[state]
    seen = Seen(is_open, "service_level_live", numerator, denominator, 0.8, 0.0)
    return Sight(seen, QueueRules(threshold_ms=1000), 0, 0, None, 0, 0, 0)


class Faults:
    """What fails: once, before or after it is done."""

    def __init__(self):
        self.next = None

    def at(self, place, error):
        if self.next == place:
            self.next = None
            raise error


class World:
    """The log, the mirror, what people want, what is to be seen; a holder that follows whenever one has failed."""

    def __init__(self):
        self.log, self.mirror, self.wanted = [], None, []
        self.faults, self.now, self.stale = Faults(), AT, ()
        self.seen = dict.fromkeys((SUPPORT, SALES), "ok")
        told = Settings(alert_hysteresis_seconds=60)
        self.view = SimpleNamespace(
            settings=told, rules=told.rules(), loaded=True, now=lambda: self.now,
            snapshot=SimpleNamespace(shards=[1], stream_time=AT), sla=SimpleNamespace(show=lambda *_: None),
            freshness=self,
        )  # fmt: skip
        self.known, self.silence = True, SimpleNamespace(channels=[])
        self.holder = None

    @property
    def old(self):
        return bool(self.stale)

    # The topic.

    async def tell(self, events):
        self.faults.at("before telling", KafkaError())
        values = [msgspec.json.encode(event) for _, event in events]
        self.log += values
        self.faults.at("told", KafkaError())
        return values, {0: len(self.log)}

    async def told_since(self, positions):
        values = self.log[positions.get(0, 0) :]
        return [Record(msgspec.json.decode(each, type=Alert), each) for each in values], {0: len(self.log)}

    # The mirror.

    async def read(self):
        return self.mirror

    async def requests(self):
        return list(self.wanted)

    async def write(self, content, n):
        self.faults.at("before mirroring", RedisError())
        self.mirror = content
        del self.wanted[:n]
        self.faults.at("mirrored", RedisError())
        return True

    async def look(self):
        """One look of whoever decides; who failed is followed by another one."""
        for _ in range(3):
            try:
                if self.holder is None:
                    self.holder = Deciding(self.view, self, self, SimpleNamespace(held=True))
                    self.holder._sights = SimpleNamespace(all=lambda *_: [(q, sight(s)) for q, s in self.seen.items()])
                    self.holder._why = SimpleNamespace(look_up=_nothing, of=_drivers)
                    await self.holder.recall()
                return await self.holder.look()
            except (KafkaError, RedisError):
                self.holder = None
        raise AssertionError("nobody could look")

    def told(self, queue):
        events = [msgspec.json.decode(each) for each in self.log]
        return [each for each in events if each["data"]["queue"] == queue[1]]


async def _nothing(*_):
    """Nothing is usual."""


def _drivers(queues, _):
    return {queue: Drivers(arrivals=0, agents_staffed=0, agents_available=0) for queue in queues}


STATES = st.sampled_from(list(SHARES))
QUEUES = st.sampled_from([SUPPORT, SALES])
PLACES = st.sampled_from([None, None, "before telling", "told", "before mirroring", "mirrored", "killed", "emptied"])
WISHES = st.one_of(
    st.none(),
    st.tuples(QUEUES, st.sampled_from(["mute", "unmute", "ack"]), st.integers(1, 300)),
)
STEPS = st.lists(
    st.tuples(st.integers(0, 90_000), QUEUES, STATES, WISHES, PLACES, st.booleans()), min_size=1, max_size=40
)


async def live(steps, *, emptied=False):
    """A world after these steps, and what was wished for in vain: acknowledging what is well."""
    world, wishes = World(), []
    for number, (gap, queue, state, wish, place, stale) in enumerate(steps):
        world.now += gap
        world.seen[queue] = state
        world.stale = ("behind",) if stale and number % 3 == 0 else ()
        if wish is not None:
            (channel, name), kind, seconds = wish
            until = world.now + seconds * 1000 if kind == "mute" else None
            wanted = Request(kind=kind, channel=channel, queue=name, by=f"{number}", at=world.now, until=until)
            world.wanted.append(requests.encode(wanted))
            wishes.append(wanted)
        if place == "killed":
            world.holder = None
        elif place == "emptied":
            if emptied:
                world.holder = world.mirror = None
        else:
            world.faults.next = place
        await world.look()
    world.faults.next = None
    return world, wishes


CALM = {"ok", "closed"}


def of_states(events):
    return [each for each in events if "state" in each["data"]]


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_each_state_and_each_wish_is_told_once_and_in_order(steps):
    world, wishes = asyncio.run(live(steps))
    for queue in (SUPPORT, SALES):
        events = world.told(queue)
        ids = [each["id"] for each in events]
        assert len(set(ids)) == len(ids), "told twice"
        states = of_states(events)
        times = [datetime.fromisoformat(each["time"]) for each in states]
        assert times == sorted(times), "out of order"
        before = "ok"
        for each in states:
            state = each["data"]["state"]
            assert each["data"]["previous"] == before, "not what was told last"
            assert state != before
            assert not {state, before} <= CALM, "that a queue which is well opens or closes is not told"
            before = state
        mutes = [wish.by for wish in wishes if (wish.channel, wish.queue) == queue and wish.kind != "ack"]
        assert [each["data"]["by"] for each in events if each["type"] == "queue.alerts.muted"] == mutes
    assert not world.wanted
    newest = world.mirror.newest
    assert newest == world.log[len(world.log) - len(newest) :], "the newest events are shown as they were told"


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_when_all_is_quiet_and_no_mute_holds_what_was_told_last_is_so(steps):
    async def ended():
        world, _ = await live(steps, emptied=True)
        world.stale = ()
        for _ in range(3):
            world.now += 400_000
            await world.look()
        return world

    world = asyncio.run(ended())
    for queue in (SUPPORT, SALES):
        known = world.holder._known[queue]
        told = of_states(world.told(queue))
        last, state = told[-1]["data"]["state"] if told else "ok", world.seen[queue]
        if known.acknowledged_by is None or state in CALM:
            assert (last == state) or {last, state} <= CALM
        follower = World()
        follower.log = world.log
        follower.now, follower.seen = world.now, world.seen
        n = len(world.log)
        asyncio.run(follower.look())
        assert len(follower.log) == n, "who knows the topic alone has nothing to tell"


@pytest.mark.parametrize("place", ["before telling", "told", "before mirroring", "mirrored"])
async def test_a_fault_is_met_by_looking_anew(place):
    world = World()
    await world.look()
    world.seen[SUPPORT], world.faults.next = "breached", place
    world.now += 1000
    await world.look()
    await world.look()
    assert [each["data"]["state"] for each in world.told(SUPPORT)] == ["breached"]
    assert world.faults.next is None
