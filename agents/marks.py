"""How far outputs have been told: offsets of input partitions in a consumer group that has no consumers.

They are committed only inside the transactions that tell. aiokafka reads offsets up to version 3 of the request; only
version 7 waits for a transaction that is about to end, hence the request is spelt out here. Without that version the
marks are read as they are: before they are, the transactional ids have been taken, which ends what was open.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiokafka.client import ConnectionGroup, CoordinationType
from aiokafka.errors import GroupIdNotFound, KafkaError, KafkaTimeoutError, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.commit import OffsetFetchRequest_v3
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Int64, Schema, TaggedFields
from faust.types import TP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiokafka.client import AIOKafkaClient

_PATIENCE_SECONDS = 30.0
_AGAIN_SECONDS = 0.05
_UNSTABLE = 88


class _NotYet(KafkaError):
    retriable = True


class _Fetched(Response):
    API_KEY = 9
    API_VERSION = 7
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("topics", CompactArray(
            ("topic", CompactString("utf-8")),
            ("partitions", CompactArray(
                ("partition", Int32), ("offset", Int64), ("leader_epoch", Int32), ("metadata", CompactString("utf-8")),
                ("error_code", Int16), ("tags", TaggedFields),
            )),
            ("tags", TaggedFields),
        )),
        ("error_code", Int16),
        ("tags", TaggedFields),
    )  # fmt: skip


class _Fetch(RequestStruct):
    FLEXIBLE_VERSION = True
    API_KEY = 9
    API_VERSION = 7
    RESPONSE_TYPE = _Fetched
    SCHEMA = Schema(
        ("group", CompactString("utf-8")),
        ("topics", CompactArray(
            ("topic", CompactString("utf-8")), ("partitions", CompactArray(Int32)), ("tags", TaggedFields),
        )),
        ("require_stable", Boolean),
        ("tags", TaggedFields),
    )  # fmt: skip


class _Ask(Request[OffsetFetchRequest_v3 | _Fetch]):
    API_KEY = 9

    def __init__(self, group: str, topics: dict[str, list[int]]) -> None:
        self._group, self._topics = group, topics

    def build(self, request_struct_class: type[OffsetFetchRequest_v3 | _Fetch]) -> OffsetFetchRequest_v3 | _Fetch:
        if issubclass(request_struct_class, _Fetch):
            topics: list[Any] = [(name, partitions, {}) for name, partitions in self._topics.items()]
            return request_struct_class(self._group, topics, True, {})
        return request_struct_class(self._group, [*self._topics.items()])


async def marks(client: AIOKafkaClient, group: str, tps: Iterable[TP]) -> dict[TP, int]:
    """The group's offset of each partition that has one. Raises KafkaError, also when no answer is final in time."""
    topics: dict[str, list[int]] = {}
    for tp in tps:
        topics.setdefault(tp.topic, []).append(tp.partition)
    if not topics:
        return {}
    why: Exception = KafkaTimeoutError(f"the offsets of group {group} are not known")
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                try:
                    return await _ask(client, group, topics)
                except KafkaError as error:
                    if not error.retriable:
                        raise
                    why = error
                await asyncio.sleep(_AGAIN_SECONDS)
    except TimeoutError:
        raise why from None


async def _ask(client: AIOKafkaClient, group: str, topics: dict[str, list[int]]) -> dict[TP, int]:
    node = await client.coordinator_lookup(CoordinationType.GROUP, group)
    answer = await client.send(node, _Ask(group, topics), group=ConnectionGroup.COORDINATION)
    if answer.error_code == GroupIdNotFound.errno:
        return {}
    _raise(answer.error_code, group)
    found, code_at = {}, 4 if answer.API_VERSION == _Fetched.API_VERSION else 3
    for topic, partitions, *_ in answer.topics:
        for each in partitions:
            _raise(each[code_at], group)
            if each[1] >= 0:
                found[TP(topic, each[0])] = each[1]
    return found


def _raise(code: int, group: str) -> None:
    if code == _UNSTABLE:
        raise _NotYet(f"a transaction of group {group} is about to end")
    if code:
        raise for_code(code)(group)
