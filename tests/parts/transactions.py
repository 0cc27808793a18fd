"""The transactional ids that Kafka knows: a request that aiokafka has not."""

from __future__ import annotations

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import CompactArray, CompactString, Int16, Int32, Int64, Schema, TaggedFields


class _Listed(Response):  # type: ignore[misc]
    API_KEY = 66
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        ("unknown_state_filters", CompactArray(CompactString("utf-8"))),
        ("transactions", CompactArray(
            ("transactional_id", CompactString("utf-8")), ("producer_id", Int64),
            ("state", CompactString("utf-8")), ("tags", TaggedFields),
        )),
        ("tags", TaggedFields),
    )  # fmt: skip


class _List(RequestStruct):  # type: ignore[misc]
    FLEXIBLE_VERSION = True
    API_KEY = 66
    API_VERSION = 0
    RESPONSE_TYPE = _Listed
    SCHEMA = Schema(
        ("state_filters", CompactArray(CompactString("utf-8"))),
        ("producer_id_filters", CompactArray(Int64)),
        ("tags", TaggedFields),
    )


class _Ask(Request[_List]):  # type: ignore[misc]
    API_KEY = 66
    CLASSES = [_List]  # noqa: RUF012 - as aiokafka has it

    def build(self, request_struct_class: type[_List]) -> _List:
        return request_struct_class([], [], {})


async def transactional_ids(address: str, prefix: str) -> dict[str, str]:
    """The ids that begin so -> Ongoing, PrepareCommit, CompleteCommit, …; of a cluster of one broker."""
    client = AIOKafkaClient(bootstrap_servers=address)
    await client.bootstrap()
    try:
        answer = await client.send(client.get_random_node(), _Ask())
    finally:
        await client.close()
    assert not answer.error_code, answer
    return {name: state for name, _, state, _ in answer.transactions if name.startswith(prefix)}
