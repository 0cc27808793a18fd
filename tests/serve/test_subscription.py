"""Who subscribes gets what it asked for, once, of what was committed, each partition in order, from where it was."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import httpx
import orjson
import pytest

from stream.serve.subscription import catch_up, hub, lane, log, subscriber
from stream.serve.subscription.catalogue import TYPES
from tests.serve.alerting import until
from tests.serve.subscribing import (
    ALERTS,
    ENRICHED,
    INSIGHTS,
    PARTITIONS,
    Ended,
    Service,
    Topics,
    alert,
    closed,
    enriched,
    following,
    insight,
    service,
    serving,
    serving_of,
    take,
    topics,
)

__all__ = ["service", "serving", "topics"]


async def test_from_now_on_all_three_topics_are_told_as_they_lie_there(topics, service):
    await topics.write(ENRICHED, enriched(0))
    async with service.live() as found:
        for topic, event in ((ENRICHED, enriched(1)), (INSIGHTS, insight(2)), (ALERTS, alert(3))):
            await topics.write(topic, event)
            (message,) = await take(found, 1)
            assert message.event == event["type"]
            assert message.data == orjson.dumps(event)
            assert message.id


async def test_what_was_aborted_is_never_told(topics, service):
    async with service.live() as found:
        await topics.write(ALERTS, alert(1), alert(2), commit=False)
        await topics.write(ALERTS, alert(3))
        await topics.write(ALERTS, alert(4), commit=False)
        await topics.write(ALERTS, alert(5))
        assert [orjson.loads(each.data)["revision"] for each in await take(found, 2)] == [3, 5]
    async with service.subscriber(**{"from": "earliest"}) as found:
        assert [orjson.loads(each.data)["revision"] for each in await take(found, 2)] == [3, 5]
        assert (await following(found)).event == "position"


STORY = [
    (ENRICHED, enriched(1, "support", queue="sales")), (ENRICHED, enriched(2, "sales", kind="ended")),
    (ENRICHED, enriched(3, None)), (ENRICHED, enriched(4, "support", "chat")), (ENRICHED, closed(5, "care", "sales")),
    (ENRICHED, enriched(6, None, queue="support", kind="queued")),
    (INSIGHTS, insight(7, channel="phone", queue="support", why="long_wait")), (INSIGHTS, insight(8)),
    (INSIGHTS, insight(9, "repeat_contact", channel="chat")),
    (ALERTS, alert(10)), (ALERTS, alert(11, "sales", kind="sla.recovered")), (ALERTS, alert(12, "a,b", "chat")),
    (ENRICHED, {"type": "enriched.interaction.new", "data": {"segment_queue": 7, "queue": "support"}, "revision": 13}),
]  # fmt: skip
"""The last one is of a worker newer than the service."""


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({}, range(1, 14)),
        ({"types": ""}, range(1, 14)),
        ({"types": "queue.*"}, [10, 11, 12]),
        ({"types": "queue.sla.breached,enriched.interaction.closed"}, [5, 10, 12]),
        ({"types": ["queue.sla.recovered", "customer.*,enriched.interaction.ended"]}, [2, 7, 8, 9, 11]),
        ({"types": "enriched.*"}, [1, 2, 3, 4, 5, 6, 13]),
        ({"queue": "support"}, [1, 4, 6, 7, 10]),
        ({"queue": "phone/support"}, [1, 6, 7, 10]),
        ({"queue": ["phone/sales", "chat/support"]}, [1, 2, 4, 5, 11]),
        ({"queue": "care"}, [5]),
        ({"queue": "a,b"}, [12]),
        ({"queue": "support", "channel": "chat"}, [4]),
        ({"channel": "chat"}, [4, 9, 12]),
        ({"channel": "chat,email", "types": "queue.*"}, [12]),
        ({"queue": "support", "types": "customer.friction"}, [7]),
        ({"queue": "phone/nowhere"}, []),
    ],
)
async def test_filters(topics, service, asked, numbers):
    async with service.live(**asked) as live:
        for topic, event in STORY:
            await topics.write(topic, event)
        await topics.write(ALERTS, b"\xffno event", b'{"type":""}')
        got = [orjson.loads(each.data)["revision"] for each in await take(live, len(numbers))]
        assert got == list(numbers)
    async with service.subscriber(**asked, **{"from": "earliest"}) as found:
        messages = []
        async with asyncio.timeout(30):
            while not messages or messages[-1].event != "position":
                messages.append(await following(found))
    assert sorted(orjson.loads(each.data)["revision"] for each in messages[:-1]) == list(numbers)


async def test_a_record_of_several_lines_comes_on_one(topics, service):
    event = alert(1)
    async with service.live() as found:
        await topics.write(ALERTS, orjson.dumps(event, option=orjson.OPT_INDENT_2).replace(b"\n", b"\r\n"))
        (message,) = await take(found, 1)
    assert orjson.loads(message.data) == event


@pytest.mark.parametrize(
    ("asked", "parameter", "says"),
    [
        ({"types": "enriched.interaction.answerd"}, "types", "enriched.interaction.answered, "),
        ({"types": "nothing.*"}, "types", "queue.sla.at_risk, "),
        ({"types": "queue.*.at_risk"}, "types", "queue.* is all"),
        ({"types": "queue.**"}, "types", "queue.* is all"),
        ({"channel": "fax"}, "channel", "phone"),
        ({"from": "yesterday"}, "from", "from=earliest"),
        ({"from": ["now", "now"]}, "from", "once"),
        ({"since": "now"}, "since", "types, queue, channel, from, last_event_id"),
        ({"last_event_id": "nonsense"}, "last_event_id", "as it came"),
        ({"headers": {"Last-Event-ID": "42"}}, "Last-Event-ID", "as it came"),
    ],
)
async def test_what_cannot_be_asked_for_is_answered_with_what_can(service, asked, parameter, says):
    answer = await service.ask(**asked)
    assert answer.status_code == 400
    assert answer.json()["parameter"] == parameter
    assert says in answer.json()["hint"]


async def test_an_unknown_type_is_answered_with_all_there_are(service):
    hint = (await service.ask(types="x")).json()["hint"]
    assert {kind for kinds in TYPES.values() for kind in kinds} <= {
        *hint.replace(";", ",").replace(" ", "").split(",")
    } | {hint.split("there are ")[1].split(",")[0]}


async def test_another_installations_id_is_refused(service, topics):
    other = Service(topics.address, topics.prefix + "other.")
    token = other.hub.tokens.encode((ALERTS,), ((1, 2, 3),)).decode()
    answer = await service.ask(last_event_id=token)
    assert answer.status_code == 400
    assert "another installation" in answer.json()["error"]


async def test_head_is_answered_and_ends(service):
    async with httpx.AsyncClient() as client:
        answer = await client.head(service.url)
    assert answer.status_code == 200
    assert service.counts.subscribers == 0


async def written(topics, dice, n, first=0):
    """`n` transactions over all partitions, some of them aborted."""
    for number in range(first, first + n):
        topic, make = dice.choice([(ENRICHED, enriched), (INSIGHTS, insight), (ALERTS, alert)])
        events = [make(number * 10 + each) for each in range(dice.randint(1, 3))]
        await topics.write(topic, *events, partition=dice.randrange(PARTITIONS), commit=dice.random() < 0.7)


def whole(messages, told):
    """Whether messages are what was told: nothing missing, nothing doubled, each partition in order."""
    got = [each.data for each in messages]
    assert len(got) == len(set(got))
    place = {value: (where, number) for where, values in told.items() for number, value in enumerate(values)}
    assert set(got) == set(place)
    by_partition = {}
    for value in got:
        where, number = place[value]
        by_partition.setdefault(where, []).append(number)
    assert all(numbers == sorted(numbers) for numbers in by_partition.values())
    return True


@pytest.mark.parametrize("anew", [False, True], ids=["from what is kept", "from the log"])
async def test_resuming_after_every_message_loses_and_doubles_nothing(topics, service, serving, anew):
    dice = random.Random(7)
    async with service.live() as everything, serving() as other:
        await written(topics, dice, 12)
        told = await topics.told()
        n = topics.committed
        first = await take(everything, n)
        assert whole(first, told)
        for cut in range(n):
            here = other if anew else service
            async with here.subscriber(headers={"Last-Event-ID": first[cut].id}) as found:
                rest = await take(found, n - cut - 1)
                assert (await following(found)).event == "position", "it is not told more than was missed"
            assert whole([*first[: cut + 1], *rest], told)


@pytest.mark.parametrize(("kept", "seed"), [(16_384, 1), (4, 2), (4, 3)])
async def test_cut_again_and_again_while_others_write(topics, service, monkeypatch, kept, seed):
    """The id in the query is the first one's: the header, which comes later, is stronger."""
    monkeypatch.setattr(lane, "KEPT_EVENTS", kept)
    dice = random.Random(seed)
    got = []
    async with service.live() as found:
        await topics.write(ALERTS, alert(-1))
        got += await take(found, 1)
    begun = got[0].id
    writing = asyncio.create_task(written(topics, dice, 100))
    while not writing.done() or len(got) < topics.committed:
        async with service.subscriber(headers={"Last-Event-ID": got[-1].id}, last_event_id=begun) as found:
            with suppress(TimeoutError, Ended):
                async with asyncio.timeout(0.05 + dice.random() * 0.5):
                    for _ in range(dice.randint(1, 40)):
                        got += await take(found, 1)
    await writing
    assert whole(got, await topics.told())


