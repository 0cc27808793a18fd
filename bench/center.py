"""A big center as its shards stand after a year: cells, totals and 100,000 open rows, put into Redis.

Written through the worker's commit script under the worker's keys. What the cells hold is drawn once, by ring, and
dealt out: a cell of ten seconds holds one to three interactions, one of a day hundreds, with sketch bins and buckets.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from schemas.events import CHANNELS
from stream.core.books.cells import cell_field, total_field
from stream.core.books.writes import Writes
from stream.core.figures.sketch import bin_of
from stream.core.measures import CODES, HANDLE_BINS, HANDLE_BOUNDS, RESPONSE_BINS, WAIT_BINS, WAIT_BOUNDS
from stream.core.rules import Rules
from stream.core.scope import channel_scope, scope
from stream.core.times.window import RINGS
from stream.state.keys import store_keys
from stream.state.shard import Shard
from stream.state.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping

AT = 1_748_851_200_000  # 2025-06-02T08:00:00Z: before now on any clock
_COMMIT = 1000
_RULES = Rules()
_pack = msgspec.msgpack.encode
_cell = msgspec.msgpack.Decoder(dict[int, int]).decode
_total = msgspec.msgpack.Decoder(tuple[dict[int, int], dict[int, int]]).decode


class Size(NamedTuple):
    """How big a center is. `queues`: of each channel; `cells`: at least so many that a snapshot holds.

    `shares`: of the cells, by ring; some of "m" are sums of "f" beside, and no snapshot holds "h". `content`: least and
    most interactions in a cell, by ring, "t" in totals. `days`: how long it has been there.
    """

    shards: int
    queues: int
    cells: int
    open: int
    shares: Mapping[str, float]
    content: Mapping[str, tuple[int, int]]
    days: int

    def buckets(self, ring: str) -> int:
        """How many a ring has."""
        return {"f": 720, "m": 588, "h": 48 * min(self.days, 40), "d": self.days}[ring]


BUSY = Size(
    64, 50, 500_000, 100_000,
    {"f": 0.35, "m": 0.28, "d": 0.25, "h": 0.3},
    {"f": (1, 3), "m": (4, 20), "h": (20, 80), "d": (100, 400), "t": (4000, 9000)},
    400,
)  # fmt: skip
WIDE = Size(
    256, 200, 2_000_000, 100_000,
    {"f": 0.06, "m": 0.55, "d": 0.37, "h": 0.1},
    {"f": (1, 1), "m": (1, 2), "h": (1, 3), "d": (6, 18), "t": (100, 250)},
    20,
)  # fmt: skip
"""A dozen interactions a day in each partition of each queue, 600,000 a day in all, for not quite three weeks."""
SIZES = {"busy": BUSY, "wide": WIDE}


class Deal(NamedTuple):
    """What is dealt out: packed cells by ring, and packed totals; `whole`: the cells of channels."""

    cells: dict[str, list[bytes]]
    totals: list[bytes]
    whole: list[bytes]


def names(size: Size, channel: str) -> list[str]:
    """The queues of a channel."""
    return [f"{channel}-{number:02}" for number in range(size.queues)]


def scopes(size: Size, channel: str) -> list[str]:
    """What a channel's shards count: its queues, what no queue sent, the channel itself."""
    queues = [scope(channel, inbound=True, queue=name) for name in [*names(size, channel), None]]
    return [*queues, channel_scope(channel, inbound=True)]


