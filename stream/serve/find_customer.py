"""A customer's state in Redis, by id or alias. Raises RedisError, OSError."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from stream.core.customers.customer import Customers
from stream.state.keys import store_keys
from stream.state.lookup import lookup
from stream.state.snapshot import ShardId

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redis.asyncio import Redis

    from stream.core.customers.person import Person
    from stream.core.customers.state import Customer
    from stream.core.rules import Rules
    from stream.settings import Settings

TOPIC = "customers.timeline"
ALIASES = 50
"""Of a customer, at most so many are looked up."""
_topic = msgspec.msgpack.Decoder(tuple[int, Any]).decode


class FoundPerson(NamedTuple):
    """Who was found, the stream time (ms) of the shard, and the aliases that they hold."""

    person: Person
    stream_time: int
    aliases: list[str]


async def shards(redis: Redis, settings: Settings) -> list[ShardId]:
    """The customers' shards, as the store remembers their number."""
    topic = settings.topic(TOPIC)
    packed: Any = await redis.hget(store_keys(settings.store_prefix).topics, topic)
    return [] if packed is None else [ShardId(topic, number) for number in range(_topic(packed)[0])]


async def holder(
    redis: Redis, key_prefix: str, among: Iterable[ShardId], rules: Rules, name: str
) -> tuple[Customer, int] | None:
    """Who goes by a name, the one who holds it as an alias if anybody does, and the shard's stream time (ms)."""
    stage, among = Customers(rules), list(among)

    async def kept(name: str) -> tuple[Customer, int] | None:
        for found in await lookup(redis, key_prefix, among, name):
            state = stage.load(name, found.blob)
            if stage.keep_until(state) >= found.stream_time:
                return state, found.stream_time
        return None

    known = await kept(name)
    by = None if known is None else known[0].holder()
    return known if by is None else await kept(by)


async def find(redis: Redis, key_prefix: str, among: Iterable[ShardId], rules: Rules, name: str) -> FoundPerson | None:
    """The customer of an id, or the one who holds it as an alias; None when nothing is known of them."""
    among = list(among)
    known = await holder(redis, key_prefix, among, rules, name)
    if known is None:
        return None
    person = known[0].person(rules.repeat_window_ms)
    if not person.said and not person.journey.all:
        return None
    claimed = sorted({alias for said in person.events("identified") for alias in said.aliases})[:ALIASES]
    holders = [(alias, await holder(redis, key_prefix, among, rules, alias)) for alias in claimed]
    return FoundPerson(person, known[1], [alias for alias, by in holders if by is not None and by[0].id == person.id])
