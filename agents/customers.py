"""The processor of customers: digests of all channels, by customer, into first contacts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agents.processor import Processor
from stream.core.books.ledger import Ledger
from stream.core.customers.customer import Customers
from stream.core.times.window import zone_of

if TYPE_CHECKING:
    from stream.core.books.room import Room
    from stream.settings import Settings


def _books(settings: Settings, room: Room) -> Ledger:
    rules = settings.rules()
    return Ledger(Customers(rules), partial(zone_of, rules), room)


PROCESSOR = Processor("customers", "customers.timeline", _books)
