"""Brokers that go, logs that are cut, subscribers that do not read, too many of them: nobody else notices."""

from __future__ import annotations

import asyncio
import gc
import socket
import time
import tracemalloc
from contextlib import AsyncExitStack, suppress

import httpx
import orjson
import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from stream.serve.subscription import lane, log, routes
from stream.serve.subscription.routes import PATH
from tests.serve.alerting import until
from tests.serve.subscribing import (
    ALERTS,
    ENRICHED,
    PARTITIONS,
    Ended,
    Service,
    alert,
    enriched,
    following,
    own_topics,
    service,
    serving,
    serving_of,
    take,
    topics,
)

__all__ = ["own_topics", "service", "serving", "topics"]


def numbers(messages):
    return [orjson.loads(each.data)["revision"] for each in messages]


@pytest.mark.parametrize("ended", ["kill", "stop"])
async def test_while_the_broker_is_away_streams_stay_open_and_go_on(own_kafka, own_topics, monkeypatch, ended):
    monkeypatch.setattr(log, "PROBE_SECONDS", 0.5)
    topics = own_topics
    async with serving_of(topics) as service, service.live() as found:
        await topics.write(ALERTS, alert(1))
        (first,) = await take(found, 1)
        await asyncio.to_thread(getattr(own_kafka, ended))
        assert orjson.loads((await said(found, "waiting")).data)["why"]
        async with (
            serving_of(topics) as other,
            other.subscriber() as new,
            other.subscriber(last_event_id=first.id) as back,
        ):
            assert (await following(new)).event == "waiting"
            assert (await following(back)).event == "waiting"
            await asyncio.to_thread(own_kafka.start)
            writer = topics.another()
            await writer.open()
            try:
                await asyncio.gather(*(said(each, "position") for each in (found, new)))
                for number in range(2, 30):
                    await writer.write(ALERTS, alert(number), partition=number % PARTITIONS, commit=number % 3 != 0)
                wanted = [number for number in range(2, 30) if number % 3]
                for each in (found, new, back):
                    assert sorted(numbers(await take(each, len(wanted)))) == wanted
            finally:
                await writer.close()


async def said(found, word):
    """The next message that is called so."""
    while (message := await following(found, 60)).event != word:
        pass
    return message


async def admin_does(topics, work):
    admin = AIOKafkaAdminClient(bootstrap_servers=topics.address)
    await admin.start()
    try:
        await work(admin)
    finally:
        await admin.close()


async def test_what_the_log_has_let_go_is_told_as_a_gap_once(topics, serving):
    async with serving() as service, service.live() as found:
        for number in range(6):
            await topics.write(ALERTS, alert(number), partition=1)
        first = await take(found, 6)
    place = TopicPartition(topics.prefix + ALERTS, 1)
    await admin_does(topics, lambda admin: admin.delete_records({place: RecordsToDelete(before_offset=6)}))
    await topics.write(ALERTS, alert(6), partition=1)
    async with serving() as service, service.subscriber(last_event_id=first[0].id) as found:
        gap = await following(found)
        assert gap.event == "gap"
        assert orjson.loads(gap.data) == {
            "missing": [{"topic": ALERTS, "partition": 1, "from": 1, "to": 6, "why": "expired"}]
        }
        rest = await take(found, 4)
        assert numbers(rest) == [3, 4, 5, 6]
    async with serving() as service, service.subscriber(last_event_id=gap.id) as found:
        assert await take(found, 4) == rest


async def test_an_id_behind_the_end_is_of_a_topic_made_anew(topics, serving):
    async with serving() as service, service.live() as found:
        await topics.write(ALERTS, *(alert(number) for number in range(5)))
        last = (await take(found, 5))[-1]
    await admin_does(topics, lambda admin: admin.delete_topics([topics.prefix + ALERTS]))

    async def made():
        await topics.prepare(ALERTS)
        return True

    await until(made, "the topic to be gone")
    writer = topics.another()
    await writer.open()
    await writer.write(ALERTS, alert(9))
    async with serving() as service, service.subscriber(last_event_id=last.id) as found:
        gap = await following(found)
        assert orjson.loads(gap.data)["missing"] == [
            {"topic": ALERTS, "partition": 0, "from": 5, "to": 0, "why": "remade"}
        ]
        assert numbers(await take(found, 1)) == [9]
    await writer.close()


