"""How many bytes of Redis an interaction, a customer, an agent and a cell take: stored by the worker's own scripts.

Interactions are a simulated center's; customers are made up, with a year of contacts, answers and orders each. What an
entity takes is all that its shard's keys have for it: state, and where it is listed by its instants.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.load import START_MS
from schemas.codec import decode
from schemas.events import (
    CustomerData,
    Digest,
    Digested,
    Identified,
    IdentifiedData,
    Joined,
    Purchased,
    PurchasedData,
    SurveyAnswered,
    SurveyData,
)
from schemas.topics import TOPICS
from stream.core.agents.agent import Agents
from stream.core.books.ledger import Ledger
from stream.core.customers.customer import Customers
from stream.core.interactions.interaction import Interactions
from stream.core.rules import DAY, HOUR, MINUTE, Rules
from stream.core.times.window import zone_of
from stream.simulator import PROFILES, Simulation
from stream.state.keys import shard_keys
from stream.state.shard import Shard
from stream.state.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from redis import Redis

    from stream.core.stage import Output, Stage
    from stream.simulator import Record

EVENTS, CUSTOMERS, CONTACTS, BATCH = 120_000, 4000, 6, 2000
CHANNELS = ("phone", "chat", "email")
PRESENCE, AGENTS = "agents.presence", "agents.timeline"
_RULES = Rules()
_LATER = 2**60


class Size(NamedTuple):
    """`n` of what, and the bytes that all of them take."""

    what: str
    n: int
    bytes: int


async def measure(redis_url: str, redis: Redis, key_prefix: str) -> list[Size]:
    """Store a center, and ask Redis for the size of its keys."""
    store = Store({"url": redis_url})
    found: list[Size] = []
    cells: Counter[str] = Counter()
    try:
        records = _simulated()
        sent: list[Output] = []
        for channel in CHANNELS:
            topic = f"interactions.{channel}"
            events = _events(topic, ((each.key, each.value) for each in records[topic]))
            sent += await _fold(store, key_prefix, topic, Interactions(_RULES, channel), events)
            found.append(_entities(redis, key_prefix, topic, f"an interaction, {channel}"))
            cells.update(_cells(redis, key_prefix, topic))
        told = [_events(PRESENCE, ((each.key, each.value) for each in records[PRESENCE]))]
        told.append(_events(AGENTS, ((each.key, each.value) for each in sent if each.topic == AGENTS)))
        at_work = iter(sorted(chain(*told), key=lambda event: event.at))
        await _fold(store, key_prefix, AGENTS, Agents(_RULES), at_work)
        found.append(_entities(redis, key_prefix, AGENTS, "an agent at work"))
        for name, contacts, more in (("one contact", 1, False), (f"a year: {CONTACTS} contacts", CONTACTS, True)):
            topic = f"customers.{contacts}"
            await _fold(store, key_prefix, topic, Customers(_RULES), _customers(contacts, events=more))
            found.append(_entities(redis, key_prefix, topic, f"a customer, {name}{', 4 events' if more else ''}"))
    finally:
        await store.aclose()
    return [*found, Size("a cell that readers see: queue and bucket", cells["n"], cells["bytes"])]


async def _fold(store: Store, key_prefix: str, topic: str, stage: Stage, events: Iterator[Any]) -> list[Output]:
    ledger, shard = Ledger(stage, partial(zone_of, _RULES)), Shard(store, key_prefix, topic, 0)
    head = await shard.open(0, "bench")
    ledger.open(head.stream_time, head.counts)
    numbered, sent = list(enumerate(events)), []
    for first in range(0, len(numbered), BATCH):
        batch = numbered[first : first + BATCH]
        wanted = ledger.ask([stage.key(event) for _, event in batch])
        ledger.learn(wanted, (await shard.load(wanted, ())).entities)
        ledger.apply(batch)
        now = ledger.stream_time
        loaded = await shard.load((), (), now, now, BATCH)
        more = ledger.take_in(loaded.due, loaded.expired)
        ledger.learn(more, (await shard.load(more, ())).entities)
        fields = ledger.finish()
        ledger.learn_fields(fields, (await shard.load((), fields)).fields)
        sent += ledger.outputs
        outcome = await shard.commit(first, first + len(batch), ledger.writes())
        assert outcome.word == "applied", outcome
        ledger.committed()
    return sent


def _simulated() -> dict[str, list[Record]]:
    """A center's events, by topic."""
    found: dict[str, list[Record]] = {}
    n = 0
    for batch in Simulation(1, START_MS, 100.0, PROFILES["center"]).batches():
        for record in batch:
            found.setdefault(record.topic, []).append(record)
        n += len(batch)
        if n >= EVENTS:
            break
    return found


