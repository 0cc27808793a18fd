"""A straight fold of records through both stages, without a ledger: (instant, scope, measure) -> n.

Events of customers go to `customers.timeline` as they are. What the stages send there is read in the order in which it
was sent, each with the next offset, and what that makes them send, too.
"""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, Any

import msgspec

from schemas.codec import Skipped, decode, encode
from schemas.rejected import Rejected
from schemas.topics import TOPICS
from stream.core.customers.customer import Customers
from stream.core.interactions.interaction import Interactions
from stream.core.measures import (
    CODES,
    DECLINE_CODES,
    FLOW_CODES,
    HANDLE_BINS,
    HANDLE_BOUNDS,
    NAMES,
    RESPONSE_BINS,
    WAIT_BINS,
    WAIT_BOUNDS,
)
from stream.core.rules import Rules
from stream.core.scope import place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stream.core.stage import Change, Stage
    from tests.oracle.records import Record

Tally = Counter[tuple[int, str, str]]

MEASURES = dict(enumerate(NAMES)) | {
    code: f"flowed_out_by.{outcome}" for outcome, code in FLOW_CODES.items()
} | {code: f"declined_by.{result}" for result, code in DECLINE_CODES.items() if result}  # fmt: skip

MEASURES |= {
    first + n: f"{name}.{n}"
    for first, length, name in (
        (WAIT_BINS, 1000, "wait_bin"), (HANDLE_BINS, 1000, "handle_bin"), (RESPONSE_BINS, 1000, "response_bin"),
        (WAIT_BOUNDS, 100, "wait_le"), (HANDLE_BOUNDS, 100, "handle_le"),
    )
    for n in range(length)
}  # fmt: skip
"""By name also what quantiles and histograms are made of: the bin of a length, the position of its bound."""


def is_sketch(measure: str) -> bool:
    """Whether it is a bin, and no measure of the contract."""
    return "_bin." in measure or "_le." in measure


OF_CUSTOMERS = frozenset(NAMES[CODES["nps_answers"] :]).difference(("repeats_caused",))
"""What the oracle of interactions and issues does not recount: what customers tell, and their journeys."""
TIMELINE = "customers.timeline"


def is_of_issues(scope: str, measure: str) -> bool:
    """Whether it is counted of interactions and issues, and not again beside them: by reason, by agent."""
    where = place(scope)
    return where.summed and measure not in OF_CUSTOMERS and measure.partition(".")[0] not in OF_CUSTOMERS


class Straight:
    """Entities of both stages in memory. `reload`: every entity is written and read again before each event."""

    def __init__(self, rules: Rules | None = None, *, reload: bool = False) -> None:
        self.rules = rules or Rules()
        self.reload = reload
        self.tally: Tally = Counter()
        self.stages: dict[str, Stage] = {}
        self.states: dict[tuple[str, str], Any] = {}
        self.now: dict[str, int] = {}
        self.results: Counter[str] = Counter()
        self.offset = 0
        self.told = 0
        self._coming: deque[tuple[bytes, bytes, int]] = deque()

    def take(self, records: Iterable[Record]) -> Straight:
        """Take in records of interactions and customers (others are ignored), and then the time that has passed."""
        for record in records:
            self.offset += 1
            spec = TOPICS.get(record["topic"])
            if spec is None or (spec.channel is None and spec.name != "customers.events"):
                continue
            value = record["value"]
            raw = value.encode() if isinstance(value, str) else msgspec.json.encode(value)
            key, timestamp_ms = record["key"].encode(), record["timestamp_ms"]
            if spec.channel is not None:
                self._take(spec.name, key, raw, timestamp_ms, self.offset)
            elif (event := self._decoded(spec.name, key, raw, timestamp_ms)) is not None:
                self._coming.append((event.data.customer_id.encode(), encode(event), event.at))
            self._read_on()
        latest = max(self.now.values(), default=0)
        for (topic, _), state in self.states.items():
            self._count(self.stages[topic].elapse(state, latest))
        return self

    def pass_time(self, at: int) -> Straight:
        """Let it be `at` (ms) without another event."""
        for topic in self.stages:
            self.now[topic] = max(self.now.get(topic, 0), at)
        return self.take(())

    def _stage(self, topic: str) -> Stage:
        if topic not in self.stages:
            channel = TOPICS[topic].channel
            self.stages[topic] = Interactions(self.rules, channel) if channel else Customers(self.rules)
        return self.stages[topic]

    def _read_on(self) -> None:
        """Read the timeline to its end."""
        while self._coming:
            self.told += 1
            assert self.told < 1000 * (self.offset + 1), "it goes round and round"
            self._take(TIMELINE, *self._coming.popleft(), self.told)

    def _decoded(self, topic: str, key: bytes, value: bytes, timestamp_ms: int) -> Any:
        try:
            event = decode(TOPICS[topic], key, value, timestamp_ms)
        except Rejected:
            self.results["rejected"] += 1
            return None
        if isinstance(event, Skipped):
            self.results["skipped"] += 1
            return None
        return event

    def _take(self, topic: str, key: bytes, value: bytes, timestamp_ms: int, offset: int) -> None:
        event = self._decoded(topic, key, value, timestamp_ms)
        if event is None:
            return
        stage = self._stage(topic)
        self.now[topic] = max(self.now.get(topic, 0), event.at)
        where = topic, stage.key(event)
        state = self.states.get(where)
        if state is None:
            state = stage.new(where[1])
        elif self.reload:
            state = stage.load(where[1], stage.dump(state))
        self.states[where] = state
        change = stage.apply(state, event, self.now[topic])
        self.results[change.result] += 1
        self._count(change)
        for output in stage.outputs(state, event.time, offset):
            if output.topic == TIMELINE:
                self._coming.append((output.key, output.value, event.at))

    def _count(self, change: Change) -> None:
        for sign, stamps in ((1, change.added), (-1, change.removed)):
            for at, scope, increments in stamps:
                for code, n in zip(increments[::2], increments[1::2], strict=True):
                    name = MEASURES.get(code)
                    if name is not None:
                        self.tally[at, scope, name] += sign * n

    def standing(self) -> dict[tuple[int, str, str], int]:
        """What stands of interactions and issues: without what has become 0, and without sketches."""
        return {key: n for key, n in self.everything().items() if is_of_issues(*key[1:])}

    def everything(self) -> dict[tuple[int, str, str], int]:
        """What stands, of customers too."""
        return {key: n for key, n in self.tally.items() if n and not is_sketch(key[2])}

    def sketches(self) -> dict[tuple[int, str, str], int]:
        """What stands of bins and bounds."""
        return {key: n for key, n in self.tally.items() if n and is_sketch(key[2])}