@pytest.mark.parametrize("partitions", [PARTITIONS, 1])
async def test_a_topic_that_is_made_anew_while_it_is_followed_is_told_from_its_first(
    own_topics, monkeypatch, partitions
):
    monkeypatch.setattr(log, "PROBE_SECONDS", 0.3)
    topics = own_topics
    async with serving_of(topics) as service, service.live(types="queue.*") as found:
        await topics.write(ALERTS, *(alert(number) for number in range(5)), partition=0)
        await topics.write(ALERTS, *(alert(number) for number in range(5, 8)), partition=2)
        last = (await take(found, 8))[-1]
        await admin_does(topics, lambda admin: admin.delete_topics([topics.prefix + ALERTS]))

        async def made():
            with suppress(Exception):
                await topics.prepare(ALERTS, partitions=partitions)
                return True

        await until(made, "the topic to be gone")
        writer = topics.another()
        await writer.open()
        await writer.write(ALERTS, alert(9))
        missing = orjson.loads((await said(found, "gap")).data)["missing"]
        assert [(each["partition"], each["why"]) for each in missing] == [(0, "remade"), (2, "remade")]
        assert numbers(await take(found, 1)) == [9]
        async with serving_of(topics) as other, other.subscriber(types="queue.*", last_event_id=last.id) as back:
            again = orjson.loads((await said(back, "gap")).data)["missing"]
            assert [each["partition"] for each in again] == [0, 2]
            assert numbers(await take(back, 1)) == [9]
            await writer.write(ALERTS, alert(10))
            assert numbers([*await take(back, 1), *await take(found, 1)]) == [10, 10]
        await writer.close()


async def test_there_is_a_limit_and_who_leaves_makes_room(serving):
    async with serving(most=2) as service, service.live():
        async with service.live():
            answer = await service.ask()
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
            assert "max_subscribers" in answer.json()["hint"]
        await until(lambda: service.counts.subscribers == 1, "one to leave")
        async with service.live():
            assert service.counts.ends == {"refused": 1, "slow": 0, "stuck": 0}


