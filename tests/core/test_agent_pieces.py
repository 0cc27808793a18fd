"""Agents in pieces: little is written with each commit, whatever the past; nothing is lost between the pieces."""

from __future__ import annotations

import zlib
from array import array
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.core.agents import past as agent_past
from stream.core.agents import state as agent_state
from stream.core.agents import told as agent_told
from stream.core.agents.past import Past
from stream.core.agents.told import FRESH, PIECES, SEALS
from stream.core.books.entry import named
from stream.core.measures import CODES
from stream.core.rules import DAY, HOUR, MINUTE, Rules
from stream.core.scope import agent_scope
from tests.core.agent_words import Books, beat, clock, part, told

WEEKS = 40


def call(name: str, rang: int) -> list[Any]:
    answered, over = rang + 10_000, rang + 210_000
    ringing = {"rang_at": rang}
    on = ringing | {"rang_until": answered, "answered_at": answered}
    done = on | {"over_at": over, "free_at": over + 40_000, "wrapped": True, "talk_ms": 200_000}
    return [part("anna", name, n, at, **more)
            for n, (at, more) in enumerate(((rang, ringing), (answered, on), (over + 40_000, done)))]  # fmt: skip


def replied(name: str, at: int, revision: int = 0, talk_ms: int = 60_000, **more: Any) -> Any:
    done = {"answered_at": at, "over_at": at + 60_000, "free_at": at + 60_000, "wrapped": True, "talk_ms": talk_ms}
    return part("anna", name, revision, at + 60_000, channel="email", **(done | more))


def mails(books: Books, days: int, a_day: int = 60) -> Books:
    for day in range(days):
        for n in range(a_day):
            books.take(replied(f"{day}-{n}", clock("08:00", day) + n * 8 * MINUTE))
    return books


def pieces(books: Books) -> dict[int, int]:
    return {named(each)[1]: len(blob) for each, blob in books.shard.states.items() if isinstance(each, bytes)}


def net(books: Books, channel: str) -> dict[int, int]:
    return books.shard.balances()["t|" + agent_scope(channel, inbound=True, agent_id="anna")]


class Weighed(Books):
    """What each commit writes of states."""

    def take(self, *events: Any) -> Books:
        commit, self.written = self.shard.commit, getattr(self, "written", [])

        def weighed(writes: Any) -> None:
            self.written.append(sum(len(each) for each in writes.states))
            commit(writes)

        self.shard.commit = weighed  # type: ignore[method-assign]
        super().take(*events)
        self.shard.commit = commit  # type: ignore[method-assign]
        return self