def _events(topic: str, records: Iterable[tuple[bytes, bytes]]) -> Iterator[Any]:
    return (decode(TOPICS[topic], key, value, _LATER) for key, value in records)


def _customers(contacts: int, *, events: bool) -> Iterator[Any]:
    rng = random.Random(3)
    found: list[tuple[int, Any, dict[str, Any]]] = []
    for number in range(CUSTOMERS):
        name = f"customer-{number:06}"
        for n in range(contacts):
            at = START_MS + rng.randrange(365) * DAY + rng.randrange(8 * HOUR)
            channel: Any = rng.choice(CHANNELS)
            data = Digest(
                customer_id=name, channel=channel, interaction_id=f"{number:06}-{n:02}-{rng.getrandbits(32):08x}",
                started_at=at, reason=rng.choice([None, "billing", "delivery"]), served=True,
                ended_at=(at + rng.randrange(20 * MINUTE),), queue=f"queue-{rng.randrange(24):02}",
                agent_id=f"agent-{rng.randrange(300):03}", outcome="answered", wait_ms=rng.randrange(MINUTE), handled=1,
                handle_ms=rng.randrange(10 * MINUTE),
            )  # fmt: skip
            found.append((at, Digested, {"id": data.interaction_id, "data": data}))
        if events:
            at = START_MS + rng.randrange(300) * DAY
            aliases = IdentifiedData(customer_id=name, aliases=[f"tel:+39{number:09}"])
            order = PurchasedData(customer_id=name, order_id=f"o-{number}", amount=990, currency="EUR")
            score = SurveyData(customer_id=name, survey="nps", score=9)
            found.append((at, Joined, {"id": f"j-{name}", "data": CustomerData(customer_id=name)}))
            found.append((at, Identified, {"id": f"i-{name}", "data": aliases}))
            found.append((at + DAY, Purchased, {"id": f"p-{name}", "data": order}))
            found.append((at + 2 * DAY, SurveyAnswered, {"id": f"s-{name}", "data": score}))
    found.sort(key=lambda each: each[0])
    return (_event(*each, revision) for revision, each in enumerate(found))


def _event(at: int, kind: Any, told: dict[str, Any], revision: int) -> Any:
    time = datetime.fromtimestamp(at / 1000, UTC)
    event = kind(source="/crm/main", specversion="1.0", time=time, revision=revision, **told)
    event.at = at
    return event


def _usage(redis: Redis, key: str) -> int:
    told: Any = redis.memory_usage(key, samples=0)
    return told or 0


def _entities(redis: Redis, key_prefix: str, topic: str, what: str) -> Size:
    keys = shard_keys(key_prefix, topic, 0)
    of_expiry: Any = redis.zrange(keys.expiry, 0, -1)
    listed = sum(member[:1] == b"s" for member in of_expiry) / max(len(of_expiry), 1)
    told: Any = redis.hlen(keys.state)
    states = _usage(redis, keys.state) + _usage(redis, keys.due)
    return Size(what, told, round(states + _usage(redis, keys.expiry) * listed))


def _cells(redis: Redis, key_prefix: str, topic: str) -> dict[str, int]:
    """Fields of what readers see, and their share of the indexes."""
    keys = shard_keys(key_prefix, topic, 0)
    of_expiry: Any = redis.zrange(keys.expiry, 0, -1)
    listed = sum(member[:1] == b"r" for member in of_expiry) / max(len(of_expiry), 1)
    n: Any = redis.hlen(keys.read)
    size = _usage(redis, keys.read) + _usage(redis, keys.changed) + _usage(redis, keys.gone)
    return {"n": n, "bytes": round(size + _usage(redis, keys.expiry) * listed)}
