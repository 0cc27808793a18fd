"""A shard in memory: what the ledger's writes would leave in Redis, and a fold of a log through the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stream.core.books.cells import decode_cell, decode_total
from stream.core.times.window import kept

if TYPE_CHECKING:
    from stream.core.books.ledger import Events, Ledger
    from stream.core.books.writes import Part, Writes
    from stream.core.stage import Output


def _pairs(flat: list[Part]) -> list[tuple[Any, Any]]:
    return list(zip(flat[::2], flat[1::2], strict=True))


def _drop(known: dict[Any, bytes] | dict[Any, int], gone: list[Part]) -> None:
    for name in gone:
        known.pop(name, None)


class MemoryShard:
    """Dictionaries in the place of a shard's keys."""

    def __init__(self) -> None:
        self.states: dict[str | bytes, bytes] = {}
        self.fields: dict[str, bytes] = {}
        self.due: dict[str, int] = {}
        self.expiry: dict[str, int] = {}
        self.outputs: list[Output] = []
        self.head: tuple[int, bytes | None] = (0, None)

    def commit(self, writes: Writes) -> None:
        """As commit.lua does."""
        self.states |= dict(_pairs(writes.states))
        self.fields |= dict(_pairs(writes.fields))
        self.due |= {name: at for at, name in _pairs(writes.due)}
        self.expiry |= {name: at for at, name in _pairs(writes.expiry)}
        for gone, known in (
            (writes.states_gone, self.states), (writes.fields_gone, self.fields), (writes.due_gone, self.due),
            (writes.expiry_gone, self.expiry),
        ):  # fmt: skip
            _drop(known, gone)
        self.head = (writes.stream_time, writes.counts)

    def fold(self, ledger: Ledger, events: Events, prunes: int = 100) -> None:
        """One batch through the ledger and into the shard."""
        wanted = ledger.ask([ledger.stage.key(event) for _, event in events])
        ledger.learn(wanted, [self.states.get(name) for name in wanted])
        lacking = ledger.lacking(events)
        ledger.bring(lacking, [self.states.get(name) for name in lacking])
        ledger.apply(events)
        now = ledger.stream_time
        due = [name for name, at in self.due.items() if at <= now]
        expired = [name for name, at in self.expiry.items() if at < now][:prunes]
        more = ledger.take_in(due, expired)
        ledger.learn(more, [self.states.get(name) for name in more])
        fields = ledger.finish()
        ledger.learn_fields(fields, [self.fields.get(name) for name in fields])
        writes = ledger.writes()
        self.outputs += ledger.outputs
        self.commit(writes)
        ledger.committed()

    def cells(self, stream_time: int) -> dict[str, dict[int, int]]:
        """All cells that are kept at a stream time (ms)."""
        found = {}
        for name, value in self.fields.items():
            if name[0] == "c":
                ring, start, _ = name[1:].split("|", 2)
                if kept(ring, int(start), stream_time):
                    found[name] = decode_cell(value)
        return {name: cell for name, cell in found.items() if cell}

    def balances(self) -> dict[str, dict[int, int]]:
        """Gained less retracted, by scope."""
        found = {}
        for name, value in self.fields.items():
            if name[0] == "t":
                gained, retracted = decode_total(value)
                net = {code: n - retracted.get(code, 0) for code, n in gained.items()}
                found[name] = {
                    code: n for code, n in (net | {c: -n for c, n in retracted.items() if c not in net}).items() if n
                }
        return found
