"""Each peer counts a small center's events as the straight fold does, and one that counts wrongly fails the bench."""

import asyncio
from itertools import chain

import pytest
from redis import Redis

from bench import kafka_streams, load, paths, quix, recount, straight
from bench.recount import Wrong
from bench.surroundings import Surroundings, Topic
from tests.parts.fixtures import skipping

EVENTS = 4_000


@pytest.fixture(scope="module")
def topic(kafka):
    records = load.events(EVENTS)
    found = Topic("peers.", load.by_partition(records))
    found.figures = [recount.expected(each) for each in found.partitions]
    asyncio.run(load.produce(kafka.address, found.prefix, records))
    return found


@pytest.fixture
def where(kafka, own_redis, tmp_path):
    with Redis.from_url(own_redis.url) as redis:
        yield Surroundings(kafka.address, own_redis.url, redis, tmp_path)


@pytest.fixture(scope="module")
def corrupted(topic):
    """As if one call more had been abandoned."""
    other = Topic(topic.prefix, topic.partitions, topic.figures)
    other.cells = {name: dict(measures) for name, measures in topic.cells.items()}
    name = min(other.cells)
    other.cells[name]["abandoned"] = other.cells[name].get("abandoned", 0) + 1
    return other


def test_the_straight_fold_has_the_oracles_sums_and_one_changed_number_is_noticed():
    partitions = load.by_partition(load.events(EVENTS))
    figures = [recount.expected(each) for each in partitions]
    cells = straight.fold(chain(*partitions))
    straight.verify_fold(cells, figures)
    cells[min(cells)]["offered"] += 1
    with pytest.raises(Wrong, match=r"the straight fold, phone\|.*: offered is"):
        straight.verify_fold(cells, figures)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [({"a": {"offered": 1}}, {}), ({}, {"a": {"offered": 1}}), ({"a": {"offered": 1}}, {"a": {"offered": 2}})],
)
def test_a_cell_too_many_too_few_or_with_another_number_is_wrong(found, wanted):
    with pytest.raises(Wrong, match="a peer, a: offered is"):
        straight.compare("a peer", found, wanted)


def test_a_measure_of_nought_is_as_good_as_none():
    straight.compare("a peer", {"a": {"offered": 1, "answered": 0}}, {"a": {"offered": 1}, "b": {}})


def test_stock_faust_counts_what_the_straight_fold_does(where, topic):
    assert paths.stock(where, topic).records == EVENTS // 2


def test_kafka_streams_counts_what_the_straight_fold_does(where, topic, corrupted):
    with skipping():
        built = kafka_streams.build()
    told = kafka_streams.exactly_once(where, topic, built)
    assert told.records == told.warm.records == EVENTS - 1
    assert min(told.cpu, told.warm.cpu) > 0
    with pytest.raises(Wrong, match=r"Kafka Streams, at_least_once, phone.*: abandoned is"):
        kafka_streams.at_least_once(where, corrupted, built)


@pytest.mark.parametrize("measure", [quix.window, quix.apply])
def test_quix_streams_counts_what_the_straight_fold_does(where, topic, corrupted, measure):
    with skipping():
        built = quix.build()
    assert measure(where, topic, built).records == EVENTS
    if measure is quix.apply:
        with pytest.raises(Wrong, match=r"Quix Streams, apply, phone.*: abandoned is"):
            measure(where, corrupted, built)
