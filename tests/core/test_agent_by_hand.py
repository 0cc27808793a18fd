"""Agents' histories, each a few lines, with the seconds of each level worked out by hand."""

from __future__ import annotations

from typing import Any

from stream.core.figures.agents import concurrency, occupancy
from stream.core.measures import CODES
from stream.core.rules import DAY, HOUR, MINUTE, Rules
from stream.core.scope import agent_scope, time_scope
from tests.core.agent_words import Books, beat, clock, part, told

TICK = "tick"
SLOTS = {"phone": 1, "chat": 3}


def call(n: str, rang: str | None, answered: str, over: str, free: str, *, channel: str = "phone", **more: Any) -> Any:
    """A call of anna's, wrapped up."""
    rang_at = None if rang is None else clock(rang)
    answered_at, over_at, free_at = clock(answered), clock(over), clock(free)
    return part(
        "anna", n, 10, free_at, channel=channel, rang_at=rang_at, answered_at=answered_at, over_at=over_at,
        free_at=free_at, wrapped=True, **more,
    )  # fmt: skip


def until(books: Books, text: str) -> Books:
    """Time passes."""
    return books.take(told(TICK, clock(text), "logged_out", name=text))


def seconds(books: Books, first: str, end: str, channel: str = "*", agent: str | None = "anna") -> dict[str, int]:
    until(books, end)
    return books.times(agent, channel, clock(first), clock(end))


def test_a_quiet_hour_with_one_call_has_ring_talk_wrap_up_and_idle_time() -> None:
    books = Books().take(told("anna", clock("10:00"), "available"), call("1", "10:10", "10:11", "10:20", "10:22"))
    assert seconds(books, "10:00", "11:00") == {"engaged": 660, "idle": 2880, "staffed": 3600}
    assert seconds(books, "10:00", "11:00", "phone") == {"sessions": 660, "engaged": 660, "idle": 2880}
    assert occupancy(books.times("anna", "*", clock("10:00"), clock("11:00"))) == 660 / 3540


def test_ringing_is_not_idle_and_neither_engaged() -> None:
    ring = part("anna", "1", 2, clock("10:30"), rang_at=clock("10:30"))
    books = Books().take(told("anna", clock("10:00"), "available"), ring)
    assert seconds(books, "10:30", "10:40") == {"staffed": 600}
    books.take(part("anna", "1", 4, clock("10:31"), rang_at=clock("10:30"), rang_until=clock("10:31"), declined=True))
    assert seconds(books, "10:30", "10:50") == {"staffed": 1200, "idle": 1140}


def test_a_log_out_and_then_heartbeats_stays_logged_out() -> None:
    books = Books().take(told("anna", clock("10:00"), "available"), told("anna", clock("10:05"), "logged_out"))
    books.take(*(beat("anna", clock(f"10:{minute:02}")) for minute in range(6, 30)))
    assert books.row("anna").presence_at(clock("10:30")) == "logged_out"
    assert seconds(books, "10:00", "10:30") == {"idle": 300, "staffed": 300}
    books.take(told("anna", clock("10:30"), "available", name="back"))
    assert books.row("anna").presence_at(clock("10:31")) == "available"


def test_an_agent_who_sends_heartbeats_is_unknown_ten_minutes_after_the_last_and_another_after_twelve_hours() -> None:
    books = Books().take(told("anna", clock("10:00"), "available"), beat("anna", clock("10:02")))
    books.take(told("bert", clock("10:00"), "available"))
    assert [books.row("anna").presence_at(clock(text)) for text in ("10:11:59", "10:12")] == ["available", "unknown"]
    assert seconds(books, "10:00", "11:00") == {"idle": 720, "staffed": 720}
    assert seconds(books, "10:00", "11:00", agent="bert") == {"idle": 3600, "staffed": 3600}
    assert books.row("bert").unknown_at == clock("22:00")


