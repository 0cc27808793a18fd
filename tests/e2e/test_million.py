"""A shard of a million interactions: a worker is at work on it within seconds, and remembers no more than it may."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.codec import decode
from schemas.topics import TOPICS
from stream.core.books.cells import decode_cell, decode_total, encode
from stream.core.books.ledger import Ledger
from stream.core.interactions.interaction import Interactions
from stream.core.measures import CODES, DECLINE_CODES
from stream.core.rules import Rules
from stream.core.times.window import zone_of
from tests.core.memory_shard import MemoryShard
from tests.e2e.history import Line, history
from tests.e2e.plant import Plant, until

if TYPE_CHECKING:
    from collections.abc import Callable

    import redis

PHONE = TOPICS["interactions.phone"]
COPIES = 1000
TOUCHED = 5000
RSS_MIB = 250

COPY = """
local state, due, expiry, read, changed = unpack(KEYS)
local id, blob, due_at, expiry_at, view = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local states, dues, expiries, views, seqs = {}, {}, {}, {}, {}
for k = 1, tonumber(ARGV[6]) do
  local copy, a, b = id .. '.' .. k, 2 * k - 1, 2 * k
  states[a], states[b] = copy, blob
  expiries[a], expiries[b] = expiry_at, 's' .. copy
  if due_at ~= '' then dues[a], dues[b] = due_at, copy end
  if view ~= '' then views[a], views[b], seqs[a], seqs[b] = 'w' .. copy, view, 1, 'w' .. copy end
end
redis.call('HSET', state, unpack(states))
redis.call('ZADD', expiry, unpack(expiries))
if due_at ~= '' then redis.call('ZADD', due, unpack(dues)) end
if view ~= '' then redis.call('HSET', read, unpack(views)); redis.call('ZADD', changed, unpack(seqs)) end
"""


def folded(lines: list[Line]) -> tuple[Ledger, MemoryShard]:
    """What the stage makes of lines, in memory."""
    rules = Rules()
    ledger, shard = Ledger(Interactions(rules, "phone"), partial(zone_of, rules)), MemoryShard()
    events = [(offset, decode(PHONE, line.key, line.value, 2**60)) for offset, line in enumerate(lines)]
    for first in range(0, len(events), 1000):
        shard.fold(ledger, events[first : first + 1000])
    return ledger, shard


def many(field: str, value: bytes) -> bytes:
    """A cell or total of one copy, as that of all."""
    if field[0] == "c":
        return encode({code: n * COPIES for code, n in decode_cell(value).items()})
    return encode([{code: n * COPIES for code, n in side.items()} for side in decode_total(value)])


def store_copies(plant: Plant, ledger: Ledger, shard: MemoryShard) -> None:
    """Put each entity of a folded shard into the store a thousand times, and its figures times a thousand."""
    keys = plant.keys(PHONE.name, 0)
    with plant.store() as client:
        copy = client.register_script(COPY)
        for id_, blob in shard.states.items():
            more = [shard.due.get(id_, ""), shard.expiry["s" + id_], shard.fields.get("w" + id_, "")]
            copy([keys.state, keys.due, keys.expiry, keys.read, keys.changed], [id_, blob, *more, COPIES])
        fields = {name: many(name, value) for name, value in shard.fields.items() if name[0] != "w"}
        client.hset(keys.read, mapping=fields)
        client.zadd(keys.changed, dict.fromkeys(fields, 1))
        client.zadd(keys.expiry, {name: at for name, at in shard.expiry.items() if name[0] == "r"})
        client.hset(keys.head, mapping={"seq": 1, "stream_time": ledger.stream_time, "counts": encode({})})


def balances(fields: dict[str, bytes]) -> Counter[tuple[str, int]]:
    """Gained less retracted, by scope and code."""
    found: Counter[tuple[str, int]] = Counter()
    for name, value in fields.items():
        if name[0] == "t":
            gained, retracted = decode_total(value)
            found.update({(name, code): n for code, n in gained.items()})
            found.subtract({(name, code): n for code, n in retracted.items()})
    return found


def stored_balances(client: redis.Redis, key: str) -> Counter[tuple[str, int]]:
    return balances({name.decode(): value for name, value in client.hscan_iter(key, match="t|*", count=10_000)})


def copy_of(line: Line, copy: int, event_id: str | None = None, type_: str | None = None) -> Line:
    """A line of a copy; with an id of its own it is another event, else what the copy has known for long."""
    value = json.loads(line.value)
    key = f"{line.key.decode()}.{copy}"
    value["data"]["interaction_id"] = key
    if event_id is not None:
        value |= {"id": event_id, "type": type_}
        value["data"] |= {"agent_id": "a0", "result": "busy"}
    return Line(key.encode(), json.dumps(value).encode())


def mebibytes(process_id: int) -> float:
    """The most memory that a process ever had."""
    status = Path(f"/proc/{process_id}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def test_a_worker_starts_on_a_million_interactions_with_a_bounded_cache(
    kafka, own_redis, new_plant: Callable[..., Plant]
) -> None:
    plant = new_plant(kafka, own_redis, partitions=1, cache_mb=12)
    with plant.worker("--processors", "phone") as worker:
        until(lambda: worker.lives() or plant.offset(PHONE.name, 0) == 0, 30, "a shard")

    old = history(6300, seed=7)
    ledger, shard = folded(old)
    store_copies(plant, ledger, shard)
    with plant.store() as client:
        entities = client.hlen(plant.keys(PHONE.name, 0).state)
    assert entities == len(shard.states) * COPIES > 900_000

    draw, new = random.Random(8), history(20_000, seed=9)
    touched = [(draw.choice(old), number % COPIES + 1) for number in range(TOUCHED)]
    known = [copy_of(line, copy) for line, copy in touched]
    declined = [copy_of(*each, f"new-{n}", "interaction.declined") for n, each in enumerate(touched)]
    log = [*new, *known, *declined]
    draw.shuffle(log)
    asyncio.run(plant.produce(PHONE.name, 0, [(line.key, line.value, None) for line in log]))

    with plant.worker("--processors", "phone") as worker:
        until(lambda: worker.lives() or plant.offset(PHONE.name, 0) > 0, 60, "the first commit")
        until(lambda: worker.lives() or plant.offset(PHONE.name, 0) == len(log), 60, "all of it")
        assert mebibytes(worker.process.pid) < RSS_MIB

    counts, alone = plant.counts(PHONE.name), folded(new)
    assert counts["applied"] + counts["duplicate"] == len(log)
    assert counts["duplicate"] == alone[0].counts["duplicate"] + len(known)
    with plant.store() as client:
        keys = plant.keys(PHONE.name, 0)
        assert client.hlen(keys.state) == entities + len(alone[1].states)
        got = stored_balances(client, keys.read)
    wanted = balances(alone[1].fields)
    wanted.update({key: n * COPIES for key, n in balances(shard.fields).items()})
    wanted.subtract(got)
    by_code: Counter[int] = Counter()
    for (_, code), n in wanted.items():
        by_code[code] -= n
    assert +by_code == {CODES["declined"]: len(declined), DECLINE_CODES["busy"]: len(declined)}
    assert not -by_code
    with plant.service() as service:
        rows = service.kpis(window="24h", by="channel")
        offered = next(row["offered"] for row in rows if row["channel"] == "phone")
    assert offered == sum(n for (_, code), n in got.items() if code == CODES["offered"]) > 900_000
