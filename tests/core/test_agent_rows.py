"""What readers see of agents: presence and slots by hand, and what a row says of later instants against the recount."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.core.agents.levels import Levels
from stream.core.agents.row import AgentRow, OpenPart
from stream.core.rules import HOUR
from tests.core.agent_words import MONDAY, Books, beat, clock, part, told
from tests.core.test_agent_laws import RULES, Recount, history

LEVELS = Levels(RULES)
TOLD: dict[str, tuple[str, tuple[Any, ...]]] = {
    "the first word begins it": ("10:00 available", ("available", None, "10:00", None, None)),
    "a heartbeat may be the first word": ("10:00 beat not_ready:lunch", ("not_ready", "lunch", "10:00", None, None)),
    "the same again goes on": ("10:00 available, 10:05 available", ("available", None, "10:00", None, None)),
    "another presence begins anew": (
        "10:00 available, 10:05 not_ready:lunch", ("not_ready", "lunch", "10:05", None, None),
    ),
    "another reason begins anew": (
        "10:00 not_ready:lunch, 10:05 not_ready:team", ("not_ready", "team", "10:05", None, None),
    ),
    "a state change without a reason has none": (
        "10:00 not_ready:lunch, 10:05 not_ready", ("not_ready", None, "10:05", None, None),
    ),
    "a heartbeat of the same presence leaves the reason": (
        "10:00 not_ready:lunch, 10:05 beat not_ready", ("not_ready", "lunch", "10:00", None, None),
    ),
    "a heartbeat of another presence does not": (
        "10:00 not_ready:lunch, 10:05 beat available", ("available", None, "10:05", None, None),
    ),
    "a heartbeat may tell another reason": (
        "10:00 not_ready:lunch, 10:05 beat not_ready:team", ("not_ready", "team", "10:05", None, None),
    ),
    "slots and queues stand until others are told": (
        "10:00 available q=a slots=2, 10:05 available, 10:06 beat available q=b, 10:07 not_ready slots=0",
        ("not_ready", None, "10:07", ["b"], {"chat": 0}),
    ),
    "a log-out ends presence and reason, no heartbeat brings them back": (
        "10:00 not_ready:lunch, 10:05 logged_out, 10:06 beat not_ready:lunch",
        ("logged_out", None, "10:05", None, None),
    ),
}  # fmt: skip


def said(line: str) -> list[Any]:
    """Presence events in short: "10:00 beat not_ready:lunch q=support slots=2"."""
    events = []
    for each in line.split(", "):
        at, *words = each.split()
        make = beat if words[0] == "beat" else told
        presence, _, reason = words[make is beat].partition(":")
        more: dict[str, Any] = {"reason": reason or None}
        for name, _, value in (word.partition("=") for word in words if "=" in word):
            more |= {"queues": [value]} if name == "q" else {"slots": {"chat": int(value)}}
        events.append(make("anna", clock(at), presence, name=at, **more))
    return events


@pytest.mark.parametrize(("line", "expected"), TOLD.values(), ids=TOLD)
def test_presence_is_what_was_told_last_in_whatever_order_it_came(line: str, expected: tuple[Any, ...]) -> None:
    presence, reason, since, queues, slots = expected
    for events in (said(line), said(line)[::-1]):
        row = Books().take(*events).row("anna")
        assert row[:5] == (presence, reason, clock(since), queues, slots)
        assert row.heard_at == max(event.at for event in events)


def open_parts(text: str) -> list[OpenPart]:
    """Parts in short: "chat:on chat:ring" of which each begins at 0 and has no end."""
    kinds = [word.split(":") for word in text.split()]
    return [OpenPart(channel, str(n), None, kind, 0, None) for n, (channel, kind) in enumerate(kinds)]


@pytest.mark.parametrize(
    ("presence", "slots", "parts", "activity", "expected"),
    [
        ("available", {"chat": 2}, "", "available", {"chat": (0, 2)}),
        ("available", None, "chat:on", "on_interaction", {}),
        ("available", {"chat": 2}, "chat:ring", "ringing", {"chat": (1, 1)}),
        ("available", {"chat": 2}, "chat:ring chat:wrap_up", "wrap_up", {"chat": (2, 0)}),
        ("available", {"chat": 2}, "chat:on chat:wrap_up chat:ring", "on_interaction", {"chat": (3, 0)}),
        ("available", {"chat": 2, "email": 5}, "email:on", "on_interaction", {"chat": (0, 2), "email": (1, 4)}),
        ("available", {"chat": 2}, "phone:ring", "ringing", {"chat": (0, 0)}),
        ("available", {"chat": 2}, "video:wrap_up", "wrap_up", {"chat": (0, 0)}),
        ("not_ready", {"chat": 2}, "", "not_ready", {}),
        ("not_ready", {"chat": 2}, "chat:on", "on_interaction", {}),
        ("logged_out", {"chat": 2}, "", "none", {}),
        ("logged_out", {"chat": 2}, "chat:wrap_up", "wrap_up", {}),
        (None, None, "", "none", {}),
        (None, None, "chat:ring", "ringing", {}),
    ],
)
def test_activity_and_slots_by_presence_and_work(
    presence: str | None, slots: Any, parts: str, activity: str, expected: Any
) -> None:
    row = AgentRow(presence, None, None, None, slots, 0, None, open_parts(parts), 0)
    assert (row.activity_at(50), row.slots_at(50)) == (activity, expected)
    silent = row._replace(unknown_at=50)
    assert (silent.presence_at(50), silent.slots_at(50)) == ("unknown", {})


def test_wrap_up_begins_where_the_part_is_over_and_ends_where_the_agent_is_free() -> None:
    """Of a part that a late event has told again, so that its end is ahead of the stream's time, then behind it."""
    told_again = part("anna", "1", 2, clock("10:05"), answered_at=clock("10:00"), over_at=clock("10:20"),
                      free_at=clock("10:30"))  # fmt: skip
    books = Books().take(told("anna", clock("10:00"), "available"), told_again)
    assert [open_.kind for open_ in books.row("anna").parts] == ["on"]
    wrap_up = [("wrap_up", clock("10:20"), clock("10:30"))]
    for at, seen in (("10:20", wrap_up), ("10:29", wrap_up), ("10:30", [])):
        books.take(beat("anna", clock(at)))
        assert [(open_.kind, open_.since, open_.until) for open_ in books.row("anna").parts] == seen


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10_000), hours=st.integers(1, 29))
def test_what_a_row_says_of_later_instants_is_what_the_recount_says_of_them(seed: int, hours: int) -> None:
    """Of agents of whom no word lies ahead: that one is told by the next event, not by the row."""
    now = MONDAY + hours * HOUR
    events = sorted((event for event in history(seed) if event.at < now), key=lambda event: event.at)
    books = Books(RULES).take(*events)
    last = now + 20 * HOUR
    for agent in {event.data.agent_id for event in events}:
        field = books.shard.fields.get("w" + agent)
        recount = Recount(agent, events)
        if field is None:
            assert not recount.facts
            continue
        row = books.row(agent)
        if max(recount.heard) > row.as_of:
            continue
        instants, values = zip(*row.trace(LEVELS, last), strict=True)
        assert instants[0] == row.as_of
        assert instants == tuple(sorted(set(instants)))
        for at in {row.as_of, last} | {edge for edge in recount.edges() if row.as_of < edge <= last}:
            found = dict(zip(LEVELS.names, values[bisect_right(instants, at) - 1], strict=True))
            assert found == recount.levels(at)
        open_now = [p for p in recount.parts if recount.rings(p, row.as_of) or p in open_sessions(recount, row.as_of)]
        assert len(row.parts) == len(open_now)


def open_sessions(recount: Recount, at: int) -> list[Any]:
    return [p for channel in ("phone", "chat", "email") for p in recount.open_sessions(channel, at)]


def test_of_work_that_is_over_alone_nothing_is_seen() -> None:
    over = {"answered_at": clock("10:00"), "over_at": clock("10:05"), "free_at": clock("10:06"), "wrapped": True}
    books = Books().take(part("anna", "1", 2, clock("10:06"), **over))
    assert "wanna" not in books.shard.fields
