"""Resume tokens say all positions and nothing else; a lane tells each who joins it all that came after, once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.serve.subscription.catalogue import TOPICS, furthest, reaches
from stream.serve.subscription.counts import Counts
from stream.serve.subscription.event import Event, frame
from stream.serve.subscription.lane import Cursor, Lane
from stream.serve.subscription.selection import Selection
from stream.serve.subscription.token import VERSION, BadToken, Tokens

OFFSETS = st.one_of(st.integers(0, 300), st.integers(0, 2**16), st.integers(0, 2**33), st.integers(0, 2**63 - 1))
PARTS = st.lists(OFFSETS, max_size=20).map(tuple)
KNOWN = st.dictionaries(st.sampled_from(TOPICS), PARTS, min_size=1)


def parts(known):
    topics = tuple(topic for topic in TOPICS if topic in known)
    return topics, tuple(known[topic] for topic in topics)


@given(known=KNOWN, prefix=st.text(max_size=5))
def test_what_is_encoded_is_decoded_and_can_stand_in_an_address(known, prefix):
    token = Tokens(prefix).encode(*parts(known)).decode()
    assert dict(Tokens(prefix).decode(token)) == known
    assert all(letter.isalnum() or letter in "-_" for letter in token)


@given(known=KNOWN, data=st.data())
def test_a_token_that_was_changed_is_none(known, data):
    token = Tokens("").encode(*parts(known)).decode()
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from([*"Ab_-9=+/ é\n", ""]).filter(lambda letter: letter != token[place]))
    with pytest.raises(BadToken):
        Tokens("").decode(token[:place] + other + token[place + 1 :])


@given(st.one_of(st.text(), st.text("ABCDEFabcdef0123456789-_")))
def test_other_words_are_none(text):
    with pytest.raises(BadToken):
        Tokens("").decode(text)


@given(known=KNOWN)
def test_a_token_of_another_prefix_is_none(known):
    with pytest.raises(BadToken, match="another installation"):
        Tokens("b.").decode(Tokens("a.").encode(*parts(known)).decode())


def test_a_token_of_a_later_version_is_named():
    token = Tokens("").encode(TOPICS, ((1,), (), ())).decode()
    assert token.startswith("AQ")
    with pytest.raises(BadToken, match=str(VERSION + 1)):
        Tokens("").decode("Ag" + token[2:])


@given(known=PARTS, more=PARTS)
def test_the_furthest_of_two_reaches_both(known, more):
    both = furthest((known,), (more,))
    assert reaches(both, (known,))
    assert reaches(both, (more,))
    assert both == furthest((more,), (known,))


TOLD = ("interactions.enriched", "queues.alerts")


def told(lane, history):
    """Publish a history of (topic, partition); the positions after each event, those before the first one first."""
    at = {topic: [0, 0] for topic in TOLD}
    for topic in TOLD:
        lane.move(topic, tuple(at[topic]))
    positions = [lane.positions]
    for number, (topic, partition) in enumerate(history):
        offset = at[topic][partition]
        at[topic][partition] += 1 + number % 2
        event = Event(topic, partition, offset, frame("x", str(number).encode()), "x")
        lane.append(event, (*at[topic][:partition], offset + 1, *at[topic][partition + 1 :]))
        lane.move(topic, tuple(at[topic]))
        positions.append(lane.positions)
    return positions


def taken(cursor, tokens):
    """The numbers of all that a cursor takes, and the positions that it was told with each."""
    found = []
    while not cursor.idle:
        lines = cursor.take(Selection(["*"], (), ()), Counts()).split(b"\n")
        data = [int(line.removeprefix(b"data: ")) for line in lines if line.startswith(b"data: ")]
        known = [tokens.decode(line[4:].decode()) for line in lines if line.startswith(b"id: ")]
        found += zip(data, (tuple(each[topic] for topic in TOLD) for each in known), strict=True)
    return found


HISTORY = st.lists(st.tuples(st.sampled_from(TOLD), st.integers(0, 1)), max_size=25)


@given(history=HISTORY, cut=st.integers(0, 30))
def test_who_comes_back_to_a_lane_is_told_the_rest(history, cut):
    tokens = Tokens("")
    lane = Lane(TOLD, tokens)
    positions = told(lane, history)
    cut = min(cut, len(history))
    cursor = Cursor(lane)
    assert cursor.join(positions[cut])
    got = taken(cursor, tokens)
    assert [number for number, _ in got] == list(range(cut, len(history)))
    assert tokens.decode(cursor.token().decode()) == dict(zip(TOLD, positions[-1], strict=True))


@given(history=HISTORY, ahead=st.tuples(*[st.tuples(st.integers(0, 40), st.integers(0, 40))] * 2))
def test_who_is_further_in_some_partitions_is_told_what_it_has_not(history, ahead):
    """As ids of another service, or of who has read the log for itself, are."""
    tokens = Tokens("")
    lane = Lane(TOLD, tokens)
    told(lane, history)
    cursor = Cursor(lane)
    assert cursor.join(ahead)
    numbers = []
    for number, positions in taken(cursor, tokens):
        assert reaches(positions, ahead), "no id goes back"
        numbers.append(number)
    offsets = {topic: [0, 0] for topic in TOLD}
    wanted = []
    for number, (topic, partition) in enumerate(history):
        if offsets[topic][partition] >= ahead[TOLD.index(topic)][partition]:
            wanted.append(number)
        offsets[topic][partition] += 1 + number % 2
    assert numbers == wanted


def test_a_lane_holds_no_more_than_it_may_and_says_who_is_lost(monkeypatch):
    monkeypatch.setattr("stream.serve.subscription.lane.KEPT_EVENTS", 10)
    lane = Lane(TOLD, Tokens(""))
    first, second = Cursor(lane), Cursor(lane)
    positions = told(lane, [(TOLD[0], 0)] * 10)
    second.begin()
    assert not first.lost
    assert first.far
    lane.append(Event(TOLD[1], 0, 0, frame("x", b"1"), "x"), (1, 0))
    assert (len(lane.entries), first.lost, second.lost) == (10, True, False)
    assert not Cursor(lane).join(positions[0])
    assert Cursor(lane).join(positions[1])
    lane.append(Event(TOLD[1], 0, 1, frame("x", b"1" * 2**25), "x"), (2, 0))
    assert len(lane.entries) == 1, "one is always kept, however large"