def test_a_word_about_the_work_is_heard_too_and_one_that_comes_late_fills_the_gap() -> None:
    books = Books().take(told("anna", clock("10:00"), "available"), beat("anna", clock("10:02")))
    assert seconds(books, "10:00", "11:00")["staffed"] == 720
    books.take(part("anna", "1", 0, clock("10:10"), rang_at=clock("10:10"), rang_until=clock("10:11"), declined=True))
    assert seconds(books, "10:00", "11:00") == {"idle": 21 * 60 - 60, "staffed": 21 * 60}


def test_a_wrap_up_that_nobody_ends_lasts_to_the_cap_and_is_written_when_time_reaches_it() -> None:
    open_end = part("anna", "1", 6, clock("10:20"), answered_at=clock("10:10"), over_at=clock("10:20"),
                    free_at=clock("10:50"), talk_ms=600_000, handle_ms=600_000)  # fmt: skip
    books = Books().take(told("anna", clock("10:00"), "available"), open_end)
    assert books.row("anna").activity_at(clock("10:49:59")) == "wrap_up"
    assert books.row("anna").activity_at(clock("10:50")) == "available"
    assert seconds(books, "10:10", "10:40") == {"engaged": 1800, "staffed": 1800}
    assert seconds(books, "10:10", "11:00") == {"engaged": 2400, "idle": 600, "staffed": 3000}
    assert books.row("anna").parts == []


def test_chats_of_27500_s_inside_23400_s_engaged_have_a_concurrency_of_1_175() -> None:
    # 08:00 to 14:30 is 23,400 s with a chat; a second one of 4,100 s beside it
    books = Books().take(told("anna", clock("08:00"), "available", slots=SLOTS))
    books.take(call("1", None, "08:00", "14:29", "14:30", channel="chat"))
    books.take(call("2", None, "09:00", "10:00", "10:08:20", channel="chat"))
    until(books, "16:00")
    found = books.times("anna", "chat", clock("08:00"), clock("16:00"), "m")
    assert (found["sessions"], found["engaged"]) == (27_500, 23_400)
    assert round(concurrency(found) or 0, 3) == 1.175


def test_a_call_beside_a_chat_engages_once_over_all_channels_and_once_on_each() -> None:
    books = Books().take(told("anna", clock("10:00"), "available", slots=SLOTS))
    books.take(call("1", None, "10:10", "10:20", "10:20"), call("2", None, "10:15", "10:30", "10:30", channel="chat"))
    assert seconds(books, "10:00", "11:00") == {"engaged": 1200, "idle": 2400, "staffed": 3600}
    assert seconds(books, "10:00", "11:00", "phone")["engaged"] == 600
    assert seconds(books, "10:00", "11:00", "chat")["engaged"] == 900


def test_an_agent_is_idle_on_the_channels_of_the_slots_alone() -> None:
    books = Books().take(told("anna", clock("10:00"), "available", slots={"chat": 2}))
    assert seconds(books, "10:00", "10:10", "chat") == {"idle": 600}
    assert seconds(books, "10:00", "10:10", "phone") == {}


def test_who_takes_only_email_is_neither_engaged_nor_idle_and_lowers_no_occupancy() -> None:
    """Email is nobody's live work: a day of it would else be a day of idle time."""
    books = Books().take(told("anna", clock("10:00"), "available", slots={"email": 5, "phone": 0}))
    assert seconds(books, "10:00", "10:10") == {"staffed": 600}
    assert seconds(books, "10:00", "10:10", agent=None) == {"staffed": 600}


def test_not_ready_on_a_call_is_engaged_and_after_it_not_ready() -> None:
    books = Books().take(told("anna", clock("10:00"), "available"), call("1", None, "10:10", "10:20", "10:20"))
    books.take(told("anna", clock("10:15"), "not_ready", reason="lunch"))
    assert seconds(books, "10:00", "10:30") == {"engaged": 600, "idle": 600, "staffed": 1800, "not_ready": 600}


def test_a_call_that_goes_on_after_the_log_out_is_engaged_and_nobody_is_staffed() -> None:
    books = Books().take(told("anna", clock("10:00"), "available"), told("anna", clock("10:15"), "logged_out"))
    books.take(call("1", None, "10:10", "10:20", "10:20"))
    assert seconds(books, "10:00", "10:30") == {"engaged": 600, "idle": 600, "staffed": 900}


