"""Cells and totals in the books: what is kept, from when until when, and what is asked for again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from stream.core.books.cells import Cells, decode_cell, decode_total, merge
from stream.core.books.ledger import Ledger
from stream.core.books.room import MEGABYTE, Room
from stream.core.books.tally import Tally
from stream.core.books.writes import Writes
from stream.core.rules import DAY, HOUR
from stream.core.scope import BY_DAY
from stream.core.stage import Change, Output
from stream.core.times.window import RINGS
from tests.core.memory_shard import MemoryShard
from tests.core.toy_stage import SCOPE, SILENCE_MS, Toy, ToyStage

NIGHT = 1_772_409_600_000
"""2026-03-02 00:00 UTC, where a bucket of every ring begins."""


def books() -> Ledger:
    return Ledger(ToyStage(keep_ms=1000 * DAY), lambda _: "UTC")


def cells_of(shard: MemoryShard, ring: str) -> dict[int, int]:
    """Start (s) -> count, of the toys' scope."""
    found = {}
    for name, value in shard.fields.items():
        if name.startswith(f"c{ring}|") and name.endswith(SCOPE):
            found[int(name.split("|")[1])] = decode_cell(value).get(1, 0)
    return {start: n for start, n in found.items() if n}


@pytest.mark.parametrize("ring", RINGS)
def test_a_bucket_is_written_as_long_as_it_begins_within_the_keep(ring: str) -> None:
    keep, size = RINGS[ring].keep_ms, RINGS[ring].size_ms
    shard, first = MemoryShard(), NIGHT - keep
    late = [Toy(2, "a", first), Toy(3, "b", first - 1), Toy(4, "c", first + size - 1), Toy(5, "d", first + size)]
    shard.fold(books(), list(enumerate([Toy(1, "z", NIGHT), *late])))
    assert cells_of(shard, ring) == {first // 1000: 2, (first + size) // 1000: 1, NIGHT // 1000: 1}


@pytest.mark.parametrize("ring", RINGS)
def test_a_bucket_is_dropped_when_it_begins_before_the_keep(ring: str) -> None:
    shard, ledger, keep = MemoryShard(), books(), RINGS[ring].keep_ms
    shard.fold(ledger, [(0, Toy(1, "a", NIGHT))])
    shard.fold(ledger, [(1, Toy(2, "a", NIGHT + keep))], prunes=10_000)
    assert NIGHT // 1000 in cells_of(shard, ring)
    shard.fold(ledger, [(2, Toy(3, "a", NIGHT + keep + 1))], prunes=10_000)
    assert NIGHT // 1000 not in cells_of(shard, ring)
    shard.fold(ledger, [(3, Toy(4, "a", NIGHT + keep + 2))], prunes=10_000)
    assert [name for name in shard.expiry if name.startswith(f"rc{ring}|{NIGHT // 1000}|")] == []


@pytest.mark.parametrize("beginning", BY_DAY)
def test_of_what_nobody_asks_by_the_hour_only_days_are_kept(beginning: str) -> None:
    tally, cells = Tally(), Cells(lambda _: "UTC", Room(MEGABYTE))
    tally.take(Change(added=[(NIGHT + 5 * HOUR, beginning + "x", (1, 2))]))
    asked = cells.plan(tally, NIGHT + 6 * HOUR)
    assert asked == [f"cd|{NIGHT // 1000}|{beginning}x", f"t|{beginning}x"]


def test_what_was_learnt_is_asked_for_again_only_when_it_is_forgotten() -> None:
    room = Room(MEGABYTE)
    cells, stored = Cells(lambda _: "UTC", room), MemoryShard()

    def add(n: int) -> list[str]:
        tally, writes = Tally(), Writes()
        tally.take(Change(added=[(NIGHT, SCOPE, (1, n))]))
        asked = cells.plan(tally, NIGHT)
        cells.learn(asked, [stored.fields.get(name) for name in asked], writes)
        cells.write(writes)
        stored.commit(writes)
        cells.rest()
        room.settle()
        return asked

    total, of_rings = f"t|{SCOPE}", [f"c{ring}|{NIGHT // 1000}|{SCOPE}" for ring in RINGS]
    assert add(1) == [*of_rings, total]
    assert add(2) == []
    room.limit = room.taken - 1
    room.settle()
    assert room.taken <= room.limit
    room.limit = MEGABYTE
    assert add(4) == of_rings[:1], "what was touched first is forgotten first"
    cells.forget()
    assert add(8) == [*of_rings, total]
    cells.drop(of_rings[3])
    assert add(16) == of_rings[3:]
    assert [decode_cell(stored.fields[name]) for name in of_rings] == [{1: 31}] * 4
    assert decode_total(stored.fields[total]) == ({1: 31}, {})


@pytest.mark.parametrize(("sign", "end"), [(1, 2**64 - 1), (-1, -(2**63))])
def test_a_sum_that_no_64_bits_hold_stays_at_the_end_of_the_scale_and_holds_up_nobody(sign: int, end: int) -> None:
    cells, stored = Cells(lambda _: "UTC", Room(MEGABYTE)), MemoryShard()
    for n in (*[sign * 2**62] * 5, -sign * 2**61):
        tally, writes = Tally(), Writes()
        tally.take(Change(added=[(NIGHT, SCOPE, (1, n, 2, 1))]))
        asked = cells.plan(tally, NIGHT)
        cells.learn(asked, [stored.fields.get(name) for name in asked], writes)
        cells.write(writes)
        stored.commit(writes)
    left = end - sign * 2**61
    assert decode_cell(stored.fields[f"cd|{NIGHT // 1000}|{SCOPE}"]) == {1: left, 2: 6}
    assert decode_total(stored.fields[f"t|{SCOPE}"]) == ({1: left, 2: 6}, {})


class Satisfied(ToyStage):
    """Waits for nothing, and keeps little, once it has seen two events."""

    def due_at(self, state: dict[str, Any]) -> int | None:
        return None if len(state["seen"]) > 1 else super().due_at(state)

    def keep_until(self, state: dict[str, Any]) -> int:
        return super().keep_until(state) - (900 * DAY if len(state["seen"]) > 1 else 0)


@pytest.mark.parametrize("again", [False, True])
def test_who_waits_for_less_is_due_and_pruned_earlier_at_once(*, again: bool) -> None:
    shard, ledger = MemoryShard(), Ledger(Satisfied(keep_ms=1000 * DAY), lambda _: "UTC")
    shard.fold(ledger, [(0, Toy(1, "a", NIGHT))])
    assert (shard.due, shard.expiry["sa"]) == ({"a": NIGHT + SILENCE_MS}, NIGHT + 1000 * DAY)
    if again:
        ledger.drop()
    shard.fold(ledger, [(1, Toy(2, "a", NIGHT + 5))])
    assert (shard.due, shard.expiry["sa"]) == ({}, NIGHT + 5 + 100 * DAY)


def test_who_waits_longer_is_looked_at_when_it_was_due_and_then_due_later() -> None:
    shard, ledger = MemoryShard(), books()
    shard.fold(ledger, [(0, Toy(1, "a", NIGHT))])
    shard.fold(ledger, [(1, Toy(2, "a", NIGHT + 5))])
    assert (shard.due["a"], shard.expiry["sa"]) == (NIGHT + SILENCE_MS, NIGHT + 1000 * DAY)
    shard.fold(ledger, [(2, Toy(3, "b", NIGHT + SILENCE_MS))])
    assert shard.due["a"] == NIGHT + SILENCE_MS + 5
    assert 8 not in shard.balances()[f"t|{SCOPE}"]
    shard.fold(ledger, [(3, Toy(4, "b", NIGHT + SILENCE_MS + 5))])
    assert "a" not in shard.due
    assert shard.balances()[f"t|{SCOPE}"][8] == 1


class Teller(ToyStage):
    """Says what it is asked with."""

    def outputs(self, state: dict[str, Any], time: datetime | None, revision: int) -> list[Output]:
        return [
            Output(
                "told",
                str(state["silent"]).encode(),
                f"{time and round(time.timestamp() * 1000 - NIGHT)} {revision}".encode(),
            )
        ]


def test_what_an_entity_says_of_itself_has_the_offset_of_its_event_and_none_after_silence() -> None:
    shard, ledger = MemoryShard(), Ledger(Teller(), lambda _: "UTC")
    shard.fold(ledger, [(40, Toy(1, "a", NIGHT)), (41, Toy(2, "a", NIGHT + 1))])
    shard.fold(ledger, [(42, Toy(3, "b", NIGHT + 1 + SILENCE_MS))])
    shard.fold(ledger, [(43, Toy(4, "a", NIGHT + 2 + SILENCE_MS))])
    told = [(output.key.decode(), output.value.decode()) for output in shard.outputs]
    assert told == [
        ("False", "1 41"), ("False", f"{1 + SILENCE_MS} 42"), ("True", "None -1"), ("False", f"{2 + SILENCE_MS} 43")
    ]  # fmt: skip


class Stumbling(Teller):
    """Cannot say anything of an entity that has fallen silent."""

    def outputs(self, state: dict[str, Any], time: datetime | None, revision: int) -> list[Output]:
        if state["silent"]:
            raise RuntimeError("a bug in the stage")
        return super().outputs(state, time, revision)


def test_whose_silence_is_spared_says_nothing_until_its_next_event() -> None:
    """The silence of `a` is seen when an event comes that it has had already."""
    again = [(1, Toy(2, "b", NIGHT + SILENCE_MS)), (2, Toy(1, "a", NIGHT))]
    for spared, more, said in (
        (False, [], None),
        (True, [], [b"%d 1" % SILENCE_MS]),
        (True, [Toy(3, "a", NIGHT + 9)], [b"9 3", b"%d 1" % SILENCE_MS]),
    ):
        shard, ledger = MemoryShard(), Ledger(Stumbling(keep_ms=DAY), lambda _: "UTC")
        shard.fold(ledger, [(0, Toy(1, "a", NIGHT))])
        ledger.apply([*again, *enumerate(more, 3)])
        if said is None:
            with pytest.raises(RuntimeError):
                ledger.finish()
            assert ledger.handling == "a"
        else:
            ledger.finish(("a",) if spared else ())
            assert sorted(output.value for output in ledger.outputs) == sorted(said)


def test_who_is_due_and_unknown_or_spared_holds_up_nobody_else() -> None:
    shard, ledger = MemoryShard(), books()
    shard.fold(ledger, [(n, Toy(n, name, NIGHT)) for n, name in enumerate("abc")])
    shard.due = {"gone": NIGHT, **shard.due}
    ledger.drop()
    ledger.apply([(3, Toy(3, "z", NIGHT + SILENCE_MS))])
    more = ledger.take_in([*shard.due], [])
    ledger.learn(more, [shard.states.get(name) for name in more])
    ledger.learn_fields(fields := ledger.finish(("a",)), [shard.fields.get(name) for name in fields])
    shard.commit(ledger.writes())
    assert shard.balances()[f"t|{SCOPE}"][8] == 2
    assert set(shard.due) == {"z"}


def test_who_is_kept_longer_holds_up_nobody_who_is_pruned() -> None:
    shard, ledger, keep = MemoryShard(), Ledger(ToyStage(), lambda _: "UTC"), ToyStage().keep_ms
    for offset, (name, at) in enumerate([("a", 0), ("b", 0), ("a", keep - 1), ("c", keep + 1)]):
        shard.fold(ledger, [(offset, Toy(offset, name, NIGHT + at))])
    assert set(shard.states) == {"a", "c"}
    assert shard.expiry["sa"] == NIGHT + 2 * keep - 1


def test_while_no_entity_may_be_dropped_cells_are() -> None:
    shard, ledger = MemoryShard(), Ledger(ToyStage(), lambda _: "UTC")
    ledger.hold = True
    shard.fold(ledger, [(0, Toy(1, "for", NIGHT))])
    shard.fold(ledger, [(1, Toy(2, "far", NIGHT + 500 * DAY))])
    assert set(shard.states) == {"for", "far"}
    assert {int(name.split("|")[1]) for name in shard.fields if name[0] == "c"} == {NIGHT // 1000 + 500 * 86_400}


def test_events_are_counted_by_what_became_of_them_and_by_how_late_they_were() -> None:
    shard, ledger, keep = MemoryShard(), Ledger(ToyStage(keep_ms=DAY), lambda _: "UTC"), RINGS["f"].keep_ms
    offsets = [0, 10, 5, 7, 10 - keep, 9 - keep, 10 - DAY, 9 - DAY]
    events = [Toy(n, "b" if at < 9 - keep else "a", NIGHT + at) for n, at in enumerate(offsets)]
    shard.fold(ledger, list(enumerate([*events, events[0], Toy(20, "c", NIGHT + 9 - DAY)])))
    assert ledger.counts == {
        "applied": 8, "duplicate": 1, "skipped": 1, "anomaly.expired": 1, "out_of_order": 5, "late": 4,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("into", "other", "sum_"),
    [
        ({}, {}, {}),
        ({}, {1: 0}, {}),
        ({}, {1: 0, 2: 3}, {2: 3}),
        ({1: 2}, {1: -2}, {}),
        ({1: 2}, {1: -1, 2: 0}, {1: 1}),
        ({1: -1}, {1: -1}, {1: -2}),
    ],
)
def test_cells_add_up_and_what_is_0_is_absent(into: Any, other: Any, sum_: Any) -> None:
    merge(into, other)
    assert into == sum_