def test_what_a_commit_writes_of_an_agent_does_not_grow_with_the_past() -> None:
    books = Weighed()
    for day in range(9):
        for n in range(80):
            for event in call(f"{day}-{n}", clock("08:00", day) + n * 6 * MINUTE):
                books.take(event)
        for n in range(60):
            books.take(replied(f"{day}-{n}", clock("16:00", day) + n * MINUTE))
    stored = sum(map(len, books.shard.states.values()))
    assert stored > 20_000
    assert sum(books.written) / len(books.written) < 2500
    assert sorted(books.written)[len(books.written) // 2] < 2000


def test_an_agent_who_has_answered_mails_for_weeks_is_loaded_without_them() -> None:
    books = mails(Books(), WEEKS)
    found = pieces(books)
    loaded = len(books.shard.states["anna"]) + sum(size for piece, size in found.items() if piece < PIECES)
    pages = sum(size for piece, size in found.items() if piece >= PIECES)
    assert pages > 30_000
    assert loaded < 40_000
    state = books.ledger._entries["anna"].state
    assert len(state.told.parts) < 1000
    assert 1500 < len(state.told.past._index) < 35 * 60, "after 35 days they are forgotten, page by page"


@pytest.mark.parametrize("reloaded", [False, True])
def test_a_mail_of_weeks_ago_is_corrected_once_and_told_again_in_vain(*, reloaded: bool) -> None:
    books = mails(Books(), 30)
    before = net(books, "email")
    for revision, talk_ms, result in ((1, 50_000, "applied"), (1, 40_000, "duplicate"), (0, 60_000, "duplicate")):
        counts = dict(books.ledger.counts)
        if reloaded:
            books.ledger.drop()
        books.take(replied("2-7", clock("08:00", 2) + 7 * 8 * MINUTE, revision, talk_ms))
        changed = {kind for kind, n in books.ledger.counts.items() if n != counts.get(kind)}
        assert changed - {"late", "out_of_order"} == {result}
        assert net(books, "email") == before | {CODES["talk_ms"]: before[CODES["talk_ms"]] - 10_000}
    mails(books, 34)
    books.ledger.drop()
    books.take(replied("2-7", clock("08:00", 2) + 7 * 8 * MINUTE, 2, 70_000, withdrawn=True))
    assert net(books, "email") == {CODES["handled"]: 34 * 60 - 1, CODES["talk_ms"]: (34 * 60 - 1) * 60_000}


def test_a_correction_that_says_resolved_days_later_counts_there() -> None:
    books = mails(Books(), 20)
    at = clock("09:00", 19)
    books.take(replied("2-7", clock("08:00", 2) + 7 * 8 * MINUTE, 1, closings=((at, True),)))
    assert net(books, "email")[CODES["resolved"]] == 1


def test_an_agent_who_is_stored_whole_is_read_and_stored_in_pieces_with_the_next_event() -> None:
    encode = msgspec.msgpack.encode
    books = mails(Books(), 12)
    books.ledger.drop()
    books.take(told("anna", clock("20:00", 11), "available"))
    state = books.ledger._entries["anna"].state
    pages = [blob for each, blob in books.shard.states.items() if isinstance(each, bytes) and named(each)[1] >= PIECES]
    parts = [msgspec.msgpack.decode(zlib.decompress(page)) for page in pages] + [state.told.parts]
    whole = encode((state.last_at, state.upto, state.horizon, state.room, state.time.limits, state.base,
                    state.base_word, [encode(state.told.facts)], [encode(each) for each in parts]))  # fmt: skip
    old = Books()
    old.shard.states, old.shard.fields = {"anna": whole}, dict(books.shard.fields)
    old.ledger.open(books.ledger.stream_time, None)
    for each in (books, old):
        each.ledger.drop()
        each.take(replied("0-7", clock("08:00") + 7 * 8 * MINUTE, 1, 10_000))
        mails(each, 14)
    assert net(books, "email") == net(old, "email")
    assert pieces(old).keys() & set(range(PIECES, PIECES + 10))
    assert books.row("anna") == old.row("anna")


def test_a_call_is_counted_though_the_index_takes_it_for_a_mail_on_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_past, "_of", lambda _key: 0)
    books = mails(Books(), 12)
    books.ledger.drop()
    books.take(*call("1", clock("09:00", 12)))
    assert net(books, "phone")[CODES["handled"]] == 1


def test_a_page_that_nobody_asked_for_is_not_taken_for_an_empty_one() -> None:
    past = Past()
    past.lay({"email/1/0": b""}, 1)
    past.rest()
    with pytest.raises(KeyError, match="0"):
        past.find("email/1/0")


def test_of_an_agent_who_is_forgotten_no_piece_stays() -> None:
    books = mails(Books(), 12)
    assert len(books.shard.states) > 5
    books.take(told("bert", clock("00:00", 60), "available"))
    assert list(books.shard.states) == ["bert"]


