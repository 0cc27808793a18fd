"""Whose it is what was told under a name that somebody claims: by hand."""

from __future__ import annotations

from typing import Any

import pytest

from stream.core.measures import CODES
from tests.core.timeline import DAY, HOUR, MINUTE, NOON, Record, Timeline, contact, record, said

KINDS: dict[str, dict[str, Any]] = {
    "complained": {"about": "bill"}, "reviewed": {"rating": 2}, "survey_answered": {"survey": "nps", "score": 3},
    "purchased": {"order_id": "o", "amount": 5, "currency": "EUR"}, "returned": {"order_id": "o"}, "joined": {},
    "left": {}, "touched": {"touchpoint": "site"}, "updated": {"segment": "gold"},
}  # fmt: skip


def claim(by: str, at: int, *aliases: str, name: str = "", revision: int = 0) -> Record:
    return said("identified", name or f"by {by}", at, by, revision=revision, aliases=list(aliases))


def kinds(line: Timeline, name: str) -> list[str]:
    """What the customer of this name has told."""
    return sorted(one.kind for one in state(line, name).events())


def contacts(line: Timeline, name: str) -> set[str]:
    """The interactions of the customer of this name."""
    return {number for _, number in state(line, name).digests()}


def state(line: Timeline, name: str) -> Any:
    stage, stored = line.ledger.stage, line.shard.states.get(name)
    return stage.new(name) if stored is None else stage.load(name, stored)


def test_all_but_claims_is_the_holders_whether_it_was_told_before_or_after() -> None:
    told = [said(kind, kind, NOON, "tel:1", **data) for kind, data in KINDS.items()]
    told += [*contact("a", NOON, NOON + HOUR, "tel:1"), claim("tel:1", NOON, "tel:2")]
    for log in ([*told, claim("c", NOON, "tel:1")], [claim("c", NOON, "tel:1"), *told]):
        line = Timeline().take(log)
        assert (kinds(line, "c"), contacts(line, "c")) == (sorted([*KINDS, "identified"]), {"a"})
        assert (kinds(line, "tel:1"), contacts(line, "tel:1")) == ([], set())
        assert state(line, "tel:2").holder() == "tel:1"


def test_until_somebody_claims_it_a_name_is_a_customer() -> None:
    line = Timeline().take([said("joined", "j", NOON, "tel:1"), *contact("a", NOON, NOON + HOUR, "tel:1")])
    assert (kinds(line, "tel:1"), contacts(line, "tel:1")) == (["joined"], {"a"})
    line.take([claim("c", NOON, "tel:1")])
    assert line.shard.balances()["t|*|i|*"][CODES["members"]] == 1


@pytest.mark.parametrize(
    ("claims", "holder"),
    [
        ([claim("c", NOON, "t"), claim("d", NOON + 1, "t")], "d"),
        ([claim("c", NOON + 1, "t"), claim("d", NOON, "t")], "c"),
        ([claim("c", NOON, "t", name="2"), claim("d", NOON, "t", name="1")], "c"),
        ([claim("c", NOON, "t"), claim("c", NOON + 2, "x", name="else"), claim("d", NOON + 1, "t")], "d"),
        ([claim("c", NOON, "t", name="1"), claim("c", NOON + 2, "t", name="2"), claim("d", NOON + 1, "t")], "c"),
        ([claim("c", NOON, "t"), claim("d", NOON + 1, "t"), claim("d", NOON + 1, "x", revision=1)], "c"),
        ([claim("c", NOON, "t"), claim("c", NOON, "x", revision=1)], None),
        ([claim("c", NOON, "t"), claim("t", NOON + 1, "t")], None),
        ([claim("c", NOON + 1, "t"), claim("t", NOON, "t")], "c"),
    ],
)
def test_the_latest_claim_that_stands_holds_whichever_came_first(claims: list[Record], holder: str | None) -> None:
    calls = contact("a", NOON, NOON + HOUR, "t")
    for log in ([*claims, *calls], [*calls, *claims], [*claims[::-1], *calls]):
        line = Timeline().take(log)
        assert state(line, "t").holder() == holder
        assert {name for name in line.shard.states if "a" in contacts(line, name)} == {holder or "t"}


def test_what_two_claim_of_each_other_changes_sides_and_is_not_sent_on() -> None:
    line = Timeline().take([
        claim("c", NOON, "d"), claim("d", NOON, "c"), *contact("of c", NOON, NOON + HOUR, "c"),
        *contact("of d", NOON, NOON + HOUR, "d"),
    ])  # fmt: skip
    assert (contacts(line, "c"), contacts(line, "d")) == ({"of d"}, {"of c"})


def test_what_was_forgotten_is_forgotten_and_what_is_later_is_not_told_again() -> None:
    later = contact("b", NOON + HOUR, NOON + 2 * HOUR)
    line = Timeline().take([*contact("a", NOON, NOON + MINUTE), *later, said("complained", "x", NOON + HOUR)])
    line.take([said("forgotten", "f", NOON + HOUR - 1)])
    assert (contacts(line, "c"), kinds(line, "c")) == ({"b"}, ["complained"])
    line.take([later[1], *contact("b", NOON + HOUR, NOON + 3 * HOUR, reason="bill")[1:], *contact("d", NOON + DAY)])
    assert set(line.ids().values()) == {1}
    assert contacts(line, "c") == {"b", "d"}


