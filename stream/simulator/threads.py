"""Email and social: a thread of messages; an agent has it while writing, then it waits for the customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stream.simulator.profile import MORE, MORE_WORK, NOTE, NOTE_WORK, REOPENED, REPLIES
from stream.simulator.team import Agent

if TYPE_CHECKING:
    from collections.abc import Generator

    from simpy import Event

    from stream.simulator.center import Center
    from stream.simulator.contact import Contact
    from stream.simulator.line import Line

REOPENING = 1800.0


def thread(center: Center, contact: Contact, line: Line) -> Generator[Event, Any, None]:
    """A thread: message, queue, reply, perhaps more of both, end, perhaps a reopening."""
    world, say = center.world, center.world.journal.interaction
    say(contact, "started", **contact.opening())
    yield world.pause(0.5)
    say(contact, "message", author="customer")
    while True:
        yield world.about(3)
        resolved = yield from _work(center, contact, line)
        if not (resolved and world.chance(REOPENED)):
            return
        yield world.about(REOPENING)
        say(contact, "reopened")
        say(contact, "message", author="customer")


def _work(center: Center, contact: Contact, line: Line) -> Generator[Event, Any, bool]:
    """From queue to end; True when the customer was told that it is solved."""
    world, say, queue = center.world, center.world.journal.interaction, line.queue
    queued_at = world.now()
    agent = yield line.join(contact)
    if not isinstance(agent, Agent):
        raise TypeError(agent)
    waited = (world.now() - queued_at) / 1000
    yield world.about(queue.work, 2)
    if world.chance(NOTE):
        say(contact, "message", author="agent", agent_id=agent.id, public=False)
        yield world.about(queue.work * NOTE_WORK, 2)
    say(contact, "message", author="agent", agent_id=agent.id)
    line.team.release(agent)
    if world.chance(MORE):
        yield world.about(REPLIES[contact.channel])
        say(contact, "message", author="customer")
        colleague = None
        while (colleague := line.lend()) is None:
            yield world.about(60)
        yield world.about(queue.work * MORE_WORK, 2)
        say(contact, "message", author="agent", agent_id=agent.id)
        line.team.release(colleague)
    yield world.pause(2)
    resolved = center.close(contact, line, waited, by="agent")
    yield world.about(queue.wrap_up)
    say(contact, "wrapped_up", agent_id=agent.id, disposition="solved" if resolved else "waiting")
    return resolved
