"""Real shards in Redis, folded by real ledgers: tests tell events, and what workers would keep is there."""

from __future__ import annotations

from typing import Any

import msgspec

from schemas.codec import decode
from schemas.topics import TOPICS
from stream.core.books.ledger import Ledger
from stream.core.customers.customer import Customers
from stream.core.interactions.interaction import Interactions
from stream.core.rules import Rules
from stream.core.times.window import zone_of
from stream.state.keys import store_keys
from stream.state.shard import Shard
from stream.state.store import Store
from tests.oracle.test_oracle import START, history

__all__ = ["START", "Told", "history"]


class Told:
    """A store that takes in records, a batch each, through both stages. `topics`: topic -> partitions."""

    def __init__(self, url: str, key_prefix: str, rules: Rules | None = None) -> None:
        self.store = Store({"url": url}, patience=20)
        self.rules = rules or Rules()
        self._key_prefix = key_prefix
        self._shards: dict[tuple[str, int], tuple[Shard, Ledger]] = {}
        self._partitions: dict[str, int] = {}

    async def declare(self, **partitions: int) -> None:
        """Make the channels' shards, and one of customers."""
        named = {f"interactions.{channel}": n for channel, n in partitions.items()} | {"customers.timeline": 1}
        for topic, n in named.items():
            packed = msgspec.msgpack.encode((n, b"id"))
            await self.store.command("HSET", store_keys(self._key_prefix).topics, topic, packed)
            self._partitions[topic] = n
            for partition in range(n):
                shard = Shard(self.store, self._key_prefix, topic, partition)
                head = await shard.open(0, self.rules.fingerprint())
                channel = TOPICS[topic].channel
                stage = Interactions(self.rules, channel) if channel else Customers(self.rules)
                ledger = Ledger(stage, lambda scope: zone_of(self.rules, scope))
                ledger.open(head.stream_time, head.counts)
                self._shards[topic, partition] = shard, ledger

    async def take(self, records: list[dict[str, Any]], partition: int | None = None) -> None:
        """Take in records, each topic's as one batch a partition; `partition`: all of them there, else by their key."""
        batches: dict[tuple[str, int], list[Any]] = {}
        for r in records:
            event = decode(TOPICS[r["topic"]], r["key"].encode(), msgspec.json.encode(r["value"]), r["timestamp_ms"])
            at = sum(r["key"].encode()) % self._partitions[r["topic"]] if partition is None else partition
            batches.setdefault((r["topic"], at), []).append(event)
        for where, events in batches.items():
            sent = await self._commit(*self._shards[where], events)
            while sent:
                output = sent.pop(0)
                if output.topic in self._partitions:
                    event = decode(TOPICS[output.topic], output.key, output.value, -1)
                    sent += await self._commit(*self._shards[output.topic, 0], [event])

    async def _commit(self, shard: Shard, ledger: Ledger, events: list[Any]) -> list[Any]:
        base = shard.offset
        wanted = ledger.ask([ledger.stage.key(event) for event in events])
        ledger.learn(wanted, (await shard.load(wanted, [])).entities)
        ledger.apply(list(enumerate(events, base)))
        now = ledger.stream_time
        look = await shard.load([], [], due_by=now, expired_before=now, at_most=1000)
        more = ledger.take_in(look.due, look.expired)
        ledger.learn(more, (await shard.load(more, [])).entities)
        fields = ledger.finish()
        ledger.learn_fields(fields, (await shard.load([], fields)).fields)
        outputs = list(ledger.outputs)
        assert (await shard.commit(base, base + len(events), ledger.writes())).word == "applied"
        ledger.committed()
        return outputs
