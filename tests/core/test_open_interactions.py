"""What readers see of an interaction while it is not over: who waits, in a queue or for an answer, and until when."""

from __future__ import annotations

from typing import Any

import pytest

from stream.core.interactions.interaction import Interactions
from stream.core.open_row import Open
from stream.core.rules import HOUR, QueueRules, Rules
from stream.core.times.calendar import Calendar
from tests.core.test_interaction import events
from tests.oracle.test_oracle import START, history

LIMIT = 4 * HOUR


def seen(records: list[Any], rules: Rules | None = None, now: int = START) -> Open | None:
    """The row after the records."""
    stage = Interactions(rules or Rules(), records[0]["value"]["data"]["channel"])
    state = stage.new("i1")
    for event in events(records):
        stage.apply(state, event, max(now, event.at))
    row = stage.view(state)
    assert stage.view(stage.load("i1", stage.dump(state))) == row
    return row


@pytest.mark.parametrize(
    ("told", "row"),
    [
        ([(0, "started", {})], Open("phone|i|-", None, LIMIT, None, 0)),
        ([(0, "started", {}), (9, "queued", {"queue": "q"})], Open("phone|i|qq", 9000, LIMIT + 9000, None, 0)),
        (
            [(0, "queued", {"queue": "q"}), (5, "answered", {"agent_id": "a"})],
            Open("phone|i|qq", None, LIMIT + 5000, "phone|i|qq", 0),
        ),
        (
            [(0, "answered", {"agent_id": "a"}), (5, "transferred", {"to_queue": "q"})],
            Open("phone|i|-", None, LIMIT + 5000, None, 0),
        ),
        ([(0, "queued", {"queue": "q", "direction": "outbound"})], Open("phone|o|qq", 0, LIMIT, None, 0)),
        ([(0, "queued", {"queue": "q"}), (5, "abandoned", {})], None),
        ([(0, "answered", {"agent_id": "a"}), (5, "ended", {})], None),
    ],
)
def test_a_call_is_seen_from_its_start_until_it_is_closed(told: list[Any], row: Open | None) -> None:
    shown = seen(history(*told))
    if row is not None and shown is not None:
        shifted = {
            name: n + START
            for name, n in row._asdict().items()
            if name in ("queued_at", "due_at", "opened_at") and n is not None
        }
        row = row._replace(**shifted)
    assert shown == row


def test_what_has_timed_out_is_not_seen_and_an_event_after_all_brings_it_back() -> None:
    records = history((0, "started", {}), (LIMIT // 1000 + 9, "queued", {"queue": "q"}))
    assert seen(records[:1], now=START + LIMIT) is None
    assert seen(records, now=START + LIMIT) is not None


def asked(*told: Any, channel: str = "email", rules: Rules | None = None) -> tuple[Any, ...]:
    """Since when an answer is asked for, when it is due (seconds from START), and whether it is the first."""
    row = seen(history(*told, channel=channel), rules)
    assert row is not None
    at, due = (None if n is None else (n - START) // 1000 for n in (row.asked_at, row.answer_due_at))
    return at, due, row.first


AGENT, CUSTOMER = {"author": "agent"}, {"author": "customer"}
STARTED = (0, "started", {})


def test_the_first_response_is_asked_for_since_the_start_and_the_next_one_since_the_oldest_unanswered() -> None:
    first = STARTED, (10, "queued", {"queue": "q"}), (20, "answered", {"agent_id": "a"}), (30, "message", CUSTOMER)
    assert asked(*first) == (0, 8 * 3600, True)
    replied = *first, (40, "message", AGENT)
    assert asked(*replied) == (None, None, False)
    assert asked(*replied, (50, "message", CUSTOMER), (60, "message", CUSTOMER)) == (50, 50 + 8 * 3600, False)
    assert asked(*replied, (50, "ended", {}), (60, "reopened", {})) == (None, None, False)
    assert asked(STARTED, (50, "ended", {}), (60, "reopened", {})) == (60, 60 + 8 * 3600, True)


def test_a_parked_mail_with_an_agent_on_never_times_out_and_is_seen() -> None:
    row = seen(history(STARTED, (20, "answered", {"agent_id": "a", "queue": "q"}), channel="email"))
    assert row is not None
    assert (row.scope, row.due_at, row.connected) == ("email|i|qq", None, None)


def test_while_a_bot_is_in_charge_no_agent_is_asked_for_an_answer() -> None:
    bot = STARTED, (5, "message", {"author": "bot"}), (6, "message", CUSTOMER)
    assert asked(*bot, channel="chat") == (None, None, False)
    assert asked(*bot, (30, "queued", {"queue": "q"}), channel="chat") == (30, 90, True)
    acknowledged = STARTED, (1, "queued", {"queue": "q"}), (2, "message", {"author": "bot"})
    assert asked(*acknowledged) == (0, 8 * 3600, True)


def test_an_outbound_thread_asks_for_no_first_response() -> None:
    outbound = (0, "started", {"direction": "outbound"})
    assert asked(outbound) == (None, None, False)
    assert asked(outbound, (5, "message", CUSTOMER)) == (5, 5 + 8 * 3600, False)


def test_an_answer_is_due_in_the_business_hours_of_the_queue() -> None:
    hours = Calendar(zone="UTC", weekly=(((9 * 60, 17 * 60),),) * 5 + ((), ()))  # type: ignore[arg-type]
    rules = Rules(queues={("email", "q"): QueueRules(threshold_ms=HOUR, calendar=hours)})
    friday = 4 * 86_400 + 6 * 3600 + 30 * 60  # START is Monday 10:00; Friday 16:30
    told = asked((friday, "started", {}), (friday, "queued", {"queue": "q"}), rules=rules)
    assert told == (friday, 7 * 86_400 - 30 * 60, True), "Monday 09:30"
