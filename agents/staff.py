"""The processor of agents: presence and parts in interactions, by agent, into time and work."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agents.processor import Processor
from stream.core.agents.agent import Agents
from stream.core.books.ledger import Ledger
from stream.core.times.window import zone_of

if TYPE_CHECKING:
    from stream.core.books.room import Room
    from stream.settings import Settings


def _books(settings: Settings, room: Room) -> Ledger:
    rules = settings.rules()
    return Ledger(Agents(rules), partial(zone_of, rules), room)


PROCESSOR = Processor("agents", "agents.timeline", _books)