async def test_an_id_goes_with_any_filter_and_what_it_is_not_of_begins_now(topics, service):
    async with service.live(types="queue.*") as found:
        await topics.write(ALERTS, alert(1))
        (message,) = await take(found, 1)
    await topics.write(ENRICHED, enriched(2))
    await topics.write(ALERTS, alert(3), alert(4, "sales"))
    async with service.subscriber(last_event_id=message.id, queue="sales") as found:
        assert [orjson.loads(each.data)["revision"] for each in await take(found, 1)] == [4]
        assert (await following(found)).event == "position"
        await topics.write(ENRICHED, enriched(5, "sales"))
        assert [orjson.loads(each.data)["revision"] for each in await take(found, 1)] == [5]


async def test_two_services_tell_the_same_and_take_each_others_ids(topics, service, serving):
    dice = random.Random(3)
    async with serving() as other:
        got = []
        async with service.live() as found:
            await topics.write(ALERTS, alert(-1))
            got += await take(found, 1)
        for place, here in enumerate((other, service, other, service)):
            async with here.subscriber(last_event_id=got[-1].id) as found:
                await written(topics, dice, 8, 8 * place)
                got += await take(found, topics.committed - len(got))
        assert whole(got, await topics.told())


async def test_what_is_not_for_a_subscriber_moves_its_id_too(topics, service, monkeypatch):
    monkeypatch.setattr(subscriber, "SILENCE_SECONDS", 0.2)
    async with service.live(queue="nowhere") as found:
        await topics.write(ENRICHED, enriched(1))
        async with asyncio.timeout(20):
            message = await following(found)
        assert message.event == "position"
    async with service.live(queue="nowhere") as found:
        await topics.write(ALERTS, alert(2), commit=False)
        async with asyncio.timeout(20):
            assert (await following(found)).event == "position"
    monkeypatch.setattr(lane, "KEPT_EVENTS", 1)
    async with service.subscriber(last_event_id=message.id) as found:
        assert (await following(found)).event == "position", "event 1 was past, event 2 never was"


