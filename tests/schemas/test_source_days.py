"""A day's work of each platform, however it comes, recounted naively; and in order nothing of it is out of place."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from functools import partial
from typing import Any

import pytest

from schemas.codec import decode
from schemas.sources.conversion import Sending
from schemas.topics import TOPICS
from stream.core.books.ledger import Ledger
from stream.core.interactions.interaction import Interactions
from stream.core.rules import Rules
from stream.core.times.window import zone_of
from tests.core.memory_shard import MemoryShard
from tests.e2e.agreement import differences
from tests.oracle import rows
from tests.schemas.days import DAYS, Day, day_of
from tests.schemas.payloads import Taker

IN_ORDER = {"asterisk"}
LIVE = {"waiting", "waiting_past_threshold", "longest_wait_ms", "service_level_live", "response_level_live"}
"""Keys of an instant: only the product knows them."""
HARMLESS = {"anomaly.answered_twice", "anomaly.unexpected_resumed"}
"""Who answers a message and is put in charge only then; what is opened, and was closed or parked: nobody says which."""
each_day = pytest.mark.parametrize("name", DAYS)


def told(day: Day, payloads: list[bytes]) -> list[Sending]:
    return Taker(day.vendor, day.options).take_all(payloads)


@pytest.mark.parametrize("seed", range(3))
@each_day
def test_a_naive_recount_of_a_day_in_any_order_gives_the_figures_worked_out_by_hand(name: str, seed: int) -> None:
    day = day_of(name)
    payloads = list(day.payloads)
    if seed and name not in IN_ORDER:
        draw = random.Random(seed)
        payloads += draw.sample(payloads, len(payloads) // 2)
        draw.shuffle(payloads)
    records: list[dict[str, Any]] = [
        {"topic": each.topic, "key": each.key.decode(), "timestamp_ms": each.at, "value": json.loads(each.value)}
        for each in told(day, payloads)
    ]
    for by, wanted in (("channel,queue", day.rows("by_queue")), ("channel", day.rows("by_channel"))):
        got = rows(records, day.wanted["window"], by, day.wanted["at"])
        own = {(row["channel"], row.get("queue")): row for row in got}
        for row in wanted:
            labels = row["channel"], row.get("queue")
            kept = {key: value for key, value in row.items() if key not in LIVE}
            assert differences(own[labels], kept, f"{name} {labels}") == []


@each_day
def test_a_day_told_in_order_has_nothing_out_of_place(name: str) -> None:
    by_interaction: dict[tuple[str, bytes], list[Sending]] = defaultdict(list)
    day, found, rules = day_of(name), Counter[str](), Rules()
    for each in told(day, day.payloads):
        if TOPICS[each.topic].family == "interaction":
            by_interaction[each.topic, each.key].append(each)
    for (topic, _), records in by_interaction.items():
        spec = TOPICS[topic]
        assert spec.channel is not None
        ledger, shard = Ledger(Interactions(rules, spec.channel), partial(zone_of, rules)), MemoryShard()
        records.sort(key=lambda record: record.at)
        shard.fold(ledger, [(n, decode(spec, each.key, each.value, 2**60)) for n, each in enumerate(records)])
        found.update({kind: n for kind, n in ledger.counts.items() if kind.startswith("anomaly.")})
    assert set(found) <= HARMLESS
