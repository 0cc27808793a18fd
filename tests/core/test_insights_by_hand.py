"""Insights that several facts make at once, in what order they are told, and until when: by hand."""

from __future__ import annotations

import pytest

from stream.core.rules import Rules
from tests.core.timeline import DAY, HOUR, MINUTE, NOON, Record, Timeline, contact, record, said, text


def told(line: Timeline, since: int) -> list[str]:
    """The ids of what was sent from that one on, without the customer."""
    return [each["id"].removesuffix("/c") for each in line.sent[since:]]


def test_what_one_record_makes_is_told_by_time() -> None:
    first = contact("a", NOON, NOON + HOUR, channel="chat")
    again = contact("b", NOON + 2 * HOUR, NOON + 3 * HOUR, wait_ms=61_000)
    assert told(Timeline().take([*first, again[1]]), 1) == [
        "context/phone/b", "friction/repeated_on_another_channel/chat/a", "repeat/phone/b",
        "friction/long_wait/phone/b",
    ]  # fmt: skip


def test_of_one_heard_late_all_is_told_that_it_means_for_a_later_one_too() -> None:
    first = contact("a", NOON, NOON + HOUR, channel="chat", transferred=2)
    line = Timeline().take(contact("b", NOON + 2 * HOUR, NOON + 3 * HOUR))
    assert told(line.take([first[1]]), 1) == [
        "context/chat/a", "friction/transferred_twice/chat/a", "friction/repeated_on_another_channel/chat/a",
        "repeat/phone/b",
    ]  # fmt: skip


@pytest.mark.parametrize(("late", "names"), [(0, ["friction/repeated_on_another_channel/chat/a"]), (1, [])])
def test_of_one_that_ended_a_week_before_its_sequel_it_is_told_for_a_day(late: int, names: list[str]) -> None:
    week = NOON + 7 * DAY
    line = Timeline().take([*contact("b", week, week + MINUTE), *contact("now", week + DAY + late, reason="other")])
    known = len(line.sent)
    found = told(line.take([contact("a", NOON - HOUR, NOON, channel="chat")[1]]), known)
    assert [name for name in found if name.startswith("friction")] == names


@pytest.mark.parametrize(("age", "n"), [(DAY, 2), (DAY + 1, 0)])
def test_a_complaint_is_told_for_a_day(age: int, n: int) -> None:
    line = Timeline().take([said("touched", "now", NOON, touchpoint="site"), said("complained", "x", NOON - age)])
    assert len(line.sent) == n


@pytest.mark.parametrize(("window", "days"), [(7, 35), (17, 35), (20, 40)])
def test_what_was_told_is_known_for_five_weeks_or_twice_the_repeat_window(window: int, days: int) -> None:
    line = Timeline(Rules(repeat_window_ms=window * DAY)).take(contact("a", NOON))
    for name, at, known in (("b", NOON + days * DAY, {"a", "b"}), ("d", NOON + days * DAY + 1, {"b", "d"})):
        line.take(contact(name, at))
        state = line.ledger.stage.load("c", line.shard.states["c"])
        assert {each.split("/")[2] for each in state.insights if each.startswith("context")} == known


def test_of_the_contacts_before_the_last_twenty_are_named_and_all_are_counted() -> None:
    records = [each for n in range(23) for each in contact(f"{n:02}", NOON + n * HOUR, NOON + n * HOUR + MINUTE)]
    data = Timeline().take(records).one("context/phone/22/")
    assert [each["interaction_id"] for each in data["earlier"]] == [f"{n:02}" for n in range(2, 22)]
    assert data["contact"] == 23


def test_of_what_is_open_the_last_twenty_are_named() -> None:
    mails = [each for n in range(23) for each in contact(f"{n:02}", NOON + n, channel="email", reason="bill")]
    data = Timeline().take([*mails, *contact("now", NOON + HOUR, reason="other")]).one("context/phone/now/")
    assert [each["interaction_id"] for each in data["open"]] == [f"{n:02}" for n in range(3, 23)]


@pytest.mark.parametrize("before", [[], contact("before", NOON - DAY, NOON - DAY + HOUR, reason="other")])
def test_what_went_wrong_inside_is_told_as_of_the_first_end(before: list[Record]) -> None:
    ends = [NOON + HOUR, NOON + 3 * HOUR]
    mail = record(
        "interaction.digest", "email/a", ends[1], "c", 3, channel="email", interaction_id="a", started_at=NOON,
        ended_at=ends, transferred=2, reason="bill",
    )  # fmt: skip
    assert Timeline().take([*before, mail]).one("friction/transferred_twice/email/a/")["happened_at"] == text(ends[0])
