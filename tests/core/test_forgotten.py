"""A customer who is forgotten: what goes, what stays counted, and that nothing brings it back."""

from __future__ import annotations

import random

import pytest

from stream.core.measures import CODES
from stream.core.rules import DAY, HOUR
from tests.core.center import Center, call, said

MON = 1_772_438_400_000
"""2026-03-02T08:00:00Z"""
THEN = MON + 3 * DAY
PAST = [
    *call("i1", "c1", MON), *call("i2", "c1", MON + DAY, channel="chat"), *call("i3", "tel:1", MON + 2 * DAY),
    *call("i4", None, MON), *call("i5", "c2", MON), *call("i6", "c2", MON + HOUR),
    said("joined", "c1", MON), said("purchased", "c1", MON, order_id="o", amount=100, currency="EUR"),
    said("survey_answered", "c1", MON + HOUR, survey="csat", score=2, interaction_id="i1", channel="phone"),
    said("survey_answered", "tel:1", MON + HOUR, survey="nps", score=2),
    said("identified", "c1", MON + 2 * HOUR, aliases=["tel:1"]), said("joined", "c2", MON),
]  # fmt: skip
FUTURE = [
    *call("i7", "c1", THEN + HOUR), *call("i8", "tel:1", THEN + 2 * HOUR),
    said("complained", "c1", THEN + 3 * HOUR), said("complained", "tel:1", THEN + 4 * HOUR),
]  # fmt: skip
WORD = said("forgotten", "c1", THEN)


def test_what_is_known_goes_and_what_is_counted_stays() -> None:
    center = Center().send(*PAST).run()
    figures = center.figures()
    assert center.names("c1")
    assert center.names("tel:1")
    center.send(WORD).run()
    assert center.figures() == figures
    assert center.names("c1") == center.names("tel:1") == []
    for name in ("c1", "tel:1"):
        state = center.state(name)
        assert (state.heard, state.told, state.claims, state.stamps, state.insights) == ({}, {}, {}, [], {})
        assert state.forgotten_at == THEN
    assert len(center.state("c2").heard) == 2


@pytest.mark.parametrize("seed", range(6))
def test_the_same_log_again_changes_nothing_and_neither_does_counting_anew(seed: int) -> None:
    chance = random.Random(seed)
    center = Center(salt=bytes([seed])).send(*PAST).run(chance).send(WORD).run(chance)
    figures = center.figures()
    for records in (PAST, [*PAST, WORD], chance.sample(PAST, len(PAST))):
        assert center.send(*records).run(chance).figures() == figures
    assert center.names("c1") == center.names("tel:1") == []
    assert center.counts()["anomaly.forgotten"] > 0
    center.forget_all()
    assert center.run(chance).figures() == figures
    assert center.names("c1") == center.names("tel:1") == []


@pytest.mark.parametrize("seed", range(12))
def test_what_is_newer_begins_anew_whenever_the_word_to_forget_comes(seed: int) -> None:
    chance = random.Random(seed)
    after = Center().send(*PAST).run().send(WORD).run().send(*FUTURE).run()
    early = Center(salt=bytes([seed])).send(*PAST).run(chance)
    cut = chance.randrange(len(FUTURE) + 1)
    mixed = chance.sample(FUTURE, len(FUTURE))
    early.send(*mixed[:cut]).run(chance).send(WORD).run(chance).send(*mixed[cut:]).run(chance)
    assert early.figures() == after.figures()
    state, alias = early.state("c1"), early.state("tel:1")
    assert {one.interaction_id for one in state.digests().values()} == {"i7"}
    assert {one.interaction_id for one in alias.digests().values()} == {"i8"}
    assert ([one.kind for one in state.events()], [one.kind for one in alias.events()]) == (["complained"],) * 2
    early.forget_all()
    assert early.run(chance).figures() == after.figures()


def test_an_alias_is_forgotten_with_who_holds_it() -> None:
    center = Center().send(*PAST).run()
    figures = center.figures()
    center.send(said("forgotten", "tel:1", THEN)).run()
    assert center.figures() == figures
    assert center.names("c1") == center.names("tel:1") == []
    assert center.state("c1").forgotten_at == THEN
    counts = center.counts()
    center.send(said("forgotten", "tel:1", THEN)).run()
    assert center.counts()["duplicate"] == counts["duplicate"] + 1


def test_an_alias_that_somebody_else_holds_is_theirs() -> None:
    shared = said("identified", "c2", MON + 5 * HOUR, aliases=["tel:1"])
    center = Center().send(*PAST, shared).run()
    figures = center.figures()
    center.send(WORD).run()
    assert center.figures() == figures
    assert {one.interaction_id for one in center.state("c2").digests().values()} == {"i3", "i5", "i6"}
    assert [*center.state("tel:1").claims] == ["c2"]
    assert center.names("c1") == []


def test_who_claimed_an_alias_before_gets_what_comes_next() -> None:
    earlier = said("identified", "c2", MON + HOUR, aliases=["tel:1"])
    center = Center().send(*PAST, earlier).run()
    figures = center.figures()
    center.send(WORD).run()
    assert center.figures() == figures
    center.send(*call("i9", "tel:1", THEN + HOUR)).run()
    assert {one.interaction_id for one in center.state("c2").digests().values()} == {"i5", "i6", "i9"}


def test_an_interaction_that_goes_on_names_nobody_any_more() -> None:
    begun, rest = call("i1", "c1", MON)[:3], call("i1", "c1", MON)[3:]
    center = Center().send(*begun).run().send(said("forgotten", "c1", MON + 5 * 60_000)).run().send(*rest).run()
    assert center.names("c1") == []
    state = center.state("c1")
    assert (state.heard, state.stamps) == ({}, [])
    totals = Center().send(*begun, *rest).run().figures()
    ours = center.figures()
    of_phone = {name: cell for name, cell in totals.items() if "|i|qsupport" in name}
    assert {name: ours[name] for name in of_phone} == of_phone
    assert CODES["unidentified"] not in ours["t|phone|i|*"]


def test_a_name_that_sorts_before_all_does_not_come_back() -> None:
    past = [*call("i1", " c1", MON)]
    center = Center().send(*past).run().send(said("forgotten", " c1", THEN)).run().send(*past).run()
    assert center.names(" c1") == []


def test_who_is_unknown_is_forgotten_in_advance_of_a_replay() -> None:
    center = Center().send(WORD).run()
    assert center.state("c1").forgotten_at == THEN
    center.send(*PAST).run()
    assert center.state("c1").heard == {}


def test_the_word_is_handed_on_once_though_everybody_claims_somebody() -> None:
    claims = [said("identified", by, MON, aliases=[of]) for by, of in (("c1", "c2"), ("c2", "c1"))]
    both = Center().send(*PAST, *claims).run().send(WORD).run()
    assert both.names("c1") == []
    chain = (
        Center().send(*PAST, claims[0], *call("i10", "c3", MON), said("identified", "c3", MON, aliases=["c1"])).run()
    )
    assert chain.state("c3").digests().keys() == {("phone", "i1"), ("chat", "i2"), ("phone", "i10")}
    chain.send(said("forgotten", "c2", THEN)).run()
    assert ("phone", "i10") in chain.state("c3").digests()
    assert chain.state("c1").digests() == {}
