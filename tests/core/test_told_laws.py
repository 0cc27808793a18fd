"""What downstream hears of interactions: in the end the same, whatever the order, the batches, the runs that died."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codec import Skipped, decode
from schemas.rejected import Rejected
from schemas.topics import TOPICS
from stream.core.books.ledger import Ledger
from stream.core.books.room import Room
from stream.core.interactions.interaction import Interactions
from stream.core.rules import DAY, Rules
from stream.core.times.window import zone_of
from tests.core.memory_shard import MemoryShard
from tests.core.test_ledger_laws import tick
from tests.core.world import sent_in_vain
from tests.oracle.histories import disordered, nasty
from tests.oracle.test_oracle import history

if TYPE_CHECKING:
    from stream.core.books.ledger import Events
    from stream.core.stage import Output
    from tests.oracle.records import Record

RULES = Rules()
Logs = dict[str, "Events"]


def revised(records: list[Record], revision: int) -> list[Record]:
    """The records as their source sends them again, corrected."""
    for record in records:
        record["value"]["revision"] = revision
    return records


class Listener:
    """A consumer of what is told: of each thing the highest revision stands, the same one again is the same."""

    def __init__(self) -> None:
        self.standing: dict[tuple[str, bytes, str], tuple[int, Any]] = {}
        self.said: dict[tuple[str, bytes, str, int], Any] = {}

    def hear(self, outputs: list[Output]) -> None:
        for output in outputs:
            value = msgspec.json.decode(output.value)
            key, revision = (output.topic, output.key, value["id"]), value.get("revision", 0)
            assert self.said.setdefault((*key, revision), value) == value
            if revision >= self.standing.get(key, (-1, None))[0]:
                self.standing[key] = revision, value["data"]

    def known(self) -> dict[tuple[str, bytes, str], Any]:
        """What stands, without what was withdrawn."""
        return {key: data for key, (_, data) in self.standing.items() if not data.get("withdrawn")}


def logs(records: list[Record]) -> Logs:
    """The events of each channel, with their offsets, and two days later a tick."""
    found: Logs = defaultdict(list)
    for record in records:
        topic = record["topic"]
        if TOPICS[topic].channel is None:
            continue
        try:
            event = decode(
                TOPICS[topic], record["key"].encode(), msgspec.json.encode(record["value"]), record["timestamp_ms"]
            )
        except Rejected:
            continue
        if not isinstance(event, Skipped):
            found[topic].append((len(found[topic]), event))
    for topic, log in found.items():
        log.append((len(log), tick(topic, max(event.at for _, event in log) + 2 * DAY)))
    return found


def told(logs: Logs, seed: int, cut: int, deaths: float = 0.0) -> tuple[Listener, dict[str, bytes]]:
    """What is heard in the end, and what readers see; `deaths`: how many batches are sent, and not committed."""
    listener, views, random = Listener(), {}, Random(seed)
    for topic, log in logs.items():
        shard, at = MemoryShard(), 0
        ledger = Ledger(Interactions(RULES, TOPICS[topic].channel or ""), partial(zone_of, RULES), Room(25_000))
        while at < len(log):
            batch = log[at : at + random.randint(1, cut)]
            if random.random() < deaths:
                listener.hear(sent_in_vain(ledger, shard, batch))
                continue
            shard.fold(ledger, batch)
            at += len(batch)
        listener.hear(shard.outputs)
        views |= {topic + name: value for name, value in shard.fields.items() if name[0] == "w"}
    return listener, views


@settings(deadline=None)
@given(seed=st.integers(0, 5000), cut=st.integers(1, 60), deaths=st.floats(0, 0.8))
def test_batches_and_runs_that_died_leave_nobody_with_something_stale(seed: int, cut: int, deaths: float) -> None:
    log = logs(nasty(seed, interactions=8, days=2))
    one_by_one, seen = told(log, seed, cut=1)
    pieces, seen_too = told(log, seed, cut=cut, deaths=deaths)
    assert pieces.known() == one_by_one.known()
    assert seen_too == seen
    both = pieces.said.keys() & one_by_one.said.keys()
    assert [key for key in both if pieces.said[key] != one_by_one.said[key]] == []


@settings(deadline=None)
@given(seed=st.integers(0, 5000), cut=st.integers(1, 60), doubled=st.floats(0, 1))
def test_order_and_repetition_leave_everybody_with_the_same(seed: int, cut: int, doubled: float) -> None:
    records, random = nasty(seed, interactions=8, days=2), Random(seed)
    in_order, seen = told(logs(records), seed, cut=10_000)
    mixed = disordered(records + [record for record in records if random.random() < doubled], seed)
    pieces, seen_too = told(logs(mixed), seed, cut=cut)
    assert pieces.known() == in_order.known()
    assert seen_too == seen


def test_the_logs_tell_of_parts_and_digests_and_show_what_is_open() -> None:
    listener, seen = told(logs(nasty(1)), 1, cut=10_000)
    topics = {topic for topic, _, _ in listener.known()}
    parts = [data for (topic, _, _), data in listener.known().items() if topic == "agents.timeline"]
    assert topics == {"agents.timeline", "customers.timeline"}
    assert {name for part in parts for name in part} > {"rang_at", "declined", "timed_out", "closings", "handle_ms"}
    assert len(seen) > 3


ANSWERED = (5, "answered", {"agent_id": "a"})
PUT_RIGHT: dict[str, tuple[list[Record], list[Record], list[Record]]] = {
    "a word on the closing is taken back": (
        history((0, "answered", {"agent_id": "a", "customer_id": "c"}), (9, "ended", {"resolved": True})),
        history((10, "ended", {"resolved": False}), id_="x"),
        history((11, "ended", {"resolved": True}), id_="y"),
    ),
    "another customer is told, and the first one again": (
        history((0, "started", {"customer_id": "c"}), (9, "queued", {"queue": "q"})),
        history((10, "held", {"customer_id": "d"}), id_="x"),
        history((11, "held", {"customer_id": "c"}), id_="y"),
    ),
    "another reason is told, and the first one again": (
        history((0, "started", {"customer_id": "c", "reason": "r"}), (9, "queued", {"queue": "q"})),
        history((10, "held", {"reason": "s"}), id_="x"),
        history((11, "held", {"reason": "r"}), id_="y"),
    ),
    "an answer is corrected, and the correction too": (
        history((0, "queued", {"queue": "q"}), ANSWERED),
        revised(history((0, "queued", {}), (7, "answered", {"agent_id": "a"}))[1:], 1),
        revised(history((0, "queued", {}), ANSWERED)[1:], 2),
    ),
    "an answer is corrected to another agent's, and the correction too": (
        history((0, "queued", {"queue": "q"}), ANSWERED),
        revised(history((0, "queued", {}), (5, "answered", {"agent_id": "b"}))[1:], 1),
        revised(history((0, "queued", {}), ANSWERED)[1:], 2),
    ),
    "a start is corrected to another customer's, and the correction too": (
        history((0, "started", {"customer_id": "c"})),
        revised(history((0, "started", {"customer_id": "d"})), 1),
        revised(history((0, "started", {"customer_id": "c"})), 2),
    ),
    "silence has ended a stay, and a late event says that it had not": (
        history((0, "answered", {"agent_id": "a"})),
        history((5 * 3600, "started", {}), id_="other"),
        history((4 * 3600 - 1, "held", {"agent_id": "a"}), id_="x") + history((5 * 3600, "held", {}), id_="y"),
    ),
    "a wrap-up goes to an earlier stay once the later one is prolonged": (
        history((0, "answered", {"agent_id": "a"}), (5, "transferred", {"agent_id": "a"}), ANSWERED,
                (20, "queued", {"queue": "q"})),
        history((25, "wrapped_up", {"agent_id": "a"}), id_="x"),
        history((30, "transferred", {"agent_id": "a"}), id_="y"),
    ),
}  # fmt: skip


def of_one(records: list[Record]) -> list[Record]:
    """The records, all of one interaction but for `other`; their own ids stay."""
    for record in records:
        data = record["value"]["data"]
        if data["interaction_id"] != "other":
            record["key"] = data["interaction_id"] = "i1"
    return records


@pytest.mark.parametrize("name", PUT_RIGHT)
def test_what_a_run_told_before_it_died_is_put_right_though_all_is_as_it_was(name: str) -> None:
    committed, lost, after = (of_one(records) for records in PUT_RIGHT[name])
    log = logs(committed + lost + after)["interactions.phone"][:-1]
    first, second = len(committed), len(committed) + len(lost)
    alone, listener = told({"interactions.phone": log}, 0, cut=1)[0], Listener()
    shard, ledger = MemoryShard(), Ledger(Interactions(RULES, "phone"), partial(zone_of, RULES))
    shard.fold(ledger, log[:first])
    listener.hear(sent_in_vain(ledger, shard, log[first:second]))
    shard.fold(ledger, log[first:])
    listener.hear(shard.outputs)
    assert listener.known() == alone.known()