def test_a_window_that_starts_and_ends_in_the_middle_of_a_call_has_the_middle() -> None:
    books = Books().take(told("anna", clock("10:00"), "available"), call("1", None, "10:10", "10:50", "10:55"))
    until(books, "11:00")
    assert books.times("anna", "*", clock("10:20"), clock("10:40")) == {"engaged": 1200, "staffed": 1200}


def test_a_days_window_over_a_call_of_twelve_hours_and_an_open_one_counts_to_the_present() -> None:
    books = Books(Rules(agent_silence_ms=2 * DAY)).take(told("anna", clock("20:00"), "available"))
    books.take(part("anna", "1", 2, clock("20:00"), answered_at=clock("20:00")))
    until(books, "23:59")
    now = clock("08:00", day=1)
    books.take(told(TICK, now, "logged_out", name="morning"))
    assert books.times("anna", "phone", clock("00:00", day=1), now, "d") == {"sessions": 28_800, "engaged": 28_800}
    ended = clock("08:10", day=1)
    books.take(part("anna", "1", 4, ended, answered_at=clock("20:00"), over_at=ended, free_at=ended, wrapped=True))
    books.take(told(TICK, clock("23:00", day=1), "logged_out", name="night"))
    assert books.times("anna", "phone", clock("00:00"), clock("00:00", day=1), "d")["engaged"] == 4 * 3600
    assert books.times("anna", "phone", clock("00:00", day=1), clock("23:00", day=1), "d")["engaged"] == 8 * 3600 + 600


def test_a_late_part_changes_its_span_alone() -> None:
    books = Books().take(told("anna", clock("10:00"), "available", slots={"phone": 1}))
    books.take(call("1", None, "10:30", "10:40", "10:40"), call("2", None, "10:50", "10:59", "10:59"))
    until(books, "12:00")
    before = books.shard.cells(clock("12:00"))
    books.take(call("3", None, "10:10", "10:20", "10:20"))
    after = books.shard.cells(clock("12:00"))
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    fine = {int(name.split("|")[1]) * 1000 for name in changed if name.startswith("cf")}
    assert fine == {clock("10:10"), clock("10:20")}
    assert seconds(books, "10:00", "11:00") == {"engaged": 1740, "idle": 1860, "staffed": 3600}


def test_what_an_agent_has_done_is_counted_and_a_correction_takes_back_exactly_its_own() -> None:
    scope = "t|" + agent_scope("phone", inbound=True, agent_id="anna")
    done = {"talk_ms": 500_000, "hold_ms": 40_000, "wrap_up_ms": 120_000, "handle_ms": 660_000}
    books = Books().take(call("1", None, "10:10", "10:19", "10:21", **done, held=True, closings=((1, True), (2, None))))
    books.take(part("anna", "2", 0, clock("11:00"), rang_until=clock("11:00"), declined=True, result="busy"))
    counted = books.shard.balances()[scope]
    assert {name: counted.get(CODES[name], 0) for name in (*done, "handled", "held", "transferred", "declined")} == (
        done | {"handled": 1, "held": 1, "transferred": 0, "declined": 1}
    )
    assert (counted[CODES["resolved_known"]], counted[CODES["resolved"]]) == (1, 1)
    books.take(part("anna", "1", 11, clock("11:00"), answered_at=clock("10:10"), over_at=clock("10:19"), timed_out=True,
                    free_at=clock("10:19")))  # fmt: skip
    assert CODES["handled"] not in books.shard.balances()[scope]
    books.take(part("anna", "2", 1, clock("11:01"), withdrawn=True))
    books.take(part("anna", "2", 0, clock("11:00"), rang_until=clock("11:00"), declined=True, result="busy"))
    assert books.shard.balances().get(scope, {}) == {}


