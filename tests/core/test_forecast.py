"""Erlang's formulas against known values, a simulation and their own laws; staff, seasons and the forecast's error."""

from __future__ import annotations

import random
from collections import deque
from heapq import heappop, heappush

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.core.forecast.erlang import MOST_AGENTS, Outlook, agents_needed, outlook
from stream.core.forecast.fit import Fit
from stream.core.forecast.forecast import Measured, forecast, patience_s, rush_of, season
from stream.core.forecast.staff import Staff, divided

HALF_HOUR = 1_800_000
PHONE, CHAT = ("phone", "care"), ("chat", "web")


def test_a_hundred_calls_in_half_an_hour_and_fourteen_agents() -> None:
    found = outlook(100 / 1800, 180, 14, 20, None)
    assert (round(found.service_level, 3), round(found.wait_s or 0, 1)) == (0.888, 7.8)


def test_callers_of_endless_patience_are_those_of_erlang_c() -> None:
    patient, nearly = outlook(100 / 1800, 180, 14, 20, None), outlook(100 / 1800, 180, 14, 20, 1e8)
    assert tuple(nearly) == pytest.approx(tuple(patient), abs=1e-4)


def test_more_work_than_agents_never_ends_without_hanging_up() -> None:
    assert outlook(1, 180, 180, 20, None) == Outlook(0.0, None, 0.0)
    impatient = outlook(1, 180, 90, 20, 60)
    assert impatient.abandoned == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    ("arrivals", "agents", "expected"),
    [(0, 0, Outlook(1.0, 0.0, 0.0)), (0, 5, Outlook(1.0, 0.0, 0.0)), (1, 0, Outlook(0.0, None, 1.0))],
)
def test_nobody_calls_or_nobody_answers(arrivals: float, agents: int, expected: Outlook) -> None:
    assert outlook(arrivals, 180, agents, 20, 60) == expected


def simulated(arrivals: float, work_s: float, agents: int, threshold_s: float, patience: float) -> Outlook:
    """A queue, caller by caller: 200,000 of them."""
    rng, now, free, coming = random.Random(1), 0.0, agents, 200_000
    waiting: deque[tuple[float, float]] = deque()
    busy: list[float] = []
    in_time = answered = 0
    waited = 0.0
    for _ in range(coming):
        now += rng.expovariate(arrivals)
        while busy and busy[0] <= now:
            at = heappop(busy)
            free += 1
            while free and waiting:
                since, until = waiting.popleft()
                if until > at:
                    free -= 1
                    answered, waited, in_time = answered + 1, waited + at - since, in_time + (at - since <= threshold_s)
                    heappush(busy, at + rng.expovariate(1 / work_s))
        if free:
            free, answered, in_time = free - 1, answered + 1, in_time + 1
            heappush(busy, now + rng.expovariate(1 / work_s))
        else:
            waiting.append((now, now + rng.expovariate(1 / patience)))
    return Outlook(in_time / coming, waited / answered, 1 - answered / coming)


@pytest.mark.parametrize(("agents", "patience"), [(14, 60), (8, 60), (10, 200), (10, 15)])
def test_impatient_callers_are_those_of_a_simulation(agents: int, patience: float) -> None:
    found, drawn = outlook(100 / 1800, 180, agents, 20, patience), simulated(100 / 1800, 180, agents, 20, patience)
    assert found.service_level == pytest.approx(drawn.service_level, abs=0.006)
    assert found.wait_s == pytest.approx(drawn.wait_s, rel=0.03)
    assert found.abandoned == pytest.approx(drawn.abandoned, abs=0.006)


queues = {
    "arrivals": st.floats(0.001, 2),
    "work_s": st.floats(5, 900),
    "threshold_s": st.floats(0, 300),
    "patience": st.none() | st.floats(1, 5000),
}


@given(agents=st.floats(0, 300), more=st.floats(0.01, 50), **queues)
def test_more_agents_never_make_it_worse(agents, more, arrivals, work_s, threshold_s, patience) -> None:
    few = outlook(arrivals, work_s, agents, threshold_s, patience)
    many = outlook(arrivals, work_s, agents + more, threshold_s, patience)
    assert 0 <= few.service_level <= many.service_level + 1e-9 <= 1 + 2e-9
    if few.wait_s is not None:
        assert many.wait_s is not None
        assert many.wait_s <= few.wait_s + 1e-6


@given(target=st.floats(0.05, 0.99), **queues)
def test_the_agents_needed_are_the_fewest(target, arrivals, work_s, threshold_s, patience) -> None:
    needed = agents_needed(arrivals, work_s, threshold_s, patience, target)
    assert outlook(arrivals, work_s, needed, threshold_s, patience).service_level >= target
    if needed:
        assert outlook(arrivals, work_s, needed - 1, threshold_s, patience).service_level < target


@pytest.mark.parametrize(
    "wrong", [(-1, 180, 1), (1, 0, 1), (1, 180, -1), (1, 180, MOST_AGENTS + 1), (1, float("nan"), 1)]
)
def test_numbers_of_no_queue_are_refused(wrong) -> None:
    with pytest.raises(ValueError, match="no queue"):
        outlook(*wrong, 20, None)
    with pytest.raises(ValueError, match="patience"):
        outlook(1, 180, 1, 20, 0)