def forgotten(name: str, at: int, *log: Record) -> Timeline:
    """A timeline to which first the log was told and then the word to forget."""
    return Timeline().take(log).take([said("forgotten", f"f {name}", at, name)])


def test_what_is_as_old_as_the_word_to_forget_is_forgotten_whenever_it_comes() -> None:
    told = [*contact("a", NOON, NOON + HOUR), said("complained", "x", NOON), claim("c", NOON, "t")]
    for line in (forgotten("c", NOON, *told), forgotten("c", NOON).take(told)):
        assert (kinds(line, "c"), contacts(line, "c"), state(line, "t").holder()) == ([], set(), None)
    line = forgotten("c", NOON - 1, *told)
    assert (kinds(line, "c"), contacts(line, "c")) == (["complained", "identified"], {"a"})
    assert state(line, "t").holder() == "c"


def test_an_alias_keeps_a_claim_that_is_later_than_the_word() -> None:
    line = forgotten("c", NOON, claim("c", NOON, "t", name="1"), claim("c", NOON + 1, "t", name="2"),
                     *contact("a", NOON, NOON + HOUR, "t"), *contact("b", NOON + 1, NOON + HOUR, "t"))  # fmt: skip
    assert (state(line, "t").holder(), contacts(line, "c"), contacts(line, "t")) == ("c", {"b"}, set())


def test_whoever_claims_an_alias_that_was_forgotten_holds_it_whenever_they_did() -> None:
    line = forgotten("c", NOON + DAY, claim("c", NOON, "t"), *contact("a", NOON, NOON + HOUR, "t"))
    line.take([claim("d", NOON + 1, "t"), *contact("b", NOON + 2 * DAY, NOON + 2 * DAY + HOUR, "t")])
    assert (state(line, "t").holder(), contacts(line, "d"), contacts(line, "t")) == ("d", {"b"}, set())


def test_an_alias_that_was_given_up_before_is_not_forgotten_with_its_former_holder() -> None:
    calls = contact("a", NOON, NOON + HOUR, "t")
    line = forgotten("c", NOON + DAY, claim("c", NOON, "t"), claim("c", NOON, "u", revision=1), *calls)
    assert (state(line, "t").holder(), contacts(line, "t")) == (None, {"a"})


def routed(route: str, revision: int, *, gone: bool = False, first: int = 0, **told: Any) -> Record:
    """What the shard of an alias tells its holder c."""
    if "channel" in told:
        told = {"digest": {"customer_id": route, "interaction_id": "a", "started_at": NOON, **told}}
        told["digest_revision"] = first
    return record("alias.routed", f"{route}/{revision}", NOON, "c", revision, route=route, withdrawn=gone, **told)


def test_of_two_names_words_on_one_interaction_the_first_stages_latest_counts() -> None:
    words = [routed("t", 1, first=7, channel="phone", reason="bill"), routed("u", 9, first=3, channel="phone")]
    for log in (words, words[::-1]):
        (digest,) = state(Timeline().take(log), "c").digests().values()
        assert digest.reason == "bill"


def test_on_one_route_a_lower_revision_or_the_same_says_nothing_new() -> None:
    told = ["complained", NOON, "/crm", "x", 0]
    line = Timeline().take([routed("t", 5, said=told)])
    line.take([routed("t", 3, gone=True, said=told), routed("t", 5, gone=True, said=told)])
    assert (kinds(line, "c"), line.ledger.counts["duplicate"]) == (["complained"], 2)
    assert kinds(line.take([routed("t", 6, gone=True, said=told)]), "c") == []


def test_what_is_told_again_is_a_duplicate_of_whatever_kind_it_is() -> None:
    told = [*contact("a", NOON, NOON + HOUR), *contact("b", NOON, NOON + HOUR, "t"), claim("c", NOON, "t")]
    line = Timeline().take([*told, said("complained", "x", NOON), said("complained", "y", NOON, "t")])
    log, applied = list(line.log), line.ledger.counts["applied"]
    assert applied == len(log) > len(told) + 2
    line.again(log, 1)
    assert (line.ledger.counts["applied"], line.ledger.counts["duplicate"]) == (applied, len(log))


def test_of_what_one_says_of_a_name_the_latest_word_stands() -> None:
    words = {"by": "c", "source": "/crm", "event_id": "i"}
    gone = record("alias.claimed", "c", NOON, "t", 5, withdrawn=True, **words)
    held = record("alias.claimed", "c", NOON, "t", 3, **words)
    line = Timeline().take([gone, held, gone])
    assert (state(line, "t").holder(), line.ledger.counts["duplicate"]) == (None, 2)
    assert state(line.take([record("alias.claimed", "c", NOON, "t", 6, **words)]), "t").holder() == "c"
