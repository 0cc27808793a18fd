"""How long a customer's past is kept: as long as it decides anything that is kept, and no longer."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from schemas.codec import decode
from schemas.topics import TOPICS
from stream.core.books.ledger import Ledger
from stream.core.customers.customer import Customers
from stream.core.measures import CODES
from stream.core.rules import DAY, HOUR, Rules
from tests.core.by_hand import MONDAY, instant, written
from tests.core.memory_shard import MemoryShard

if TYPE_CHECKING:
    from stream.core.customers.state import Customer

RULES = Rules()
KEEP_MS = RULES.keep_customers_ms
NOW = instant([MONDAY.isoformat(), "08:00:00"])


def event(type_: str, at: int, *, revision: int = 0, **data: Any) -> Any:
    """An event of customer c on the timeline."""
    told = {"customer_id": "c"} | data
    value = {"specversion": "1.0", "id": type_ + str(at), "source": "/keep", "type": type_, "time": written(at),
             "revision": revision, "data": told}  # fmt: skip
    key = str(told["customer_id"]).encode()
    return decode(TOPICS["customers.timeline"], key, msgspec.json.encode(value), 2**60)


def digest(id_: str, start: int, end: int, revision: int = 0, **more: Any) -> Any:
    """A served interaction."""
    told = {"channel": "phone", "interaction_id": id_, "started_at": start, "ended_at": [end], "served": True}
    return event("interaction.digest", end, revision=revision, **told | more)


def taken(*events: Any, now: int = NOW) -> tuple[Customer, Counter[tuple[int, str, int]]]:
    """The customer after these events, and what then counts."""
    stage, tally = Customers(RULES), Counter[tuple[int, str, int]]()
    state = stage.new("c")
    for each in events:
        count(tally, stage.apply(state, each, now))
    return state, tally


def count(tally: Counter[tuple[int, str, int]], change: Any) -> None:
    """Add and take back."""
    for sign, stamps in ((1, change.added), (-1, change.removed)):
        for at, scope, increments in stamps:
            for code, n in zip(increments[::2], increments[1::2], strict=True):
                tally[at, scope, code] += sign * n


def test_who_joined_years_ago_is_a_member_also_when_nothing_else_is_known_of_them() -> None:
    ledger, shard = Ledger(Customers(RULES), lambda _: "UTC"), MemoryShard()
    other = event("customer.joined", NOW, customer_id="d")
    old = [event("customer.joined", NOW - 5 * 365 * DAY), event("customer.complained", NOW - KEEP_MS - 1)]
    shard.fold(ledger, list(enumerate([other, *old])))
    assert shard.balances()["t|*|i|*"][CODES["members"]] == 2
    assert (ledger.counts["applied"], ledger.counts["anomaly.expired"]) == (2, 1)


def test_of_a_member_who_is_never_heard_of_again_the_past_goes_by_time_alone() -> None:
    stage = Customers(RULES)
    state, _ = taken(event("customer.joined", NOW), digest("1", NOW, NOW + HOUR))
    due_at = stage.due_at(state)
    assert due_at == NOW + HOUR + KEEP_MS + RULES.repeat_window_ms + 1
    assert stage.keep_until(state) > NOW + 10 * KEEP_MS
    counted = list(state.stamps)
    change = stage.elapse(state, due_at)
    assert (change.added, change.removed) == ([], [])
    assert not state.heard
    assert stage.due_at(state) is None
    assert {stamp[0] for stamp in state.stamps} == {NOW}, "who has joined is still a member"
    assert len(counted) > len(state.stamps)


def test_what_is_a_millisecond_younger_goes_a_millisecond_later() -> None:
    stage = Customers(RULES)
    state, _ = taken(event("customer.joined", NOW), digest("1", NOW, NOW + 1), digest("2", NOW, NOW + 2))
    for left in ({"2"}, set()):
        stage.elapse(state, stage.due_at(state) or 0)
        assert {number for _, number in state.digests()} == left


def test_orders_are_kept_for_a_year_more() -> None:
    stage = Customers(RULES)
    order = event("customer.purchased", NOW, order_id="o", amount=5, currency="EUR")
    state, _ = taken(event("customer.joined", NOW), order, event("customer.complained", NOW + DAY), now=NOW + DAY)
    for last, left in ((NOW + DAY, {"joined", "purchased"}), (NOW + 365 * DAY, {"joined"})):
        due_at = last + KEEP_MS + RULES.repeat_window_ms + 1
        assert stage.due_at(state) == due_at
        stage.elapse(state, due_at)
        assert {one.kind for one in state.events()} == left
    assert stage.due_at(state) is None


def test_without_membership_nothing_is_due_and_all_goes_at_once() -> None:
    stage = Customers(RULES)
    complained, _ = taken(event("customer.complained", NOW))
    assert (stage.due_at(complained), stage.keep_until(complained)) == (None, NOW + KEEP_MS)
    state, _ = taken(digest("1", NOW, NOW + HOUR))
    assert stage.due_at(state) is None
    assert stage.keep_until(state) == NOW + HOUR + KEEP_MS


def test_an_old_contact_stays_as_long_as_it_makes_a_younger_one_a_repeat_in_a_day_that_is_kept() -> None:
    stage = Customers(RULES)
    state, tally = taken(digest("1", NOW, NOW + HOUR), digest("2", NOW + DAY, NOW + 30 * DAY, channel="email"))
    first = CODES["first_contacts"]
    assert [at for (at, scope, code), n in tally.items() if code == first and n and scope.endswith("*")] == [NOW + HOUR]
    later = NOW + 9 * DAY + KEEP_MS
    count(tally, stage.apply(state, digest("3", later, later), later))
    assert {id_ for _, _, id_ in state.heard} == {"1", "2", "3"}
    later += 22 * DAY
    count(tally, stage.apply(state, digest("3", later, later, revision=1), later))
    assert {id_ for _, _, id_ in state.heard} == {"2", "3"}
    count(tally, stage.apply(state, digest("2", NOW + DAY, NOW + 30 * DAY, 1, channel="email", withdrawn=True), later))
    assert all(n >= 0 for (at, _, _), n in tally.items() if at >= later - KEEP_MS)


def test_what_an_alias_has_kept_is_taken_in_whatever_its_age() -> None:
    at = NOW - KEEP_MS - DAY
    routed = {"customer_id": "c", "channel": "phone", "interaction_id": "1", "started_at": at, "ended_at": [at]}
    state, _ = taken(event("alias.routed", NOW, route="tel:1", digest=routed, digest_revision=7))
    assert [one.route for one in state.heard.values()] == ["tel:1"]


@pytest.mark.parametrize(
    ("start", "end", "result"),
    [
        (KEEP_MS + 2, KEEP_MS + 1, "skipped"), (KEEP_MS + 1, KEEP_MS, "applied"), (KEEP_MS, KEEP_MS, "applied"),
        (KEEP_MS + 40 * DAY, HOUR, "applied"),
    ],
)  # fmt: skip
def test_an_interaction_is_as_old_as_its_last_instant(start: int, end: int, result: str) -> None:
    stage = Customers(RULES)
    change = stage.apply(stage.new("c"), digest("1", NOW - start, NOW - end), NOW)
    assert (change.result, change.anomalies) == (result, ("expired",) if result == "skipped" else ())


@pytest.mark.parametrize(("age", "result"), [(KEEP_MS + 1, "skipped"), (KEEP_MS, "applied")])
def test_an_event_is_as_old_as_its_time(age: int, result: str) -> None:
    stage = Customers(RULES)
    assert stage.apply(stage.new("c"), event("customer.complained", NOW - age), NOW).result == result


def test_an_old_contact_stays_as_long_as_a_complaint_that_is_kept_is_about_it() -> None:
    stage = Customers(RULES)
    state, tally = taken(
        event("customer.joined", NOW), digest("1", NOW, NOW + HOUR, reason="bill"),
        event("customer.complained", NOW + 29 * DAY, about="bill"), now=NOW + 29 * DAY,
    )  # fmt: skip
    complaints = [at for (at, scope, code), n in tally.items() if code == CODES["complaints"] and n and "|r" in scope]
    assert complaints == [NOW + 29 * DAY]
    for later, heard in ((20 * DAY, 1), (29 * DAY, 1), (31 * DAY, 0)):
        stage.elapse(state, NOW + KEEP_MS + later)
        assert len(state.heard) == heard
        assert stage.due_at(state)
        found = {stamp[0] for stamp in state.stamps if "|rbill" in stamp[1] and CODES["complaints"] in stamp[2][::2]}
        assert found == ({NOW + 29 * DAY} if heard else set())