async def mute(service, **parameters):
    """A subscriber that reads nothing after the head."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 * 1024)
    connection.connect(("127.0.0.1", service.port))
    reader, writer = await asyncio.open_connection(sock=connection, limit=4096)
    query = httpx.QueryParams(parameters)
    writer.write(f"GET {PATH}?{query} HTTP/1.1\r\nHost: service\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def rest_of(reader):
    """What was sent to it, all of it, until the service has ended the stream."""
    found = b""
    with suppress(ConnectionError):
        while piece := await reader.read(1 << 20):
            found += piece
    return found


def large(number):
    return alert(number) | {"note": "x" * 20_000}


async def test_who_does_not_read_delays_nobody_is_cut_off_and_holds_little(topics, serving, monkeypatch):
    monkeypatch.setattr(lane, "KEPT_BYTES", 1024 * 1024)
    n, a_transaction, muted = 400, 20, 10
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(serving())
        stuck = [await mute(service) for _ in range(muted)]
        await until(lambda: service.counts.subscribers == muted)
        found = await stack.enter_async_context(service.live())
        gc.collect()
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        took = 0.0
        for first in range(0, n, a_transaction):
            await topics.write(ALERTS, *map(large, range(first, first + a_transaction)))
            began = time.monotonic()
            assert numbers(await take(found, a_transaction)) == [*range(first, first + a_transaction)]
            took = max(took, time.monotonic() - began)
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert took < 20
        assert after - before < 20 * 1024 * 1024, "of 8 MB for each of ten"
        assert (
            sum(len(entry.event.frame) for each in service.hub._lanes.values() for entry in each.entries.values())
            < 1.1 * 2**20
        )
        sent = await asyncio.gather(*(rest_of(reader) for reader, _ in stuck))
        assert service.counts.ends["slow"] == muted
        for told in sent:
            assert b"too far behind; come back" in told
            ids = [line[4:] for line in told.split(b"\n") if line.startswith(b"id: ")]
            got = [orjson.loads(line[6:])["revision"] for line in told.split(b"\n") if line.startswith(b'data: {"type')]
            assert got == [*range(len(got))]
        async with service.subscriber(last_event_id=ids[-1].decode()) as back:
            assert numbers(await take(back, n - len(got))) == [*range(len(got), n)]
        for _, writer in stuck:
            writer.close()


async def test_who_takes_nothing_at_all_is_let_go(topics, serving, monkeypatch):
    monkeypatch.setattr(routes, "STUCK_SECONDS", 0.5)
    async with serving() as service:
        _, writer = await mute(service)
        await until(lambda: service.counts.subscribers == 1)
        for _ in range(30):
            await topics.write(ALERTS, *map(large, range(20)))
            if service.counts.ends["stuck"]:
                break
        await until(lambda: service.counts.ends["stuck"] == 1)
        assert service.counts.subscribers == 0
        writer.close()


async def test_who_is_stuck_in_the_past_gives_its_turn_to_others(topics, serving, monkeypatch):
    monkeypatch.setattr("stream.serve.subscription.catch_up.READERS", 1)
    monkeypatch.setattr("stream.serve.subscription.catch_up.TURN_SECONDS", 0.2)
    for first in range(0, 1000, 50):
        await topics.write(ALERTS, *map(large, range(first, first + 50)))
    async with serving() as service:
        _, writer = await mute(service, **{"from": "earliest"})
        await until(lambda: service.counts.sent[ALERTS] > 0, "it to begin")
        async with service.subscriber(**{"from": "earliest"}) as found:
            assert numbers(await take(found, 1000, 60)) == [*range(1000)]
        writer.close()


async def test_fifty_subscribers_at_once_get_all_of_it(topics, serving):
    n, many = 400, 50
    async with serving() as service, AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(service.live(types="enriched.*")) for _ in range(many)]
        for first in range(0, n, 50):
            await topics.write(ENRICHED, *map(enriched, range(first, first + 50)), partition=first // 50 % PARTITIONS)
        for got in await asyncio.gather(*(take(each, n, 60) for each in streams)):
            assert sorted(numbers(got)) == [*range(n)]
        assert service.counts.sent[ENRICHED] == n * many
        assert len(service.hub._followers) == len(service.hub._lanes) == 1


async def test_a_service_that_stops_ends_all_streams_at_once(topics, own_kafka):
    await topics.write(ALERTS, *map(alert, range(5)))
    service, away = Service(topics.address, topics.prefix), Service(own_kafka.address, topics.prefix)
    await asyncio.to_thread(own_kafka.stop)
    async with AsyncExitStack() as stack:
        for each in (service, away):
            await each.start()
        live = await stack.enter_async_context(service.live())
        past = await stack.enter_async_context(service.subscriber(**{"from": "earliest"}))
        waits = await stack.enter_async_context(away.subscriber(**{"from": "earliest"}))
        assert (await following(waits)).event == "waiting"
        await take(past, 2)
        _, writer = await mute(service)
        began = time.monotonic()
        await asyncio.gather(service.stop(), away.stop())
        assert time.monotonic() - began < 20
        for each in (live, past, waits):
            with pytest.raises(Ended):
                await said(each, "never")
        assert not [*service.hub._tasks, *away.hub._tasks]
        writer.close()


@pytest.mark.parametrize("of", ["follower.Follower._tell", "catch_up.CatchUp._chunk"])
async def test_who_hangs_on_a_reader_that_fails_is_let_go_and_comes_back(topics, serving, monkeypatch, of):
    def fails(*_):
        raise RuntimeError("a bug")

    await topics.write(ALERTS, alert(1))
    async with serving() as service:
        with monkeypatch.context() as patch:
            patch.setattr(f"stream.serve.subscription.{of}", fails)
            async with service.subscriber(types="queue.*", **{"from": "earliest"}) as found:
                with pytest.raises(Ended):
                    await said(found, "never")
        async with service.subscriber(types="queue.*", **{"from": "earliest"}) as found:
            await topics.write(ALERTS, alert(2))
            assert numbers(await take(found, 2)) == [1, 2]
