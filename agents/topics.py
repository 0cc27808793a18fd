"""Makes the topics that are missing. A topic that is there is left as it is: partitions are never added to it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import stamina
import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    NotCoordinatorForGroupError,
    TopicAlreadyExistsError,
    for_code,
)
from faust.types import TP

from agents.topic_ids import topics_of
from schemas.topics import TOPICS
from stream.connections import kafka_options
from stream.settings_names import REBUILT
from stream.state.refused import Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from stream.settings import Settings
    from stream.state.incarnation import Topic

log = structlog.get_logger()

_APPEAR_SECONDS = 30.0


@asynccontextmanager
async def administration(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """A client that may create and describe. Raises KafkaConnectionError when no broker answers."""
    admin = AIOKafkaAdminClient(**kafka_options(settings))
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def apply(settings: Settings) -> list[str]:
    """Create every topic of the table that is missing; returns the names of those created. Raises KafkaError."""
    async with administration(settings) as admin:
        wanted = {settings.topic(spec.name): spec for spec in TOPICS.values()}
        missing = sorted(wanted.keys() - (await topics_of(admin, sorted(wanted))).keys())
        if not missing:
            return []
        answer = await admin.create_topics(
            [
                NewTopic(
                    name, wanted[name].partitions or settings.partitions, settings.replication_factor,
                    topic_configs=dict(wanted[name].config),
                )
                for name in missing
            ]
        )  # fmt: skip
        created = []
        for name, code, *why in answer.topic_errors:
            if code and for_code(code) is not TopicAlreadyExistsError:
                raise for_code(code)(f"{name}: {why[0] if why else ''}")
            if not code:
                created.append(name)
        await _described(admin, missing)
        log.info("topics created", topics=created)
        return created


async def fixed(admin: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, Topic]:
    """What the broker says of topics. Raises Refused when one is missing."""
    wanted = sorted(names)
    found = await topics_of(admin, wanted)
    missing = [name for name in wanted if name not in found]
    if missing:
        raise Refused(f"Kafka has no topic {', '.join(missing)}: run `centralino topics apply`.")
    return found


async def group_offsets(admin: AIOKafkaAdminClient, group: str) -> dict[TP, int]:
    """How far the group has read. Raises KafkaError when no coordinator is found."""
    async for attempt in stamina.retry_context(
        on=(GroupCoordinatorNotAvailableError, NotCoordinatorForGroupError, GroupLoadInProgressError),
        timeout=_APPEAR_SECONDS, attempts=None, wait_initial=0.1, wait_max=1.0,
    ):  # fmt: skip
        with attempt:
            committed = await admin.list_consumer_group_offsets(group)
    return {TP(*tp): stored.offset for tp, stored in committed.items() if stored.offset >= 0}


async def were_rebuilt(admin: AIOKafkaAdminClient, prefix: str) -> bool:
    """Whether there are topics of other figures than the first: an empty store is then no new one."""
    return any(name.startswith(prefix + REBUILT) for name in await admin.list_topics())


def taken_in(offsets: Mapping[TP, int], prefix: str) -> dict[TP, int]:
    """How far payloads have been taken in, by topic and partition, as far as what came of them is in the input topics.

    Who makes an input topic anew makes Kafka forget the group's offsets in it: then nothing has been.
    """
    known = {tp.topic for tp in offsets}
    if any(spec.role == "in" and spec.named(prefix) not in known for spec in TOPICS.values()):
        return {}
    payloads = {spec.named(prefix) for spec in TOPICS.values() if spec.role == "source"}
    return {tp: offset for tp, offset in offsets.items() if tp.topic in payloads}


async def _described(admin: AIOKafkaAdminClient, names: list[str]) -> None:
    async with asyncio.timeout(_APPEAR_SECONDS):
        while len(await topics_of(admin, names)) < len(names):
            await asyncio.sleep(0.05)
