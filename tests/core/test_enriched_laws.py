"""What services hear does not depend on batches and memory, counts what the oracle counts, and says nothing twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.topics import TOPICS
from stream.core.interactions import closed
from stream.core.interactions.interaction import Interactions
from stream.core.interactions.sofar import measures
from stream.core.rules import Rules
from tests.core.enriched_words import decoded, told
from tests.core.recounted import recounted
from tests.core.test_told_laws import logs
from tests.oracle.histories import disordered, nasty

if TYPE_CHECKING:
    from stream.core.stage import Output
    from tests.oracle.records import Record

RULES = Rules()
CLOSED = "enriched.interaction.closed"
Told = dict[str, list["Output"]]
seeds = st.integers(0, 5000)
MEASURED = ("handled", "transferred", "talk_ms", "hold_ms", "wrap_up_ms", "handle_ms")
OF_THREADS = {
    "first_response_ms": "first_response_ms", "first_response_business_ms": "first_response_business_ms",
    "next_responses": "next_response", "next_response_ms": "next_response_ms",
    "next_response_business_ms": "next_response_business_ms",
}  # fmt: skip
"""Measure of an interaction -> of the figures."""


def log_of(records: list[Record], seed: int, doubled: float = 0.0) -> dict[str, list[Any]]:
    """The events of each channel, some of them twice, out of order; without the tick at their end."""
    chosen = [record for n, record in enumerate(records) if n % 100 < 100 * doubled]
    return {topic: [event for _, event in log[:-1]] for topic, log in logs(disordered(records + chosen, seed)).items()}


def all_told(log: dict[str, list[Any]], *, cut: int = 1, limit: int = 50_000) -> Told:
    """What services hear of all channels."""
    return {
        topic: told(TOPICS[topic].channel or "", RULES, events, cut=cut, limit=limit) for topic, events in log.items()
    }


@settings(deadline=None, max_examples=40)
@given(seed=seeds, cut=st.integers(1, 60), limit=st.integers(0, 5), doubled=st.floats(0, 1))
def test_the_same_bytes_are_told_whatever_the_batches_and_what_is_remembered(
    seed: int, cut: int, limit: int, doubled: float
) -> None:
    log = log_of(nasty(seed, interactions=8, days=2), seed, doubled)
    assert all_told(log, cut=cut, limit=limit) == all_told(log, cut=10_000)


@settings(deadline=None, max_examples=40)
@given(seed=seeds)
def test_each_event_that_is_applied_is_told_once_with_its_own_record(seed: int) -> None:
    for topic, events in log_of(nasty(seed, interactions=8, days=2), seed, doubled=0.3).items():
        stage, states = Interactions(RULES, TOPICS[topic].channel or ""), {}
        expected, now = [], 0
        for offset, event in enumerate(events):
            name, now = stage.key(event), max(now, event.at)
            state = states.setdefault(name, stage.new(name))
            if stage.apply(state, event, now).result == "applied":
                kind = f"enriched.{type(event).__struct_config__.tag}"
                customer = state.told.customer_id
                expected.append((kind, event.id, event.source, offset, (customer or name).encode()))
        heard = [(decoded(output), output.key) for output in told(stage.channel, RULES, events)]
        assert [
            (value["type"], value["id"], value["origin"], value["revision"], key)
            for value, key in heard
            if value["type"] != CLOSED
        ] == expected
        assert all(value["subject"].encode() == key for value, key in heard)


@settings(deadline=None, max_examples=40)
@given(seed=seeds)
def test_a_closed_interaction_is_told_when_it_closes_and_when_that_changes(seed: int) -> None:
    for topic, events in log_of(nasty(seed, interactions=8, days=2), seed, doubled=0.3).items():
        stage, known, states = Interactions(RULES, TOPICS[topic].channel or ""), {}, {}
        expected, now = [], 0
        for offset, event in enumerate(events):
            name, now = stage.key(event), max(now, event.at)
            state = states.setdefault(name, stage.new(name))
            if stage.apply(state, event, now).result == "applied":
                anew = stage.load(name, stage.dump(state))
                content = closed.content(anew, measures(anew.life)) if anew.life.closed else None
                if content is not None and content != known.get(name):
                    expected.append((offset, closed.revised(content, offset)))
                known[name] = content
        heard = [output for output in told(stage.channel, RULES, events) if CLOSED.encode() in output.value]
        assert [decoded(output)["revision"] for output in heard] == [offset for offset, _ in expected]
        assert all(
            output.value.endswith(b',"data":%b}' % content)
            for output, (_, content) in zip(heard, expected, strict=True)
        )


def closed_in_the_end(log: dict[str, list[Any]]) -> list[tuple[str, str]]:
    """Topic and id of the interactions that are closed after all."""
    found = []
    for topic, events in log.items():
        stage, states = Interactions(RULES, TOPICS[topic].channel or ""), {}
        for event in events:
            name = stage.key(event)
            stage.apply(states.setdefault(name, stage.new(name)), event, event.at)
        found += [(topic, name) for name, state in states.items() if state.life.closed]
    return found


def counted(records: list[Record]) -> dict[tuple[str, str], Counter[str]]:
    """What the oracle counts of each interaction, by topic and id."""
    mine: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in records:
        if TOPICS[record["topic"]].channel is not None:
            mine[record["topic"], record["key"]].append(record)
    latest: Counter[str] = Counter()
    for record in records:
        latest[record["topic"]] = max(latest[record["topic"]], record["timestamp_ms"])
    found: dict[tuple[str, str], Counter[str]] = {}
    for (topic, name), own in mine.items():
        found[topic, name] = Counter()
        for (_, scope, measure), n in recounted(own, latest[topic]).items():
            if not scope.endswith("*"):
                found[topic, name][measure] += n
    return found


@settings(deadline=None, max_examples=40)
@given(seed=seeds, doubled=st.floats(0, 1))
def test_the_last_word_on_each_interaction_is_what_the_oracle_counts_of_it(seed: int, doubled: float) -> None:
    records = nasty(seed, interactions=8, days=2)
    last: dict[tuple[str, str], dict[str, Any]] = {}
    closed_as: dict[tuple[str, str], dict[str, Any]] = {}
    log = log_of(records, seed, doubled)
    for topic, outputs in all_told(log).items():
        for output in outputs:
            value = decoded(output)
            where = topic, value["data"]["interaction_id"]
            if value["type"] == CLOSED:
                assert value["data"]["measures"] == last[where]["measures"]
                closed_as[where] = value["data"]
            else:
                last[where] = value["data"]
    assert len(last) >= 8
    oracle = counted(records)
    for where, data in last.items():
        wanted, amounts = oracle[where], data["measures"]
        assert {name: amounts[name] for name in MEASURED} == {name: wanted[name] for name in MEASURED}
        assert {name: amounts.get(name, 0) for name in OF_THREADS} == {
            name: wanted[measure] for name, measure in OF_THREADS.items()
        }
    for where in closed_in_the_end(log):
        wanted, data = oracle[where], closed_as[where]
        segments = data["segments"]
        assert (data["closings"], data["reopened"]) == (wanted["ended"], wanted["reopened"])
        answered = [segment for segment in segments if segment["outcome"] == "answered"]
        assert sum(segment["wait_ms"] for segment in answered) == wanted["wait_ms"]
        assert sum(segment["in_threshold"] for segment in answered) == wanted["in_threshold"]
        assert Counter(segment["outcome"] for segment in segments if segment["outcome"] != "direct") == Counter(
            {name: wanted[name] for name in ("answered", "abandoned", "flowed_out") if wanted[name]}
        )


@pytest.mark.parametrize("seed", range(3))
def test_over_many_interactions_the_last_words_add_up_to_the_figures(seed: int) -> None:
    records = nasty(seed)
    sums: Counter[str] = Counter()
    last: dict[tuple[str, str], dict[str, int]] = {}
    for topic, outputs in all_told(log_of(records, seed, doubled=0.2)).items():
        for output in outputs:
            data = decoded(output)["data"]
            last[topic, data["interaction_id"]] = data["measures"]
    for amounts in last.values():
        sums.update({name: amounts.get(name, 0) for name in (*MEASURED, *OF_THREADS)})
    figures: Counter[str] = Counter()
    for (_, scope, measure), n in recounted(records).items():
        if not scope.endswith("*"):
            figures[measure] += n
    assert sums == {name: figures[OF_THREADS.get(name, name)] for name in sums}
    assert min(sums.values()) > 0
