"""Scopes: whose measures a cell holds. Text, since it is part of stored names: `channel|direction|place`.

Places: `q<queue>`; `-`, work that no queue sent; `*`, what belongs to the channel as a whole (interactions, first
contacts); `a<agent>`, one agent's work; `@`, that of all agents; `r<reason>`, contacts of a reason. Directions: i
inbound, o outbound, `*` both: agents' time has no direction. What belongs to no channel has channel `*`: agents' time
over all of them, since unions do not add; customers (place `*`), their money (`$<currency>`), and by day alone levels
over a year (`y`) and journeys (`n<what>`). `s<queue>`: surveys about the queue's work, counted by the channel too.
"""

from __future__ import annotations

from typing import NamedTuple

ALL = "*"
BY_DAY = ("*|*|y", "*|*|n")
"""How scopes begin of which only days are kept: nobody asks for an hour of them, and their instants may lie ahead."""
CUSTOMERS = "*|i|*"
"""What customers do that belongs to no channel: membership, orders, surveys about nothing in particular."""
YEAR = "*|*|y"
"""Levels over the last 365 days: who has bought, who has bought twice."""


class Place(NamedTuple):
    """A scope, read. `whole`: the channel's. `queue` None with neither `whole` nor `agents`: no queue sent it.

    `agents`: agents' work; `agent` None is all of them together. `direction`: i, o, or * for agents' time. `beside`:
    what `channel` and `queue` count, counted again by something else, whose letter it is; `name`: of that.
    """

    channel: str
    direction: str
    queue: str | None = None
    whole: bool = False
    agents: bool = False
    agent: str | None = None
    beside: str = ""
    name: str = ""

    @property
    def summed(self) -> bool:
        """Whether it is part of its channel's and its queue's sums."""
        return not self.agents and not self.beside and self.channel != ALL

    @property
    def inbound(self) -> bool:
        """Whether the customer reached us."""
        return self.direction == "i"


def scope(channel: str, inbound: bool, queue: str | None) -> str:
    """The scope of a queue's measures; `queue` None is work that no queue sent.

    >>> scope("phone", True, "support"), scope("chat", False, None)
    ('phone|i|qsupport', 'chat|o|-')
    """
    return f"{channel}|{'i' if inbound else 'o'}|{'-' if queue is None else 'q' + queue}"


def channel_scope(channel: str, inbound: bool) -> str:
    """The scope of measures that belong to a channel and to no queue: interactions, first contacts."""
    return f"{channel}|{'i' if inbound else 'o'}|*"


def agent_scope(channel: str, inbound: bool, agent_id: str | None) -> str:
    """The scope of an agent's counted work (handled, declined) on a channel; `agent_id` None: of all agents.

    >>> agent_scope("phone", True, "anna"), agent_scope("chat", True, None)
    ('phone|i|aanna', 'chat|i|@')
    """
    return f"{channel}|{'i' if inbound else 'o'}|{'@' if agent_id is None else 'a' + agent_id}"


def time_scope(channel: str, agent_id: str | None) -> str:
    """The scope of an agent's time, both directions together; channel `*` is all of them, `agent_id` None all agents.

    >>> time_scope("*", "anna"), time_scope("phone", None)
    ('*|*|aanna', 'phone|*|@')
    """
    return f"{channel}|*|{'@' if agent_id is None else 'a' + agent_id}"


def reason_scope(channel: str, reason: str) -> str:
    """The scope of inbound contacts of a reason.

    >>> reason_scope("phone", "bill")
    'phone|i|rbill'
    """
    return f"{channel}|i|r{reason}"


def survey_scope(channel: str, queue: str) -> str:
    """The scope of surveys about what a queue did.

    >>> survey_scope("phone", "support")
    'phone|i|ssupport'
    """
    return f"{channel}|i|s{queue}"


def money_scope(currency: str) -> str:
    """The scope of orders in a currency.

    >>> money_scope("EUR")
    '*|i|$EUR'
    """
    return f"*|i|${currency}"


def place(scope: str) -> Place:
    """Read a scope.

    >>> place("phone|i|qsales").queue, place("chat|o|*").whole, place("*|*|aanna").agent, place("phone|i|rbill").name
    ('sales', True, 'anna', 'bill')
    """
    channel, direction, rest = scope.split("|", 2)
    match rest[0]:
        case "q":
            return Place(channel, direction, queue=rest[1:])
        case "a":
            return Place(channel, direction, agents=True, agent=rest[1:])
        case "@":
            return Place(channel, direction, agents=True)
        case "*":
            return Place(channel, direction, whole=True)
        case "r" | "$" | "y" | "n" | "s":
            return Place(channel, direction, beside=rest[0], name=rest[1:])
    return Place(channel, direction)
