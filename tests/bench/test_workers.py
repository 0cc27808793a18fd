"""How the bench knows that workers of a group share a topic."""

import asyncio
import time

from aiokafka import AIOKafkaConsumer

from bench.workers import shares
from tests.parts.topics import create_topics

LIMIT_SECONDS = 60


async def test_shares_of_a_topic_are_told_by_member_without_other_topics(kafka, topic_prefix):
    shared, other, group = f"{topic_prefix}shared", f"{topic_prefix}other", f"{topic_prefix}group"
    await create_topics(kafka.address, 4, shared)
    await create_topics(kafka.address, 3, other)
    members = [AIOKafkaConsumer(*topics, bootstrap_servers=kafka.address, group_id=group) for topics in (
        [shared], [shared, other])]  # fmt: skip
    for member in members:
        await member.start()
    try:
        deadline = time.monotonic() + LIMIT_SECONDS
        while sorted(await shares(kafka.address, group, shared)) != [2, 2] and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        assert sorted(await shares(kafka.address, group, shared)) == [2, 2]
        assert sorted(await shares(kafka.address, group, other)) == [0, 3]
    finally:
        for member in members:
            await member.stop()
