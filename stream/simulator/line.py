"""A queue with its waiting contacts: offers to agents, declined offers, patience, limits, calls back."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Literal

from stream.simulator.team import QUIET_RING, Agent, Team

if TYPE_CHECKING:
    from simpy import Event

    from stream.simulator.contact import Contact
    from stream.simulator.profile import Queue
    from stream.simulator.world import World

Leaving = Literal["abandoned", "timeout", "callback"]
DECLINE_RESULTS = ("no_answer", "no_answer", "rejected", "busy")
LIVE_RING = 5.0
CALLBACK_AFTER = 25.0


class Waiter:
    """A contact in the queue. `turn` fires with the agent, or with how the contact left."""

    __slots__ = ("contact", "gone", "ringing", "since", "turn")

    def __init__(self, contact: Contact, turn: Event, since: int) -> None:
        self.contact = contact
        self.turn = turn
        self.since = since
        self.gone = False
        self.ringing: Agent | None = None


class Line:
    """One queue at work."""

    def __init__(self, world: World, queue: Queue, scale: float) -> None:
        self.queue = queue
        self.team = Team(world, queue, scale, self._serve)
        self._world = world
        self._waiting: deque[Waiter] = deque()

    def join(self, contact: Contact) -> Event:
        """Queues a contact; the event's value is the Agent who answered, or a `Leaving`. Both have been told."""
        world = self._world
        world.journal.interaction(contact, "queued", queue=self.queue.name)
        waiter = Waiter(contact, world.env.event(), world.now())
        left = self._leaving(contact)
        if left is not None:
            seconds, how = left
            world.later(seconds * 1000, lambda: self._leave(waiter, how))
        self._waiting.append(waiter)
        self._serve()
        return waiter.turn

    def lend(self) -> Agent | None:
        """An agent who is free though nobody rings: for a consultation or an outbound call."""
        return None if self._waiting else self.team.take()

    def wrap_up(self, contact: Contact, agent: Agent, seconds: float) -> None:
        """The agent's work after the contact, then the next one."""
        world = self._world
        disposition = "solved" if world.chance(0.8) else "passed on"

        def done() -> None:
            world.journal.interaction(contact, "wrapped_up", agent_id=agent.id, disposition=disposition)
            self.team.release(agent)

        world.later(max(1.0, world.rng.gammavariate(2, seconds / 2)) * 1000, done)

    def _leaving(self, contact: Contact) -> tuple[float, Leaving] | None:
        """When (seconds from now) and how this contact would leave, if nobody answered."""
        queue, rng = self.queue, self._world.rng
        if queue.patience is None or contact.initiation == "callback":
            return None
        seconds, how = rng.weibullvariate(queue.patience * 1.08, 1.3), "abandoned"
        if queue.limit is not None and seconds > queue.limit:
            seconds, how = queue.limit, "timeout"
        if seconds > CALLBACK_AFTER and rng.random() < queue.callback:
            return rng.uniform(CALLBACK_AFTER, CALLBACK_AFTER + 15), "callback"
        return seconds, "timeout" if how == "timeout" else "abandoned"

    def _leave(self, waiter: Waiter, how: Leaving) -> None:
        if waiter.gone:
            return
        waiter.gone = True
        journal, name = self._world.journal, self.queue.name
        if how == "abandoned":
            journal.interaction(waiter.contact, "abandoned", queue=name)
        else:
            journal.interaction(waiter.contact, "flowed_out", queue=name, outcome=how)
        if waiter.ringing is not None:
            self.team.release(waiter.ringing)
            waiter.ringing = None
        waiter.turn.succeed(how)

    def _serve(self) -> None:
        """Offers the longest waiting contact to the longest idle agent, while there are both."""
        waiting = self._waiting
        while waiting:
            if waiting[0].gone:
                waiting.popleft()
                continue
            agent = self.team.take()
            if agent is None:
                return
            self._offer(waiting.popleft(), agent)

    def _offer(self, waiter: Waiter, agent: Agent) -> None:
        world = self._world
        world.journal.interaction(waiter.contact, "offered", queue=self.queue.name, agent_id=agent.id)
        waiter.ringing = agent
        mean = QUIET_RING if self.queue.patience is None else LIVE_RING
        if world.chance(self.queue.declined):
            world.later(world.rng.uniform(6, 15) * 1000, lambda: self._decline(waiter, agent))
        else:
            world.later(max(0.4, world.rng.gammavariate(3, mean / 3)) * 1000, lambda: self._answer(waiter, agent))

    def _answer(self, waiter: Waiter, agent: Agent) -> None:
        if waiter.gone:
            return
        waiter.gone = True
        self._world.journal.interaction(waiter.contact, "answered", queue=self.queue.name, agent_id=agent.id)
        waiter.turn.succeed(agent)

    def _decline(self, waiter: Waiter, agent: Agent) -> None:
        if waiter.gone:
            return
        world = self._world
        result = world.rng.choice(DECLINE_RESULTS)
        world.journal.interaction(waiter.contact, "declined", queue=self.queue.name, agent_id=agent.id, result=result)
        waiter.ringing = None
        self._waiting.appendleft(waiter)
        self.team.missed(agent)
        self._serve()
