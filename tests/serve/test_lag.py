"""Which partitions are behind: standing still before the end of the log, or late; never for markers alone."""

from __future__ import annotations

import pytest

from stream.serve.lag import Lag
from stream.state.snapshot import ShardId

ONE, TWO = ShardId("interactions.phone", 0), ShardId("interactions.phone", 1)


@pytest.fixture
def lag():
    return Lag()


def look(lag, at, offset, end, *, record=True):
    lag.look(at, {ONE: offset}, {ONE: end})
    for partition, (_, upto) in lag.unproven(at).items():
        lag.found(partition, upto, record=record)
    return lag.behind(at)


def test_who_stands_still_before_the_end_for_ten_seconds_is_behind(lag):
    assert look(lag, 0, 5, 5) == []
    assert look(lag, 100, 5, 6) == []
    assert look(lag, 109, 5, 6) == []
    assert look(lag, 110, 5, 6) == [ONE]
    assert look(lag, 112, 6, 6) == []


def test_who_goes_on_is_behind_once_a_record_is_thirty_seconds_late(lag):
    for second in range(0, 100, 2):
        found = look(lag, second, second * 100 if second < 40 else 3600 + second * 10, second * 100)
        assert (found == [ONE]) == (second >= 74), second


def test_who_keeps_up_is_never_behind(lag):
    assert [look(lag, second, max(second - 20, 0) * 100, second * 100) for second in range(100, 300, 2)] == [[]] * 100


def test_a_new_service_goes_by_the_pace_so_far(lag):
    assert look(lag, 0, 10, 5000) == []
    assert look(lag, 8, 900, 5200) == []
    assert look(lag, 10, 1100, 5300) == [ONE]
    assert look(lag, 12, 3900, 5400) == []


def test_a_new_service_takes_what_comes_after_a_quiet_time_as_new(lag):
    assert look(lag, 0, 5, 5) == []
    assert look(lag, 12, 5, 50) == []
    assert look(lag, 14, 50, 50) == []


def test_markers_at_the_end_are_no_records(lag):
    look(lag, 0, 5, 6, record=False)
    assert look(lag, 20, 5, 6, record=False) == []
    assert lag.unproven(20) == {}
    assert look(lag, 40, 5, 7) == []
    assert look(lag, 49, 5, 7) == []
    assert look(lag, 50, 5, 7) == [ONE]


def test_who_is_behind_stays_so_while_it_catches_up(lag):
    look(lag, 0, 0, 1000)
    assert look(lag, 10, 0, 1000) == [ONE]
    for second in range(12, 40, 2):
        lag.look(second, {ONE: second * 10}, {ONE: 1000 + second})
        assert lag.behind(second) == [ONE]
    lag.look(40, {ONE: 1040}, {ONE: 1040})
    assert lag.behind(40) == []


def test_what_nobody_has_stored_stands_at_the_beginning_and_what_is_gone_is_forgotten(lag):
    lag.look(0, {}, {ONE: 3, TWO: 0})
    lag.look(10, {}, {ONE: 3, TWO: 0})
    assert lag.unproven(10) == {ONE: (0, 3)}
    lag.found(ONE, 3, record=True)
    assert lag.behind(10) == [ONE]
    lag.look(12, {}, {TWO: 0})
    assert lag.behind(12) == []


def test_a_new_service_knows_nothing_until_what_waited_at_first_is_counted(lag):
    assert not lag.settled(0)
    lag.look(0, {ONE: 5, TWO: 9}, {ONE: 8, TWO: 9})
    assert lag.unproven(0) == {ONE: (5, 8)}
    lag.found(ONE, 8, record=True)
    assert not lag.settled(0)
    lag.look(2, {ONE: 7, TWO: 9}, {ONE: 20, TWO: 30})
    assert not lag.settled(2)
    lag.look(4, {ONE: 8, TWO: 9}, {ONE: 30, TWO: 40})
    assert lag.settled(4)
    lag.look(6, {ONE: 8, TWO: 9}, {ONE: 30, TWO: 40})
    assert lag.settled(6)


def test_a_new_service_knows_at_once_where_there_are_markers_only(lag):
    lag.look(0, {ONE: 5}, {ONE: 6})
    assert not lag.settled(0)
    lag.found(ONE, 6, record=False)
    assert lag.settled(0)


def test_a_new_service_knows_after_ten_seconds_what_is_behind(lag):
    for second in range(0, 10, 2):
        look(lag, second, 5, 8)
        assert not lag.settled(second)
    assert look(lag, 10, 5, 8) == [ONE]
    assert lag.settled(10)


def test_a_suspect_of_which_nobody_can_say_whether_it_has_records_is_behind_in_the_end(lag):
    for second in range(0, 42, 2):
        lag.look(second, {ONE: 5}, {ONE: 6})
        assert lag.behind(second) == ([ONE] if second >= 40 else []), second
        assert lag.settled(second) == (second >= 40)
    assert look(lag, 42, 5, 6, record=False) == []


def test_a_store_that_is_put_back_is_known_at_once_and_behind_at_the_next_look(lag):
    for second in range(0, 40, 2):
        look(lag, second, 100, 100)
    assert not lag.put_back({ONE: 100})
    assert lag.put_back({ONE: 7})
    assert lag.put_back({})
    assert look(lag, 40, 7, 100) == [ONE]
    assert not lag.put_back({ONE: 8})


def test_a_log_that_ends_before_what_was_counted_is_behind_until_it_is_counted_anew(lag):
    for second in range(0, 20, 2):
        assert look(lag, second, 100 + second, 98 + second) == [], "what was asked first may be a little less"
    for second in range(20, 60, 2):
        assert look(lag, second, 118, second) == ([ONE] if second >= 30 else []), second
    assert look(lag, 60, 7, 70) == [ONE]
    assert look(lag, 62, 75, 75) == []
    assert look(lag, 64, 75, 75) == []
