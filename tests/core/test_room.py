"""What a process remembers is within one bound, whichever partitions it is of; and no figure depends on the bound."""

from __future__ import annotations

import gc
import tracemalloc
from functools import partial
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import load, memory
from schemas.codec import decode
from schemas.events import WrappedUp
from schemas.topics import TOPICS
from stream.core.agents.agent import Agents
from stream.core.books.ledger import Ledger
from stream.core.books.room import Room, Shelf
from stream.core.customers.customer import Customers
from stream.core.interactions.interaction import Interactions
from stream.core.rules import Rules
from stream.core.times.window import zone_of
from stream.simulator import PROFILES, Simulation
from tests.core.memory_shard import MemoryShard
from tests.core.test_ledger import toys
from tests.core.toy_stage import Toy, ToyStage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stream.core.stage import Stage

RULES = Rules()
MEGABYTES = 2**20


def filled(shelf: Shelf[str], room: Room, names: str, size: int = 10) -> None:
    """A batch about these names, from the first to the last."""
    for name in shelf.take(names):
        shelf.things[name] = name.upper()
    shelf.weigh(list(names), [size] * len(names))
    shelf.rest()
    room.settle()


def test_what_was_longest_unused_is_forgotten_on_whichever_shelf_it_is() -> None:
    room = Room(60)
    one, other = Shelf[str](room), Shelf[str](room)
    filled(one, room, "abc")
    filled(other, room, "def")
    filled(one, room, "a")
    filled(other, room, "gh")
    assert ("".join(one.things), "".join(other.things)) == ("a", "defgh")
    filled(other, room, "ijklmn")
    assert ("".join(one.things), "".join(other.things)) == ("", "ijklmn")
    assert room.taken == 60


def test_what_a_batch_uses_stays_until_it_is_over_whatever_others_need() -> None:
    room = Room(30)
    one, other = Shelf[str](room), Shelf[str](room)
    filled(one, room, "abc")
    assert one.take("bx") == ["x"]
    one.put("x", "X", 10)
    filled(other, room, "def")
    assert ("".join(one.things), "".join(other.things)) == ("bx", "f"), "only what is in use is older than f"
    one.rest()
    filled(other, room, "gh")
    assert ("".join(one.things), "".join(other.things)) == ("x", "gh")


def test_what_is_larger_than_the_room_is_forgotten_at_once() -> None:
    room = Room(5)
    shelf = Shelf[str](room)
    filled(shelf, room, "abc")
    assert (shelf.things, room.taken) == ({}, 0)


def test_what_grows_makes_others_go_and_what_is_dropped_leaves_room() -> None:
    room = Room(40)
    shelf = Shelf[str](room)
    filled(shelf, room, "abcd")
    filled(shelf, room, "d", 30)
    assert ("".join(shelf.things), room.taken) == ("cd", 40)
    assert shelf.drop("d") == "D"
    assert shelf.drop("d") is None
    assert room.taken == 10
    shelf.clear()
    assert room.taken == 0


def test_what_is_used_again_and_again_takes_no_more_for_it_and_is_forgotten_in_its_turn() -> None:
    room = Room(30)
    shelf = Shelf[str](room)
    filled(shelf, room, "z")
    for _ in range(5000):
        filled(shelf, room, "ab")
    assert sum(len(names) for _, names in shelf._turns) <= 1010
    filled(shelf, room, "c")
    assert "".join(shelf.things) == "abc"
    filled(shelf, room, "d")
    assert "".join(shelf.things) == "bcd"


steps = st.lists(st.tuples(st.integers(0, 2), st.text("abcdefgh", min_size=1, max_size=5), st.integers(1, 40)))


@settings(max_examples=300)
@given(steps, st.integers(0, 120))
def test_the_bound_holds_after_each_batch_and_what_is_kept_is_the_most_recent(
    batches: list[tuple[int, str, int]], bound: int
) -> None:
    room = Room(bound)
    shelves = [Shelf[str](room) for _ in range(3)]
    used: dict[tuple[int, str], int] = {}
    sizes: dict[tuple[int, str], int] = {}
    for turn, (number, some, size) in enumerate(batches):
        names = "".join(dict.fromkeys(some))
        filled(shelves[number], room, names, size)
        used |= dict.fromkeys([(number, name) for name in names], turn)
        sizes |= dict.fromkeys([(number, name) for name in names], size)
        kept = {(n, name) for n, shelf in enumerate(shelves) for name in shelf.things}
        assert room.taken == sum(sizes[each] for each in kept) <= bound
        gone = used.keys() - kept
        assert max([used[each] for each in gone], default=-1) <= min([used[each] for each in kept], default=turn)
        used = {each: used[each] for each in kept}