def test_levels_never_raise_what_is_retracted_and_all_agents_are_the_sum_of_each() -> None:
    books = Books().take(*(told(name, clock("10:00"), "available") for name in ("anna", "bert")))
    books.take(call("1", "10:09", "10:10", "10:20", "10:21"))
    books.take(part("anna", "1", 12, clock("10:30"), answered_at=clock("10:10"), over_at=clock("10:15"),
                    free_at=clock("10:16"), wrapped=True))  # fmt: skip
    assert seconds(books, "10:00", "11:00", agent=None) == {"engaged": 360, "idle": 7200 - 360, "staffed": 7200}
    total = books.shard.fields["t|" + time_scope("*", "anna")]
    assert total.endswith(b"\x80"), "nothing is retracted"


def test_what_lies_before_the_keep_is_expired_and_what_it_left_stays() -> None:
    books = Books().take(told("anna", clock("10:00"), "available"))
    for day in range(6):
        first = clock("10:00", day)
        books.take(*(beat("anna", first + n * 2 * MINUTE) for n in range(240)))
    before = books.shard.balances()
    late = part(
        "anna", "1", 0, clock("10:00"), answered_at=clock("10:05"), over_at=clock("10:10"), free_at=clock("10:10")
    )
    books.take(late, told("anna", clock("11:00"), "not_ready", name="late"))
    assert books.ledger.counts["anomaly.expired"] == 2
    assert books.shard.balances() == before
    assert sum(map(len, books.shard.states.values())) < 200_000


def test_an_agent_who_never_stops_talking_is_kept_in_bounds() -> None:
    books = Books().take(told("anna", clock("00:00"), "available"))
    for hour in range(20):
        books.take(*(beat("anna", clock(f"{hour}:00") + n * 5000) for n in range(720)))
    assert sum(map(len, books.shard.states.values())) < 600_000
    assert books.times("anna", "*", clock("00:00"), clock("19:50"), "m") == {"idle": 71_400, "staffed": 71_400}
    books.take(told("anna", clock("01:00"), "not_ready", name="late"))
    assert books.ledger.counts["anomaly.expired"] == 1


def test_the_keep_reaches_back_to_500_words_however_old_they_are() -> None:
    books = Books(Rules(agent_silence_ms=HOUR)).take(told("anna", clock("10:00"), "available"))
    books.take(told("anna", clock("10:00", day=9), "available"))
    books.take(call("1", None, "10:10", "10:20", "10:20"))
    assert books.ledger.counts.get("anomaly.expired", 0) == 0
    assert books.times("anna", "*", clock("00:00"), clock("00:00", day=1), "d")["engaged"] == 600


def test_activity_is_the_most_pressing_and_slots_are_what_is_left() -> None:
    books = Books().take(told("anna", clock("10:00"), "available", slots=SLOTS, queues=["support"]))
    books.take(part("anna", "c1", 0, clock("10:01"), channel="chat", answered_at=clock("10:01"), queue="web"))
    books.take(part("anna", "c2", 0, clock("10:02"), channel="chat", rang_at=clock("10:02"), queue="web"))
    row, at = books.row("anna"), clock("10:03")
    assert (row.activity_at(at), row.slots_at(at)) == ("on_interaction", {"phone": (0, 1), "chat": (2, 1)})
    assert [(p.interaction_id, p.kind, p.queue) for p in row.parts_at(at)] == [
        ("c1", "on", "web"),
        ("c2", "ring", "web"),
    ]
    books.take(part("anna", "p", 0, clock("10:04"), answered_at=clock("10:04")))
    assert books.row("anna").slots_at(clock("10:05")) == {"phone": (1, 0), "chat": (2, 0)}


def test_one_of_whom_only_work_was_heard_is_unknown_and_engaged() -> None:
    books = Books().take(part("anna", "1", 0, clock("10:00"), answered_at=clock("10:00")))
    assert books.row("anna").presence_at(clock("10:01")) == "unknown"
    assert seconds(books, "10:00", "10:10") == {"engaged": 600}


def test_parts_of_one_instant_are_shown_with_queues_and_without() -> None:
    at = clock("10:00")
    books = Books().take(
        *(part("anna", "1", 0, at, number=n, queue=q, answered_at=at) for n, q in ((1, "a"), (0, None)))
    )
    assert [found.queue for found in books.row("anna").parts] == [None, "a"]
