"""Agents' levels and counts are those of a naive recount, however the log is cut, mixed, doubled, spread."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.events import AgentHeartbeat, Parted
from stream.core.books.room import Room
from stream.core.measures import CODES, DECLINE_CODES
from stream.core.rules import HOUR, MINUTE, Rules
from stream.core.scope import agent_scope, time_scope
from stream.core.times.window import RINGS, bucket_start, kept
from tests.core.agent_words import MONDAY, Books, beat, part, told

RULES = Rules(agent_silence_ms=3 * HOUR)
LIVE = ("phone", "video", "chat")
CHANNELS = ("phone", "chat", "email")
END = MONDAY + 30 * HOUR
Figures = dict[str, dict[int, int]]


def history(seed: int, hours: int = 30) -> list[Any]:
    """What three agents do, as the timeline may get it: with every revision of every part, corrections among them."""
    random = Random(seed)
    events: list[Any] = []

    def instant() -> int:
        return MONDAY + random.randrange(hours * HOUR // 500) * 500 if random.random() < 0.9 else MONDAY + HOUR

    for agent in ("anna", "bert", "carl"):
        for n in range(random.randint(0, 14)):
            presence = random.choice(["available", "available", "not_ready", "logged_out"])
            more: dict[str, Any] = {}
            if random.random() < 0.5:
                more["slots"] = random.choice([{"phone": 1}, {"chat": 3, "phone": 1}, {"email": 5}])
            if random.random() < 0.3:
                more["reason"] = random.choice(["lunch", "break"])
            make = random.choice([told, told, beat])
            events.append(make(agent, instant(), presence, name=f"{n}", **more))
            if random.random() < 0.2:
                events.append(make(agent, instant(), "available", name=f"{n}", revision=random.choice([0, 1])))
        start = instant()
        events += [beat(agent, start + i * 2 * MINUTE) for i in range(random.choice([0, 0, 60]))]
        for n in range(random.randint(0, 12)):
            events += _part(random, agent, n, instant())
    return [event for event in events if event.at < END]


def _part(random: Random, agent: str, n: int, at: int) -> list[Any]:
    channel, states, more = random.choice(CHANNELS), [], {}
    rang = random.random() < 0.7
    if rang:
        more = {"rang_at": at}
        states.append((at, dict(more)))
    if rang and random.random() < 0.3:
        at += random.randrange(40_000)
        more |= {"rang_until": at, "declined": True, "result": random.choice(["busy", None])}
        states.append((at, dict(more)))
    else:
        at += random.randrange(20_000)
        more |= {"answered_at": at}
        states.append((at, dict(more)))
        at += random.randrange(2 * HOUR)
        if random.random() < 0.9:
            more |= {"over_at": at, "talk_ms": 5000, "handle_ms": 5000, "timed_out": random.random() < 0.1}
            more |= {"closings": ((at, random.choice([True, False, None])),)}
            more |= {"free_at": at + 30 * MINUTE}
            states.append((at, dict(more)))
            if random.random() < 0.7:
                wrap = random.randrange(30 * MINUTE)
                more |= {"wrap_up_ms": wrap, "handle_ms": 5000 + wrap, "free_at": at + wrap, "wrapped": True}
                states.append((at + wrap, dict(more)))
    if random.random() < 0.15:
        states.append((at + 1, dict(more) | {"inbound": False}))
    if random.random() < 0.15:
        states.append((at + 2, {"withdrawn": True}))
    return [
        part(agent, f"i{n}", 2 * revision, min(when, END - 1), channel=channel, **state)
        for revision, (when, state) in enumerate(states)
    ]


def standing(events: list[Any]) -> list[Any]:
    """Of each identity the one that stands: the highest revision, else the smaller by time and content."""
    found: dict[Any, Any] = {}
    for event in events:
        key = (event.data.agent_id, event.source, event.id)
        old = found.get(key)
        if old is None or event.revision > old.revision or (event.revision == old.revision and _less(event, old)):
            found[key] = event
    return list(found.values())


def _less(one: Any, two: Any) -> bool:
    if isinstance(one, Parted):
        return False
    return (one.at, _text(one)) < (two.at, _text(two))


def _text(event: Any) -> str:
    d = event.data
    told = {"presence": d.presence, "queues": d.queues, "reason": d.reason, "slots": d.slots}
    return str({name: value for name, value in sorted(told.items()) if value is not None}).replace("'", '"')


class Recount:
    """One agent, by the definitions: everything is looked at anew for each instant."""

    def __init__(self, agent: str, events: list[Any]) -> None:
        mine = [event for event in standing(events) if event.data.agent_id == agent]
        facts = [event for event in mine if not isinstance(event, Parted)]
        self.facts = sorted(facts, key=lambda e: (e.at, isinstance(e, AgentHeartbeat), e.source, e.id))
        self.parts = [event.data for event in mine if isinstance(event, Parted) and not event.data.withdrawn]
        self.heard = {fact.at for fact in self.facts}
        for p in self.parts:
            self.heard |= {p.rang_at, p.rang_until, p.answered_at}
            if not p.timed_out:
                self.heard |= {p.over_at} | ({p.free_at} if p.wrapped else set())
        self.heard.discard(None)

    def edges(self) -> set[int]:
        edges = set(self.heard)
        for p in self.parts:
            edges |= {p.over_at, p.free_at}
        edges |= {at + limit for at in self.heard for limit in (RULES.agent_silence_ms, RULES.heartbeat_silence_ms)}
        return edges - {None}

    def presence(self, at: int) -> tuple[str, dict[str, int] | None]:
        presence, slots, beats = "", None, False
        for fact in self.facts:
            if fact.at > at:
                break
            is_beat = isinstance(fact, AgentHeartbeat)
            if is_beat and presence == "logged_out":
                continue
            beats = (is_beat or (beats and presence != "logged_out")) and fact.data.presence != "logged_out"
            presence = fact.data.presence
            slots = fact.data.slots or slots
        last = max((word for word in self.heard if word <= at), default=None)
        limit = RULES.heartbeat_silence_ms if beats else RULES.agent_silence_ms
        if last is None or at >= last + limit:
            return "", slots
        return presence, slots

    def open_sessions(self, channel: str, at: int) -> list[Any]:
        return [
            p for p in self.parts
            if p.channel == channel and p.answered_at is not None and p.answered_at <= at < (p.free_at or 1 << 62)
        ]  # fmt: skip

    def rings(self, p: Any, at: int) -> bool:
        until = p.rang_until or 1 << 62 if p.answered_at is None else p.answered_at
        return p.rang_at is not None and p.rang_at <= at < until

    def levels(self, at: int) -> dict[tuple[str, str], int]:
        sessions = {channel: len(self.open_sessions(channel, at)) for channel in LIVE}
        rings = any(p.channel in LIVE and self.rings(p, at) for p in self.parts)
        presence, slots = self.presence(at)
        engaged = any(sessions.values())
        free = not engaged and not rings
        takes_live = slots is None or any(slots.get(channel, 0) > 0 for channel in LIVE)
        idle = presence == "available" and free and takes_live
        found: dict[tuple[str, str], int] = {("*", "engaged"): engaged, ("*", "idle"): idle}
        found["*", "staffed"] = presence in ("available", "not_ready")
        found["*", "not_ready"] = presence == "not_ready" and free
        for channel, n in sessions.items():
            found |= {(channel, "sessions"): n, (channel, "engaged"): n > 0}
            found[channel, "idle"] = idle and (slots is None or slots.get(channel, 0) > 0)
        return {key: int(n) for key, n in found.items()}


def recounted(events: list[Any], now: int) -> Figures:
    """The cells of all rings, without empty ones."""
    cells: defaultdict[str, Counter[int]] = defaultdict(Counter)

    def count(at: int, scope: str, pairs: dict[int, int]) -> None:
        for ring in RINGS:
            start = bucket_start(ring, at, "UTC")
            if kept(ring, start, now):
                cells[f"c{ring}|{start}|{scope}"].update(pairs)

    for agent in {event.data.agent_id for event in events}:
        recount = Recount(agent, events)
        before: dict[tuple[str, str], int] = {}
        for at in sorted(edge for edge in recount.edges() if edge <= now):
            after = recount.levels(at)
            for (channel, name), n in after.items():
                change = n - before.get((channel, name), 0)
                for who in (agent, None):
                    count(at, time_scope(channel, who), {CODES[name]: change, CODES[name] + 1: change * at})
            before = after
        for p in recount.parts:
            scope = agent_scope(p.channel, p.inbound, agent)
            if p.declined:
                count(p.rang_until, scope, {CODES["declined"]: 1, DECLINE_CODES[p.result]: 1})
            if p.over_at is not None and not p.timed_out:
                pairs = {name: getattr(p, name) for name in ("talk_ms", "wrap_up_ms", "handle_ms")}
                count(p.over_at, scope, {CODES[name]: n for name, n in ({"handled": 1} | pairs).items()})
            for at, resolved in p.closings:
                if resolved is not None:
                    count(at, scope, {CODES["resolved_known"]: 1, CODES["resolved"]: int(resolved)})
    return solid(cells)


def solid(sums: dict[str, Any]) -> Figures:
    return {name: cell for name, sum_ in sums.items() if (cell := {code: n for code, n in sum_.items() if n})}


def counted(events: list[Any], seed: int, *, partitions: int = 1, cut: int = 10_000) -> tuple[Figures, list[Books]]:
    """The same through ledgers: agents spread over partitions, batches of any size, owners that change."""
    random = Random(seed)
    shards = [Books(RULES, Room(15_000)) for _ in range(partitions)]
    for number, books in enumerate(shards):
        mine = [event for event in events if sum(event.data.agent_id.encode()) % partitions == number]
        mine.append(told(f"tick{number}", END, "logged_out"))
        at = 0
        while at < len(mine):
            size = random.randint(1, cut)
            books.take(*mine[at : at + size])
            at += size
            if random.random() < 0.2:
                books.ledger.drop()
    sums: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for books in shards:
        for name, cell in books.shard.cells(END).items():
            sums[name].update(cell)
    return solid(sums), shards


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10_000), partitions=st.integers(1, 3), cut=st.integers(1, 40), doubled=st.floats(0, 1))
def test_any_order_repetition_and_cut_gives_what_a_naive_recount_gives(
    seed: int, partitions: int, cut: int, doubled: float
) -> None:
    events = history(seed)
    expected = recounted(events, END)
    random = Random(seed)
    mixed = events + [event for event in events if random.random() < doubled]
    random.shuffle(mixed)
    assert counted(mixed, seed, partitions=partitions, cut=cut)[0] == expected
    assert counted(sorted(events, key=lambda event: event.at), seed)[0] == expected


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_a_share_of_one_in_n_of_every_instant_adds_up_to_the_engaged_time(seed: int) -> None:
    events = history(seed)
    books = counted(events, seed)[1][0]
    for agent in ("anna", "bert", "carl"):
        recount = Recount(agent, events)
        edges = sorted({MONDAY, END} | {edge for edge in recount.edges() if MONDAY < edge < END})
        for channel in LIVE:
            shares: defaultdict[str, Fraction] = defaultdict(Fraction)
            for first, end in pairwise(edges):
                open_now = recount.open_sessions(channel, first)
                for session in open_now:
                    shares[session.interaction_id] += Fraction(end - first, len(open_now))
            engaged = books.times(agent, channel, MONDAY, END, "m").get("engaged", 0)
            assert sum(shares.values()) // 1000 == engaged


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), width=st.sampled_from([5, 60, 600, 1440]))
def test_a_windows_integrals_are_the_naive_sums(seed: int, width: int) -> None:
    events = history(seed)
    books = counted(events, seed)[1][0]
    first = END - width * MINUTE
    for agent in ("anna", "bert"):
        recount = Recount(agent, events)
        edges = sorted({first, END} | {edge for edge in recount.edges() if first < edge < END})
        sums: Counter[tuple[str, str]] = Counter()
        for begin, end in pairwise(edges):
            for key, n in recount.levels(begin).items():
                sums[key] += n * (end - begin)
        for channel in ("*", *LIVE):
            expected = {name: ms // 1000 for (where, name), ms in sums.items() if where == channel and ms}
            assert books.times(agent, channel, first, END, "m") == expected
