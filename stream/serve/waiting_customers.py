"""Who the waiting are: the customer of each, which contact on the matter it is, and whether it is a repeat.

Looked up in Redis, interactions first, then their customers, then who holds those that are aliases: three looks for all
of a queue together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from stream.core.customers.customer import Customers
from stream.core.customers.matter import earlier_contacts
from stream.core.interactions.interaction import Interactions
from stream.state.lookup import lookup_all

if TYPE_CHECKING:
    from stream.core.customers.state import Customer
    from stream.serve.view import View

NOT_KNOWN: dict[str, Any] = {"customer_id": None, "contact": None, "repeat": None}
"""`contact`: the first one on this matter is 1; `repeat`: as first-contact resolution counts it."""
_AT_ONCE = 20


async def who(view: View, channel: str, interaction_ids: Iterable[str], now_ms: int) -> dict[str, dict[str, Any]]:
    """Interaction -> what is known of its customer. Raises RedisError, OSError."""
    stage, people = Interactions(view.rules, channel), Customers(view.rules)
    told: dict[str, str] = {}
    for n, (name, blob) in enumerate((await _blobs(view, f"interactions.{channel}", interaction_ids)).items()):
        customer_id = stage.load(name, blob).told.customer_id
        if customer_id is not None:
            told[name] = customer_id
        if n % _AT_ONCE == 0:
            await asyncio.sleep(0)
    states = await _states(view, people, set(told.values()))
    holders = {name: holder for name, state in states.items() if (holder := state.holder()) is not None}
    states |= await _states(view, people, set(holders.values()) - states.keys())
    found = {}
    for n, (name, customer_id) in enumerate(told.items()):
        own = holders.get(customer_id, customer_id)
        found[name] = NOT_KNOWN | {"customer_id": own}
        if own in states:
            found[name] |= _contact(people, states[own], channel, name, now_ms)
        if n % _AT_ONCE == 0:
            await asyncio.sleep(0)
    return found


async def _blobs(view: View, topic: str, names: Iterable[str]) -> dict[str, bytes]:
    shards = [shard for shard in view.snapshot.shards if shard.topic == view.settings.topic(topic)]
    return await lookup_all(view.reader.redis, view.reader.key_prefix, shards, sorted(names))


async def _states(view: View, people: Customers, names: set[str]) -> dict[str, Customer]:
    found = await _blobs(view, "customers.timeline", names)
    return {name: people.load(name, blob) for name, blob in found.items()}


def _contact(people: Customers, state: Customer, channel: str, interaction_id: str, now_ms: int) -> dict[str, Any]:
    journey = state.person(people.rules.repeat_window_ms).journey
    for i, d in enumerate(journey.inbound):
        if (d.channel, d.interaction_id) == (channel, interaction_id):
            earlier = earlier_contacts(journey, i, now_ms, people.rules)
            return {"contact": len(earlier) + 1, "repeat": journey.causes[i] is not None}
    return {}