def shards(size: Size) -> list[tuple[str, int]]:
    """Topic and partition of every shard."""
    return [(f"interactions.{CHANNELS[n % len(CHANNELS)]}", n // len(CHANNELS)) for n in range(size.shards)]


def _add(cell: Counter[int], rng: random.Random) -> None:
    """One interaction."""
    wait, talk, after = (int(rng.lognormvariate(*shape)) for shape in ((9.3, 1.0), (12.2, 0.8), (10.3, 0.6)))
    named = {"offered": 1, "identified": 1, "first_contacts": 1}
    if rng.random() < 0.07:
        named |= {"abandoned": 1, "short_abandoned": int(wait <= 5000), "abandon_wait_ms": wait}
    else:
        named |= {"answered": 1, "in_threshold": int(wait <= 20_000), "wait_ms": wait, "handled": 1, "talk_ms": talk}
        named |= {"wrap_up_ms": after, "handle_ms": talk + after, "ended": 1, "resolved_contacts": 1, "resolved": 1}
        named |= {"first_response": 1, "first_response_ms": wait + 2000, "first_response_in_threshold": 1}
        cell.update([WAIT_BINS + bin_of(wait), HANDLE_BINS + bin_of(talk + after), RESPONSE_BINS + bin_of(wait + 2000)])
        cell.update([WAIT_BOUNDS + _RULES.bound(wait), HANDLE_BOUNDS + _RULES.bound(talk + after)])
    cell.update({CODES[name]: n for name, n in named.items() if n})


def _totalled(cell: Counter[int]) -> Counter[int]:
    """What of a cell is in totals: all but the bins of sketches."""
    return Counter({code: n for code, n in cell.items() if not WAIT_BINS <= code < WAIT_BOUNDS})


def deal(size: Size, seed: int = 1) -> Deal:
    """What is dealt out; always the same."""
    rng = random.Random(seed)

    def cell(kind: str) -> Counter[int]:
        found: Counter[int] = Counter()
        for _ in range(rng.randint(*size.content[kind])):
            _add(found, rng)
        return found

    cells = {ring: [_pack(dict(cell(ring))) for _ in range(200)] for ring in RINGS}
    retracted = {CODES["answered"]: 3, CODES["wait_ms"]: 40_000, WAIT_BOUNDS + 4: 3}
    whole = [_pack({CODES["first_contacts"]: n, CODES["resolved_contacts"]: n // 2 + 1}) for n in range(1, 50)]
    return Deal(cells, [_pack((dict(_totalled(cell("t"))), retracted)) for _ in range(20)], whole)


def _recent(size: Size, ring: str, rng: random.Random) -> int:
    """The start (epoch seconds) of a bucket, more often a late one; five minutes of the last two hours are sums."""
    wide = RINGS[ring].size_ms // 1000
    last = AT // 1000 - (7500 if ring == "m" else 0)
    return last // wide * wide - int(size.buckets(ring) * rng.random() ** 2) * wide


def _content(size: Size, channel: str, dealt: Deal, rng: random.Random) -> dict[str, bytes]:
    named = scopes(size, channel)
    found = {total_field(each): rng.choice(dealt.totals) for each in named}
    for ring, share in size.shares.items():
        until = len(found) + int(size.cells * share / size.shards) + 1
        while len(found) < until:
            of = rng.choice(named)
            found[cell_field(ring, _recent(size, ring, rng), of)] = rng.choice(
                dealt.whole if of == named[-1] else dealt.cells[ring]
            )
    return found | _five_minutes(found)


def _five_minutes(found: dict[str, bytes]) -> dict[str, bytes]:
    """The five-minute cells of the last two hours: the sums of their ten-second ones."""
    sums: dict[str, Counter[int]] = {}
    for field, packed in found.items():
        if field.startswith("cf|"):
            _, start, of = field.split("|", 2)
            sums.setdefault(cell_field("m", int(start) // 300 * 300, of), Counter()).update(_cell(packed))
    return {field: _pack(dict(cell)) for field, cell in sums.items()}


def _open(size: Size, channel: str, rng: random.Random) -> dict[str, bytes]:
    """One in ten waits, one in twenty in a thread for an answer; the others are on, or parked."""
    found, queues = {}, scopes(size, channel)[:-2]
    for number in range(size.open // size.shards + 1):
        of = rng.choice(queues)
        since = AT - rng.randrange(600_000)
        kind = rng.random()
        queued, asked = since if kind < 0.1 else None, since if 0.1 < kind < 0.15 else None
        connected = of if kind > 0.5 else None
        due = AT + 3_600_000 if channel in ("phone", "chat", "video") else None
        found[f"w{channel}-{number}"] = _pack((of, queued, due, connected, since, asked, asked and asked + 60_000))
    return found


async def build(redis_url: str, key_prefix: str, size: Size) -> None:
    """Put the center into the store: a worker's commits, a thousand fields each."""
    store, dealt, rng = Store({"url": redis_url}), deal(size), random.Random(2)
    try:
        for topic, partition in shards(size):
            channel = topic.removeprefix("interactions.")
            fields = _content(size, channel, dealt, rng) | _open(size, channel, rng)
            shard = Shard(store, key_prefix, topic, partition)
            head = await shard.open(0, "bench")
            flat = [part for item in rng.sample(list(fields.items()), len(fields)) for part in item]
            for at in range(0, len(flat), 2 * _COMMIT):
                await _commit(shard, head.offset + at, flat[at : at + 2 * _COMMIT], AT)
            partitions = sum(each == topic for each, _ in shards(size))
            await store.command("HSET", store_keys(key_prefix).topics, topic, _pack((partitions, b"id")))
    finally:
        await store.aclose()


async def _commit(shard: Shard, base: int, fields: list[str | bytes], at: int) -> None:
    counts = _pack({"applied": base, "records": base})
    writes = Writes(stream_time=at, counts=counts, fields=list(fields))
    outcome = await shard.commit(base, base + len(fields), writes)
    assert outcome.word == "applied", outcome


class Touching:
    """A worker of every shard, that goes on: each `touch` changes one cell in a hundred, and their totals."""

    def __init__(self, redis_url: str, key_prefix: str, size: Size) -> None:
        self._store, self._size = Store({"url": redis_url}), size
        self._shards = [Shard(self._store, key_prefix, *each) for each in shards(size)]
        self._rng = random.Random(4)
        self.at = AT

    async def open(self) -> None:
        """Take all shards: a new run, so that readers read them anew."""
        for shard in self._shards:
            self.at = max(self.at, (await shard.open(0, "bench")).stream_time)

    async def touch(self) -> None:
        """Ten seconds later: an interaction more in a cell of each ring, and in the totals, of half of the scopes."""
        self.at += 10_000
        rng, size = self._rng, self._size
        number = size.cells // size.shards // 100 // 3
        for shard, (topic, _) in zip(self._shards, shards(size), strict=True):
            added: dict[str, Counter[int]] = {}
            for of in rng.sample(scopes(size, topic.removeprefix("interactions."))[:-1], number):
                cell: Counter[int] = Counter()
                _add(cell, rng)
                back = self.at - int(10_000 * rng.expovariate(1))
                starts = {ring.name: ring.start(back, "UTC") // 1000 for ring in RINGS.values()}
                added |= {cell_field(ring, start, of): cell for ring, start in starts.items()}
                added[total_field(of)] = _totalled(cell)
            known = await self._store.command("HMGET", shard.keys.read, *added)
            fields: list[str | bytes] = []
            for (name, cell), packed in zip(added.items(), known, strict=True):
                if name[0] == "t":
                    gained, retracted = ({}, {}) if packed is None else _total(packed)
                    fields += (name, _pack((dict(cell + Counter(gained)), retracted)))
                else:
                    fields += (name, _pack(dict(cell + Counter({} if packed is None else _cell(packed)))))
            await _commit(shard, shard.offset, fields, self.at)

    async def aclose(self) -> None:
        """Let go of the store."""
        await self._store.aclose()
