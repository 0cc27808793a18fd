"""What arrivals added and took back is what stands, whatever the history and the order in which it was heard."""

from __future__ import annotations

from collections import Counter

from stream.core.interactions.fact import packed
from stream.core.interactions.history import beyond, difference, history, in_the_order
from stream.core.interactions.kept import applied, arrivals, by_slot, unapplied
from stream.core.interactions.stamps import entries, unpack
from stream.core.named import pairs
from tests.core.by_hand import steps
from tests.core.test_by_hand import HISTORIES, every_history, mixed, played


def sums(counted, sign=1):
    """(instant, scope, code) -> n."""
    found = Counter()
    for (at, scope), cell in counted.items():
        for code, n in cell.items():
            found[at, scope, code] += n * sign
    return found


def stood(blob):
    found = Counter()
    for at, scope, increments in applied(blob):
        for code, n in pairs(increments):
            found[at, scope, code] += n
    return {key: n for key, n in found.items() if n}


def kept(name, seed=0):
    """(stage, id, packed) of all interactions of a history, told in some order; 0: as it is written."""
    told = steps(HISTORIES[name])
    straight = played(HISTORIES[name], mixed(told, seed) if seed else told)
    for (topic, entity_id), state in straight.states.items():
        if topic.startswith("interactions."):
            stage = straight.stages[topic]
            yield stage, entity_id, stage.dump(state)


@every_history
def test_what_was_added_less_what_was_taken_back_is_what_stands(name):
    for seed in range(4):
        for stage, entity_id, blob in kept(name, seed):
            total = Counter()
            for did in history(stage, entity_id, blob):
                assert all(n > 0 for cell in (*did.added.values(), *did.taken_back.values()) for n in cell.values())
                total.update(sums(did.added))
                total.update(sums(did.taken_back, -1))
            more, missing = beyond(stage, entity_id, blob)
            total.update(sums(more))
            assert not missing
            assert {key: n for key, n in total.items() if n} == stood(blob)


@every_history
def test_every_event_is_told_once_in_both_orders(name):
    for stage, entity_id, blob in kept(name, 1):
        facts = arrivals(blob)
        places = list(in_the_order(stage, facts))
        assert sorted(places) == list(range(len(facts)))
        assert [facts[place].at for place in places] == sorted(f.at for f in facts)
        assert [packed(did.fact) for did in history(stage, entity_id, blob)] == [packed(f) for f in facts]


@every_history
def test_what_is_kept_is_read_as_the_stage_has_it(name):
    for stage, entity_id, blob in kept(name):
        state = stage.load(entity_id, blob)
        assert by_slot(blob) == {slot: unpack(stamp) for slot, stamp in entries(state.life.stamps).items()}
        again = stage.load(entity_id, unapplied(blob, arrivals(blob)))
        assert (again.last_at, again.timed_out) == (state.last_at, False)


def test_an_arrival_that_changes_nothing_added_nothing():
    assert difference([(7, "s", (1, 1))], [(7, "s", (1, 1))]) == ({}, {})