def in_steps(ledger: Ledger, shard: MemoryShard, batches: list[list[tuple[int, Toy]]]) -> Iterator[None]:
    """Fold batches as `MemoryShard.fold` does; others go on in between, wherever a worker waits for its store."""
    for events in batches:
        wanted = ledger.ask([ledger.stage.key(event) for _, event in events])
        yield
        ledger.learn(wanted, [shard.states.get(name) for name in wanted])
        ledger.apply(events)
        now = ledger.stream_time
        yield
        due = [name for name, at in shard.due.items() if at <= now]
        more = ledger.take_in(due, [name for name, at in shard.expiry.items() if at < now])
        yield
        ledger.learn(more, [shard.states.get(name) for name in more])
        fields = ledger.finish()
        yield
        ledger.learn_fields(fields, [shard.fields.get(name) for name in fields])
        writes = ledger.writes()
        yield
        shard.commit(writes)
        ledger.committed()


def cut(log: list[Toy], long: int) -> list[list[tuple[int, Toy]]]:
    events = list(enumerate(log))
    return [events[first : first + long] for first in range(0, len(events), long)]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(toys, max_size=40), min_size=2, max_size=4), st.integers(1, 9),
    st.one_of(st.just(0), st.integers(1, 60_000)), st.randoms(use_true_random=False),
)  # fmt: skip
def test_partitions_that_share_a_room_of_any_size_store_what_each_would_alone(
    logs: list[list[Toy]], long: int, bound: int, random: Random
) -> None:
    room = Room(bound)
    together = [(Ledger(ToyStage(), lambda _: "UTC", room), MemoryShard(), cut(log, long)) for log in logs]
    running = [in_steps(*each) for each in together]
    while running:
        turn = random.choice(running)
        if next(turn, running) is running:
            running.remove(turn)
    assert room.taken <= bound
    for (_, shard, _), log in zip(together, logs, strict=True):
        ledger, alone = Ledger(ToyStage(), lambda _: "UTC"), MemoryShard()
        for events in cut(log, long):
            alone.fold(ledger, events, prunes=10_000)
        assert (shard.states, shard.fields, shard.head) == (alone.states, alone.fields, alone.head)


def stored(stage: Stage, events: Iterable[Any]) -> dict[str | bytes, bytes]:
    ledger, shard, log = Ledger(stage, partial(zone_of, RULES)), MemoryShard(), list(enumerate(events))
    for first in range(0, len(log), 5000):
        shard.fold(ledger, log[first : first + 5000])
    return shard.states


def of_phone() -> Iterator[Any]:
    return (decode(TOPICS[load.TOPIC], each.key, each.value, 2**60) for each in load.events(8000))


def of_agents() -> Iterator[Any]:
    for batch in islice(Simulation(1, load.START_MS, 100.0, PROFILES["center"]).batches(), 8):
        for each in batch:
            if each.topic == memory.PRESENCE:
                yield decode(TOPICS[memory.PRESENCE], each.key, each.value, 2**60)


def of_customers(contacts: int) -> Iterator[Any]:
    told = memory._customers(contacts, events=contacts > 1)
    return (event for event in told if event.data.customer_id < "customer-000300")


@pytest.mark.parametrize(
    ("stage", "events"),
    [
        (Interactions(RULES, "phone"), of_phone), (Agents(RULES), of_agents),
        (Customers(RULES), partial(of_customers, 1)),
        (Customers(RULES), partial(of_customers, 6)),
    ],
    ids=["interactions", "agents", "customers of one contact", "customers of many"],
)  # fmt: skip
def test_an_entity_takes_in_memory_about_what_is_estimated_and_all_of_it_is_given_back(stage: Any, events: Any) -> None:
    blobs, room = stored(stage, events()), Room(1000 * MEGABYTES)
    ledger = Ledger(stage, partial(zone_of, RULES), room)
    names = [name for name in blobs if isinstance(name, str)]

    def learn() -> None:
        wanted = ledger.ask(names)
        ledger.learn(wanted, [blobs.get(each) for each in wanted])

    learn()
    ledger.drop()  # the first time, words and scopes are remembered too
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        learn()
        taken = tracemalloc.get_traced_memory()[0]
        assert 0.5 < room.taken / taken < 2.2
        ledger.drop()
        assert tracemalloc.get_traced_memory()[0] < taken / 2, "without the collector: there are no cycles"
    finally:
        tracemalloc.stop()
        gc.enable()


def test_what_is_over_is_kept_as_it_is_stored_in_a_fraction_of_the_room_and_an_event_after_all_finds_it() -> None:
    room, shard, log = Room(1000 * MEGABYTES), MemoryShard(), [*of_phone()]
    ledger = Ledger(Interactions(RULES, "phone"), partial(zone_of, RULES), room)
    over = [event.data.interaction_id for event in log if isinstance(event, WrappedUp)]
    shard.fold(ledger, list(enumerate(log)))
    assert len(over) > 40
    taken = room.taken
    shard.states.clear()  # what is still known, the ledger alone knows
    before = dict(ledger.counts)
    assert ledger.ask(over) == []
    assert room.taken - taken > 1000 * len(over), "at hand they take more"
    shard.fold(ledger, list(enumerate(log, len(log))))
    assert ledger.counts["duplicate"] - before.get("duplicate", 0) == len(log)
