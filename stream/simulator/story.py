"""A story to watch: a chat is abandoned, the customer calls, a queue drifts into breach and recovers.

Beside the center's own life, on a queue of its own, so that nothing else is in its figures. Told in chapters, seconds
after the story's begin; people wait, hang up and are answered by the simulation's own rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from stream.simulator.contact import Contact
from stream.simulator.journal import instant
from stream.simulator.line import Line
from stream.simulator.profile import Queue
from stream.simulator.team import Agent

if TYPE_CHECKING:
    from collections.abc import Generator

    from simpy import Event

    from stream.simulator.center import Center

QUEUE, CHAT_QUEUE, REASON = "hotline", "web", "outage"
CUSTOMER = "c-000007"
CALM, RUSH = 420.0, 1500.0
"""Calls an hour, at all times of the day."""
LEADS_IN = 240.0
RUSH_BEGINS, RUSH_ENDS, ENDS = 240.0, 390.0, 960.0
CHAT, CALL = 20.0, 130.0


class Chapter(NamedTuple):
    """What happens, from so many seconds after the begin of the story on."""

    after: float
    text: str


CHAPTERS = (
    Chapter(CHAT, f"customer {CUSTOMER} waits in chat/{CHAT_QUEUE}, and gives up after a minute"),
    Chapter(CALL, f"the same customer calls phone/{QUEUE} about the same matter, and is known there"),
    Chapter(RUSH_BEGINS, f"three times as many calls as usual reach phone/{QUEUE}: at risk, then breached"),
    Chapter(RUSH_ENDS, f"the rush is over; phone/{QUEUE} recovers once its window has only good minutes in it"),
)


def script(start_ms: int) -> list[str]:
    """The chapters, a line each, with when (UTC) they happen.

    >>> script(1_772_463_600_000)[0]
    '15:00:20Z customer c-000007 waits in chat/web, and gives up after a minute'
    """
    return [f"{instant(start_ms + int(each.after * 1000))[11:19]}Z {each.text}" for each in CHAPTERS]


class Story:
    """The story, as processes of a simulation that begin `start_ms`."""

    def __init__(self, center: Center, start_ms: int) -> None:
        self._center, self._world, self._start = center, center.world, start_ms
        self._callers = 0
        demand = center.scale * self._world.profile.demand(start_ms // 3_600_000 % 24)
        self._line = Line(
            self._world,
            Queue(
                channel="phone", name=QUEUE, arrivals=CALM / demand, work=45, wrap_up=10, patience=120, limit=None,
                spare=1.0, declined=0.0, held=0.0, transferred=0.0, unresolved=0.02, reasons=(REASON,),
            ),
            center.scale,
        )  # fmt: skip
        env = self._world.env
        env.process(self._line.team.staff())
        env.process(self._calls())
        env.process(self._chat())
        env.process(self._call())

    def _until(self, after: float) -> Event:
        return self._world.env.timeout(max(0, int(self._start + after * 1000 - self._world.env.now)))

    def _calls(self) -> Generator[Event, Any, None]:
        """Everybody else on the hotline."""
        world = self._world
        yield self._until(-LEADS_IN)
        while True:
            told = (world.env.now - self._start) / 1000
            an_hour = RUSH if RUSH_BEGINS <= told < RUSH_ENDS else CALM
            yield world.env.timeout(1 + int(world.rng.expovariate(an_hour) * 3_600_000))
            world.env.process(self._served(self._contact(self._center.habits.somebody())))

    def _served(self, contact: Contact) -> Generator[Event, Any, None]:
        """A short call, after which nobody comes back: the rush alone makes the queue long."""
        world, say = self._world, self._world.journal.interaction
        say(contact, "started", **contact.opening())
        yield world.about(4)
        turn = yield self._line.join(contact)
        if not isinstance(turn, Agent):
            return
        yield world.about(self._line.queue.work, 4)
        say(contact, "ended", by="customer", resolved=True)
        self._line.wrap_up(contact, turn, self._line.queue.wrap_up)

    def _chat(self) -> Generator[Event, Any, None]:
        say = self._world.journal.interaction
        yield self._until(CHAT)
        contact = Contact(f"story-chat-{self._world.run}", "chat", "interactions.chat", CUSTOMER, REASON)
        say(contact, "started", **contact.opening())
        yield self._world.pause(1)
        say(contact, "message", author="customer")
        yield self._world.pause(1)
        say(contact, "queued", queue=CHAT_QUEUE)
        yield self._world.pause(70)
        say(contact, "abandoned", queue=CHAT_QUEUE)

    def _call(self) -> Generator[Event, Any, None]:
        yield self._until(CALL)
        yield self._world.env.process(self._served(self._contact(CUSTOMER)))

    def _contact(self, customer: str | None) -> Contact:
        self._callers += 1
        return Contact(f"story-{self._world.run}-{self._callers}", "phone", "interactions.phone", customer, REASON)
