"""A machine that does to a shard what days do, step by step, and recounts everything after every commit.

Events come in time, late, twice, corrected, several in one instant; time passes in silence; batches are cut anywhere;
the owner dies between sending and committing, and another one takes over. After each commit the cells, the totals, the
balance and the live view are those of a naive recount of the records that are covered.
"""

from __future__ import annotations

import copy
from collections import Counter, defaultdict
from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from schemas.codec import Skipped, decode
from schemas.topics import TOPICS
from stream.core.books.cells import decode_total
from stream.core.books.ledger import Ledger
from stream.core.books.room import Room
from stream.core.customers.customer import Customers
from stream.core.interactions.interaction import Interactions
from stream.core.open_row import Open
from stream.core.rules import Rules
from stream.core.scope import place
from tests.core.by_hand import MONDAY, instant, written
from tests.core.happenings import agents, at_of, customers, ids, queues, steps, told
from tests.core.memory_shard import MemoryShard
from tests.core.recounted import recounted, sketched
from tests.core.straight import MEASURES
from tests.oracle.defaults import DAY, DEFAULTS, HOUR, MINUTE, SECOND
from tests.oracle.rows import recount_all

RULES = Rules()
START = instant([MONDAY.isoformat(), "08:00:00"])
SIZES = {"f": 10 * SECOND, "m": 5 * MINUTE, "h": 30 * MINUTE, "d": DAY}
KEEPS = {"f": 2 * HOUR, "m": 49 * HOUR, "h": 40 * DAY, "d": 400 * DAY}
LONGEST = 2 * DAY
"""Nothing is forgotten in so much time: what is expired is another test's matter."""

OF_CUSTOMERS = frozenset(
    ("first_contacts", "resolved_contacts", "repeated_contacts", "identified", "repeats", "repeats_caused",
     "bot_contained")
)  # fmt: skip
"""What the customers' shard counts (also): it may have heard of records that the first one has not committed."""


