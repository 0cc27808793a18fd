"""Chat: a bot first, then an agent with several sessions; messages go to and fro."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stream.simulator.team import Agent

if TYPE_CHECKING:
    from collections.abc import Generator

    from simpy import Event

    from stream.simulator.center import Center
    from stream.simulator.contact import Contact
    from stream.simulator.line import Line

TURN = 45.0
FIRST_REPLY = 9.0


def chat(center: Center, contact: Contact, line: Line) -> Generator[Event, Any, None]:
    """A chat from the first message to its end."""
    world, say, queue = center.world, center.world.journal.interaction, line.queue
    say(contact, "started", **contact.opening())
    yield world.about(6)
    say(contact, "message", author="customer")
    if world.chance(queue.bot) and (yield from _bot(center, contact, line)):
        return
    target: Line | None = line
    while target is not None:
        line = target
        queued_at = world.now()
        turn = yield line.join(contact)
        if not isinstance(turn, Agent):
            if turn != "abandoned":
                yield world.pause(1)
                say(contact, "ended", by="system")
            center.habits.lost(contact, line)
            return
        target = yield from _session(center, contact, line, turn, (world.now() - queued_at) / 1000)


def _bot(center: Center, contact: Contact, line: Line) -> Generator[Event, Any, bool]:
    """The bot's part; True when it was enough."""
    world, say = center.world, center.world.journal.interaction
    for _ in range(world.rng.randint(1, 3)):
        yield world.pause(world.rng.uniform(0.5, 2))
        say(contact, "message", author="bot")
        yield world.about(12)
        say(contact, "message", author="customer")
    if not world.chance(line.queue.contained):
        return False
    yield world.pause(1)
    say(contact, "message", author="bot")
    yield world.about(8)
    center.close(contact, line, 0.0, by="bot", unresolved=0.2)
    return True


def _session(
    center: Center, contact: Contact, line: Line, agent: Agent, waited: float
) -> Generator[Event, Any, Line | None]:
    world, say, queue = center.world, center.world.journal.interaction, line.queue
    yield world.about(FIRST_REPLY)
    say(contact, "message", author="agent", agent_id=agent.id)
    turns = max(1, round(world.rng.expovariate(2 * TURN / (queue.work - 2 * FIRST_REPLY))))
    for _ in range(min(turns, 15)):
        yield world.about(TURN)
        say(contact, "message", author="customer")
        yield world.about(TURN)
        say(contact, "message", author="agent", agent_id=agent.id)
    other = center.elsewhere(line) if world.chance(queue.transferred) else None
    if other is not None:
        say(contact, "transferred", agent_id=agent.id, to_queue=other.queue.name, kind="blind")
        line.wrap_up(contact, agent, queue.wrap_up / 2)
        yield world.pause(0.2)
        return other
    yield world.about(15)
    center.close(contact, line, waited)
    line.wrap_up(contact, agent, queue.wrap_up)
    return None
