"""The broker's ids of topics, which tell a recreated topic from the old one.

aiokafka speaks Metadata up to version 5; ids came with version 10, hence the request is spelt out here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from aiokafka.errors import IncompatibleBrokerVersion, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Int64,
    Schema,
    TaggedFields,
)

from stream.state.incarnation import Topic

if TYPE_CHECKING:
    from aiokafka.admin import AIOKafkaAdminClient

_ID = Schema(("high", Int64), ("low", Int64))


class _MetadataResponse(Response):
    API_KEY = 3
    API_VERSION = 10
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("brokers", CompactArray(
            ("node_id", Int32), ("host", CompactString("utf-8")), ("port", Int32), ("rack", CompactString("utf-8")),
            ("tags", TaggedFields),
        )),
        ("cluster_id", CompactString("utf-8")),
        ("controller_id", Int32),
        ("topics", CompactArray(
            ("error_code", Int16), ("name", CompactString("utf-8")), ("id", _ID), ("is_internal", Boolean),
            ("partitions", CompactArray(
                ("error_code", Int16), ("partition", Int32), ("leader", Int32), ("leader_epoch", Int32),
                ("replicas", CompactArray(Int32)), ("isr", CompactArray(Int32)), ("offline", CompactArray(Int32)),
                ("tags", TaggedFields),
            )),
            ("authorized_operations", Int32), ("tags", TaggedFields),
        )),
        ("authorized_operations", Int32),
        ("tags", TaggedFields),
    )  # fmt: skip


class _MetadataRequest(RequestStruct):
    FLEXIBLE_VERSION = True
    API_KEY = 3
    API_VERSION = 10
    RESPONSE_TYPE = _MetadataResponse
    SCHEMA = Schema(
        ("topics", CompactArray(("id", _ID), ("name", CompactString("utf-8")), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _AskMetadata(Request[_MetadataRequest]):
    API_KEY = 3

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def build(self, request_struct_class: type[_MetadataRequest]) -> _MetadataRequest:
        topics: list[Any] = [((0, 0), name, {}) for name in self._names]
        return request_struct_class(topics, False, False, False, {})


async def topics_of(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, Topic]:
    """Partitions and id of each topic; '' as the id where the broker is older than 2.8. Raises KafkaError."""
    client: Any = admin._client  # noqa: SLF001 - its public methods know no ids
    try:
        answer = await client.send(client.get_random_node(), _AskMetadata(names))
    except (NotImplementedError, IncompatibleBrokerVersion):
        told = await admin.describe_topics(names)
        return {each["topic"]: Topic(len(each["partitions"]), "") for each in told if not each["error_code"]}
    found = {}
    for code, name, (high, low), _, partitions, *_ in answer.topics:
        if code and code != 3:  # 3: there is no such topic
            raise for_code(code)(name)
        if not code:
            mask = (1 << 64) - 1
            found[name] = Topic(len(partitions), str(UUID(int=(high & mask) << 64 | (low & mask))))
    return found
