"""Agents of several queues, divided among these by the work that each queue brings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

Queue = tuple[str, str]


class Staff(NamedTuple):
    """What a queue has of all agents. `servers`: interactions that they can have at once (of chat: slots)."""

    agents: float = 0.0
    servers: float = 0.0


def divided(agents: Iterable[Mapping[Queue, int]], loads: Mapping[Queue, float]) -> dict[Queue, Staff]:
    """Each queue's staff. `agents`: for each agent the queues served, with the slots on the queue's channel.

    `loads`: erlangs by queue. An agent's time goes to queues in the proportion of the agents that their loads would
    take, erlangs by slots; where there is no load at all, evenly.

    >>> divided([{("phone", "a"): 1, ("phone", "b"): 1}, {("phone", "b"): 1}], {("phone", "a"): 3, ("phone", "b"): 1})
    {('phone', 'a'): Staff(agents=0.75, servers=0.75), ('phone', 'b'): Staff(agents=1.25, servers=1.25)}
    """
    found: dict[Queue, Staff] = {}
    for queues in agents:
        served = {queue: slots for queue, slots in queues.items() if slots > 0}
        wants = {queue: loads.get(queue, 0.0) / slots for queue, slots in served.items()}
        total = sum(wants.values())
        for queue, slots in served.items():
            share = wants[queue] / total if total else 1 / len(served)
            known = found.get(queue, Staff())
            found[queue] = Staff(known.agents + share, known.servers + share * slots)
    return found
