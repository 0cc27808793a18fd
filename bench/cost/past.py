"""`python -m bench.cost.past`: what an agent takes who has worked for days or weeks, for docs/scaling.md."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from bench.cost.shifts import Past, day
from stream.core.agents.agent import Agents
from stream.core.books.ledger import Ledger, decode_counts
from stream.core.rules import Rules
from tests.core.memory_shard import MemoryShard

if TYPE_CHECKING:
    from stream.core.books.writes import Writes

AGENT, ROUNDS = "anna", 9
PASTS = (Past(1, 80, 0), Past(3, 80, 0), Past(6, 80, 0), Past(7, 0, 60), Past(35, 0, 60), Past(35, 40, 30))


class Weighed(MemoryShard):
    """Counts the bytes of states that commits write."""

    def __init__(self) -> None:
        super().__init__()
        self.written = 0

    def commit(self, writes: Writes) -> None:
        """As it is, and counted."""
        self.written += sum(len(each) for each in writes.states if isinstance(each, str | bytes))
        super().commit(writes)


class Taken(NamedTuple):
    """Bytes: stored of an agent in all, of these loaded with them, written by a commit with an event of theirs (the
    mean of the last day). Seconds of CPU to load one, the least of some times.
    """

    stored: int
    loaded: int
    written: int
    load_s: float


def taken(past: Past) -> Taken:
    """What an agent takes at the end of such a past, one event a commit."""
    stage, shard, written = Agents(Rules()), Weighed(), 0
    ledger = Ledger(stage, lambda _: "UTC")
    for number in range(past.days):
        events = day(past, number, AGENT)
        written = -shard.written
        for event in events:
            shard.fold(ledger, [(0, event)])
        written = (written + shard.written) // len(events)
    counts = decode_counts(shard.head[1] or b"")
    if counts.keys() - {"applied"}:
        raise AssertionError(counts)
    spent = []
    for _ in range(ROUNDS):
        ledger.drop()
        began = time.process_time()
        wanted = ledger.ask([AGENT])
        ledger.learn(wanted, [shard.states.get(each) for each in wanted])
        spent.append(time.process_time() - began)
    loaded = sum(len(shard.states.get(each, b"")) for each in wanted)
    return Taken(sum(map(len, shard.states.values())), loaded, written, min(spent))


def main() -> int:
    """Print the table of the page."""
    headings = ("days", "calls a day", "e-mails a day", "bytes stored", "bytes loaded", "bytes a commit", "load, ms")
    sys.stdout.write(f"| {' | '.join(headings)} |\n{'| --: ' * len(headings)}|\n")
    for past in PASTS:
        found = taken(past)
        bytes_ = " | ".join(f"{n:,}" for n in found[:3])
        sys.stdout.write(f"| {' | '.join(map(str, past))} | {bytes_} | {found.load_s * 1000:.2f} |\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
