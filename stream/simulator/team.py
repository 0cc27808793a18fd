"""A queue's agents: who is free, who rings next, shifts and breaks."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from simpy import Event

    from stream.simulator.profile import Queue
    from stream.simulator.world import World

SHIFT_MS = 15 * 60_000
HEARTBEAT_MS = 2 * 60_000
BREAKS = (("break", 7), ("lunch", 25), ("coaching", 15))
BREAK_SHARE = 0.08
AGAIN = 1.2
"""Contacts a first contact leads to, by repeats and transfers, where customers have habits."""
MISSED_SECONDS = 9.0
"""What ringing and missed offers cost an agent a contact."""
QUIET_RING = 20.0
"""For how long (s) a thread rings until somebody takes it."""
BREAK_EVERY_MS = 110 * 60_000


class Agent:
    """A person with one or more sessions. `free` counts the sessions that nothing occupies.

    `told`: what presence was last told. `shift`: how often the agent has come.
    """

    __slots__ = ("break_at", "free", "id", "leaving", "present", "shift", "told")

    def __init__(self, name: str) -> None:
        self.id = name
        self.free = 0
        self.present = False
        self.leaving = False
        self.break_at = 0
        self.shift = 0
        self.told: dict[str, Any] = {}


class Team:
    """The agents of one queue, the longest idle first. `on_free` is told whenever someone may take a contact."""

    def __init__(self, world: World, queue: Queue, scale: float, on_free: Callable[[], None]) -> None:
        self._world = world
        self._queue = queue
        self._scale = scale
        self._on_free = on_free
        self._idle: OrderedDict[Agent, None] = OrderedDict()
        self._here: list[Agent] = []
        self._away: list[Agent] = []
        self._hired = 0

    def take(self) -> Agent | None:
        """The agent to offer the next contact to, or None: everybody is busy or away."""
        if not self._idle:
            return None
        agent, _ = self._idle.popitem(last=False)
        agent.free -= 1
        if agent.free:
            self._idle[agent] = None
        return agent

    def release(self, agent: Agent) -> None:
        """One of the agent's sessions is over: the next contact, a break, or home."""
        agent.free += 1
        if agent.leaving:
            self._idle.pop(agent, None)
            if agent.free == self._queue.sessions:
                self._sign_out(agent)
        elif agent.free == self._queue.sessions and agent.break_at <= self._world.env.now:
            reason, minutes = self._world.rng.choice(BREAKS)
            self._rest(agent, reason, int(self._world.rng.gammavariate(6, minutes / 6) * 60_000))
        else:
            self._idle[agent] = None
            self._on_free()

    def missed(self, agent: Agent) -> None:
        """The agent took no offer: set aside for a minute, unless other sessions show that somebody is there."""
        if agent.free == self._queue.sessions - 1:
            self._rest(agent, "missed", 60_000)
        else:
            self.release(agent)

    def _rest(self, agent: Agent, reason: str, ms: int) -> None:
        """Takes an agent without any session off for a while."""
        self._idle.pop(agent, None)
        agent.break_at = int(self._world.env.now + ms + self._world.rng.uniform(0.7, 1.3) * BREAK_EVERY_MS)
        agent.free = 0
        self._tell(agent, presence="not_ready", reason=reason)
        self._world.later(ms, lambda: self._back(agent))

    def staff(self) -> Generator[Event, Any, None]:
        """Shifts: every quarter of an hour as many agents as the hour's demand asks for."""
        while True:
            wanted = self.wanted(self._world.hour())
            present = [agent for agent in self._here if not agent.leaving]
            for _ in range(wanted - len(present)):
                self._sign_in()
            for agent in present[wanted:]:
                agent.leaving = True
                if agent in self._idle:
                    del self._idle[agent]
                    if agent.free == self._queue.sessions:
                        self._sign_out(agent)
            yield self._world.env.timeout(SHIFT_MS)

    def wanted(self, hour: int) -> int:
        """Agents for an hour of the day: the load in erlangs, a spare that grows with its root, and the breaks."""
        queue = self._queue
        contacts = queue.arrivals * self._scale * self._world.profile.demand(hour) * (1 - queue.bot * queue.contained)
        again = AGAIN if self._world.profile.habits else 1.0
        ringing = MISSED_SECONDS if queue.patience is not None else QUIET_RING
        erlangs = contacts * again * (queue.seconds + ringing) / 3600 / queue.sessions
        here = 1 - BREAK_SHARE
        return max(2, math.ceil((erlangs + queue.spare * math.sqrt(erlangs)) / here))

    def _sign_in(self) -> None:
        if self._away:
            agent = self._away.pop()
        else:
            self._hired += 1
            agent = Agent(f"{self._queue.channel}-{self._queue.name}-{self._hired}")
        agent.leaving, agent.present, agent.shift = False, True, agent.shift + 1
        agent.break_at = int(self._world.env.now + self._world.rng.random() * BREAK_EVERY_MS)
        self._here.append(agent)
        self._back(agent)
        if self._world.profile.presence:
            self._beat_in(agent, agent.shift, self._world.rng.random() * HEARTBEAT_MS)

    def _sign_out(self, agent: Agent) -> None:
        agent.present = False
        agent.free = 0
        self._here.remove(agent)
        self._away.append(agent)
        self._tell(agent, presence="logged_out")

    def _back(self, agent: Agent) -> None:
        if agent.leaving:
            self._sign_out(agent)
            return
        agent.free = self._queue.sessions
        self._tell(agent, presence="available")
        self._idle[agent] = None
        for _ in range(agent.free):
            self._on_free()

    def _tell(self, agent: Agent, **data: Any) -> None:
        if self._world.profile.presence:
            queue = self._queue
            agent.told = {**data, "queues": [queue.name], "slots": {queue.channel: queue.sessions}}
            self._world.journal.agent(agent.id, "state_changed", **agent.told)

    def _beat_in(self, agent: Agent, shift: int, ms: float) -> None:
        def beat() -> None:
            if agent.present and agent.shift == shift:
                self._world.journal.agent(agent.id, "heartbeat", **agent.told)
                self._beat_in(agent, shift, HEARTBEAT_MS)

        self._world.later(ms, beat)
