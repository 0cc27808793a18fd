"""What contacts are about, counted by hand."""

from __future__ import annotations

from collections import Counter

from schemas.codec import decode
from schemas.topics import TOPICS
from stream.core.books.cells import decode_total
from stream.core.measures import NAMES
from tests.core.timeline import DAY, HOUR, MINUTE, NOON, Record, Timeline, contact, said

SPEC = TOPICS["customers.timeline"]


def counts(events: list[Record]) -> dict[str, dict[str, int]]:
    """Of each reason's scope, what stands."""
    found: dict[str, dict[str, int]] = {}
    told = Timeline().take(events)
    for name, value in told.shard.fields.items():
        if name.startswith("t|") and "|i|r" in name:
            gained, retracted = decode_total(value)
            net = Counter({NAMES[code]: n for code, n in gained.items()})
            net.subtract({NAMES[code]: n for code, n in retracted.items()})
            found[name[2:]] = {measure: n for measure, n in net.items() if n}
    return {scope: net for scope, net in found.items() if net}


def test_a_contact_its_repeat_and_what_was_felt() -> None:
    assert counts([
        *contact("a", NOON, NOON + HOUR, channel="chat", reason="bill", handled=2, handle_ms=300_000),
        *contact("b", NOON + DAY, NOON + DAY + HOUR, handled=1, handle_ms=60_000),
        *contact("d", NOON + 2 * DAY, NOON + 2 * DAY + HOUR, reason="delivery", handle_ms=1000),
        said("survey_answered", "s", NOON + 3 * DAY, survey="csat", score=4, interaction_id="a"),
        said("survey_answered", "t", NOON + 3 * DAY, survey="nps", score=9, interaction_id="a"),
        said("survey_answered", "u", NOON + 3 * DAY, survey="csat", score=1, interaction_id="b"),
    ]) == {
        "chat|i|rbill": {
            "identified": 1, "handled": 2, "handle_ms": 300_000, "first_contacts": 1, "repeated_contacts": 1,
            "repeats_caused": 1, "csat_answers": 1, "csat_satisfied": 1, "csat_sum": 4, "csat_squares": 16,
        },
        "phone|i|rdelivery": {"identified": 1, "repeats": 1, "handled": 1, "handle_ms": 1000},
    }  # fmt: skip


def test_a_resolved_contact_and_one_that_nobody_served() -> None:
    assert counts([
        *contact("a", NOON, NOON + HOUR, reason="bill", handle_ms=5),
        *contact("b", NOON + DAY, NOON + DAY + 1, reason="fault", served=False, handled=0, outcome="abandoned"),
        *contact("o", NOON + DAY, NOON + DAY + 1, reason="bill", inbound=False),
    ]) == {
        "phone|i|rbill": {
            "identified": 1, "handled": 1, "handle_ms": 5, "first_contacts": 1, "resolved_contacts": 1,
        },
        "phone|i|rfault": {"identified": 1},
    }  # fmt: skip


def complaints(*events: Record) -> dict[str, int]:
    of = [
        *contact("a", NOON, NOON + MINUTE, reason="bill"),
        *contact("b", NOON + HOUR, NOON + HOUR + MINUTE, channel="chat", reason="delivery"),
        *contact("d", NOON + 2 * HOUR, NOON + 2 * HOUR + MINUTE),
    ]
    return {scope: net["complaints"] for scope, net in counts([*of, *events]).items() if "complaints" in net}


def test_a_complaint_is_about_what_it_says_or_about_the_last_contact_of_a_day() -> None:
    told = {"phone|i|rbill": 1}
    assert complaints(said("complained", "x", NOON + 3 * HOUR, about="bill")) == told
    assert complaints(said("complained", "x", NOON + 30 * DAY, about="bill")) == told
    assert complaints(said("complained", "x", NOON + 30 * DAY + 1, about="bill")) == {}
    assert complaints(said("complained", "x", NOON + 3 * HOUR)) == {"chat|i|rdelivery": 1}
    assert complaints(said("complained", "x", NOON + 3 * HOUR, about="a rude clerk")) == {"chat|i|rdelivery": 1}
    assert complaints(said("complained", "x", NOON + HOUR + DAY)) == {"chat|i|rdelivery": 1}
    assert complaints(said("complained", "x", NOON + HOUR + DAY + 1)) == {}
    assert complaints(said("complained", "x", NOON - 1)) == {}


def test_a_reason_told_late_moves_what_was_counted() -> None:
    late = contact("a", NOON, NOON + HOUR, reason="bill", handle_ms=5)
    assert counts([*contact("a", NOON, NOON + HOUR, reason="fault", handle_ms=5)[:1], late[1]]).keys() == {
        "phone|i|rbill"
    }
    assert decode(SPEC, *late[1], 1 << 60).data.reason == "bill"