def test_a_target_beyond_all_agents_is_told() -> None:
    with pytest.raises(ValueError, match="more than 5000 agents"):
        agents_needed(100, 3600, 20, None, 0.8)


def test_agents_go_where_the_work_is_and_chats_are_slots() -> None:
    found = divided([{PHONE: 1, CHAT: 3}], {PHONE: 2.0, CHAT: 6.0})
    assert found == {PHONE: Staff(0.5, 0.5), CHAT: Staff(0.5, 1.5)}
    assert divided([{PHONE: 1, CHAT: 3}], {}) == found
    assert divided([{PHONE: 0, CHAT: 2}, {}], {PHONE: 5.0}) == {CHAT: Staff(1.0, 2.0)}


@given(
    st.lists(st.dictionaries(st.sampled_from([PHONE, CHAT, ("phone", "b")]), st.integers(1, 5), min_size=1)),
    st.dictionaries(st.sampled_from([PHONE, CHAT]), st.floats(0, 50)),
)
def test_every_agent_is_divided_and_none_is_there_twice(agents, loads) -> None:
    assert sum(each.agents for each in divided(agents, loads).values()) == pytest.approx(len(agents))


def test_agents_short_are_agents_though_chats_are_slots() -> None:
    calls = Measured(100 / 1800, 180, None, Staff(12, 12), 20, 0.8)
    assert forecast(calls, 900).agents_short == 2.0
    assert forecast(calls._replace(staff=Staff(14, 14)), 900).agents_short == 0.0
    assert forecast(calls._replace(staff=Staff(4, 12)), 900).agents_short == 0.7
    assert forecast(calls._replace(staff=Staff()), 900).agents_short == 14.0
    assert forecast(calls, 900, 1e4).agents_short is None


def test_who_is_overdue_is_to_be_served_too() -> None:
    calls = Measured(100 / 1800, 180, None, Staff(14, 14), 20, 0.8, overdue=20)
    spread = calls._replace(arrivals=100 / 1800 + 20 / 900, overdue=0)
    assert forecast(calls, 900) == forecast(spread, 900)
    assert forecast(calls, 1800).service_level > forecast(calls, 900).service_level


def test_a_rush_fades_and_a_lull_is_no_less_than_nothing() -> None:
    calls = Measured(0.1, 180, None, Staff(14, 14), 20, 0.8, rush=0.1)
    assert forecast(calls, 900).arrivals == pytest.approx(0.1 + 0.1 * 0.7213, abs=1e-4)
    assert forecast(calls, 1800, 2.0).arrivals == pytest.approx(2 * (0.1 + 0.1 * 0.541), abs=1e-4)
    assert forecast(calls._replace(rush=-0.5), 900).arrivals == 0


@pytest.mark.parametrize(
    ("lately", "rush"),
    [
        ([(42, 300.0)], 0.0),  # 30 expected, and 12 more are chance
        ([(44, 300.0)], 44 / 300 - 0.1),
        ([(16, 300.0)], 16 / 300 - 0.1),
        ([(17, 300.0)], 0.0),
        ([(19, 60.0)], 0.0),  # too few to say
        ([(20, 60.0)], 20 / 60 - 0.1),
        ([(30, 300.0), (90, 600.0)], 0.05),
        ([], 0.0),
    ],
)
def test_a_rush_is_what_is_no_chance(lately: list[tuple[int, float]], rush: float) -> None:
    assert rush_of(0.1, lately) == pytest.approx(rush)


def test_patience_is_the_time_waited_by_those_who_hung_up() -> None:
    assert patience_s(4, 100_000) == 25.0
    assert patience_s(3, 0) is None


def test_a_season_is_the_usual_to_come_by_the_usual_of_before() -> None:
    usual = {0: 20.0, HALF_HOUR: 40.0, 2 * HALF_HOUR: 10.0}
    assert season(usual, 0, HALF_HOUR, 2 * HALF_HOUR, HALF_HOUR) == 2.0
    assert season(usual, HALF_HOUR // 2, HALF_HOUR * 3 // 2, 2 * HALF_HOUR, HALF_HOUR) == pytest.approx(40 / 30)
    assert season(usual, HALF_HOUR, 2 * HALF_HOUR, 3 * HALF_HOUR, HALF_HOUR) == pytest.approx(1 / 3)
    assert season({**usual, 0: 9.0}, 0, HALF_HOUR, 2 * HALF_HOUR, HALF_HOUR) == 1.0
    assert season({**usual, 0: None}, 0, HALF_HOUR, 2 * HALF_HOUR, HALF_HOUR) == 1.0
    assert season({}, 0, HALF_HOUR, 2 * HALF_HOUR, HALF_HOUR) == 1.0


def test_an_error_is_known_after_three_comparisons() -> None:
    fit = Fit()
    for since, promised in enumerate((0.9, 0.5, 0.8, 1.0)):
        fit.promise(since, promised)
        fit.promise(since, 0.0)
    assert fit.due(2) == [0, 1, 2]
    for since, came in enumerate((0.8, 0.7, None)):
        fit.compare(since, came)
    assert (fit.error, fit.comparisons, fit.due(9)) == (None, 2, [3])
    fit.compare(3, 0.4)
    assert fit.error == pytest.approx((0.1 + 0.2 + 0.6) / 3)
