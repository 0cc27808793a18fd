"""A month of customers over all channels is what a naive recount of its lines says, channel by channel, day by day."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from functools import partial
from itertools import islice
from zlib import crc32

import pytest

from schemas.codec import Event, Skipped, decoder
from schemas.topics import TOPICS
from stream.core.books.ledger import Ledger
from stream.core.books.room import MEGABYTE, Room
from stream.core.customers.customer import Customers
from stream.core.interactions.interaction import Interactions
from stream.core.measures import CODES, NAMES
from stream.core.rules import Rules
from stream.core.times.window import zone_of
from tests.core.memory_shard import MemoryShard
from tests.core.month import Line, Month
from tests.core.month_recount import Book, Figures

EVENTS = int(os.environ.get("CENTRALINO_MONTH_EVENTS", "100000"))
PARTITIONS, BATCH = 3, 10_000
TIMELINE = "customers.timeline"
MEASURES = (
    "first_contacts", "resolved_contacts", "repeated_contacts", "identified", "unidentified", "repeats",
    "repeats_caused", "csat_answers", "csat_sum", "csat_satisfied", "nps_answers", "nps_promoters", "nps_detractors",
    "complaints", "reviews", "reviews_sum", "members", "customers_joined", "customers_left", "left_early", "orders",
    "orders_returned", "order_amount", "buyers", "repeat_buyers",
)  # fmt: skip
CODES_OF = frozenset(CODES[measure] for measure in MEASURES)


class Shards:
    """The shards of all topics, in memory; what they send to the timeline is read at the end of each batch."""

    def __init__(self) -> None:
        self.rules = Rules()
        self.books: dict[tuple[str, int], tuple[Ledger, MemoryShard]] = {}
        self.offsets: Counter[tuple[str, int]] = Counter()
        self.decode = {name: decoder(TOPICS[name]) for name in TOPICS if TOPICS[name].family != "none"}
        self.results: Counter[str] = Counter()

    def take(self, lines: list[Line]) -> None:
        """Read lines, and all that comes of them."""
        coming = [
            (TIMELINE if line.topic == "customers.events" else line.topic, line.key, line.value) for line in lines
        ]
        while coming:
            logs: dict[tuple[str, int], list[tuple[int, Event]]] = defaultdict(list)
            for topic, key, value in coming:
                where = topic, crc32(key) % PARTITIONS
                event = self.decode[topic](key, value, 2**60)
                assert not isinstance(event, Skipped)
                logs[where].append((self.offsets[where], event))
                self.offsets[where] += 1
            coming = []
            for where, events in logs.items():
                ledger, shard = self._books(*where)
                shard.fold(ledger, events)
                coming += [(each.topic, each.key, each.value) for each in shard.outputs if each.topic == TIMELINE]
                shard.outputs = []

    def _books(self, topic: str, number: int) -> tuple[Ledger, MemoryShard]:
        if (topic, number) not in self.books:
            channel = TOPICS[topic].channel
            stage = Interactions(self.rules, channel) if channel else Customers(self.rules)
            self.books[topic, number] = Ledger(stage, partial(zone_of, self.rules), Room(100 * MEGABYTE)), MemoryShard()
        return self.books[topic, number]

    def days(self) -> Figures:
        """The day cells of what is compared."""
        found: Figures = Counter()
        for ledger, shard in self.books.values():
            for name, cell in shard.cells(ledger.stream_time).items():
                ring, start, scope = name[1:].split("|", 2)
                if ring == "d" and is_compared(scope):
                    found.update({(int(start) * 1000, scope, NAMES[c]): n for c, n in cell.items() if c in CODES_OF})
        return Counter({key: n for key, n in found.items() if n and key[1:] != ("*|i|$EUR", "orders")})


def is_compared(scope: str) -> bool:
    """Of channels, queues, customers and money: what is counted again beside these is another test's matter."""
    place = scope.split("|")[2]
    return scope.split("|")[1] != "o" and (place in ("*", "$EUR", "y") or place.startswith("q"))


@pytest.mark.timeout(60 + EVENTS // 500)
def test_a_month_is_what_a_naive_recount_says() -> None:
    lines, shards, book, told = Month(EVENTS, 1).lines(), Shards(), Book(), 0
    while chunk := list(islice(lines, BATCH)):
        shards.take(chunk)
        book.note(chunk)
        told += len(chunk)
    found = shards.days()
    assert found == book.recount()
    assert told > EVENTS * 0.9
    assert {measure for _, _, measure in found} == set(MEASURES)
    assert sum(n for (_, _, measure), n in found.items() if measure == "repeats") > told / 100