class Shards(RuleBasedStateMachine):
    """A partition of a channel, and the customers' one behind it. `log`: all records; `read`: how many are in."""

    @initialize(channel=st.sampled_from(["phone", "chat", "email"]))
    def begin(self, channel: str) -> None:
        self.channel, self.now = channel, START
        self.log: list[dict[str, Any]] = []
        self.read = 0
        self.sent = 0
        self.heard = 0
        self.changed = False
        self.before: dict[str, Counter[int]] = {}
        self.shard, self.customers_shard = MemoryShard(), MemoryShard()
        self.ledger, self.customers = self.owner(), Ledger(Customers(RULES), lambda _: "UTC")

    def owner(self) -> Ledger:
        """A worker that takes over what the store has."""
        ledger = Ledger(Interactions(RULES, self.channel), lambda _: "UTC", Room(10_000))
        ledger.open(*self.shard.head)
        return ledger

    def tell(self, at: int, interaction: str, name: str, data: dict[str, Any]) -> None:
        value = {
            "specversion": "1.0", "id": f"e{len(self.log)}", "source": "/machine", "type": f"interaction.{name}",
            "time": written(at), "data": {"interaction_id": interaction, "channel": self.channel} | data,
        }  # fmt: skip
        topic = f"interactions.{self.channel}"
        self.log.append({"topic": topic, "key": interaction, "timestamp_ms": at, "value": value})

    @rule(step=steps, interaction=ids, what=told)
    def event(self, step: int, interaction: str, what: tuple[str, dict[str, Any]]) -> None:
        self.now += step
        self.tell(self.now, interaction, *what)

    @rule(step=steps, interaction=ids, queue=queues, agent=agents, customer=customers)
    def call(self, step: int, interaction: str, queue: str, agent: str, customer: str | None) -> None:
        for name, data in (
            ("queued", {"queue": queue, "customer_id": customer}), ("answered", {"agent_id": agent}), ("ended", {}),
        ):  # fmt: skip
            self.now += step
            self.tell(self.now, interaction, name, data)

    @rule(back=st.integers(0, HOUR), interaction=ids, what=told)
    def late(self, back: int, interaction: str, what: tuple[str, dict[str, Any]]) -> None:
        self.tell(max(START, self.now - back), interaction, *what)

    @precondition(lambda self: self.log)
    @rule(data=st.data(), what=told)
    def in_the_instant_of_another(self, data: st.DataObject, what: tuple[str, dict[str, Any]]) -> None:
        other = data.draw(st.sampled_from(self.log))
        self.tell(at_of(other), other["key"], *what)

    @precondition(lambda self: self.log)
    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        self.log.append(data.draw(st.sampled_from(self.log)))

    @precondition(lambda self: self.log)
    @rule(data=st.data(), shift=st.integers(-MINUTE, MINUTE), revision=st.integers(0, 2), queue=queues)
    def corrected(self, data: st.DataObject, shift: int, revision: int, queue: str) -> None:
        other = copy.deepcopy(data.draw(st.sampled_from(self.log)))
        at = min(max(START, at_of(other) + shift), self.now)
        other["value"] |= {"time": written(at), "revision": revision}
        if "queue" in other["value"]["data"]:
            other["value"]["data"]["queue"] = queue
        self.log.append(other | {"timestamp_ms": at})

    @precondition(lambda self: self.now < START + LONGEST)
    @rule(length=st.sampled_from([HOUR, 4 * HOUR - 1, 4 * HOUR, DAY]))
    def silence(self, length: int) -> None:
        self.now += length
        self.tell(self.now, "clock", "started", {})

    @precondition(lambda self: self.read < len(self.log))
    @rule(data=st.data())
    def commit(self, data: st.DataObject) -> None:
        last = data.draw(st.integers(self.read + 1, len(self.log)))
        self.shard.fold(self.ledger, self.batch(last))
        self.send_on(self.shard)
        self.read, self.heard, self.changed = last, max(last, self.heard), True

    @precondition(lambda self: self.read < len(self.log))
    @rule(data=st.data())
    def die_before_the_commit(self, data: st.DataObject) -> None:
        """What was sent was sent; whoever comes next reads the same records again, cut as may be."""
        last = data.draw(st.integers(self.read + 1, len(self.log)))
        doomed = copy.deepcopy(self.shard)
        doomed.fold(self.ledger, self.batch(last))
        self.send_on(doomed)
        self.heard = max(last, self.heard)
        self.ledger = self.owner()
        self.changed = True

    @rule()
    def another_owner(self) -> None:
        self.ledger = self.owner()

    def batch(self, last: int) -> list[tuple[int, Any]]:
        """(offset, event) of the records from those that are in up to `last`."""
        spec = TOPICS[f"interactions.{self.channel}"]
        return [
            (offset, decode(spec, r["key"].encode(), msgspec.json.encode(r["value"]), r["timestamp_ms"]))
            for offset, r in list(enumerate(self.log))[self.read : last]
        ]

    def send_on(self, shard: MemoryShard) -> None:
        """What the first stage sent reaches the customers' shard."""
        events = []
        for output in shard.outputs:
            if output.topic == "customers.timeline":
                event = decode(TOPICS[output.topic], output.key, output.value, 2**53)
                assert not isinstance(event, Skipped)
                events.append((self.sent, event))
                self.sent += 1
        shard.outputs = []
        if events:
            self.customers_shard.fold(self.customers, events)

    @invariant()
    def everything_is_as_recounted(self) -> None:
        if not getattr(self, "changed", False):
            return
        self.changed = False
        records, now = self.log[: self.read], self.ledger.stream_time
        all_wanted = recounted(records, now) | sketched(records, now)
        wanted = {key: n for key, n in all_wanted.items() if self.is_settled(key[2])}
        self.cells_are(wanted, now)
        self.totals_are(wanted)
        self.live_view_is(records, now)
        self.balanced({scope for _, scope, _ in wanted})

    def is_settled(self, measure: str) -> bool:
        """Whether all shards that count a measure have heard of the same records."""
        return self.read == self.heard or measure not in OF_CUSTOMERS

    def named(self, cell: dict[int, int]) -> Counter[str]:
        """The measures of a cell by name, those that are settled."""
        names = {code: name for code, name in MEASURES.items() if self.is_settled(name)}
        return Counter({names[code]: n for code, n in cell.items() if code in names})

    def cells_are(self, wanted: dict[tuple[int, str, str], int], now: int) -> None:
        cells: dict[str, Counter[str]] = defaultdict(Counter)
        for (at, scope, measure), n in wanted.items():
            for ring, size in SIZES.items():
                start = at - at % size
                if start >= now - KEEPS[ring]:
                    cells[f"c{ring}|{start // 1000}|{scope}"][measure] += n
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for shard in (self.shard, self.customers_shard):
            for name, cell in shard.cells(now).items():
                if is_of_interactions(name.split("|", 2)[2]):
                    found[name].update(self.named(cell))
        assert solid(found) == solid(cells)

    def totals_are(self, wanted: dict[tuple[int, str, str], int]) -> None:
        sums: dict[str, Counter[str]] = defaultdict(Counter)
        for (_, scope, measure), n in wanted.items():
            if "_bin." not in measure:
                sums[f"t|{scope}"][measure] += n
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for shard in (self.shard, self.customers_shard):
            for name, cell in shard.balances().items():
                if is_of_interactions(name.split("|", 1)[1]):
                    found[name].update(self.named(cell))
        assert solid(found) == solid(sums)
        for name, value in self.shard.fields.items():
            if name[0] == "t":
                for way, side in enumerate(decode_total(value)):
                    before = self.before.get(f"{way}{name}", Counter())
                    assert all(side.get(code, 0) >= n for code, n in before.items()), "a counter went down"
                    self.before[f"{way}{name}"] = Counter(side)

    def live_view_is(self, records: list[dict[str, Any]], now: int) -> None:
        facts = recount_all(records, now, aliases_and_surveys=False, settings=DEFAULTS).facts
        waiting = Counter(
            (f"{w.channel}|{w.direction[0]}|{'-' if w.queue is None else 'q' + w.queue}", w.since)
            for fact in facts
            if (w := fact.waiting)
        )
        assert Counter((row.scope, row.queued_at) for row in self.rows() if row.queued_at is not None) == waiting
        asked = Counter((row.asked_at, row.first) for row in self.rows() if row.asked_at is not None)
        assert asked == Counter(fact.asked for fact in facts if fact.asked)

    def balanced(self, scopes: set[str]) -> None:
        waiting = Counter(row.scope for row in self.rows() if row.queued_at is not None)
        for scope in scopes:
            net = self.named(self.shard.balances().get(f"t|{scope}", {}))
            left = sum(net.get(how, 0) for how in ("answered", "abandoned", "flowed_out", "timed_out"))
            assert net.get("offered", 0) == left + waiting[scope]

    def rows(self) -> list[Open]:
        """What readers see of live interactions."""
        return [Open(*msgspec.msgpack.decode(value)) for name, value in self.shard.fields.items() if name[0] == "w"]


def is_of_interactions(scope: str) -> bool:
    """Whether a scope is a channel's or a queue's: what is counted once more by agent or reason has other tests."""
    at = place(scope)
    return not at.beside and not at.agents


def solid(sums: dict[str, Counter[str]]) -> dict[str, dict[str, int]]:
    """Without what is 0."""
    return {name: cell for name, counter in sums.items() if (cell := {key: n for key, n in counter.items() if n})}


TestShards = Shards.TestCase
TestShards.settings = settings(
    max_examples=4 * settings().max_examples, stateful_step_count=40, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
