"""The processors of interactions, one a channel: their events into segments, measures and digests."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agents.processor import Processor
from schemas.events import CHANNELS
from stream.core.books.ledger import Ledger
from stream.core.interactions.interaction import Interactions
from stream.core.times.window import zone_of

if TYPE_CHECKING:
    from stream.core.books.room import Room
    from stream.settings import Settings


def _books(channel: str, settings: Settings, room: Room) -> Ledger:
    rules = settings.rules()
    return Ledger(Interactions(rules, channel, enriched=settings.enriched), partial(zone_of, rules), room)


PROCESSORS = tuple(Processor(channel, f"interactions.{channel}", partial(_books, channel)) for channel in CHANNELS)