async def test_a_topic_that_comes_later_is_told_from_its_first_event(kafka, topic_prefix, monkeypatch):
    monkeypatch.setattr(log, "LOOK_SECONDS", 0.2)
    topics = Topics(kafka.address, topic_prefix)
    await topics.prepare(ALERTS, INSIGHTS)
    await topics.open()
    async with serving_of(topics) as made:
        async with made.live() as found:
            await topics.write(ALERTS, alert(1))
            (before,) = await take(found, 1)
            await topics.prepare(ENRICHED)
            await topics.write(ENRICHED, enriched(2), partition=1)
            (after,) = await take(found, 1)
            assert orjson.loads(after.data)["revision"] == 2
        async with made.subscriber(last_event_id=before.id) as found:
            assert [each.data for each in await take(found, 1)] == [after.data]
            assert (await following(found)).event == "position"
    await topics.close()


async def test_nobody_follows_when_nobody_subscribes(topics, service, monkeypatch):
    monkeypatch.setattr(hub, "LINGER_SECONDS", 0.1)
    assert not service.hub._followers
    async with service.live(types="queue.*"):
        assert set(service.hub._followers) == {ALERTS}
        async with service.live(types="*"):
            assert set(service.hub._followers) == set(TYPES)
            assert service.counts.subscribers == 2
        await until(lambda: set(service.hub._followers) == {ALERTS}, "two to leave")
    await until(lambda: not service.hub._followers and not service.hub._tasks, "all to leave")
    assert service.counts.subscribers == 0
    async with service.live() as found:
        await topics.write(ALERTS, alert(1))
        assert len(await take(found, 1)) == 1


async def test_few_read_the_past_at_once_and_each_gets_its_turn(topics, serving, monkeypatch):
    monkeypatch.setattr(catch_up, "READERS", 1)
    monkeypatch.setattr(catch_up, "TURN_SECONDS", 0)
    monkeypatch.setattr(log, "_READ_RECORDS", 5)
    async with serving() as made:
        await written(topics, random.Random(5), 20)
        told = await topics.told()

        async def all_of():
            async with made.subscriber(**{"from": "earliest"}) as found:
                return await take(found, topics.committed, 60)

        for got in await asyncio.gather(*(all_of() for _ in range(4))):
            assert whole(got, told)
