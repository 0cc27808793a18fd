"""The index of open rows against a scan of all of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stream.core.figures.backlog import Ages, backlog
from stream.core.figures.row import Live
from stream.core.measures import CODES, Cell, add
from stream.core.open_row import Open
from stream.core.times.calendar import Calendar
from stream.state.open_rows import OpenRows, Threads

SCOPES = ("phone|i|qa", "phone|i|qb", "chat|i|-")
INSTANT = st.integers(0, 60)
ROW = st.builds(
    Open,
    scope=st.sampled_from(SCOPES),
    queued_at=st.none() | INSTANT,
    due_at=st.none() | INSTANT,
    connected=st.none() | st.sampled_from(SCOPES),
    asked_at=st.none() | INSTANT,
    answer_due_at=st.none() | INSTANT,
    first=st.booleans(),
)
CLOSED = Calendar(zone="UTC", weekly=((),) * 7)
KEY = st.tuples(st.tuples(st.just("interactions.phone"), st.integers(0, 1)), st.sampled_from([b"wa", b"wb", b"wc"]))
STEP = st.tuples(KEY, st.none() | ROW, INSTANT, st.integers(0, 5))


def scanned_live(rows: list[Open], scope: str, at: int, threshold: int) -> Live:
    waits = [
        max(at - row.queued_at, 0)
        for row in rows
        if row.scope == scope and row.queued_at is not None and (row.due_at is None or row.due_at > at)
    ]
    return Live(len(waits), sum(wait > threshold for wait in waits), max(waits, default=None))


def scanned_threads(rows: list[Open], scope: str, at: int, calendar: Calendar | None) -> Threads:
    asked = [row for row in rows if row.scope == scope and row.asked_at is not None]
    found = backlog(asked, at, calendar, Ages([1], at))
    standing = [row.asked_at for row in asked if row.asked_at is not None and (row.due_at is None or row.due_at > at)]
    return Threads(found.waiting, found.past_due, found.first_past_due, min(standing, default=None))


def scanned_time_outs(rows: list[Open], at: int, firsts: dict[str, int]) -> dict[str, Cell]:
    found: dict[str, Cell] = {}
    for row in rows:
        if row.due_at is None or row.due_at > at:
            continue
        ends = [(row.scope, CODES["timed_out"])] if row.queued_at is not None else []
        ends += [(row.connected, CODES["timed_out_connected"])] if row.connected is not None else []
        for scope, code in ends:
            if scope in firsts and row.due_at >= firsts[scope] * 1000:
                add(found.setdefault(scope, {}), {code: 1})
    return found


@given(steps=st.lists(STEP, max_size=40))
def test_what_is_found_is_what_a_scan_of_all_rows_finds_at_any_instant(
    steps: list[tuple[tuple[tuple[str, int], bytes], Open | None, int, int]],
) -> None:
    kept = OpenRows()
    standing: dict[tuple[tuple[str, int], bytes], Open] = {}
    for key, row, at, threshold in steps:
        kept.put(key, row)
        standing.pop(key, None)
        if row is not None:
            standing[key] = row
        rows = list(standing.values())
        for scope in SCOPES:
            assert kept.live(scope, at, threshold) == scanned_live(rows, scope, at, threshold)
            for calendar in (None, CLOSED):
                assert kept.threads(scope, at, calendar) == scanned_threads(rows, scope, at, calendar)
            still = [row for row in rows if row.scope == scope and (row.due_at is None or row.due_at > at)]
            assert kept.still_open(scope, at) == len(still)
        firsts = dict.fromkeys(SCOPES[:2], 0)
        assert kept.time_outs(at, firsts) == scanned_time_outs(rows, at, firsts)
        for found, wanted in (
            (kept.all, standing),
            (kept.queued, {key: row for key, row in standing.items() if row.queued_at is not None}),
            (kept.asked, {key: row for key, row in standing.items() if row.asked_at is not None}),
        ):
            assert {key: row for of_scope in found.values() for key, row in of_scope.items()} == wanted
            assert all(row.scope == scope for scope, of_scope in found.items() for row in of_scope.values())
            assert all(found.values())
        assert kept.scopes() == {row.scope for row in rows} | {row.connected for row in rows if row.connected}


def test_rows_that_are_written_over_and_over_are_not_remembered_for_ever() -> None:
    kept = OpenRows()
    key = (("interactions.phone", 0), b"wa")
    for due_at in range(5000):
        kept.put(key, Open(SCOPES[0], None, due_at))
    assert len(kept._coming) <= 1003
    assert kept.time_outs(4999, {SCOPES[0]: 0}) == {}
