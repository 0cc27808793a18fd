"""What Redis has done, and what it holds, asked of Redis itself; and this process's time."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from bench.cost.size import Found
from stream.core.books.cells import decode_cell
from stream.core.books.entry import PIECE
from stream.core.measures import CODES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.state.keys import ShardKeys

_OFFERED = CODES["offered"]


class Meter:
    """What Redis says that it did, and this process's time."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis
        self._at: dict[str, float] = {}

    def begin(self) -> None:
        """From here on."""
        self._at = self._now()

    def spent(self) -> dict[str, float]:
        """Since `begin`."""
        return {name: n - self._at[name] for name, n in self._now().items()}

    def _now(self) -> dict[str, float]:
        cpu, net, calls = (self._redis.info(each) for each in ("cpu", "stats", "commandstats"))
        return {
            "redis_cpu": cpu["used_cpu_user"] + cpu["used_cpu_sys"], "cpu": time.process_time(),
            "net_in": net["total_net_input_bytes"], "net_out": net["total_net_output_bytes"],
            "calls": calls.get("cmdstat_evalsha", {}).get("calls", 0),
        }  # fmt: skip


def found(
    redis: Any, shards: Sequence[ShardKeys], spent: Counter[str], records: int, record_bytes: int, seconds: float
) -> Found:
    """What was spent, by name, and what the shards hold now."""
    held: Counter[str] = Counter()
    memory: Counter[str] = Counter()
    cells: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    by_stamps: dict[int, tuple[int, int]] = {}
    for keys in shards:
        for name, key in keys._asdict().items():
            kind = redis.type(key).decode()
            held[name] += {"hash": redis.hlen, "zset": redis.zcard, "none": lambda _: 0}[kind](key)
            memory[name] += redis.memory_usage(key, samples=0) or 0
        fields = redis.hgetall(keys.read)
        states = redis.hgetall(keys.state)
        live = {field[1:] for field in fields if field[:1] == b"w"}
        held["entities"] += sum(PIECE not in name for name in states)
        for name, blob in states.items():
            sizes["open" if name in live else "closed"] += len(blob)
        sizes["live"] += len(live)
        for field, value in fields.items():
            cells[field[:2].decode() if field[:1] == b"c" else field[:1].decode()] += 1
            if field[:1] == b"c" and b"|q" in field:
                stamps = decode_cell(value).get(_OFFERED, 0)
                power = 1 << (stamps.bit_length() - 1) if stamps > 0 else 0
                n, total = by_stamps.get(power, (0, 0))
                by_stamps[power] = (n + 1, total + len(value))

    def part(prefix: str) -> dict[str, int]:
        return {name.removeprefix(prefix): int(n) for name, n in spent.items() if name.startswith(prefix)}

    return Found(
        records=records, record_bytes=record_bytes, seconds=seconds, commits=int(spent["commits"]),
        written=int(spent["written"]), loaded=int(spent["loaded"]),
        expired=int(spent["expired"]), touched=part("touched "),
        told={k: n for k, n in part("told ").items() if not k.startswith("bytes ")}, told_bytes=part("told bytes "),
        net_in=int(spent["net_in"]), net_out=int(spent["net_out"]), calls=int(spent["calls"]), cpu=spent["cpu"],
        redis_cpu=spent["redis_cpu"], held=dict(held), memory=dict(memory), cells=dict(cells), open=sizes["live"],
        open_bytes=sizes["open"], closed_bytes=sizes["closed"], by_stamps=dict(sorted(by_stamps.items())),
    )  # fmt: skip
