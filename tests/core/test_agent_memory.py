"""What is kept of agents, and what corrections do at its edges: histories by hand."""

from __future__ import annotations

from typing import Any

import pytest

from stream.core.agents import state as agent_state
from stream.core.measures import CODES
from stream.core.rules import DAY, HOUR, MINUTE, Rules
from stream.core.scope import agent_scope
from tests.core.agent_words import Books, beat, clock, part, told
from tests.core.test_agent_by_hand import call, seconds, until


@pytest.fixture
def short_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour is kept, however few words it has; looked at with each second word."""
    monkeypatch.setattr(agent_state, "KEEP_MS", HOUR)
    monkeypatch.setattr(agent_state, "KEEP_WORDS", 1)


@pytest.mark.parametrize(
    ("open_work", "day", "kept"), [(False, 34, True), (False, 36, False), (True, 399, True), (True, 401, False)]
)
def test_an_agent_is_kept_for_the_longest_keep_of_a_channel_and_400_days_while_work_is_open(
    *, open_work: bool, day: int, kept: bool
) -> None:
    answered = part("anna", "1", 0, clock("10:00"), channel="email", answered_at=clock("10:00"))
    over = part("anna", "1", 1, clock("10:00"), channel="email", answered_at=clock("10:00"), over_at=clock("10:00"),
                free_at=clock("10:00"), wrapped=True)  # fmt: skip
    books = Books().take(answered, *([] if open_work else [over]))
    for at in (clock("10:00", day=20), clock("10:00", day=day)):
        books.take(told("bert", at, "available"))
    assert ("anna" in books.shard.states) == kept


@pytest.mark.usefixtures("short_memory")
def test_of_work_that_began_before_what_is_kept_the_rest_is_counted() -> None:
    books = Books().take(*(beat("anna", clock("08:00") + n * 5 * MINUTE) for n in range(37)))
    late = call("1", None, "09:30", "10:30", "10:30")
    assert seconds(books.take(late), "09:00", "11:00") == {"staffed": 7200, "idle": 5400, "engaged": 1800}


@pytest.mark.usefixtures("short_memory")
@pytest.mark.parametrize("reloaded", [False, True])
def test_the_last_turn_and_word_before_what_is_kept_still_hold(*, reloaded: bool) -> None:
    books = Books().take(*(told("anna", clock(at), "available") for at in ("08:00", "08:05", "10:00")))
    if reloaded:
        books.ledger.drop()
    books.take(told("anna", clock("09:30"), "not_ready"))
    expected = {"staffed": 3 * 3600, "idle": 9000, "not_ready": 1800}
    assert seconds(books, "08:00", "11:00") == expected


@pytest.mark.usefixtures("short_memory")
@pytest.mark.parametrize(("channel", "expired", "talk"), [("phone", 1, 60_000), ("email", 0, 50_000)])
def test_parts_on_asynchronous_channels_can_be_corrected_as_long_as_their_interactions(
    channel: str, expired: int, talk: int
) -> None:
    def replied(revision: int, talk_ms: int) -> Any:
        at = clock("08:30")
        return part("anna", "1", revision, at, channel=channel, answered_at=clock("08:00"), over_at=at, free_at=at,
                    wrapped=True, talk_ms=talk_ms)  # fmt: skip

    books = Books().take(replied(0, 60_000), *(beat("anna", clock(f"{hour}:00")) for hour in range(9, 12)))
    books.take(replied(1, 50_000))
    total = books.shard.balances()["t|" + agent_scope(channel, inbound=True, agent_id="anna")]
    assert total == {CODES["handled"]: 1, CODES["talk_ms"]: talk}
    assert books.ledger.counts.get("anomaly.expired", 0) == expired


def test_a_turn_that_is_taken_back_changes_all_up_to_the_next_one_whatever_words_lie_between() -> None:
    books = Books().take(
        told("anna", clock("10:00"), "available"), told("anna", clock("10:10"), "not_ready", name="slip"),
        part("anna", "1", 0, clock("10:15"), channel="email", rang_at=clock("10:15"), rang_until=clock("10:15")),
        told("anna", clock("10:20"), "logged_out"),
    )  # fmt: skip
    assert seconds(books, "10:00", "10:30") == {"idle": 600, "not_ready": 600, "staffed": 1200}
    books.take(told("anna", clock("10:10"), "available", name="slip", revision=1))
    assert seconds(books, "10:00", "10:30") == {"idle": 1200, "staffed": 1200}


@pytest.mark.parametrize("left", [1, 2, 1000])
def test_what_ends_right_after_the_last_word_is_written_when_it_does(left: int) -> None:
    """A wrap-up that nobody ends, whose cap comes so many milliseconds after the agent was last heard of."""
    free_at = clock("10:30")
    books = Books().take(told("anna", clock("10:00"), "available"))
    books.take(
        part("anna", "1", 0, clock("10:10"), answered_at=clock("10:00"), over_at=clock("10:10"), free_at=free_at)
    )
    books.take(beat("anna", free_at - left))
    books.take(told("bert", free_at, "available"))
    assert books.row("anna").parts == []
    assert seconds(books, "10:00", "10:35") == {"engaged": 1800, "idle": 300, "staffed": 2100}


@pytest.mark.parametrize(("minutes", "then", "idle"), [(60, 90, 5400), (90, 60, 3600), (60, 60, 3600)])
@pytest.mark.parametrize("beats", [False, True])
def test_other_limits_of_silence_hold_for_the_past_too(minutes: int, then: int, idle: int, *, beats: bool) -> None:
    def rules(minutes: int) -> Rules:
        other = 5 * MINUTE
        mine = minutes * MINUTE
        return Rules(agent_silence_ms=other if beats else mine, heartbeat_silence_ms=mine if beats else other)

    word = beat("anna", clock("10:00")) if beats else told("anna", clock("10:00"), "available")
    books = until(Books(rules(minutes)).take(word), "12:00")
    changed = Books(rules(then))
    changed.shard = books.shard
    changed.ledger.open(books.ledger.stream_time, None)
    changed.take(told("anna", clock("13:00"), "logged_out"))
    until(changed, "13:10")
    assert changed.times("anna", "*", clock("10:00"), clock("13:10"), "m") == {"idle": idle, "staffed": idle}


def test_400_days_are_the_rules_to_say() -> None:
    books = Books(Rules(keep_open_ms=40 * DAY))
    books.take(part("anna", "1", 0, clock("10:00"), answered_at=clock("10:00")))
    assert "anna" in books.take(told("bert", clock("10:00", day=39), "available")).shard.states
    assert "anna" not in books.take(told("bert", clock("10:00", day=41), "available")).shard.states
