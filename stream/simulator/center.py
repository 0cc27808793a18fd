"""The center at work: its lines, its arrivals, and the records they yield in the order of time."""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from stream.simulator.calls import call, outbound
from stream.simulator.chats import chat
from stream.simulator.contact import Contact
from stream.simulator.errands import Errands
from stream.simulator.habits import Habits
from stream.simulator.line import Line
from stream.simulator.profile import CENTER, Profile
from stream.simulator.story import Story
from stream.simulator.threads import thread
from stream.simulator.world import World

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from simpy import Event

    from stream.simulator.journal import Record

FLOWS = {"phone": call, "video": call, "chat": chat, "email": thread, "social": thread}
MOOD_MS = 10 * 60_000
MOOD = 0.05


class Center:
    """Queues with their teams, and everybody who reaches them."""

    def __init__(self, world: World, scale: float, customers: int | None) -> None:
        self.world = world
        self.scale = scale
        self.customers = customers or max(500, int(world.profile.customers * scale))
        self.lines = [Line(world, queue, scale) for queue in world.profile.queues]
        self.errands = Errands(self)
        self.habits = Habits(self)
        self._reached = 0
        for line in self.lines:
            world.env.process(line.team.staff())
        for line in self.lines:
            world.env.process(self._arrivals(line))
            if line.queue.channel == "phone" and world.profile.outbound:
                world.env.process(self._outbound(line))

    def reach(
        self, line: Line, customer: str | None, reason: str | None, attempt: int = 1, initiation: str = "customer"
    ) -> None:
        """A customer reaches us, or we call back."""
        contact = self._contact(line, customer, reason, attempt, initiation)
        self.world.env.process(FLOWS[contact.channel](self, contact, line))

    def close(
        self, contact: Contact, line: Line, waited: float, *, by: str = "", unresolved: float | None = None
    ) -> bool:
        """Ends a contact; True when it was resolved. `waited` in seconds."""
        world = self.world
        share = line.queue.unresolved if unresolved is None else unresolved
        chance = world.rng.random()
        resolved: bool | None = False if chance < share else None if chance > 0.9 else True
        told: dict[str, Any] = {} if resolved is None else {"resolved": resolved}
        who = by or ("customer" if world.chance(0.7) else "agent")
        world.journal.interaction(contact, "ended", by=who, **told)
        self.habits.after(contact, line, waited, resolved=resolved)
        return resolved is True

    def elsewhere(self, line: Line) -> Line | None:
        """Another queue of the same channel, None if there is none."""
        others = [other for other in self.lines if other.queue.channel == line.queue.channel and other is not line]
        return self.world.rng.choice(others) if others else None

    def line_of(self, channel: str, line: Line) -> Line:
        """A queue of a channel, the one of the same name if there is one; `line` itself without such a channel."""
        found = [other for other in self.lines if other.queue.channel == channel]
        same = [other for other in found if other.queue.name == line.queue.name]
        return same[0] if same else self.world.rng.choice(found) if found else line

    def _contact(self, line: Line, customer: str | None, reason: str | None, attempt: int, initiation: str) -> Contact:
        self._reached += 1
        channel = line.queue.channel
        name = f"{channel[0]}-{self.world.run}-{self._reached}"
        return Contact(name, channel, f"interactions.{channel}", customer, reason, attempt, initiation)

    def _arrivals(self, line: Line) -> Generator[Event, Any, None]:
        """Poisson arrivals whose rate follows the hour and a mood that drifts."""
        world, queue, rng = self.world, line.queue, self.world.rng
        mood, mood_until, mean_ms = 1.0, 0.0, 0.0
        while True:
            if world.env.now >= mood_until:
                mood_until = world.env.now + MOOD_MS
                mood = max(0.6, 1 + 0.7 * (mood - 1) + rng.gauss(0, MOOD))
                mean_ms = 3_600_000 / (queue.arrivals * self.scale * world.profile.demand(world.hour()) * mood)
            yield world.env.timeout(int(rng.expovariate(1 / mean_ms)))
            reason = rng.choice(queue.reasons) if rng.random() < 0.85 else None
            customer = self.habits.somebody()
            self.errands.before(customer, partial(self.reach, line, customer, reason))

    def _outbound(self, line: Line) -> Generator[Event, Any, None]:
        world, queue = self.world, line.queue
        while True:
            share = queue.arrivals * self.scale * world.profile.demand(world.hour()) * world.profile.outbound
            yield world.env.timeout(1 + int(world.rng.expovariate(share) * 3_600_000))
            agent = line.lend()
            if agent is not None:
                contact = self._contact(line, self.habits.somebody(), None, 1, "agent")
                world.env.process(outbound(self, contact, line, agent))


class Simulation:
    """A center from `start_ms` (epoch milliseconds) on, without end.

    `rate`: events a second of simulated time, mean of a day; the center's size follows. The same arguments give the
    same records, byte by byte. `story_ms`: when the story begins, None: none is told. `customers`: how many there are,
    None: as many as a center of this size has.
    """

    def __init__(
        self, seed: int, start_ms: int, rate: float, profile: Profile = CENTER, story_ms: int | None = None,
        customers: int | None = None,
    ) -> None:  # fmt: skip
        """Raises ValueError when `rate` is not positive."""
        if rate <= 0:
            message = f"the rate must be positive, it is {rate}"
            raise ValueError(message)
        self.start_ms = start_ms
        self._world = World(profile, seed, start_ms)
        self._center = Center(self._world, rate / profile.events_per_second, customers)
        if story_ms is not None:
            Story(self._center, story_ms)
        self._step_ms = max(200, min(60_000, int(4000 / rate * 1000)))

    @property
    def now_ms(self) -> int:
        """How far it is simulated."""
        return self._world.now()

    def batches(self) -> Iterator[list[Record]]:
        """Records in the order of their event times, a slice of simulated time each; a batch may be empty."""
        env = self._world.env
        while True:
            env.run(until=env.now + self._step_ms)
            yield self._world.journal.take()

    def records(self) -> Iterator[Record]:
        """The same, one by one."""
        return chain.from_iterable(self.batches())