@pytest.mark.parametrize("hold", [False, True])
def test_an_agent_who_comes_back_before_anyone_has_pruned_begins_anew(*, hold: bool) -> None:
    books = mails(Books(), 12)
    before = set(books.shard.states)
    books.ledger.hold = hold
    books.take(told("anna", clock("00:00", 60), "available"), told("anna", clock("00:01", 60), "not_ready"))
    after = set(books.shard.states)
    assert after >= before if hold else after == {"anna"}
    books.ledger.drop()
    books.take(told("anna", clock("00:02", 60), "available"))
    assert len(books.ledger._entries["anna"].state.told.facts) == 3


@pytest.mark.parametrize("gone", ["a seal", "a page"])
def test_a_piece_that_is_missing_is_not_passed_over(gone: str) -> None:
    books = mails(Books(), 12)
    books.ledger.drop()
    for each in list(books.shard.states):
        if isinstance(each, bytes) and (named(each)[1] >= PIECES) == (gone == "a page"):
            del books.shard.states[each]
    with pytest.raises(ValueError, match=r"piece \d+ of .* is not stored"):
        books.take(replied("0-7", clock("08:00") + 7 * 8 * MINUTE, 1, 10_000))


def test_corrections_that_say_nothing_new_do_not_add_up() -> None:
    """Each is in a piece of its own kind, of which there is room for so many."""
    books = Books().take(told("anna", clock("08:00"), "available"))
    for n in range(60):
        books.take(*(replied(f"{n}-{i}", clock("09:00") + i * 1000) for i in range(FRESH + 1)))
    for revision in range(1, 60):
        for n in range(20):
            books.take(*(replied(f"{n}-{i}", clock("09:00") + i * 1000, revision) for i in range(FRESH + 1)))
    found = pieces(books)
    assert len(found) <= PIECES + 10
    assert max(found) < PIECES + 10
    assert sum(found.values()) < 400_000
    books.ledger.drop()
    books.take(beat("anna", clock("09:10")))
    assert max(pieces(books), default=0) <= SEALS + 10


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 100_000), alike=st.booleans())
def test_the_past_is_a_dictionary_on_pages(seed: int, *, alike: bool) -> None:
    random, stored, known = Random(seed), {}, {}  # type: ignore[var-annotated]
    past, at = Past(), 0
    with pytest.MonkeyPatch.context() as patch:
        if alike:
            patch.setattr(agent_past, "_of", lambda key: len(key) * 65_536)
        for _ in range(40):
            at += 1
            for key in random.sample([f"{n}" for n in range(30)], 6):
                for number in past.lacks(key):
                    past.bring(number, stored[number])
                packed = known.get(key, (None, 0))[0]
                assert past.find(key) == packed
                if random.random() < 0.3:
                    assert past.lose(key) == (packed is not None)
                    known.pop(key, None)
            page = {f"{n}": b"%d" % random.randrange(99) for n in random.sample(range(30), 3) if f"{n}" not in known}
            if page:
                past.lay(page, at)
                known |= {key: (packed, at) for key, packed in page.items()}
            since = at - random.randrange(15)
            past.forget(since)
            known = {key: found for key, found in known.items() if found[1] >= since}
            if random.random() < 0.5:
                for number, blob in past.rest().items():
                    if blob is None:
                        stored.pop(number, None)
                    else:
                        stored[number] = blob
                past = Past(msgspec.msgpack.decode(msgspec.msgpack.encode(past.dump()), type=agent_past.Dumped))
        assert isinstance(past._index, array)
        assert len(past._index) == len(known)


def test_short_keeps_go_with_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages go after the keep of the rules, at most."""
    monkeypatch.setattr(agent_state, "KEEP_MS", HOUR)
    monkeypatch.setattr(agent_state, "KEEP_WORDS", 4)
    monkeypatch.setattr(agent_told, "FRESH", 2)
    rules = Rules()
    keep = max(row.keep_closed_ms for row in rules.channels.values())
    books = mails(Books(rules), 40, a_day=4)
    pages = [number for number in pieces(books) if number >= PIECES]
    assert len(pages) <= keep // DAY * 4 // 3 + 2
