"""Of what state a queue is, rule by rule; what of it is told; and that no better state ever shows too soon."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.alerts import AlertData, Breached, Drivers, Muted, MutedData, Recovered
from stream.core.customers.insight_data import moment
from stream.core.sla.known import NOTHING, Known, heard, is_muted, is_to_be_told, is_troubled, looked, unwatched
from stream.core.sla.state import AT_RISK, BREACHED, CLOSED, OK, STATES, Seen, SlaRules, Standing, judge, step

RULES = SlaRules()
MINUTE = 60_000


def seen(numerator=0, denominator=0, longest=0.0, *, target=0.8, is_open=True):
    return Seen(is_open, "service_level_live", numerator, denominator, target, longest)


GOOD, HARDLY, BAD, SHUT = seen(100, 100), seen(83, 100), seen(70, 100), seen(is_open=False)


@pytest.mark.parametrize(
    ("of", "state"),
    [
        (seen(), OK),
        (seen(80, 100), AT_RISK),
        (seen(799, 1000), BREACHED),
        (seen(85, 100), AT_RISK),
        (seen(851, 1000), OK),
        (seen(19, 20, target=0.95), AT_RISK),
        (seen(18, 20, target=0.95), BREACHED),
        (seen(0, 19), AT_RISK),
        (seen(0, 20), BREACHED),
        (seen(15, 19), AT_RISK),
        (seen(19, 19), OK),
        (seen(longest=0.75), OK),
        (seen(longest=0.7500001), AT_RISK),
        (seen(100, 100, 9.0), AT_RISK),
        (seen(0, 100, 9.0), BREACHED),
        (seen(20, 20, target=1.0), OK),
        (seen(99, 100, target=1.0), BREACHED),
        (seen(19, 19, target=0.96), OK),
        (seen(18, 19, target=1.0), AT_RISK),
        (seen(0, 100, 9.0, is_open=False), CLOSED),
        (seen(0, 100, target=0.0), AT_RISK),
        (seen(6, 100, target=0.0), OK),
    ],
)
def test_the_state_of_an_instant(of, state):
    assert STATES[judge(of, RULES)] == STATES[state]


@pytest.mark.parametrize(
    ("rules", "of", "state"),
    [
        (SlaRules(minimum_sample=5), seen(3, 5), BREACHED),
        (SlaRules(minimum_sample=1), seen(0, 1), BREACHED),
        (SlaRules(margin=0.0), seen(81, 100), OK),
        (SlaRules(margin=0.0), seen(80, 100), AT_RISK),
        (SlaRules(margin=0.2), seen(99, 100), AT_RISK),
        (SlaRules(margin=0.2), seen(100, 100), OK),
        (SlaRules(waited_share=1.0), seen(longest=1.0), OK),
        (SlaRules(waited_share=1.0), seen(longest=1.01), AT_RISK),
    ],
)
def test_the_rules_are_settings(rules, of, state):
    assert STATES[judge(of, rules)] == STATES[state]


def states(*looks, rules=RULES):
    """The states shown after looks at (ms, what is seen)."""
    standing, found = None, []
    for at, of in looks:
        standing = step(standing, of, rules, at)
        found.append((STATES[standing.state], standing.since))
    return found


def test_worse_shows_at_once():
    assert states((0, GOOD), (1, HARDLY), (2, BAD)) == [("ok", 0), ("at_risk", 1), ("breached", 2)]


@pytest.mark.parametrize(
    ("later", "shown"), [(59_999, ("breached", 0)), (60_000, ("ok", 60_001)), (60_400, ("ok", 60_401))]
)
def test_better_shows_after_the_hysteresis_and_not_a_millisecond_before(later, shown):
    assert states((0, BAD), (1, GOOD), (1 + later, GOOD))[-1] == shown


def test_better_shows_as_the_worst_of_the_better_time():
    found = states((0, BAD), (1, GOOD), (30_000, HARDLY), (40_000, GOOD), (60_001, GOOD), (120_001, GOOD))
    assert found[-2:] == [("at_risk", 60_001), ("at_risk", 60_001)]
    assert states((0, BAD), (1, GOOD), (9, HARDLY), (60_001, GOOD), (60_002, GOOD), (120_002, GOOD))[-1] == (
        "ok", 120_002,
    )  # fmt: skip


def test_a_break_begins_the_better_time_anew():
    found = states((0, BAD), (1, GOOD), (59_000, BAD), (60_001, GOOD), (120_000, GOOD), (120_001, GOOD))
    assert found[-2:] == [("breached", 0), ("ok", 120_001)]


def test_opening_and_closing_show_at_once():
    found = states((0, BAD), (1, SHUT), (2, SHUT), (3, BAD), (4, SHUT), (5, GOOD), (6, HARDLY), (7, SHUT))
    assert [state for state, _ in found] == [
        "breached", "closed", "closed", "breached", "closed", "ok", "at_risk", "closed",
    ]  # fmt: skip


def test_without_a_hysteresis_better_shows_at_once():
    rules = SlaRules(hysteresis_ms=0)
    assert states((0, BAD), (1, HARDLY), (2, GOOD), rules=rules)[1:] == [("at_risk", 1), ("ok", 2)]


def test_nothing_new_is_the_same_object():
    standing = step(None, GOOD, RULES, 0)
    assert step(standing, GOOD, RULES, 5) is standing
    better = step(step(None, BAD, RULES, 0), HARDLY, RULES, 1)
    assert step(better, HARDLY, RULES, 2) is better


ANY = st.builds(
    lambda n, more, longest, is_open: seen(n, n + more, longest, is_open=is_open),
    st.integers(0, 40), st.integers(0, 40), st.sampled_from((0.0, 0.7, 0.8)), st.booleans(),
)  # fmt: skip
LOOKS = st.lists(st.tuples(st.integers(1, 40_000), ANY), min_size=1, max_size=60)


@given(LOOKS)
def test_no_better_state_shows_unless_it_has_been_better_for_the_hysteresis(looks):
    at, standing = 0, None
    history: list[tuple[int, int]] = []
    for gap, of in looks:
        at += gap
        after = step(standing, of, RULES, at)
        now = judge(of, RULES)
        history.append((at, now))
        if standing is not None and after.state < standing.state and standing.state != CLOSED:
            since = at - RULES.hysteresis_ms
            before = [state for when, state in history if when <= since]
            assert before, "nobody had looked for so long"
            first = max(i for i, (when, _) in enumerate(history) if when <= since)
            better = [state for _, state in history[first:]]
            assert all(state < standing.state for state in better), "it was not better all the time"
            assert after.state >= max(better), "it shows as better than it was"
        if CLOSED in (now, after.state):
            assert after.state == now, "opening and closing show at once"
        assert after.state >= now, "what is worse shows at once"
        standing = after


def known(state, since=0, **more):
    return Known(standing=Standing(state=state, since=since), **more)


@pytest.mark.parametrize(
    ("told", "state", "is_told"),
    [
        (OK, OK, False), (OK, CLOSED, False), (CLOSED, OK, False), (OK, AT_RISK, True), (OK, BREACHED, True),
        (CLOSED, AT_RISK, True), (AT_RISK, AT_RISK, False), (AT_RISK, BREACHED, True), (BREACHED, AT_RISK, True),
        (BREACHED, OK, True), (BREACHED, CLOSED, True), (AT_RISK, OK, True), (BREACHED, BREACHED, False),
    ],
)  # fmt: skip
def test_what_is_told(told, state, is_told):
    assert is_to_be_told(known(state, told=told), 0) is is_told
    assert not is_to_be_told(known(state, told=told, muted_until=1), 0)
    assert is_to_be_told(known(state, told=told, muted_until=1), 1) is is_told
    is_recovery = is_told and state in (OK, CLOSED)
    assert is_to_be_told(known(state, told=told, acknowledged_by="anna"), 0) is is_recovery


@pytest.mark.parametrize(
    ("told", "state", "troubled"),
    [(OK, None, False), (AT_RISK, None, True), (OK, OK, False), (OK, CLOSED, False), (CLOSED, OK, False),
     (OK, AT_RISK, True), (BREACHED, OK, True), (BREACHED, BREACHED, True)],
)  # fmt: skip
def test_whose_recovery_is_to_be_told_though_it_vanishes(told, state, troubled):
    of = Known(told=told) if state is None else known(state, told=told)
    assert is_troubled(of) is troubled


@pytest.mark.parametrize(("until", "muted"), [(2000, 2000), (1000, None)])
def test_a_mute_holds_until_its_end_and_one_until_its_own_begin_is_none(until, muted):
    data = MutedData(channel="phone", queue="support", by="anna", at=moment(1000), until=moment(until))
    said = Muted(id="1", source="centralino", specversion="1.0", time=moment(1000), data=data)
    after = heard(known(OK, muted_until=9000), said)
    assert after.muted_until == muted
    assert [is_muted(after, now) for now in (1999, 2000, 2001)] == [muted is not None, False, False]


def test_nothing_is_told_of_a_queue_that_nobody_has_looked_at():
    assert not is_to_be_told(NOTHING, 0)


def test_an_acknowledgement_ends_when_the_queue_is_calm():
    before = known(BREACHED, told=BREACHED, acknowledged_by="anna")
    assert looked(before, BAD, RULES, 1) is before
    better = looked(looked(before, HARDLY, RULES, 1), HARDLY, RULES, MINUTE + 1)
    assert (better.standing.state, better.acknowledged_by) == (AT_RISK, "anna")
    assert looked(better, SHUT, RULES, MINUTE + 2).acknowledged_by is None


def test_no_two_states_of_a_queue_are_since_one_instant():
    before = known(OK, 1000)
    assert looked(before, BAD, RULES, 1000).standing.since == 1001
    assert looked(before, BAD, RULES, 900).standing.since == 1001, "another service's clock is a little behind"


def test_a_state_is_not_since_the_future():
    before = known(BREACHED, 10 * MINUTE)
    after = looked(before, BAD, RULES, MINUTE)
    assert (after.standing.state, after.standing.since) == (BREACHED, MINUTE)
    assert looked(after, GOOD, RULES, MINUTE + 5).standing.better_since == MINUTE + 5


def test_for_how_long_it_was_better_is_not_known_of_a_time_in_which_nobody_looked():
    better = looked(known(BREACHED), GOOD, RULES, 1)
    assert better.standing.better_since == 1
    assert unwatched(better) == known(BREACHED)
    assert unwatched(known(BREACHED)) == known(BREACHED)


def event(of, state, since):
    data = AlertData(
        channel="phone", queue="support", state=state, previous="ok", since=moment(since), figure="service_level_live",
        numerator=1, denominator=2, target=0.8, threshold_ms=1, minimum_sample=20, window="30m", waiting=0,
        waiting_past_threshold=0, drivers=Drivers(arrivals=0, agents_staffed=0, agents_available=0),
    )  # fmt: skip
    return of(id="1", source="centralino", specversion="1.0", time=moment(since), data=data)


def test_who_hears_what_was_told_knows_the_states():
    after = heard(NOTHING, event(Breached, "breached", 1000))
    assert after == known(BREACHED, 1000, told=BREACHED)
    noted = replace(after, acknowledged_by="anna")
    assert heard(noted, event(Recovered, "closed", 2000)) == known(CLOSED, 2000, told=CLOSED)


def test_who_tells_keeps_for_how_long_it_was_better():
    before = Known(standing=Standing(state=BREACHED, since=5, better_since=9))
    assert heard(before, event(Breached, "breached", 5)).standing == before.standing
