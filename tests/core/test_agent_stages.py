"""Agents behind the first stage, and agents whose past is forgotten: sums agree, and nothing that is left changes."""

from __future__ import annotations

from collections import Counter, defaultdict
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codec import Skipped, decode
from schemas.events import Parted
from schemas.rejected import Rejected
from schemas.topics import TOPICS
from stream.core.agents import state as agent_state
from stream.core.agents import told as agent_told
from stream.core.books.ledger import Ledger
from stream.core.books.room import Room
from stream.core.interactions.interaction import Interactions
from stream.core.measures import CODES, DECLINE_CODES
from stream.core.rules import DAY, HOUR, MINUTE, Rules
from stream.core.scope import place
from tests.core.agent_words import MONDAY, Books, beat, part, told
from tests.core.memory_shard import MemoryShard
from tests.core.test_agent_laws import RULES, recounted
from tests.core.test_ledger_laws import tick
from tests.oracle.histories import disordered, nasty

if TYPE_CHECKING:
    from tests.oracle.records import Record

ALIKE = ("handled", "talk_ms", "hold_ms", "wrap_up_ms", "handle_ms", "transferred", "held", "declined")
INTERACTION, AGENT = 5500, 7500
"""About how many bytes each takes at hand."""
CODES_ALIKE = {CODES[name] for name in ALIKE} | set(DECLINE_CODES.values())


def through(records: list[Record], seed: int, cut: int, end: int) -> tuple[Books, dict[tuple[str, str], Counter[int]]]:
    """The agents' shard behind one shard a channel; what queues counted, by channel and direction."""
    random, logs = Random(seed), defaultdict(list)
    for record in records:
        topic = record["topic"]
        if TOPICS[topic].channel is None:
            continue
        value = record["value"]
        raw = value if isinstance(value, bytes) else msgspec.json.encode(value)
        try:
            event = decode(TOPICS[topic], record["key"].encode(), raw, record["timestamp_ms"])
        except Rejected:
            continue
        if not isinstance(event, Skipped):
            logs[topic].append(event)
    sent: list[list[Any]] = []
    queues: defaultdict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for topic, log in logs.items():
        channel = TOPICS[topic].channel
        ledger, shard = Ledger(Interactions(Rules(), channel), lambda _: "UTC", Room(5 * INTERACTION)), MemoryShard()
        log.append(tick(topic, end))
        at = 0
        while at < len(log):
            size = random.randint(1, cut)
            shard.fold(ledger, [(at + n, event) for n, event in enumerate(log[at : at + size])])
            at += size
            if random.random() < 0.1:
                ledger.drop()
        parts = [output for output in shard.outputs if output.topic == "agents.timeline"]
        sent.append([decode(TOPICS[each.topic], each.key, each.value, 2**53) for each in parts])
        for name, net in shard.balances().items():
            at_ = place(name[2:])
            if not at_.whole:
                queues[at_.channel, at_.direction].update({code: n for code, n in net.items() if code in CODES_ALIKE})
    books = Books(Rules(), Room(3 * AGENT))
    while any(sent):
        pile = random.choice([pile for pile in sent if pile])
        size = random.randint(1, cut)
        books.take(*pile[:size])
        del pile[:size]
    books.take(told("tick", end, "logged_out"))
    return books, queues


def by_agents(books: Books) -> dict[tuple[str, str], Counter[int]]:
    found: defaultdict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for name, net in books.shard.balances().items():
        at = place(name[2:])
        found[at.channel, at.direction].update({code: n for code, n in net.items() if code in CODES_ALIKE})
    return found


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 5000), cut=st.integers(1, 60))
def test_what_agents_have_done_adds_up_to_what_queues_have_counted_in_any_order(seed: int, cut: int) -> None:
    records = nasty(seed, interactions=12, days=3)
    end = max(record["timestamp_ms"] for record in records) + 3 * DAY
    books, queues = through(records, seed, 10_000, end)
    for key, counts in queues.items():
        assert {code: n for code, n in counts.items() if n} == {
            code: n for code, n in by_agents(books)[key].items() if n
        }
    mixed, _ = through(disordered(records * 2, seed), seed, cut, end)
    assert mixed.shard.cells(end) == books.shard.cells(end)
    still = [name for name, net in mixed.shard.balances().items() if net.get(CODES["engaged"], 0)]
    assert still == [], "nobody is engaged after three days of silence"


def weeks(seed: int) -> list[Any]:
    """Eight days of one agent, with up to two hours of disorder; e-mails are corrected, and told again, days later."""
    random = Random(seed)
    events: list[Any] = []
    for day in range(8):
        at = MONDAY + day * DAY + 8 * HOUR
        events.append(told("anna", at, "available", slots={"phone": 1, "chat": 2}))
        events += [beat("anna", at + n * 7 * MINUTE) for n in range(random.choice([0, 30]))]
        for n in range(random.randint(0, 10)):
            rang = at + random.randrange(9 * HOUR)
            answered, length = rang + random.randrange(30_000), random.randrange(HOUR)
            channel = random.choice(["phone", "chat", "email"])
            told_so_far = {"rang_at": rang, "answered_at": answered}
            done = told_so_far | {
                "over_at": answered + length, "free_at": answered + length + 60_000, "wrapped": True, "talk_ms": length,
            }  # fmt: skip
            for revision, (when, more) in enumerate(((answered, told_so_far), (answered + length + 60_000, done))):
                events.append(part("anna", f"{day}-{n}", revision, when, channel=channel, **more))
            for revision in (2, 3) if channel == "email" and random.random() < 0.6 else ():
                when = min(answered + random.randrange(5 * DAY), MONDAY + 8 * DAY + random.randrange(DAY // 2))
                again = done | {"talk_ms": random.randrange(HOUR), "closings": ((when, random.random() < 0.5),)}
                events.append(part("anna", f"{day}-{n}", revision, when, channel=channel, **again))
                events += [event for event in events[-9:] if isinstance(event, Parted) and random.random() < 0.1]
        if random.random() < 0.5:
            events.append(told("anna", at + random.randrange(9 * HOUR), "not_ready", reason="lunch"))
        if random.random() < 0.7:
            events.append(told("anna", at + 9 * HOUR, "logged_out"))
    return sorted(events, key=lambda event: event.at + random.randrange(2 * HOUR))


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 5000), cut=st.integers(1, 40), words=st.integers(1, 30))
def test_forgetting_what_is_past_the_keep_changes_no_figure(seed: int, cut: int, words: int) -> None:
    events, end = weeks(seed), MONDAY + 9 * DAY
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(agent_state, "KEEP_MS", 6 * HOUR)
        patch.setattr(agent_state, "KEEP_WORDS", words)
        patch.setattr(agent_told, "FRESH", words % 5)
        patch.setattr(agent_told, "SEALS", cut % 7)
        books, random, at = Books(RULES), Random(seed), 0
        books.ledger.drop()
        while at < len(events):
            size = random.randint(1, cut)
            books.take(*events[at : at + size])
            at += size
            if random.random() < 0.3:
                books.ledger.drop()
        books.take(told("tick", end, "logged_out"))
    assert books.ledger.counts.get("anomaly.expired", 0) == 0
    assert books.shard.cells(end) == recounted(events, end)
