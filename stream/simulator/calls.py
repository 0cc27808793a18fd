"""Phone and video: welcome, queue, talk, holds, transfers, wrap-up, calls back and calls that we make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stream.simulator.team import Agent

if TYPE_CHECKING:
    from collections.abc import Generator

    from simpy import Event

    from stream.simulator.center import Center
    from stream.simulator.contact import Contact
    from stream.simulator.line import Line

WELCOME = 12.0
CONSULTATION = 35.0


def call(center: Center, contact: Contact, line: Line) -> Generator[Event, Any, None]:
    """A customer's call, or our call back: at its end the customer's habits decide what follows."""
    world, say = center.world, center.world.journal.interaction
    say(contact, "started", **contact.opening())
    if contact.initiation != "callback":
        yield world.about(WELCOME)
    queue: Line | None = line
    while queue is not None:
        line = queue
        queued_at = world.now()
        turn = yield line.join(contact)
        if not isinstance(turn, Agent):
            yield from _unserved(center, contact, line, turn)
            return
        waited = (world.now() - queued_at) / 1000
        queue = yield from _talk(center, contact, line, turn, waited)


def outbound(center: Center, contact: Contact, line: Line, agent: Agent) -> Generator[Event, Any, None]:
    """An agent's own call to a customer."""
    world, say = center.world, center.world.journal.interaction
    say(contact, "started", agent_id=agent.id, **contact.opening())
    yield world.about(15)
    if world.chance(0.35):
        say(contact, "ended", by="agent")
        line.team.release(agent)
        return
    say(contact, "answered", agent_id=agent.id)
    yield world.about(line.queue.work * 0.6, 2)
    say(contact, "ended", by="agent", resolved=True)
    line.wrap_up(contact, agent, line.queue.wrap_up)


def _unserved(center: Center, contact: Contact, line: Line, how: str) -> Generator[Event, Any, None]:
    if how == "abandoned":
        center.habits.lost(contact, line)
        return
    yield center.world.pause(4)
    center.world.journal.interaction(contact, "ended", by="system")
    if how == "callback":
        center.habits.call_back(contact, line)
    else:
        center.habits.lost(contact, line)


def _talk(
    center: Center, contact: Contact, line: Line, agent: Agent, waited: float
) -> Generator[Event, Any, Line | None]:
    """The agent's part. Returns the queue that the contact is passed on to, None at its end."""
    world, say, queue = center.world, center.world.journal.interaction, line.queue
    held, passed = world.chance(queue.held), world.chance(queue.transferred)
    yield world.about(queue.work * (0.6 if held or passed else 1.0), 2)
    if held:
        say(contact, "held", agent_id=agent.id)
        yield world.about(40, 2)
        say(contact, "resumed", agent_id=agent.id)
        yield world.about(queue.work * 0.35, 2)
    if passed:
        other = center.elsewhere(line)
        if other is not None:
            return (yield from _pass_on(center, contact, line, other, agent))
    center.close(contact, line, waited)
    line.wrap_up(contact, agent, queue.wrap_up)
    return None


def _pass_on(
    center: Center, contact: Contact, line: Line, other: Line, agent: Agent
) -> Generator[Event, Any, Line | None]:
    """Attended when a colleague is free and it is worth it, else blind."""
    world, say = center.world, center.world.journal.interaction
    colleague = other.lend() if world.chance(0.4) else None
    if colleague is None:
        say(contact, "transferred", agent_id=agent.id, to_queue=other.queue.name, kind="blind")
        line.wrap_up(contact, agent, line.queue.wrap_up / 2)
        yield world.pause(0.2)
        return other
    say(contact, "held", agent_id=agent.id)
    yield world.about(CONSULTATION)
    say(contact, "transferred", agent_id=agent.id, to_agent=colleague.id, to_queue=other.queue.name, kind="attended")
    line.wrap_up(contact, agent, line.queue.wrap_up / 2)
    yield world.pause(0.3)
    say(contact, "answered", agent_id=colleague.id, queue=other.queue.name)
    yield world.about(other.queue.work * 0.8, 2)
    center.close(contact, other, 0.0)
    other.wrap_up(contact, colleague, other.queue.wrap_up)
    return None
