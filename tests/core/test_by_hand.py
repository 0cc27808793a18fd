"""Histories whose numbers were worked out by hand: the stages and the oracle both say them, in any order, doubled."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from stream.core.books.ledger import Ledger
from stream.core.figures.service_level import VARIANTS
from stream.core.interactions.interaction import Interactions
from stream.core.measures import CODES, NAMES
from stream.core.open_row import Open
from stream.core.rules import CHANNEL_RULES, QueueRules, Rules
from stream.core.times.calendar import Calendar, due_at
from tests.core import (
    by_hand_agents,
    by_hand_clocks,
    by_hand_corrections,
    by_hand_customers,
    by_hand_fcr,
    by_hand_hours,
    by_hand_queues,
    by_hand_threads,
    by_hand_transfers,
)
from tests.core.by_hand import History, Hours, instant, length_ms, lines, steps, wanted, written
from tests.core.memory_shard import MemoryShard
from tests.core.recounted import recounted, sketched
from tests.core.straight import Straight
from tests.core.test_interaction import events
from tests.oracle.defaults import QueueSettings, Settings

TABLES = (
    by_hand_queues, by_hand_clocks, by_hand_corrections, by_hand_agents, by_hand_transfers, by_hand_threads,
    by_hand_customers, by_hand_fcr, by_hand_hours,
)  # fmt: skip
HISTORIES: dict[str, History] = {name: row for table in TABLES for name, row in table.HISTORIES.items()}
every_history = pytest.mark.parametrize("name", HISTORIES)


def minutes(clock: str) -> int:
    """09:30 as minutes of the day."""
    return int(clock[:2]) * 60 + int(clock[3:])


def calendar(hours: Hours) -> Calendar:
    """Opening hours as the product has them."""
    spans = tuple((minutes(first), minutes(last)) for first, last in hours.spans)
    weekly: Any = tuple(spans if hours.weekday(day) else () for day in range(7))
    return Calendar(zone=hours.zone, weekly=weekly, holidays=hours.holidays)


def rules(history: History) -> Rules:
    """The counting settings of a history."""
    queues = {}
    for queue in {*history.thresholds, *history.hours}:
        told, hours = history.thresholds.get(queue), history.hours.get(queue)
        queues[history.channel, queue] = QueueRules(
            threshold_ms=length_ms(told) if told else CHANNEL_RULES[history.channel].queue.threshold_ms,
            calendar=calendar(hours) if hours else None,
        )
    return Rules(queues=queues)


def settings(history: History) -> Settings:
    """The same for the oracle."""
    return Settings(
        {
            (history.channel, queue): QueueSettings(
                length_ms(history.thresholds[queue]) if queue in history.thresholds else None,
                calendar=history.hours.get(queue),
            )
            for queue in {*history.thresholds, *history.hours}
        }
    )


def played(history: History, told: list[Any], *, reload: bool = False) -> Straight:
    """The stages after a history; bare instants are the passing of time."""
    straight = Straight(rules(history), reload=reload)
    for step in told:
        if isinstance(step, int):
            straight.pass_time(step)
        else:
            straight.take([step])
    return straight


def mixed(told: list[Any], seed: int) -> list[Any]:
    """All events twice in another order, some of them before time passes and some after."""
    random = Random(seed)
    events = [step for step in told if not isinstance(step, int)] * 2
    random.shuffle(events)
    for at in sorted(step for step in told if isinstance(step, int)):
        events.insert(random.randint(0, len(events)), at)
    return [*events, *[step for step in told if isinstance(step, int)][-1:]]


@every_history
def test_the_stages_count_what_was_worked_out_by_hand(name: str) -> None:
    history = HISTORIES[name]
    assert played(history, steps(history)).standing() == wanted(history)


@every_history
def test_shuffled_doubled_and_reloaded_it_is_the_same(name: str) -> None:
    history = HISTORIES[name]
    for seed in range(6):
        assert played(history, mixed(steps(history), seed), reload=seed % 2 == 0).standing() == wanted(history)


@every_history
def test_the_oracle_counts_what_was_worked_out_by_hand(name: str) -> None:
    history = HISTORIES[name]
    told = steps(history)
    instants = [step for step in told if isinstance(step, int)]
    records = [step for step in told if not isinstance(step, int)]
    latest = max([*instants, *(record["timestamp_ms"] for record in records)])
    assert recounted(records, latest, settings(history)) == wanted(history)


@every_history
def test_quantiles_and_histograms_are_of_each_wait_and_each_handle(name: str) -> None:
    history = HISTORIES[name]
    records = [step for step in steps(history) if not isinstance(step, int)]
    found = played(history, steps(history)).sketches()
    assert found == sketched(records, settings=settings(history))
    assert played(history, mixed(steps(history), 1), reload=True).sketches() == found


@every_history
def test_the_segments_are_those_that_one_sees(name: str) -> None:
    history = HISTORIES[name]
    found = [
        f"{segment.queue or '-'}/{segment.agent or '-'}"
        for (topic, _), state in sorted(played(history, steps(history)).states.items())
        if topic.startswith("interactions.")
        for segment in state.life.segments
    ]
    assert sorted(found) == sorted(history.segments.split())


def test_the_tables_hold_enough_and_say_nothing_twice() -> None:
    assert len(HISTORIES) == sum(len(table.HISTORIES) for table in TABLES) >= 40
    assert all(lines(history.told) and lines(history.counts) for history in HISTORIES.values())


def test_what_happens_from_05_23_to_06_15_is_in_three_half_hours_and_only_one_of_them_is_empty() -> None:
    history = HISTORIES["a contact from 05:23 to 06:15 counts where each thing happens, and nothing in between"]
    records: list[Any] = steps(history)
    ledger, shard = Ledger(Interactions(Rules(), "phone"), lambda _: "UTC"), MemoryShard()
    shard.fold(ledger, list(enumerate(events(records))))
    halves = {}
    for name, cell in shard.cells(ledger.stream_time).items():
        ring, start, scope = name[1:].split("|", 2)
        if ring == "h" and scope == "phone|i|qsupport":
            halves[written(int(start) * 1000)[11:16]] = {
                NAMES[code]: n for code, n in cell.items() if code < len(NAMES)
            }
    assert halves["05:00"] == {"offered": 1, "answered": 1, "in_threshold": 1, "wait_ms": 15_000}
    assert "05:30" not in halves
    assert halves["06:00"] == {"handled": 1, "talk_ms": 3_105_000, "handle_ms": 3_105_000, "ended": 1}


def test_the_service_levels_of_a_day_of_calls_are_those_of_the_textbook() -> None:
    waits = [("answered anna", 860, 20), ("answered anna", 140, 21), ("abandoned", 10, 5), ("abandoned", 10, 6),
             ("abandoned", 40, 21)]  # fmt: skip
    kinds = [(how, wait) for how, n, wait in waits for _ in range(n)]
    told = "\n".join(
        f"10:00:00 phone/{number} queued support\n10:00:{wait:02} phone/{number} {how}"
        for number, (how, wait) in enumerate(kinds)
    )
    day: dict[str, int] = {}
    for (_, scope, measure), n in Straight().take(steps(History("phone", told, ""))).standing().items():
        if scope == "phone|i|qsupport":
            day[measure] = day.get(measure, 0) + n
    cell = {CODES[measure]: n for measure, n in day.items() if measure in CODES}
    found = {name: round(100 * (formula(cell) or 0), 2) for name, formula in VARIANTS.items()}
    assert list(found.items())[:6] == [
        ("answered_only", 86.00), ("abandons_negative", 81.13), ("abandons_positive", 83.02),
        ("early_abandons_excluded", 82.69), ("short_abandons_credited", 82.08), ("short_abandons_excluded", 81.90),
    ]  # fmt: skip


def test_one_business_hour_from_friday_at_16_30_is_due_on_monday_at_09_30() -> None:
    asked, due = (instant([day, clock]) for day, clock in (("2026-03-06", "16:30:00"), ("2026-03-09", "09:30:00")))
    assert due_at(calendar(by_hand_hours.OFFICE), asked, length_ms("1h")) == due


def test_a_thread_of_friday_at_16_30_shows_that_its_answer_is_due_on_monday_at_09_30() -> None:
    history = HISTORIES["asked on Friday at 16:30, answered on Monday at 09:30: one hour, in the threshold of one hour"]
    stage = Interactions(rules(history), "email")
    state = stage.new("1")
    records: list[Any] = steps(history)
    stage.apply(state, events(records)[0], instant(["2026-03-06", "16:30:00"]))
    view = Open(*(stage.view(state) or ()))
    assert (view.asked_at, view.answer_due_at, view.first) == (
        instant(["2026-03-06", "16:30:00"]), instant(["2026-03-09", "09:30:00"]), True,
    )  # fmt: skip
