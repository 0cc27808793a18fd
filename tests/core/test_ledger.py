"""The books of a partition: nothing depends on where the log is cut into batches."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.core.books.cells import decode_cell, decode_total
from stream.core.books.entities import OBJECT_BYTES
from stream.core.books.ledger import BUCKET_BYTES, LATE_MS, OUTPUT_BYTES, Ledger
from stream.core.books.room import LEAST_USED, MOST_USED, Room
from stream.core.stage import Output
from stream.core.times.window import RINGS
from tests.core.memory_shard import MemoryShard
from tests.core.toy_stage import KEEP_MS, SCOPE, SILENCE_MS, Toy, ToyStage

NOON = 1_772_452_800_000


def books(room: Room | None = None) -> Ledger:
    return Ledger(ToyStage(), lambda _: "UTC", room)


def fold(events: list[Toy], cuts: list[int], room: Room | None = None, prunes: int = 100) -> tuple[MemoryShard, Ledger]:
    shard, ledger, log, first = MemoryShard(), books(room), list(enumerate(events)), 0
    for cut in [*cuts, len(log)]:
        last = min(first + cut, len(log))
        if last > first:
            shard.fold(ledger, log[first:last], prunes)
        first = last
    return shard, ledger


def known(shard: MemoryShard, ledger: Ledger) -> dict[str, bytes]:
    stage = ToyStage()
    now = ledger.stream_time
    return {name: blob for name, blob in shard.states.items() if stage.keep_until(stage.load(name, blob)) >= now}


def totals(shard: MemoryShard) -> dict[str, object]:
    return {name: decode_total(value) for name, value in shard.fields.items() if name[0] == "t"}


def told(shard: MemoryShard) -> dict[bytes, bytes]:
    return {output.key: output.value for output in shard.outputs}


toys = st.builds(
    Toy, st.integers(0, 30), st.sampled_from("abcde"), st.integers(0, 400).map(lambda s: NOON + s * 7_000),
    st.integers(1, 3),
)  # fmt: skip
cuts = st.lists(st.integers(1, 9), max_size=40)


@settings(max_examples=300, deadline=None)
@given(st.lists(toys, max_size=60), cuts, cuts, st.sampled_from([1, 2, 50]), st.sampled_from([1, 100]))
def test_where_the_log_is_cut_changes_nothing(
    events: list[Toy], one: list[int], other: list[int], limit: int, prunes: int
) -> None:
    (first, ledger), (second, again) = fold(events, one), fold(events, other, Room(limit * OBJECT_BYTES), prunes)
    assert ledger.stream_time == again.stream_time
    assert ledger.counts == again.counts
    assert first.cells(ledger.stream_time) == second.cells(again.stream_time)
    assert totals(first) == totals(second)
    assert told(first) == told(second)
    everything = fold(events, [1] * len(events))[0].outputs
    assert {*first.outputs, *second.outputs} <= {*everything}
    assert known(first, ledger) == known(second, again)


@given(st.lists(toys, max_size=60), cuts)
@settings(max_examples=100, deadline=None)
def test_every_event_has_one_result(events: list[Toy], one: list[int]) -> None:
    _, ledger = fold(events, one)
    results = (ledger.counts.get(kind, 0) for kind in ("applied", "duplicate", "skipped"))
    assert sum(results) == len(events)


def test_one_event_is_in_a_bucket_of_every_ring_and_in_the_totals() -> None:
    shard, _ = fold([Toy(1, "a", NOON + 12_345_000, 3)], [])
    at = NOON // 1000
    assert {name: decode_cell(value) for name, value in shard.fields.items() if name[0] == "c"} == {
        f"cf|{at + 12_340}|{SCOPE}": {1: 3, 10: (NOON + 12_345_000) % 7},
        f"cm|{at + 12_300}|{SCOPE}": {1: 3, 10: (NOON + 12_345_000) % 7},
        f"ch|{at + 10_800}|{SCOPE}": {1: 3, 10: (NOON + 12_345_000) % 7},
        f"cd|{at - 43_200}|{SCOPE}": {1: 3, 10: (NOON + 12_345_000) % 7},
    }
    assert decode_total(shard.fields[f"t|{SCOPE}"]) == ({1: 3, 10: (NOON + 12_345_000) % 7}, {})


def test_what_is_taken_back_counts_as_retracted() -> None:
    events = [Toy(1, "a", NOON), Toy(2, "b", NOON + SILENCE_MS), Toy(3, "a", NOON + SILENCE_MS + 1)]
    shard, _ = fold(events, [1, 1, 1])
    gained, retracted = decode_total(shard.fields[f"t|{SCOPE}"])
    assert (gained[8], retracted) == (1, {8: 1})
    assert shard.balances()[f"t|{SCOPE}"] == {1: 3, 10: sum(event.at % 7 for event in events)}


def test_an_entity_that_is_due_elapses_in_the_first_batch_whose_stream_time_reaches_it() -> None:
    before, _ = fold([Toy(1, "a", NOON), Toy(2, "b", NOON + SILENCE_MS - 1)], [])
    assert 8 not in decode_total(before.fields[f"t|{SCOPE}"])[0]
    after, _ = fold([Toy(1, "a", NOON), Toy(2, "b", NOON + SILENCE_MS)], [])
    assert decode_total(after.fields[f"t|{SCOPE}"])[0][8] == 1
    assert "a" not in after.due


def test_an_increment_for_a_dropped_bucket_is_discarded_and_the_event_is_late() -> None:
    keep = RINGS["f"].keep_ms
    shard, ledger = MemoryShard(), Ledger(ToyStage(keep_ms=2 * keep), lambda _: "UTC")
    shard.fold(ledger, [(0, Toy(1, "a", NOON + keep + 10_000)), (1, Toy(2, "b", NOON))])
    assert ledger.counts["late"] == 1
    assert keep == LATE_MS
    assert f"cf|{NOON // 1000}|{SCOPE}" not in shard.fields
    assert f"cm|{NOON // 1000}|{SCOPE}" in shard.fields


def test_an_entity_past_its_keep_is_unknown_whether_pruned_or_not() -> None:
    old, much_later = Toy(1, "a", NOON), Toy(2, "b", NOON + 10 * KEEP_MS)
    for prunes in (0, 100):
        shard, ledger = fold([old, much_later, old], [1, 1, 1], prunes=prunes)
        assert ledger.counts == {"applied": 2, "skipped": 1, "anomaly.expired": 1, "late": 1}
        assert ("a" in shard.states) == (prunes == 0)


def test_pruning_is_bounded_and_comes_to_its_end() -> None:
    events = [Toy(i, f"n{i}", NOON) for i in range(30)]
    shard, _ = fold(
        [*events, *(Toy(100 + i, "z", NOON + 400 * 86_400_000 + i) for i in range(8))], [30] + [1] * 8, prunes=10
    )
    assert set(shard.states) == {"z"}
    assert {name for name in shard.expiry if name[0] == "s"} == {"sz"}
    assert set(shard.due) == {"z"}
    assert not [name for name in shard.fields if name[0] == "w" and name != "wz"]


def test_what_is_beyond_the_bound_is_forgotten_the_longest_untouched_first() -> None:
    events, room = [Toy(i, f"n{i:02}", NOON + i) for i in range(20)], Room(12 * OBJECT_BYTES)
    shard, ledger = fold([*events, Toy(20, "n09", NOON + 20)], [5] * 4, room)
    assert room.taken <= room.limit
    wanted = ledger.ask([f"n{i:02}" for i in range(20)])
    known = [f"n{i:02}" for i in range(20) if f"n{i:02}" not in wanted]
    assert 4 <= len(known) <= 10
    assert "n09" in known
    assert set(known) - {"n09"} == {f"n{i:02}" for i in range(20)[-len(known) + 1 :]}
    assert len(shard.states) == 20


def test_batches_that_take_too_much_together_had_better_be_over() -> None:
    room, shard = Room(1000), MemoryShard()
    first, second, third = (books(room) for _ in range(3))
    for n in range(MOST_USED // BUCKET_BYTES):
        first.apply([(n, Toy(n, str(n), NOON + n * 10_000))])
        assert not first.crowded
    for n in range(LEAST_USED // BUCKET_BYTES + 1):
        assert not second.crowded
        second.apply([(n, Toy(n, str(n), NOON + n * 10_000))])
    assert second.crowded
    assert not third.crowded
    shard.fold(first, [])
    assert not second.crowded
    second.drop()
    assert room.used == 0


def test_what_is_to_be_told_takes_room_until_the_batch_is_over() -> None:
    room, shard = Room(1000), MemoryShard()
    ledger = books(room)
    ledger.outputs = [Output("told", b"", b"")] * (MOST_USED // OUTPUT_BYTES + 1)
    assert ledger.crowded
    shard.fold(ledger, [])
    assert not ledger.crowded
    assert room.used == 0


def test_what_waits_is_seen_by_readers_until_it_no_longer_waits() -> None:
    assert "wa" in fold([Toy(1, "a", NOON)], [])[0].fields
    assert "wa" not in fold([Toy(1, "a", NOON), Toy(2, "a", NOON + 1)], [1, 1])[0].fields


def test_a_bug_names_its_record_and_a_dropped_batch_leaves_nothing() -> None:
    shard, ledger = fold([Toy(1, "a", NOON)], [])
    counts, seen = dict(ledger.counts), dict(shard.states)
    events = [(7, Toy(2, "a", NOON + 5)), (8, Toy(3, "a", NOON + 6, 13))]
    ledger.ask(["a"])
    with pytest.raises(RuntimeError):
        ledger.apply(events)
    assert ledger.handling == 8
    ledger.drop()
    assert (ledger.counts, ledger.stream_time) == (counts, NOON)
    shard.fold(ledger, events[:1])
    assert shard.states != seen
    assert ledger.counts["applied"] == 2


def test_while_no_entity_may_be_dropped_old_events_are_taken_in() -> None:
    shard, ledger = MemoryShard(), books()
    ledger.hold = True
    shard.fold(ledger, [(0, Toy(1, "a", NOON + 10 * KEEP_MS)), (1, Toy(2, "b", NOON))])
    assert ledger.counts["applied"] == 2
    assert set(shard.states) == {"a", "b"}
    shard.fold(ledger, [(2, Toy(3, "a", NOON + 10 * KEEP_MS + 1))])
    assert set(shard.states) == {"a", "b"}
    ledger.hold = False
    shard.fold(ledger, [(3, Toy(4, "a", NOON + 10 * KEEP_MS + 2))])
    assert set(shard.states) == {"a"}


def test_an_entity_is_asked_once_a_commit_after_its_last_event() -> None:
    events = [Toy(1, "a", NOON), Toy(2, "b", NOON), Toy(3, "a", NOON + 1), Toy(3, "a", NOON + 1)]
    assert [(o.key, o.value) for o in fold(events, [])[0].outputs] == [(b"a", b"2:2"), (b"b", b"1:1")]


def test_what_an_entity_had_to_say_is_said_before_it_is_past_its_keep_and_begins_anew() -> None:
    events = [Toy(1, "a", NOON), Toy(2, "b", NOON + 10 * KEEP_MS), Toy(3, "a", NOON + 10 * KEEP_MS)]
    assert [o.value for o in fold(events, [])[0].outputs if o.key == b"a"] == [b"0:1", b"2:1"]


class Stumbling(ToyStage):
    """Cannot say what to send of an entity that has seen event 13."""

    def outputs(self, state: dict[str, Any], time: datetime | None, revision: int) -> list[Output]:
        if 13 in state["seen"]:
            raise RuntimeError("a bug in the stage")
        return super().outputs(state, time, revision)


def test_a_bug_in_what_to_send_names_the_last_record_or_after_silence_the_entity() -> None:
    ledger = Ledger(Stumbling(), lambda _: "UTC")
    ledger.ask(["x", "a"])
    ledger.apply([(7, Toy(13, "x", NOON)), (8, Toy(1, "a", NOON + 5)), (9, Toy(2, "x", NOON + 6))])
    ledger.take_in([], [])
    with pytest.raises(RuntimeError):
        ledger.finish()
    assert ledger.handling == 9
    shard = MemoryShard()
    shard.fold(books(), [(7, Toy(13, "x", NOON))])
    silent = Ledger(Stumbling(), lambda _: "UTC")
    for spared in ((), ("x",)):
        silent.drop()
        silent.apply([(8, Toy(1, "a", NOON + SILENCE_MS))])
        silent.learn(silent.take_in(["x"], []), [shard.states["x"]])
        if spared:
            silent.finish(spared)
            assert [o.key for o in silent.outputs] == [b"a"]
        else:
            with pytest.raises(RuntimeError):
                silent.finish()
            assert silent.handling == "x"
